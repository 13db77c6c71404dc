"""Altas and bajas: an officer requests them, the chase sends them to IMSS, and IMSS reports their result later."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from afiliacion import wake
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import TRANSITIONS, BajaKind, State, Verb, rests
from afiliacion.cases.steps.refusals import refusal
from afiliacion.database.bulk_writes import update_rows
from afiliacion.imss.client.port import ALTA, BAJA, Movement
from afiliacion.imss.models import BajaCause, Errand
from afiliacion.imss.queue.cadence import SENDS
from afiliacion.imss.queue.channels import Channels
from afiliacion.imss.queue.under_way import About, awaiting_baja, in_lotes
from afiliacion.insurance import baja_still_owed
from students.registros import Registros

_BY_HAND = "Esta oficina no está conectada con el IMSS: presente el movimiento en IDSE y anótelo en el expediente."
_COVERED = "Tiene otra cobertura, que prevalece mientras dure: no hace falta el alta. Si ya la perdió, anótelo antes en «Anotar cobertura»."
_ON_ITS_WAY = "Ese movimiento ya está en camino: se envía en unos minutos."
_REPLACED = "El NSS o la CURP del alumno cambió antes de enviarlo: en su lugar va otro con los datos correctos."
_BY_LOTE = "Las altas y bajas de su registro patronal van por lotes: haga el lote en Movimientos."
_IN_LOTE = "Ese movimiento va en un lote: véalo en Movimientos."
_RECEIVED = "El IMSS ya recibió ese movimiento y todavía no lo resuelve."
AWAITS_BAJA: Final = "Espera a que el IMSS opere la baja de su estancia anterior."
#: In these a case wants its alta sent.
_WANTING: Final = sorted(TRANSITIONS[Verb.SEND_ALTA])
_NOT_OWED = "Esa baja ya no procede: otro expediente del alumno necesita el seguro bajo el mismo registro patronal, o ya terminó."


def request_altas(cases: Iterable[int], *, act: Act) -> Outcome:
    """Request the altas of these cases (ids). Returns which are on their way and why the others are not, in Spanish."""
    return _request(Errand.Kind.SEND_ALTA, cases, act)


def request_bajas(cases: Iterable[int], *, act: Act) -> Outcome:
    """Request the bajas of these cases (ids). Returns which are on their way and why the others are not, in Spanish."""
    return _request(Errand.Kind.SEND_BAJA, cases, act)


def build(errand: Errand, causes: Mapping[str, str]) -> Movement:
    """Return the movement of an errand, from the records as they are now. `causes`: school's reason -> IMSS' cause."""
    case, student, plantel = errand.case, errand.case.student, errand.case.plantel
    is_baja = errand.kind == Errand.Kind.SEND_BAJA
    return Movement(
        key=str(errand.key), kind=BAJA if is_baja else ALTA, registro_patronal=errand.registro, nss=errand.nss or student.nss or "",
        curp=student.curp, nombre=student.nombre, primer_apellido=student.primer_apellido, segundo_apellido=student.segundo_apellido,
        on=errand.requested_on, umf=three_digits(case.umf or plantel.umf), matricula=case.enrolment.matricula,
        causa_baja=causes[_reason(case)] if is_baja else "",
    )  # fmt: skip


def three_digits(umf: str) -> str:
    """Return «UMF 5» as a movement carries it: «005»; empty if there is no number of up to three digits."""
    found = re.search(r"(?<!\d)\d{1,3}(?!\d)", umf)
    return found[0].zfill(3) if found else ""


def _reason(case: Case) -> str:
    """Why a baja is sent; of an open case because its alta is to go under another number or registro patronal."""
    return BajaCause.RENUNCIA if case.state == State.RENUNCIA else case.baja_kind or BajaKind.TRASLADO


class _Subject(NamedTuple):
    """What a case's movement is about, and why it cannot be requested ("": it can)."""

    nss: str
    registro: str
    cover_id: int | None = None
    why_not: str = ""

    @property
    def about(self) -> About:
        return About(self.nss, self.registro)


def _request(kind: Errand.Kind, cases: Iterable[int], act: Act) -> Outcome:
    ids, today, channels = sorted(set(cases)), timezone.localdate(act.now), Channels()
    if not channels.automatic:
        return Outcome(skipped=dict.fromkeys(ids, _BY_HAND))
    with transaction.atomic():
        lock_people(ids)
        known = _lock(ids)
        subjects = _SUBJECTS[kind](known, today)
        under_way = _unfinished(kind, ids, subjects.values())
        subjects = _by_service(kind, subjects, under_way, channels)
        refused = {case.pk: _why_not(kind, case, subjects[case.pk], under_way, today) for case in known}
        skipped = dict.fromkeys(set(ids) - refused.keys(), "Ese expediente no existe.")
        skipped |= {case_id: reason for case_id, reason in refused.items() if reason}
        wanted = {case.pk: subjects[case.pk] for case in known if case.pk not in skipped}
        _open(kind, [case for case in known if case.pk in wanted], wanted, under_way, act)
        if wanted:
            wake.after_commit()
    return Outcome(list(wanted), skipped)


