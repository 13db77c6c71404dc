"""Planteles with their registros patronales, for tests that need no fixture."""

from __future__ import annotations

import datetime as dt
from typing import Any

from students.models import Plantel, RegistroPatronal


def make_plantel(registro: str, **fields: Any) -> Plantel:
    """A plantel that has had this registro always."""
    plantel = Plantel.objects.create(**fields)
    add_registro(plantel, registro)
    return plantel


def add_registro(plantel: Plantel, registro: str, valid_from: dt.date | None = None) -> RegistroPatronal:
    """A registro of the plantel from that day on (None: always), known since before anything was sent."""
    return RegistroPatronal.objects.create(plantel=plantel, registro=registro, valid_from=valid_from, added_at=None)
