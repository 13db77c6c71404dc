"""By which channel the alta and the baja of a case go, the service of IMSS or lotes: for what can be done to it, and what its page says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.utils import timezone

from afiliacion.cases.facts import Facts
from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Verb, rests
from afiliacion.database.batch_queries import Batch, Parameter
from afiliacion.imss.models import ImssSettings, LoteRegistro
from afiliacion.imss.queue.channels import OF_PLANTELES, Channels
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements.models import Movement
from students.models import RegistroPatronal
from students.registros import Registros

#: In these the alta is still to be sent, or to be sent again.
_BEFORE_ALTA: Final = (State.SIN_NSS, State.NSS_OBTENIDO, State.ACUSE_ENTREGADO, State.SIN_VIGENCIA, State.EN_SUBDELEGACION)
_BAJAS: Final = (Verb.SEND_BAJA, Verb.OPERATE_BAJA, Verb.REJECT_BAJA)
BY_SERVICE: Final = "Sus altas y bajas van por el servicio del IMSS: no se anotan a mano."


class Automatic(NamedTuple):
    """Whether a case's next alta goes by the service, the alta that was sent did, and its baja does."""

    alta: bool
    sent: bool
    baja: bool

    def of(self, verb: Verb) -> bool:
        """For the step that a verb makes."""
        return self.baja if verb in _BAJAS else self.sent if verb is Verb.REJECT_ALTA else self.alta


class LoteLine(NamedTuple):
    """A movement in a lote which IMSS has not answered; `planteles`: those (ids) whose students are in the lote."""

    type: str
    status: str
    lote: int
    number: str
    planteles: list[int]


class ChannelRows(NamedTuple):
    """What the channels of one case are told by; `movements`: the values of its LoteLines."""

    lotes: list[LoteRegistro]
    registros: list[RegistroPatronal]
    movements: list[tuple[Any, ...]]


_WAITING: Final = Movement.objects.filter(
    case=Parameter("case"), lote__isnull=False, status__in=(*Movement.UNRECEIVED, Movement.Status.RECEIVED)
)
#: Of `case`.
QUERIES: Final = Batch(
    ChannelRows,
    lotes=LoteRegistro.objects.all(),
    registros=OF_PLANTELES,
    movements=_WAITING.order_by("pk").values_list("type", "status", "lote", "lote__number", "lote__planteles"),
)


def of_cases(cases: Sequence[Case]) -> dict[int, Automatic]:
    """The channels of these cases, by id."""
    channels = Channels()
    if not channels.lotes:
        return dict.fromkeys((case.pk for case in cases), Automatic(*[channels.automatic] * 3))
    former = {case.former_cover for case in cases if case.former_cover}
    covers = dict(Cover.objects.filter(pk__in=former).values_list("pk", "registro"))
    registros = _registros(OF_PLANTELES.all())
    return {case.pk: _automatic(case, channels, registros, covers) for case in cases}


def of_case(case: Case, rows: ChannelRows, settings: ImssSettings, covers: Iterable[Cover]) -> Automatic:
    """The channels of one case, of which everything was read."""
    channels = Channels(settings, rows.lotes)
    return _automatic(case, channels, _registros(rows.registros), {cover.pk: cover.registro for cover in covers})


def _registros(rows: Iterable[RegistroPatronal]) -> Registros:
    return Registros((row.plantel_id, row.registro, row.valid_from) for row in rows)


def _automatic(case: Case, channels: Channels, registros: Registros, covers: Mapping[int, str]) -> Automatic:
    """A baja goes under the registro of its cover: the one of the case's own alta, or a former one."""
    now = registros.on(case.plantel_id, timezone.localdate())
    sent = case.registro or now
    ended = sent if case.facts.own_baja_owed else covers.get(case.former_cover or 0, sent)
    return Automatic(*(not channels.by_lote(registro) for registro in (now, sent, ended)))


class ChannelLine(NamedTuple):
    """A sentence of a case's page, and where it leads: to a lote (id), to Movimientos, or nowhere."""

    text: str
    lote: int | None = None
    to_movements: bool = False


def told(facts: Facts, automatic: Automatic, rows: ChannelRows, planteles: Collection[int] | None) -> list[ChannelLine]:
    """By which channel its next alta and baja go; of one in a lote, in which. `planteles`: those whose lotes the person sees, None: all."""
    waiting = [LoteLine(*row) for row in rows.movements]
    lines, there = [_in_lote(line, planteles) for line in waiting], {line.type for line in waiting}
    if facts.state in _BEFORE_ALTA and not rests(facts.state, facts.coverage) and MovementType.ALTA not in there:
        lines.append(_to_be_sent("Su alta", by_service=automatic.alta))
    if facts.baja_unsent and MovementType.BAJA not in there:
        lines.append(_to_be_sent("Su baja", by_service=automatic.baja))
    return lines


def _in_lote(line: LoteLine, planteles: Collection[int] | None) -> ChannelLine:
    what = "alta" if line.type == MovementType.ALTA else "baja"
    where = f"el lote {line.number}" if line.number else "un lote por presentar"
    is_seen = planteles is None or set(line.planteles) <= set(planteles)
    return ChannelLine(f"Su {what} va en {where}: {Movement.Status(line.status).label.lower()}.", line.lote if is_seen else None)


def _to_be_sent(what: str, *, by_service: bool) -> ChannelLine:
    if by_service:
        return ChannelLine(f"{what} va por el servicio del IMSS.")
    return ChannelLine(f"{what} va por lotes: se envía desde Movimientos.", to_movements=True)
