"""By which channel the altas and bajas of a registro patronal go, the service of IMSS or lotes, and which are under way by either."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from afiliacion.lotes.line.record import MovementType
from students.registro_patronal import with_dashes


class LoteRegistro(models.Model):
    """A registro patronal whose altas and bajas go in lotes although the office uses the service of IMSS."""

    registro = models.CharField("registro patronal", max_length=16)

    class Meta:
        verbose_name = "registro patronal que va por lotes"
        verbose_name_plural = "registros patronales que van por lotes"
        ordering = ["registro"]
        constraints = [models.UniqueConstraint(fields=["registro"], name="loteregistro_once")]

    def __str__(self) -> str:
        return with_dashes(self.registro)


class MovementUnderWay(models.Model):
    """An alta or baja of an NSS under a registro patronal that is under way, by the one channel or by the other.

    Written by triggers alone (sql/under_way.sql of this room and of movements): an unfinished errand has a row, and a movement in a lote
    that IMSS has not received.
    """

    type = models.CharField("tipo", max_length=2, choices=[(MovementType.ALTA.value, "Alta"), (MovementType.BAJA.value, "Baja")])
    nss = models.CharField("NSS", max_length=11)
    registro = models.CharField("registro patronal", max_length=16)
    by_lote = models.BooleanField("va en un lote")

    class Meta:
        verbose_name = "movimiento en camino"
        verbose_name_plural = "movimientos en camino"
        constraints = [
            # Whose NSS comes first: so it also finds what is under way of a number.
            models.UniqueConstraint(fields=["nss", "registro", "type"], name="underway_by_one_channel"),
            models.CheckConstraint(condition=Q(type__in=["08", "02"]), name="underway_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {'en lote' if self.by_lote else 'por el servicio'}"
