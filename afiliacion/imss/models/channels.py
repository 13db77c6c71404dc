"""By which channel the altas and bajas of a registro patronal go, the service of IMSS or lotes, and which are under way by either."""

from __future__ import annotations

from django.db import models

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

    A view of the movements (movements/sql/by_service.sql), which lie in a room above this one: those of an unfinished errand, and those in
    a lote that IMSS has not received.
    """

    type = models.CharField("tipo", max_length=2, choices=[(MovementType.ALTA.value, "Alta"), (MovementType.BAJA.value, "Baja")])
    nss = models.CharField("NSS", max_length=11)
    registro = models.CharField("registro patronal", max_length=16)
    by_lote = models.BooleanField("va en un lote")

    class Meta:
        managed = False
        verbose_name = "movimiento en camino"
        verbose_name_plural = "movimientos en camino"

    def __str__(self) -> str:
        return f"{self.get_type_display()} {'en lote' if self.by_lote else 'por el servicio'}"
