"""Beside a case: notes that call a colleague, and whose case it is."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Assignment, Mention, Note
from afiliacion.reminders.models import Reminder, ReminderKind

BAD = "<script>alert(1)</script>"


def note(text: str, token: uuid.UUID | None = None) -> dict[str, str]:
    return {"texto": text, "token": str(token or uuid.uuid4())}


def test_a_note_is_kept_once_and_calls_only_who_works_there(
    desk: Client, make_case: Callable[..., Case], coordinator: Any, foreign_officer: Any, enter: Callable[..., Client]
) -> None:
    case, token = make_case(), uuid.uuid4()
    for _ in range(2):
        desk.post(f"/expedientes/{case.pk}/notas/", note(f"Vino su mamá, @coordinacion y @ajena. {BAD}", token))
    assert list(Mention.objects.values_list("user__username", flat=True)) == ["coordinacion"]
    theirs = enter(coordinator)
    page = theirs.get(f"/expedientes/{case.pk}/").content.decode()
    assert page.count(str(token)) == 1
    assert BAD not in page
    assert "Le llaman en una nota" in page
    assert f"/expedientes/{case.pk}/" in theirs.get("/expedientes/?bandera=mencion").content.decode()
    assert 'Le llaman en notas de 1 expediente. <a href="/expedientes/?bandera=mencion">' in theirs.get("/").content.decode()
    theirs.post(f"/expedientes/{case.pk}/notas/enterado/")
    assert "Le llaman en una nota" not in theirs.get(f"/expedientes/{case.pk}/").content.decode()


def test_whoever_calls_nobody_is_told_whom_they_can_call(
    desk: Client, make_case: Callable[..., Case], coordinator: Any, foreign_officer: Any
) -> None:
    told = desk.post(f"/expedientes/{make_case().pk}/notas/", note("@ajena y @coordinacion. o@x.mx"), follow=True).content.decode()
    assert "No se avisó a @ajena: nadie de su oficina se llama así. Puede avisar a @coordinacion." in told
    assert Note.objects.count() == 1
    assert "No se avisó" not in desk.post(f"/expedientes/{make_case().pk}/notas/", note("@coordinacion"), follow=True).content.decode()


@pytest.mark.parametrize("said", [note(""), note("x" * 2_001), {"texto": "Hola", "token": "no"}])
def test_what_is_no_note_is_told_and_not_kept(desk: Client, make_case: Callable[..., Case], said: dict[str, str]) -> None:
    answer = desk.post(f"/expedientes/{make_case().pk}/notas/", said, follow=True)
    assert "Escriba una nota" in answer.content.decode()
    assert not Note.objects.exists()


def test_a_case_is_given_to_a_colleague_and_shows_in_their_list(
    desk: Client, make_case: Callable[..., Case], officer: Any, foreign_officer: Any
) -> None:
    case = make_case()
    desk.post(f"/expedientes/{case.pk}/asignar/", {"quien": str(officer.pk)})
    assert "1</strong> asignado a usted" in desk.get("/").content.decode()
    desk.post(f"/expedientes/{case.pk}/asignar/", {"quien": str(foreign_officer.pk)})
    assert Assignment.objects.get().user_id == officer.pk
    desk.post(f"/expedientes/{case.pk}/asignar/", {"quien": "nadie"})
    assert not Assignment.objects.exists()


def test_the_history_tells_notes_mails_and_steps_together(desk: Client, make_in: Callable[..., Case]) -> None:
    case, now = make_in(State.NSS_OBTENIDO), timezone.now()
    kind = ReminderKind.objects.first()
    assert kind is not None
    Reminder.objects.create(
        kind=kind, case=case, student=case.student, step="1", recipient="a@x.mx", night=now.date(), send_after=now, created_at=now
    )
    desk.post(f"/expedientes/{case.pk}/notas/", note("Llamó por teléfono."))
    history = desk.get(f"/expedientes/{case.pk}/").content.decode().partition('id="historia"')[2]
    assert history.index("Llamó por teléfono.") < history.index(kind.name) < history.index("Expediente abierto")


def test_what_was_typed_is_not_lost_when_somebody_else_was_first(desk: Client, make_case: Callable[..., Case]) -> None:
    case = make_case()
    seen = case.version
    verbs.receive_papers([case.pk], ["curp"], on=timezone.localdate(), act=Act(NIGHT, timezone.now()))
    order = {"version": seen, "on": timezone.localdate().isoformat(), "reason": "Motivo largo y bien pensado", "tutor": "Su mamá"}
    answer = desk.post(f"/expedientes/{case.pk}/acciones/pausa/", order)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Cambió mientras usted lo veía" in text
    assert "Motivo largo y bien pensado" in text
    assert f'name="version" value="{seen + 1}"' in text
