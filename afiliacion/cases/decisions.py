"""What the other planteles, or coordination, answer to a request (consent.py), and what an agreement does: once, in the name of the one
who decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum
from functools import partial
from typing import Final

from django.db import transaction

from afiliacion.cases import verbs
from afiliacion.cases.consent import Kind, Status, belonging, closed
from afiliacion.cases.enrol import enrol
from afiliacion.cases.identity import merging
from afiliacion.cases.identity.correcting import agreed
from afiliacion.cases.identity.known import by_curp
from afiliacion.cases.identity.without_curp import promoted
from afiliacion.cases.models import Case, ConsentRequest
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import OPEN_STATES
from afiliacion.database.retry import retry_on_conflict
from students.curp import Curp
from students.models import Enrolment, Student

#: Why nothing can be done about a person whom an undone list took out of the registry.
STUDENT_GONE: Final = "El alumno de la solicitud ya no está en el registro: rechácela."


class EnrolmentWay(Enum):
    """How a person known elsewhere is enrolled: their open cases there are closed, or they study at both."""

    TRANSFER = "traslado"
    SECOND = "segundo"


class NotDecided(ValueError):
    """The request stays as it is; str() says why in Spanish."""


#: Does what was asked of one request, in the name of the one who decided.
Effect = Callable[[ConsentRequest, EnrolmentWay, Act], None]


def others(request: ConsentRequest) -> set[int]:
    """The planteles (ids) that decide: all those the person belongs to, but for the asking person's own."""
    own = {request.plantel_id, *request.own}
    return set(belonging().filter(student=request.student_id).exclude(plantel__in=own).values_list("plantel", flat=True))


def may_decide(request: ConsentRequest, planteles: frozenset[int] | None) -> bool:
    """Whether who answers for these planteles (ids; None: coordination) can decide: all the other planteles must be among them."""
    deciding = others(request)
    return planteles is None or (bool(deciding) and deciding <= planteles)


def accept(request_id: int, way: EnrolmentWay, *, act: Act, also: Mapping[ConsentRequest.Kind, Effect]) -> ConsentRequest:
    """Agree: what was asked is done now. `way`: of a request to enrol; `also`: what rooms above do for their kinds.

    Raises:
        NotDecided: it is decided already, not the actor's to decide, or a case or the registry does not allow what was asked.
    """
    return retry_on_conflict(partial(_accept, request_id, way, act, {**_EFFECTS, **also}))


def refuse(request_id: int, reason: str, *, act: Act) -> ConsentRequest:
    """Do not agree, and say why: the asking plantel reads the reason, not the name. Raises NotDecided."""
    if not reason.strip():
        raise NotDecided("Escriba el motivo: es lo único que lee quien lo pidió.")
    with transaction.atomic():
        return _close(_pending(request_id, act), Status.REFUSED, act, reason.strip())


def withdraw(request_id: int, *, act: Act) -> ConsentRequest:
    """The asking plantel takes its request back. Raises NotDecided."""
    with transaction.atomic():
        request = _locked(request_id)
        if act.planteles is not None and request.plantel_id not in act.planteles:
            raise NotDecided("Esa solicitud no es de su plantel.")
        return _close(request, Status.WITHDRAWN, act, "La retiró quien la pidió.")


def _accept(request_id: int, way: EnrolmentWay, act: Act, effects: Mapping[ConsentRequest.Kind, Effect]) -> ConsentRequest:
    request = _pending(request_id, act)
    # Consent is given: from here what was asked may touch every case of the person.
    effects[Kind(request.kind)](request, way, replace(act, planteles=None))
    return _close(request, Status.ACCEPTED, act, "")


def _locked(request_id: int) -> ConsentRequest:
    request = ConsentRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if not request.is_pending:
        by = f" por {request.decided_name}" if request.decided_name else ""
        raise NotDecided(f"Esa solicitud ya está «{request.get_status_display()}»{by}: no se hizo nada.")
    return request


def _pending(request_id: int, act: Act) -> ConsentRequest:
    request = _locked(request_id)
    if not may_decide(request, act.planteles):
        raise NotDecided("Esa solicitud la decide la coordinación.")
    return request


def _close(request: ConsentRequest, status: ConsentRequest.Status, act: Act, reason: str) -> ConsentRequest:
    ConsentRequest.objects.filter(pk=request.pk).update(**closed(status, act, reason))
    request.refresh_from_db()
    return request


