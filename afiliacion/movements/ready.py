"""What could go into a lote now: the altas that cases want and the bajas that are owed, and what holds one back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet

from afiliacion.cases.models import Case
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.models import BajaCause, Errand
from afiliacion.imss.queue import under_way
from afiliacion.imss.queue.channels import Channels
from afiliacion.imss.queue.movements import AWAITS_BAJA
from afiliacion.imss.queue.under_way import About
from afiliacion.insurance import baja_still_owed
from afiliacion.lotes.line import keys
from afiliacion.lotes.line.preparing import Preparation
from afiliacion.lotes.line.record import MovementData, MovementType, Record
from afiliacion.lotes.profile import Profile
from afiliacion.movements.dates import in_time_since
from afiliacion.movements.models import DEFAULT, LoteKey, RegistroProfile
from afiliacion.movements.rejections.holding import TurnedDown, has_been_turned_down, turned_down
from afiliacion.movements.wanted import owing_baja, wanting_alta
from students.registros import Registros

_NO_REGISTRO: Final = "Falta el registro patronal del plantel: captúrelo en Ajustes."
#: Cases of a type that a page looks at: so many of those of which IMSS turned nothing down, and so many of the others.
LOOKED_AT: Final = 1000
_BEFORE_ENROLMENT: Final = "La fecha que se eligió es anterior a su inscripción, del {:%d/%m/%Y}."
_NO_NSS: Final = "El alumno no tiene NSS registrado."
_BY_SERVICE: Final = "Ya va por el servicio del IMSS desde el {:%d/%m/%Y}: espere lo que responda."
_IN_DOUBT: Final = "Se envió por el servicio del IMSS y quizá ya lo tiene: revíselo en IDSE y anótelo en el expediente."
#: How the room of the service calls the types.
KINDS: Final[Mapping[MovementType, Errand.Kind]] = {
    MovementType.ALTA: Errand.Kind.SEND_ALTA, MovementType.BAJA: Errand.Kind.SEND_BAJA,
}  # fmt: skip


class Candidate(NamedTuple):
    """A movement that could be sent: asked for by a case, under a registro patronal ("": its plantel has none), and what holds it back.

    `data`: None if it cannot even be written. `since`: the acuse, or the day since which the baja is owed. `turned_down`: the movement
    before, if IMSS turned it down; `waits`: until that is put right.
    """

    case: Case
    type: MovementType
    registro: str
    nss: str
    cover_id: int | None
    data: MovementData | None
    held: str
    since: dt.date | None
    turned_down: TurnedDown | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The candidates of one registro patronal and type, the oldest first."""

    registro: str
    type: MovementType
    candidates: Sequence[Candidate]
    today: dt.date

    @property
    def ready(self) -> list[Candidate]:
        return [each for each in self.candidates if not each.held]

    @property
    def late(self) -> int:
        """How many of those ready have a date that IMSS takes for late."""
        since = in_time_since(self.today)
        return sum(each.data.fecha < since for each in self.ready if each.data)

    @property
    def held(self) -> list[Candidate]:
        """What something else holds back than a rejection."""
        return [each for each in self.candidates if each.held and not each.waits]

    @property
    def waiting(self) -> list[Candidate]:
        """What waits until a rejection is put right."""
        return [each for each in self.candidates if each.waits]


def group(cases: QuerySet[Case], registro: str, kind: MovementType, today: dt.date) -> Group:
    """The candidates among these cases under one registro patronal ("": their plantel has none); the oldest (LOOKED_AT)."""
    return Group(registro, kind, of_registro(cases, registro, kind, today, LOOKED_AT), today)


def of_registro(
    cases: QuerySet[Case], registro: str, kind: MovementType, today: dt.date, most: int, on: dt.date | None = None
) -> list[Candidate]:
    """The candidates among these cases under one registro patronal, the oldest of them (`most`); none if it goes by the service.

    `on`: the date that was chosen for them; None: by the profile.
    """
    if not Channels().by_lote(registro):
        return []
    if kind is MovementType.BAJA:
        found = owed(owing_baja(cases).filter(owed_covers__registro=registro), today, most, on)
        return [each for each in found if each.registro == registro]
    held = Registros.of(until=today).held(today)
    theirs = Q(plantel__in=[pk for pk, each in held.items() if each == registro]) if registro else ~Q(plantel__in=list(held))
    return altas(wanting_alta(cases).filter(theirs), today, most, on)


