"""What is done to many from the list besides steps: whose they are, a mail to each; what came of each, and taking it back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.models import Assignment, BulkRun
from afiliacion.reminders.delivery.outbox import drop_obsolete
from afiliacion.reminders.models import BadAddress, Reminder

LONG_AGO = dt.date(2026, 1, 12)


def does(browser: Client, slug: str, cases: Iterable[Case], **more: Any) -> str:
    """Do it to these cases as they are now; the page that says what came of it."""
    chosen = [f"{case.pk}:{Case.objects.get(pk=case.pk).version}" for case in cases]
    answer = browser.post("/expedientes/acciones/", {"accion": slug, "caso": chosen, "lista": "", **more}, follow=True)
    return answer.content.decode()


def undoes(browser: Client) -> str:
    run = BulkRun.objects.latest("pk")
    return browser.post(f"/expedientes/resultado/{run.pk}/deshacer/", follow=True).content.decode()


def owners() -> dict[int, int]:
    return dict(Assignment.objects.values_list("case_id", "user_id"))


def test_many_cases_are_given_to_a_colleague_and_back_to_who_had_them(
    desk: Client, make_case: Callable[..., Case], officer: Any, coordinator: Any
) -> None:
    first, second, third = (make_case() for _ in range(3))
    does(desk, "asignar", [first], **{"asignar-quien": "yo"})
    does(desk, "asignar", [third], **{"asignar-quien": str(coordinator.pk)})
    page = does(desk, "asignar", [first, second, third], **{"asignar-quien": str(coordinator.pk)})
    assert "<strong>2</strong> hechos" in page
    assert "<strong>1</strong> ya estaba hecho" in page
    assert set(owners().values()) == {coordinator.pk}
    assert "Deshacer «Asignar»" in undoes(desk)
    assert owners() == {first.pk: officer.pk, third.pk: coordinator.pk}
    assert "Ya estaba deshecho" not in does(desk, "asignar", [first], **{"asignar-quien": "nadie"})
    assert owners() == {third.pk: coordinator.pk}


def test_undoing_leaves_what_somebody_else_gave_since(desk: Client, make_case: Callable[..., Case], coordinator: Any, enter: Any) -> None:
    first, second = make_case(), make_case()
    does(desk, "asignar", [first, second], **{"asignar-quien": "yo"})
    run = BulkRun.objects.get()
    does(enter(coordinator), "asignar", [second], **{"asignar-quien": "yo"})
    page = desk.post(f"/expedientes/resultado/{run.pk}/deshacer/", follow=True).content.decode()
    assert "Alguien lo asignó después" in page
    assert owners() == {second.pk: coordinator.pk}


def test_all_that_match_are_given_at_once(desk: Client, make_case: Callable[..., Case], officer: Any, other_plantel: Any) -> None:
    mine = [make_case(grupo="3-B") for _ in range(3)]
    make_case(grupo="1-A")
    make_case(grupo="3-B", plantel=other_plantel)
    does(desk, "asignar", [], lista="grupo=3-B", todos="1", **{"asignar-quien": "yo"})
    assert owners() == {case.pk: officer.pk for case in mine}


@pytest.mark.parametrize("who", ["", "999999", "x", "-1"])
def test_nobody_of_elsewhere_is_given_a_case(desk: Client, make_case: Callable[..., Case], foreign_officer: Any, who: str) -> None:
    case = make_case()
    for quien in (who, str(foreign_officer.pk)):
        assert 'role="alert"' in does(desk, "asignar", [case], **{"asignar-quien": quien})
    assert not Assignment.objects.exists()


def test_a_coordinator_gives_each_case_only_to_who_may_see_it(
    make_case: Callable[..., Case], officer: Any, coordinator: Any, enter: Any, other_plantel: Any
) -> None:
    own, foreign = make_case(), make_case(plantel=other_plantel)
    page = does(enter(coordinator), "asignar", [own, foreign], **{"asignar-quien": str(officer.pk)})
    assert "Begoña Ñáñez no trabaja en ese plantel" in page
    assert owners() == {own.pk: officer.pk}


def test_the_colleagues_are_asked_for_once_somebody_is_chosen(desk: Client, officer: Any, coordinator: Any, foreign_officer: Any) -> None:
    said = desk.get("/expedientes/colegas/").content.decode()
    assert f'value="{coordinator.pk}"' in said
    assert f'value="{foreign_officer.pk}"' not in said


def test_the_overdue_are_reminded_once_and_each_other_says_why(
    desk: Client, make_case: Callable[..., Case], make_in: Callable[..., Case], make_student: Callable[..., Any]
) -> None:
    late = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email=" Ines@x.mx"))
    silent = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email=""))
    bad = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email="no@x.mx"))
    BadAddress.objects.create(address="no@x.mx", since=timezone.now(), words="550 5.1.1")
    far = make_in(State.ALTA_ENVIADA, student=make_student(email="z@x.mx"))
    page = does(desk, "recordar", [late, silent, bad, far])
    for said in ("<strong>1</strong> hecho", "no tiene un correo válido", "no sirve", "No hay nada que recordarle al alumno"):
        assert said in page, said
    mail = Reminder.objects.get()
    assert (mail.case, mail.kind.key, mail.recipient, mail.status) == (late, "acuse_vencido", "ines@x.mx", "queued")
    # The sender looks whether it is still true: it is.
    assert drop_obsolete(timezone.now()) == 0
    assert "Hoy ya se le escribió" in does(desk, "recordar", [late])
    assert Reminder.objects.count() == 1


def test_a_reminder_that_waits_is_taken_back(desk: Client, make_in: Callable[..., Case], make_student: Callable[..., Any]) -> None:
    late = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email="a@x.mx"))
    does(desk, "recordar", [late])
    undoes(desk)
    assert Reminder.objects.get().status == Reminder.Status.DROPPED


def test_a_reminder_on_its_way_is_not_taken_back(desk: Client, make_in: Callable[..., Case], make_student: Callable[..., Any]) -> None:
    late = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email="a@x.mx"))
    does(desk, "recordar", [late])
    Reminder.objects.update(status=Reminder.Status.SENDING)
    assert "Ese correo ya salió" in undoes(desk)
    assert Reminder.objects.get().status == Reminder.Status.SENDING


def test_nobody_is_written_to_more_often_than_the_plantel_says(
    desk: Client, make_in: Callable[..., Case], make_student: Callable[..., Any], local_today: dt.date
) -> None:
    late = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO, student=make_student(email="a@x.mx"))
    for days in (1, 2, 3):
        does(desk, "recordar", [late])
        night, sent = local_today - dt.timedelta(days=days), timezone.now()
        Reminder.objects.filter(night=local_today).update(night=night, step=f"1-{days}", status="sent", sent_at=sent, message_id="<1@x>")
    assert "3 correos en siete días" in does(desk, "recordar", [late])


def test_undoing_a_step_leaves_what_was_done_since(desk: Client, make_in: Callable[..., Case], actor: Any) -> None:
    first, second = make_in(State.NSS_OBTENIDO), make_in(State.NSS_OBTENIDO)
    does(desk, "pausa", [first, second], **{"pausa-on": timezone.localdate().isoformat(), "pausa-reason": "Huelga"})
    verbs.release([second.pk], on=timezone.localdate(), act=Act(actor, timezone.now()))
    verbs.hold([second.pk], on=timezone.localdate(), reason="Su mamá llamó", act=Act(actor, timezone.now()))
    assert "Cambió mientras usted lo veía" in undoes(desk)
    assert Case.objects.get(pk=first.pk).held_since is None
    assert list(second.events.order_by("seq").values_list("verb", flat=True))[-3:] == [Verb.HOLD, Verb.RELEASE, Verb.HOLD]