def _enrol(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    """The row of a list becomes an enrolment, with its case; the person's own data stay as the others have them."""
    said, today = request.payload, request.plantel.day(act.now)
    student = by_curp(request.curp) or _new_person(request)
    if way is EnrolmentWay.TRANSFER:
        open_there = Case.objects.filter(student=student, state__in=OPEN_STATES, plantel__in=others(request))
        _done(verbs.transfer(list(open_there.values_list("pk", flat=True)), on=today, to=request.plantel, act=act))
    enrolment = _enrolment(request, student)
    promoted([enrolment.pk], act)
    opened = enrol([enrolment.pk], act=act).opened
    if said.get("nss") and student.nss is None and not Student.objects.filter(nss=said["nss"]).exists():
        _done(verbs.obtain_nss(dict.fromkeys(opened, said["nss"]), on=today, act=act))


def _new_person(request: ConsentRequest) -> Student:
    """A person of whom only the number was known elsewhere: without that number, which stays its holder's."""
    said, curp = request.payload, Curp.parse(request.curp)
    born = said.get("fecha_nacimiento")
    return Student.objects.create(
        curp=curp, nombre=said["nombre"], primer_apellido=said["primer_apellido"], segundo_apellido=said.get("segundo_apellido") or "",
        birth_date=_day(born) if born else curp.birth_date, sex=said.get("sexo") or curp.sex,
        entity=said.get("entidad_nacimiento") or curp.entity, email=said.get("correo") or "", phone=said.get("telefono") or "",
    )  # fmt: skip


def _enrolment(request: ConsentRequest, student: Student) -> Enrolment:
    said = request.payload
    there = Enrolment.objects.filter(plantel=request.plantel, ciclo=request.ciclo, matricula=said["matricula"])
    if there.exclude(student=student).exists():
        raise NotDecided("La matrícula de la lista ya es de otro alumno de ese plantel: que la corrija quien lo pidió.")
    values = {
        "matricula": said["matricula"], "grupo": said.get("grupo") or "", "enrolled_on": _day(said["fecha_inscripcion"]),
        "status": said.get("estatus") or Enrolment.Status.ACTIVO,
    }  # fmt: skip
    enrolment, _ = Enrolment.objects.get_or_create(student=student, plantel=request.plantel, ciclo=request.ciclo, defaults=values)
    if not belonging().filter(pk=enrolment.pk).exists():
        # Of a list that was undone: as new.
        Enrolment.objects.filter(pk=enrolment.pk).update(**values)
    return enrolment


def _obtain(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    case_id, said = _case_of(request), request.payload
    evidence = {case_id: said["evidence"]} if said["evidence"] else None
    _done(verbs.obtain_nss({case_id: said["nss"]}, on=_day(said["on"]), evidence=evidence, act=act))


def _correct(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    said = request.payload
    verb = verbs.unify_nss if said.get("unified") else verbs.correct_nss
    case_id = _case_of(request)
    _done(verb({case_id: said["nss"]}, on=_day(said["on"]), reason=said["reason"], evidence=said["evidence"], act=act))


def _disown(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    said = request.payload
    _done(verbs.disown_nss([_case_of(request)], on=_day(said["on"]), reason=said["reason"], act=act))


def _case_of(request: ConsentRequest) -> int:
    if request.case_id is None:
        raise NotDecided("La solicitud no dice de qué expediente es: rechácela y pida que la hagan de nuevo.")
    return request.case_id


_day = dt.date.fromisoformat


def _contact(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    if request.student_id is None:
        raise NotDecided(STUDENT_GONE)
    _done(agreed(request, act))


def _merge(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    _case_of(request)
    _done(merging.agreed(request, act))


def _done(outcome: Outcome) -> None:
    if outcome.skipped:
        raise NotDecided(next(iter(outcome.skipped.values())))


_EFFECTS: Final[Mapping[ConsentRequest.Kind, Effect]] = {
    Kind.ENROL: _enrol, Kind.OBTAIN_NSS: _obtain, Kind.CORRECT_NSS: _correct, Kind.DISOWN_NSS: _disown, Kind.CONTACT: _contact,
    Kind.MERGE: _merge,
}  # fmt: skip