def altas(cases: QuerySet[Case], today: dt.date, most: int, on: dt.date | None = None) -> list[Candidate]:
    """Of these cases, which want one, the altas under the registro patronal of their plantel; the oldest, as _oldest has them."""
    rows = _oldest(cases, MovementType.ALTA, "acuse_on", most)
    registros = Registros.of({case.plantel_id for case in rows}, until=today)
    subjects = [_Subject(case, MovementType.ALTA, registros.on(case.plantel_id, today), case.student.nss or "", None) for case in rows]
    return _candidates(subjects, today, on)


def owed(cases: QuerySet[Case], today: dt.date, most: int, on: dt.date | None = None) -> list[Candidate]:
    """Of these cases, which owe one, the bajas of the covers they would end; the oldest, as _oldest has them."""
    rows = _oldest(cases.distinct(), MovementType.BAJA, "state_since", most)
    covers = baja_still_owed.owed([case.pk for case in rows], today)
    subjects = [_Subject(case, MovementType.BAJA, cover.registro, cover.nss, cover.id) for case in rows if (cover := covers.get(case.pk))]
    return _candidates(subjects, today, on)


def _oldest(cases: QuerySet[Case], kind: MovementType, since: str, most: int) -> list[Case]:
    """So many cases of which IMSS turned nothing down, and so many of the others: a rejected lote does not hide what can be sent."""
    cases = cases.select_related("student", "enrolment", "ciclo", "plantel").order_by(since, "pk")
    before = has_been_turned_down(kind)
    found = [case for part in (cases.exclude(before), cases.filter(before)) for case in part[:most]]
    return sorted(found, key=lambda case: (getattr(case, since) or dt.date.max, case.pk))


class _Subject(NamedTuple):
    case: Case
    type: MovementType
    registro: str
    nss: str
    cover_id: int | None

    @property
    def about(self) -> About:
        return About(self.nss, self.registro)


def _candidates(subjects: Sequence[_Subject], today: dt.date, on: dt.date | None) -> list[Candidate]:
    """Each with its data as it would be sent. Of two cases of a person about the same number and registro, the first asks for both."""
    sources = _Sources(subjects, today, on)
    seen, found = set(sources.busy.in_lotes), []
    for each in subjects:
        if not (each.nss and each.about in seen):
            seen.add(each.about)
            found.append(_candidate(each, sources))
    return found


class _Sources:
    """What the candidates of one type are made from, read once for all of them."""

    def __init__(self, subjects: Sequence[_Subject], today: dt.date, on: dt.date | None) -> None:
        self.on = on
        self.writers = {registro: _Writer(row.profile()) for registro, row in profiles_of({each.registro for each in subjects}).items()}
        bajas_wanted = any(each.type is MovementType.BAJA for each in subjects)
        self.causes: Mapping[str, str] = dict(BajaCause.objects.values_list("reason", "causa")) if bajas_wanted else {}
        self.claves, self.busy, self.today = Claves(subjects), _Busy(subjects), today
        self.turned_down = turned_down([each.case.pk for each in subjects], subjects[0].type) if subjects else {}


class _Busy:
    """What these subjects, of one type, wait for: another case's movement in a lote, one by the service, or a baja that IMSS has."""

    def __init__(self, subjects: Sequence[_Subject]) -> None:
        self._automatic = Channels().automatic
        kind = KINDS[subjects[0].type] if subjects else Errand.Kind.SEND_ALTA
        numbers, cases = {each.nss for each in subjects if each.nss}, {each.case.pk for each in subjects}
        self.in_lotes = under_way.in_lotes(kind, numbers)
        by_service = under_way.by_service(kind, numbers, cases, automatic=self._automatic)
        self._by_case = {errand.case_id: errand for errand in by_service}
        self._by_number = {About(errand.nss, errand.registro): errand for errand in by_service}
        self._awaiting = under_way.awaiting_baja(numbers) if kind is Errand.Kind.SEND_ALTA else set[About]()

    def why(self, each: _Subject) -> str:
        """Why it waits, in Spanish; "": it does not."""
        if errand := self._by_case.get(each.case.pk) or self._by_number.get(each.about):
            return _BY_SERVICE.format(errand.requested_on) if self._automatic else _IN_DOUBT
        return AWAITS_BAJA if each.about in self._awaiting else ""


