"""Who the mother, father or guardian of a student is: noted, or asked for where the student belongs to other planteles too."""

from __future__ import annotations

from django.db import transaction

from afiliacion.cases import consent
from afiliacion.cases.decisions import STUDENT_GONE, EnrolmentWay, NotDecided
from afiliacion.cases.history import record_changes
from afiliacion.cases.models import Case, ConsentRequest, RecordChange
from afiliacion.cases.outcome import Act
from afiliacion.reminders.models import Tutor
from students.models import Student


def note(case: Case, *, name: str, email: str, act: Act) -> bool:
    """Note the tutor of the student of `case`; False if it waits for the consent of the student's other planteles.

    The student is locked, so that no colleague enrols them elsewhere between the look and the change.
    """
    with transaction.atomic():
        Student.objects.select_for_update(no_key=True).get(pk=case.student_id)
        if not consent.foreign([case.student_id], act.planteles):
            write(case.student_id, name, email, act)
            return True
        wanted = ConsentRequest(
            kind=consent.Kind.TUTOR, student_id=case.student_id, case_id=case.pk, plantel_id=case.plantel_id,
            payload={"name": name, "email": email},
        )  # fmt: skip
        consent.ask([wanted], act)
    return False


def agreed(request: ConsentRequest, way: EnrolmentWay, act: Act) -> None:
    """Note the tutor that others have agreed to (decisions.Effect)."""
    if request.student_id is None:
        raise NotDecided(STUDENT_GONE)
    write(request.student_id, request.payload["name"], request.payload["email"], act)


def write(student_id: int, name: str, email: str, act: Act) -> None:
    """Note the tutor of a student (id), who is locked; no consent is asked for."""
    known = Tutor.objects.filter(pk=student_id).first()
    before = {"nombre": known.name, "correo": known.email} if known else {}
    # Of two clicks at once, the second corrects what the first wrote.
    Tutor.objects.update_or_create(student_id=student_id, defaults={"name": name, "email": email})
    record_changes.note(student_id, RecordChange.What.TUTOR, before, {"nombre": name, "correo": email}, act)


def forget(student_id: int, act: Act) -> None:
    """Take the tutor of a student (id) away: it was another person's."""
    known = Tutor.objects.filter(pk=student_id).first()
    if known:
        known.delete()
        record_changes.note(student_id, RecordChange.What.TUTOR, {"nombre": known.name, "correo": known.email}, {}, act)
