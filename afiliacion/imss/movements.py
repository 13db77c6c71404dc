"""Altas and bajas: an officer asks for them, the chase tells IMSS, and IMSS says later what became of them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from afiliacion import wake
from afiliacion.cases.facts import Happening, refusal
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Actor, Outcome
from afiliacion.cases.states import State
from afiliacion.imss.adapters import is_automatic
from afiliacion.imss.cadence import SENDS
from afiliacion.imss.models import BajaCause, Errand
from afiliacion.imss.port import ALTA, BAJA, Movement
from afiliacion.imss.reading import plain_registro

_BY_HAND = "Esta oficina no está conectada con el IMSS: presente el movimiento en IDSE y anótelo en el expediente."
_ON_ITS_WAY = "Ese movimiento ya está en camino: se envía en unos minutos."
_RECEIVED = "El IMSS ya recibió ese movimiento y todavía no lo resuelve."


def request_altas(cases: Iterable[int], *, actor: Actor, now: dt.datetime) -> Outcome:
    """Have the altas of these cases (ids) sent. Returns which are on their way and why the others are not, in Spanish."""
    return _request(Errand.Kind.SEND_ALTA, cases, actor, now)


def request_bajas(cases: Iterable[int], *, actor: Actor, now: dt.datetime) -> Outcome:
    """Have the bajas of these cases (ids) sent. Returns which are on their way and why the others are not, in Spanish."""
    return _request(Errand.Kind.SEND_BAJA, cases, actor, now)


def build(errand: Errand, causes: Mapping[str, str]) -> Movement:
    """The movement an errand stands for, from the records as they are now. `causes`: school's reason -> IMSS' cause."""
    case, student, plantel = errand.case, errand.case.student, errand.case.plantel
    is_baja = errand.kind == Errand.Kind.SEND_BAJA
    return Movement(
        key=str(errand.key), kind=BAJA if is_baja else ALTA, registro_patronal=plain_registro(plantel.registro_patronal),
        nss=student.nss or "", curp=student.curp, nombre=student.nombre, primer_apellido=student.primer_apellido,
        segundo_apellido=student.segundo_apellido, on=errand.requested_on, umf=three_digits(case.umf or plantel.umf),
        matricula=case.enrolment.matricula, causa_baja=causes[_reason(case)] if is_baja else "",
    )  # fmt: skip


def three_digits(umf: str) -> str:
    """«UMF 5» as a movement carries it: «005»; empty when there is no number of up to three digits."""
    found = re.search(r"(?<!\d)\d{1,3}(?!\d)", umf)
    return found[0].zfill(3) if found else ""


def _reason(case: Case) -> str:
    return BajaCause.RENUNCIA if case.state == State.RENUNCIA else case.baja_kind


def _request(kind: Errand.Kind, cases: Iterable[int], actor: Actor, now: dt.datetime) -> Outcome:
    ids, today = sorted(set(cases)), timezone.localdate(now)
    if not is_automatic():
        return Outcome(skipped=dict.fromkeys(ids, _BY_HAND))
    with transaction.atomic():
        known = _lock(ids)
        unfinished = {errand.case_id: errand for errand in _unfinished(kind, ids)}
        refused = {case.pk: _why_not(kind, case, unfinished.get(case.pk), today) for case in known}
        skipped = dict.fromkeys(set(ids) - refused.keys(), "Ese expediente no existe.")
        skipped |= {case_id: reason for case_id, reason in refused.items() if reason}
        wanted = [case.pk for case in known if case.pk not in skipped]
        _open(kind, wanted, unfinished, actor, now)
        if wanted:
            wake.after_commit()
    return Outcome(wanted, skipped)


def _lock(ids: list[int]) -> list[Case]:
    found = Case.objects.filter(pk__in=ids).select_related("student", "plantel").select_for_update(of=("self",))
    return list(found.order_by("pk"))


def _unfinished(kind: Errand.Kind, ids: list[int]) -> list[Errand]:
    found = Errand.objects.filter(case__in=ids, kind=kind, status__in=Errand.UNFINISHED)
    return list(found.select_for_update(of=("self",)).order_by("pk"))


def _why_not(kind: Errand.Kind, case: Case, errand: Errand | None, today: dt.date) -> str:
    if errand and errand.status == Errand.Status.OPEN:
        return _RECEIVED if errand.received_on else _ON_ITS_WAY
    if reason := refusal(case.facts, SENDS[kind], Happening(today)):
        return reason
    if not plain_registro(case.plantel.registro_patronal):
        return "Falta el registro patronal del plantel."
    return "" if case.student.nss else "El alumno no tiene NSS registrado."


def _open(kind: Errand.Kind, cases: list[int], unfinished: Mapping[int, Errand], actor: Actor, now: dt.datetime) -> None:
    """A movement IMSS may already have goes on under its own key; one it refused is replaced by another."""
    parked = [unfinished[case_id] for case_id in cases if case_id in unfinished]
    doubtful = {errand.case_id: errand.pk for errand in parked if errand.in_doubt}
    resume(doubtful.values(), on=timezone.localdate(now))
    Errand.objects.filter(pk__in=[errand.pk for errand in parked if not errand.in_doubt]).update(status=Errand.Status.DONE)
    Errand.objects.bulk_create(_new(kind, case_id, actor, now) for case_id in cases if case_id not in doubtful)


def resume(errands: Iterable[int], *, on: dt.date) -> int:
    """Have unfinished errands (ids) taken up at once, due on that date, also those that wait for a person; return how many."""
    unfinished = Errand.objects.filter(pk__in=list(errands), status__in=Errand.UNFINISHED)
    return unfinished.update(status=Errand.Status.OPEN, next_on=on, next_at=Now(), strikes=0, misses=0)


def _new(kind: Errand.Kind, case_id: int, actor: Actor, now: dt.datetime) -> Errand:
    today = timezone.localdate(now)
    return Errand(
        case_id=case_id, kind=kind, key=uuid.uuid4(), requested_on=today, requested_at=now,
        requested_by_id=actor.user_id, requested_name=actor.name, next_on=today,
    )  # fmt: skip