class _Writer:
    """What a profile needs to write a movement, made once: it remembers the names it has written."""

    def __init__(self, profile: Profile) -> None:
        self.date_rule, self.preparation = profile.date_rule, Preparation(profile)

    def written(self, data: MovementData) -> Record:
        return self.preparation.of(data, [])


def _candidate(each: _Subject, sources: _Sources) -> Candidate:
    writer = sources.writers.get(each.registro)
    data = _data(each, writer, sources) if writer else None
    case, is_alta = each.case, each.type is MovementType.ALTA
    before = sources.turned_down.get(case.pk)
    waits = bool(before and data and writer and before.holds(data, writer.written))
    busy = sources.busy.why(each) if each.nss and data else ""
    held = [busy or _why_not(each, data, writer, sources), str(before) if waits else ""]
    since = case.acuse_on if is_alta else case.former_owed_on or case.owed_on or case.state_since
    return Candidate(
        case, each.type, each.registro, each.nss, each.cover_id, data, " ".join(filter(None, held)), since, before, waits
    )  # fmt: skip


def _why_not(each: _Subject, data: MovementData | None, writer: _Writer | None, sources: _Sources) -> str:
    """Why a movement cannot be written, in Spanish; "" if it can."""
    if data is None or writer is None:
        return _NO_REGISTRO
    if each.type is MovementType.ALTA and sources.on and sources.on < each.case.enrolled_on:
        return _BEFORE_ENROLMENT.format(each.case.enrolled_on)
    return " ".join(map(str, writer.preparation.faults(data))) if each.nss else _NO_NSS


def _data(each: _Subject, writer: _Writer, sources: _Sources) -> MovementData:
    case, student, is_alta = each.case, each.case.student, each.type is MovementType.ALTA
    day = today = sources.today
    if is_alta:
        day = writer.date_rule.day(sent=today, enrolled=case.enrolled_on, ciclo_begins=case.ciclo.starts_on)
    day = sources.on or min(day, today)
    reason = BajaCause.RENUNCIA if case.state == State.RENUNCIA else case.baja_kind or BajaKind.TRASLADO
    return MovementData(
        each.type, each.registro, each.nss, student.curp if is_alta else "", student.primer_apellido, student.segundo_apellido,
        student.nombre, day, sources.claves.of(each), "" if is_alta else sources.causes.get(reason, ""),
    )  # fmt: skip


def profiles_of(registros: Iterable[str]) -> dict[str, RegistroProfile]:
    """How the lotes of these registros patronales are written; a registro without a row as the portal takes them."""
    wanted = {registro for registro in registros if registro}
    known = {row.registro: row for row in RegistroProfile.objects.filter(registro__in=wanted)}
    default = {name: value for name, value in DEFAULT.items() if name not in ("key", "label")}
    return {registro: known.get(registro) or RegistroProfile(registro=registro, **default) for registro in wanted}


class Claves:
    """The clave of each person at a registro patronal: as it was first sent, else the matrícula, or a short one if that is taken."""

    def __init__(self, subjects: Sequence[_Subject]) -> None:
        registros = {each.registro for each in subjects}
        students = {each.case.student_id for each in subjects}
        wanted = {keys.of_matricula(each.case.enrolment.matricula) for each in subjects}
        rows = LoteKey.objects.filter(registro__in=registros)
        near = rows.filter(Q(student__pk__among=students) | Q(clave__in=wanted))
        self._known = {(row.registro, row.student_id): row.clave for row in near}
        self._taken = {(row.registro, row.clave): row.student_id for row in near}

    def of(self, each: _Subject) -> str:
        """The clave of a movement's person."""
        student = each.case.student_id
        if known := self._known.get((each.registro, student)):
            return known
        own = keys.of_matricula(each.case.enrolment.matricula)
        clave = own if own and self._taken.setdefault((each.registro, own), student) == student else keys.short(student)
        self._known[each.registro, student] = clave
        return clave
