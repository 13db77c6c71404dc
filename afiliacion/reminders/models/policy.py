"""How a plantel wants its mail, as rows: at what hours and on which days, how many a week, in whose words, and stopped or not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from students.models import Plantel
from students.zones import Zone

_ALL_PLANTELES = "plantel (vacío: todos los que no tengan lo suyo)"


class Weekday(models.IntegerChoices):
    LUNES = 0, "lunes"
    MARTES = 1, "martes"
    MIERCOLES = 2, "miércoles"
    JUEVES = 3, "jueves"
    VIERNES = 4, "viernes"
    SABADO = 5, "sábado"
    DOMINGO = 6, "domingo"


def sundays() -> list[int]:
    return [Weekday.DOMINGO.value]


class MailRule(models.Model):
    """When mail may reach the people of a plantel, how often, and whether the tutors of minors get mail too."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name=_ALL_PLANTELES, related_name="+")
    zone = models.CharField("huso horario", max_length=40, choices=Zone, default=Zone.CENTRO)
    opens_at = models.TimeField("se envía desde las", default=dt.time(8))
    closes_at = models.TimeField("y hasta las", default=dt.time(21))
    quiet_days = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name="días en que no se envía", default=sundays, blank=True
    )  # fmt: skip
    rests_on_holidays = models.BooleanField("tampoco en días de descanso obligatorio ni en los inhábiles del plantel", default=True)
    per_week = models.PositiveSmallIntegerField("correos a una persona en siete días, a lo más", default=3)
    tells_tutors = models.BooleanField("se avisa también al tutor de un menor de edad", default=False)

    class Meta:
        verbose_name = "horario de los avisos"
        verbose_name_plural = "horarios de los avisos"
        constraints = [
            models.UniqueConstraint(fields=["plantel"], nulls_distinct=False, name="mailrule_once_per_plantel"),
            models.CheckConstraint(condition=Q(closes_at__gt=models.F("opens_at")), name="mailrule_opens_before_it_closes"),
            models.CheckConstraint(condition=Q(quiet_days__len__lte=6), name="mailrule_some_day_is_open"),
            models.CheckConstraint(condition=Q(per_week__gte=1), name="mailrule_per_week_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.plantel or 'Todos los planteles'}: de {self.opens_at:%H:%M} a {self.closes_at:%H:%M}"

    def clean(self) -> None:
        """Check what the constraints check, with a sentence for the form.

        Raises:
            ValidationError: a rule that could never send.
        """
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            raise ValidationError({"closes_at": "Debe ser después de la hora en que se empieza a enviar."})
        if len(set(self.quiet_days or ())) > 6:
            raise ValidationError({"quiet_days": "Deje al menos un día para enviar."})


class MailStop(models.Model):
    """An officer stopped the mail of a plantel (or all of it). Nothing queued goes out until it is lifted."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: todos)", related_name="+")
    since = models.DateTimeField("desde")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", related_name="+")
    lifted_at = models.DateTimeField("hasta", null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name="quién lo levantó", related_name="+"
    )  # fmt: skip

    class Meta:
        verbose_name = "alto a los avisos"
        verbose_name_plural = "altos a los avisos"
        constraints = [
            models.UniqueConstraint(fields=["plantel"], condition=Q(lifted_at=None), nulls_distinct=False, name="mailstop_one_in_force"),
        ]

    def __str__(self) -> str:
        return f"{self.plantel or 'Todos los planteles'} desde {self.since:%d/%m/%Y %H:%M}"


class MailPause(models.Model):
    """The mail server said that we send too much, or refused everything: nothing goes out before `until`, and then it goes on by itself."""

    since = models.DateTimeField("desde")
    until = models.DateTimeField("hasta")
    why = models.CharField("por qué", max_length=200)
    words = models.TextField("lo que dijo el servidor")
    #: The reminders (ids) that were answered so and put back.
    letters = ArrayField(models.BigIntegerField(), verbose_name="avisos que esperan", default=list)

    class Meta:
        verbose_name = "pausa del correo"
        verbose_name_plural = "pausas del correo"
        constraints = [models.CheckConstraint(condition=Q(until__gt=models.F("since")), name="mailpause_ends_after_it_begins")]
        indexes = [models.Index(fields=["-until"], name="mailpause_latest")]

    def __str__(self) -> str:
        return f"{self.why} ({self.since:%d/%m/%Y %H:%M})"

    @classmethod
    def in_force(cls, now: dt.datetime) -> MailPause | None:
        """Return the pause that ends last, if any has not ended at `now`."""
        return cls.objects.filter(until__gt=now).order_by("-until").first()


class MailText(models.Model):
    """A plantel's own words for a kind. Never changed: each edit is a new row; without `parts` the office's own words are back."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name=_ALL_PLANTELES, related_name="+")
    key = models.CharField("textos", max_length=60)
    number = models.PositiveIntegerField("edición")
    parts: models.JSONField[Any, Any] = models.JSONField("textos", null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", related_name="+")
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "textos propios"
        verbose_name_plural = "textos propios"
        constraints = [
            models.UniqueConstraint(fields=["plantel", "key", "number"], nulls_distinct=False, name="mailtext_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.key}, edición {self.number}"


class MailPace(models.Model):
    """When the next mail may go out, for all senders together, if REMINDER_PER_MINUTE limits them. One row."""

    free_at = models.DateTimeField()

    class Meta:
        verbose_name = "paso del correo"
        verbose_name_plural = "paso del correo"
        db_table = "reminders_pace"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="pace_only_one")]

    def __str__(self) -> str:
        return f"{self.free_at:%d/%m/%Y %H:%M:%S}"
