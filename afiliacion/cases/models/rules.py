"""The clock's rules and the papers asked for, as rows a coordinator may add to."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from afiliacion.cases import clock
from afiliacion.cases.states import Verb
from students.models import Plantel


class ClockRule(models.Model):
    """A dated rule: holds from `valid_from` until a newer row for the same key (and plantel). Rows never change (trigger)."""

    key = models.CharField("plazo", max_length=20, choices=clock.RuleKey)
    plantel = models.ForeignKey(Plantel, models.PROTECT, null=True, blank=True, verbose_name="plantel (vacío: todos)")
    n = models.PositiveSmallIntegerField("días")
    unit = models.CharField("unidad", max_length=10, choices=clock.Unit)
    rolls = models.BooleanField("si vence en día inhábil, pasa al siguiente hábil", default=False)
    stops_with_imss = models.BooleanField("no corre los días en que el IMSS no da servicio", default=False)
    alert_after = models.PositiveSmallIntegerField("días de atraso para avisar a coordinación", null=True, blank=True)
    starts = ArrayField(
        models.CharField(max_length=20, choices=clock.Start), verbose_name="se cuenta desde lo último de", default=list, blank=True
    )
    source = models.CharField("de dónde sale la regla", max_length=240)
    valid_from = models.DateField("rige desde")

    class Meta:
        verbose_name = "regla de plazo"
        verbose_name_plural = "reglas de plazo"
        ordering = ["key", "plantel", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "plantel", "valid_from"], nulls_distinct=False, name="clockrule_once_a_date"),
            models.CheckConstraint(condition=Q(n__gte=1, n__lte=365), name="clockrule_days_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_key_display()}: {self.n} {self.get_unit_display()} desde {self.valid_from:%d/%m/%Y}"


class OutageDay(models.Model):
    """A day IMSS gave no service: the clocks whose rule says so did not run."""

    date = models.DateField("día")
    source = models.CharField("cómo se supo", max_length=240)

    class Meta:
        verbose_name = "día sin servicio del IMSS"
        verbose_name_plural = "días sin servicio del IMSS"
        constraints = [models.UniqueConstraint(fields=["date"], name="outageday_once")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y}"


class PaperKind(models.Model):
    """A paper a student can hand in. `key` is what the history stores."""

    key = models.CharField("clave", max_length=30)
    label = models.CharField("documento", max_length=120)

    class Meta:
        verbose_name = "documento"
        verbose_name_plural = "documentos"
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["key"], name="paperkind_key_once")]

    def __str__(self) -> str:
        return self.label


class WantedPaper(models.Model):
    """A paper that a plantel (or all of them) wants before a step."""

    STEPS = (Verb.DELIVER_ACUSE, Verb.RENOUNCE)

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: todos)")
    step = models.CharField("paso", max_length=20, choices=[(verb.value, verb.label) for verb in STEPS])
    kind = models.ForeignKey(PaperKind, models.PROTECT, verbose_name="documento")
    minors_only = models.BooleanField("solo a menores de edad", default=False)

    class Meta:
        verbose_name = "documento que se pide"
        verbose_name_plural = "documentos que se piden"
        constraints = [models.UniqueConstraint(fields=["plantel", "step", "kind"], nulls_distinct=False, name="wantedpaper_once")]

    def __str__(self) -> str:
        return f"{self.kind} para «{self.get_step_display()}»"
