"""Changes that leave no trace: what a curious officer and a disgruntled administrator try (docs/security/threats.md)."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases.models import Case, RecordChange
from afiliacion.dashboard.models import SettingChange
from afiliacion.reminders.models import BadAddress
from students.models import Calendar, NonWorkingDay
from tests.roles import as_owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(officer: Any) -> Client:
    browser = Client()
    browser.force_login(officer)
    return browser


@pytest.fixture
def case(make_case: Any) -> Case:
    found: Case = make_case()
    return found


def test_m3_a_revoked_link_stands_in_the_history_of_the_case(desk: Client, case: Case, officer: Any) -> None:
    desk.post(reverse("notices-revoke", args=[case.pk]), {"veces": "0"})
    kept = RecordChange.objects.get()
    assert (kept.student, kept.what, kept.actor, kept.actor_name) == (case.student, "link", officer, "Begoña Ñáñez")
    page = desk.get(reverse("case", args=[case.pk])).content.decode()
    assert "Cambio de datos: Liga de su página" in page
    assert case.folio in page


def test_m3_an_address_that_works_again_is_recorded_masked(desk: Client, case: Case) -> None:
    BadAddress.objects.create(address=case.student.email, since=timezone.now(), words="550")
    desk.post(reverse("notices-works"), {"address": case.student.email})
    kept = RecordChange.objects.get()
    assert (kept.student, kept.what) == (case.student, "address")
    assert case.student.email not in kept.detail


def test_m3_the_record_of_changes_is_append_only(desk: Client, case: Case) -> None:
    desk.post(reverse("notices-revoke", args=[case.pk]), {"veces": "0"})
    for change in (lambda: RecordChange.objects.all().delete(), lambda: RecordChange.objects.update(actor_name="otra persona")):
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            change()
        with as_owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_m3_a_pause_of_imss_is_recorded_with_the_settings(coordinator: Any) -> None:
    boss = Client()
    boss.force_login(coordinator)
    for said in ("1", "1", "0"):
        boss.post(reverse("imss-pause"), {"pausar": said})
    assert [(row.before, row.after, row.user) for row in SettingChange.objects.order_by("pk")] == [
        ({"preguntas al IMSS": "en marcha"}, {"preguntas al IMSS": "en pausa"}, coordinator),
        ({"preguntas al IMSS": "en pausa"}, {"preguntas al IMSS": "en marcha"}, coordinator),
    ]


def test_m3_what_is_changed_in_the_admin_is_recorded_with_the_settings(admin_client: Client, admin_user: Any, coordinator: Any) -> None:
    days = {"days-TOTAL_FORMS": "0", "days-INITIAL_FORMS": "0"}
    answer = admin_client.post("/admin/students/calendar/add/", {"clave": "escolar", "name": "Calendario escolar", **days})
    assert answer.status_code == 302, answer.content.decode()
    calendar = Calendar.objects.get(clave="escolar")
    NonWorkingDay.objects.all().delete()
    admin_client.post(f"/admin/students/calendar/{calendar.pk}/change/", {"clave": "escolar", "name": "Otro nombre", **days})
    admin_client.post("/admin/students/calendar/", {"action": "delete_selected", "_selected_action": [calendar.pk], "post": "yes"})
    kept = list(SettingChange.objects.order_by("pk"))
    assert [(row.section, row.user) for row in kept] == [("admin", admin_user)] * 3
    assert [bool(row.before) for row in kept] == [False, False, True]
    assert "Otro nombre" in kept[2].what
    boss = Client()
    boss.force_login(coordinator)
    assert "Otro nombre" in boss.get(reverse("settings-changes")).content.decode()
