"""Default rows are loaded once: into empty tables, or one by name where a later version adds it."""

from __future__ import annotations

import pytest
from django.apps import apps

from afiliacion.database import datafiles
from afiliacion.reminders.models import ReminderKind

pytestmark = pytest.mark.django_db


def test_a_table_that_has_rows_is_left_as_it_is() -> None:
    ReminderKind.objects.exclude(key="resumen").delete()
    ReminderKind.objects.update(window=3)
    datafiles.load(apps, "reminders", "reminder_kinds")
    assert list(ReminderKind.objects.values_list("key", "window")) == [("resumen", 3)]


def test_a_row_that_a_later_version_adds_comes_alone_and_once() -> None:
    ReminderKind.objects.filter(key__in=["recibo", "hoja_rechazada"]).delete()
    for _ in range(2):
        datafiles.load(apps, "reminders", "reminder_kinds", key="hoja_rechazada")
    assert ReminderKind.objects.filter(key="hoja_rechazada", anchor="refused", days=[0]).count() == 1
    assert not ReminderKind.objects.filter(key="recibo").exists()