def _lock(ids: list[int]) -> list[Case]:
    found = Case.objects.filter(pk__in=ids).select_related("student").select_for_update(of=("self",))
    return list(found.order_by("pk"))


def _altas(cases: Sequence[Case], today: dt.date) -> dict[int, _Subject]:
    registros = Registros.of({case.plantel_id for case in cases})
    return {case.pk: _alta(case, registros.on(case.plantel_id, today)) for case in cases}


def _alta(case: Case, registro: str) -> _Subject:
    nss = case.student.nss or ""
    missing = "" if nss else "El alumno no tiene NSS registrado."
    return _Subject(nss, registro, why_not=missing if registro else "Falta el registro patronal del plantel.")


def _bajas(cases: Sequence[Case], today: dt.date) -> dict[int, _Subject]:
    covers = baja_still_owed.owed([case.pk for case in cases], today)
    found = {case_id: _Subject(cover.nss, cover.registro, cover.id) for case_id, cover in covers.items()}
    return {case.pk: found.get(case.pk, _Subject("", "", why_not=_NOT_OWED)) for case in cases}


_SUBJECTS: Final = {Errand.Kind.SEND_ALTA: _altas, Errand.Kind.SEND_BAJA: _bajas}


def _unfinished(kind: Errand.Kind, ids: list[int], subjects: Iterable[_Subject]) -> list[Errand]:
    """The unfinished movements of these cases, and those of other cases about the same number and registro, locked."""
    numbers = {subject.nss for subject in subjects if subject.nss}
    found = Errand.objects.filter(Q(case__in=ids) | Q(nss__in=numbers), kind=kind, status__in=Errand.UNFINISHED)
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def _by_service(
    kind: Errand.Kind, subjects: Mapping[int, _Subject], under_way: Iterable[Errand], channels: Channels
) -> dict[int, _Subject]:
    """The subjects (by case id), with the reason of those that do not go by the service. What IMSS may have from it goes on by it."""
    doubtful = {(errand.nss, errand.registro) for errand in under_way if errand.in_doubt}
    taken = in_lotes(kind, {subject.nss for subject in subjects.values()})

    def why(subject: _Subject) -> str:
        if subject.about in taken:
            return _IN_LOTE
        return _BY_LOTE if channels.by_lote(subject.registro) and subject.about not in doubtful else ""

    return {pk: subject._replace(why_not=subject.why_not or why(subject)) for pk, subject in subjects.items()}


def _own(case_id: int, under_way: Iterable[Errand]) -> Errand | None:
    return next((errand for errand in under_way if errand.case_id == case_id), None)


def _of_another(case_id: int, subject: _Subject, under_way: Iterable[Errand]) -> Errand | None:
    """A movement that another case of the person asked for, about the same number and registro."""
    same = (errand for errand in under_way if (errand.nss, errand.registro) == subject.about)
    return next((errand for errand in same if errand.case_id != case_id), None)


def _why_not(kind: Errand.Kind, case: Case, subject: _Subject, under_way: Sequence[Errand], today: dt.date) -> str:
    own = _own(case.pk, under_way)
    if own and own.status == Errand.Status.OPEN:
        return _RECEIVED if own.received_on else _ON_ITS_WAY
    if kind == Errand.Kind.SEND_ALTA and rests(case.state, case.coverage):
        return _COVERED
    return refusal(case.facts, SENDS[kind], Happening(today)) or subject.why_not


def _open(kind: Errand.Kind, cases: Sequence[Case], wanted: Mapping[int, _Subject], under_way: Sequence[Errand], act: Act) -> None:
    """Open the errands. A movement IMSS may already have goes on under its own key; one it refused is replaced by another.

    One that another case asked for serves both.
    """
    shared = {case_id: other for case_id, subject in wanted.items() if (other := _of_another(case_id, subject, under_way))}
    parked = [own for case_id in wanted if (own := _own(case_id, under_way))]
    parked += [other for other in shared.values() if other.status == Errand.Status.PARKED]
    doubtful = {errand.case_id: errand.pk for errand in parked if errand.in_doubt}
    resume(doubtful.values(), on=timezone.localdate(act.now))
    replaced = [errand for errand in parked if not errand.in_doubt]
    Errand.objects.filter(pk__in=[errand.pk for errand in replaced]).update(status=Errand.Status.DONE)
    serving = {case_id for case_id, other in shared.items() if other not in replaced} | doubtful.keys()
    fresh = {(wanted[case.pk].nss, wanted[case.pk].registro): case for case in cases if case.pk not in serving}
    Errand.objects.bulk_create(_new(kind, case, wanted[case.pk], act) for case in fresh.values())


