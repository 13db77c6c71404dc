"""Mexico's time zones: what day it is at a plantel at a moment. A fact is dated by the plantel's own day (docs/domain.md, 9.3)."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from django.db import models
from django.utils import timezone


class Zone(models.TextChoices):
    """The zones Mexicans live in (Ley de los Husos Horarios, DOF 28-10-2022)."""

    CENTRO = "America/Mexico_City", "Centro"
    SURESTE = "America/Cancun", "Sureste (Quintana Roo)"
    PACIFICO = "America/Mazatlan", "Pacífico"
    SONORA = "America/Hermosillo", "Sonora"
    NOROESTE = "America/Tijuana", "Noroeste (Baja California)"
    CHIHUAHUA = "America/Chihuahua", "Chihuahua"
    JUAREZ = "America/Ciudad_Juarez", "Frontera de Chihuahua"
    FRONTERA = "America/Matamoros", "Frontera del noreste"


def day_at(zone: str, moment: dt.datetime) -> dt.date:
    """Return the date at an aware moment in a zone (its IANA name; empty: the office's own)."""
    return timezone.localdate(moment, ZoneInfo(zone) if zone else None)