def resume(errands: Iterable[int], *, on: dt.date) -> int:
    """Make unfinished errands (ids) due at once on that date, also those that wait for a person; return how many."""
    unfinished = Errand.objects.filter(pk__in=list(errands), status__in=Errand.UNFINISHED)
    return unfinished.update(status=Errand.Status.OPEN, next_on=on, next_at=Now(), strikes=0, misses=0)


def replace(errands: Iterable[Errand]) -> None:
    """End these claimed errands, whose movements IMSS did not take, and open another in place of each: built from the records anew.

    Not of an alta that a lote has by now, under the number of after a correction.
    """
    old = list(errands)
    Errand.objects.filter(pk__in=[errand.pk for errand in old]).update(status=Errand.Status.DONE, message=_REPLACED, lease_until=None)
    fresh = [_again(errand) for errand in old]
    taken = in_lotes(Errand.Kind.SEND_ALTA, {errand.nss for errand in fresh})
    lost = [errand for errand in fresh if errand.kind == Errand.Kind.SEND_ALTA and (errand.nss, errand.registro) in taken]
    Errand.objects.bulk_create(errand for errand in fresh if errand not in lost)


def _again(errand: Errand) -> Errand:
    return Errand(
        case_id=errand.case_id, kind=errand.kind, key=uuid.uuid4(), requested_on=errand.requested_on, requested_at=errand.requested_at,
        requested_by_id=errand.requested_by_id, requested_name=errand.requested_name, next_on=errand.next_on,
        nss=errand.nss if errand.cover_id else errand.case.student.nss or "", registro=errand.registro, cover_id=errand.cover_id,
    )  # fmt: skip


def _new(kind: Errand.Kind, case: Case, subject: _Subject, act: Act) -> Errand:
    """The movement's own date is the plantel's; it is due on the office's day, as the chase counts."""
    return Errand(
        case_id=case.pk, kind=kind, key=uuid.uuid4(), requested_on=case.plantel.day(act.now), requested_at=act.now,
        nss=subject.nss, registro=subject.registro, cover_id=subject.cover_id,
        requested_by_id=act.actor.user_id, requested_name=act.actor.name, next_on=timezone.localdate(act.now),
    )  # fmt: skip


def give_to_cases_that_want_them(errands: QuerySet[Errand], today: dt.date) -> set[int]:
    """Of these unsent altas, those (ids) that their case no longer wants, but another case of the person does: they are that one's now.

    It must be under the same number and registro patronal. The errands are locked by the caller.
    """
    left = list(errands.filter(kind=Errand.Kind.SEND_ALTA).exclude(case__state__in=_WANTING).exclude(nss="").select_related("case"))
    waiting = Case.objects.filter(student__pk__among={errand.case.student_id for errand in left}, state__in=_WANTING).order_by("pk")
    busy = Errand.objects.filter(kind=Errand.Kind.SEND_ALTA, status__in=Errand.UNFINISHED, case=OuterRef("pk"))
    heirs = list(waiting.exclude(Exists(busy)).select_related("student")) if left else []
    registros = Registros.of({case.plantel_id for case in heirs})
    found = {(case.student.nss, registros.on(case.plantel_id, today)): case.pk for case in reversed(heirs)}
    rows = [(errand.pk, heir) for errand in left if (heir := found.get((errand.nss, errand.registro)))]
    update_rows(Errand, ["case_id"], rows)
    return {pk for pk, _ in rows}


def still_owed(errands: Iterable[Errand], today: dt.date) -> set[int]:
    """Of these unsent movements, the bajas (ids) that their cases still owe: another case may need the cover by now."""
    unsent = [errand for errand in errands if errand.kind == Errand.Kind.SEND_BAJA]
    covers = baja_still_owed.owed({errand.case_id for errand in unsent}, today) if unsent else {}
    # A baja from before covers were kept names none.
    return {errand.pk for errand in unsent if (cover := covers.get(errand.case_id)) and errand.cover_id in (None, cover.id)}


def postponed(errands: Iterable[Errand], today: dt.date) -> set[int]:
    """Of these unsent movements, the altas (ids) put off to tomorrow: IMSS first has to operate a baja under the same registro patronal."""
    altas = [errand for errand in errands if errand.kind == Errand.Kind.SEND_ALTA and errand.nss]
    blocked = awaiting_baja({errand.nss for errand in altas})
    later = {errand.pk for errand in altas if (errand.nss, errand.registro) in blocked}
    if later:
        Errand.objects.filter(pk__in=later).update(
            next_on=today + dt.timedelta(days=1), lease_until=None, misses=F("misses") - 1, strikes=F("strikes") - 1, in_doubt=False,
            message=AWAITS_BAJA,
        )  # fmt: skip
    return later
