"""When and how IMSS is asked, and what its codes mean: rows that those in charge change in Ajustes or in the admin."""

from __future__ import annotations

from typing import Final

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.models.errand import Errand


class Cadence(models.Model):
    """When IMSS is asked about cases in a state: from `after_days` days after the anchor on, every `every_days` days."""

    class Anchor(models.TextChoices):
        STATE = "state", "que está en el estado"
        DUE = "due", "que vence su plazo"

    #: Stands for every state in which a case rests with another cover (states.rests), as far as its vigencia is asked about.
    RESTING = "REPOSO"

    kind = models.CharField("gestión", max_length=20, choices=Errand.Kind)
    state = models.CharField("estado", max_length=20, choices=[*State.choices, (RESTING, "Con otra cobertura")])
    anchor = models.CharField("se cuenta desde", max_length=10, choices=Anchor, default=Anchor.STATE)
    after_days = models.PositiveSmallIntegerField("a partir del día")
    every_days = models.PositiveSmallIntegerField("cada cuántos días")

    class Meta:
        verbose_name = "cadencia de consulta"
        verbose_name_plural = "cadencias de consulta"
        ordering = ["kind", "state", "after_days"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "state", "anchor", "after_days"], name="cadence_once"),
            models.CheckConstraint(condition=Q(every_days__gte=1), name="cadence_every_day_at_most"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.get_state_display()}: cada {self.every_days} días desde el día {self.after_days}"


class KnownRefusal(models.Model):
    """What a code of IMSS means for the office and what is done about it. Errands answered with another code wait for a person."""

    class Do(models.TextChoices):
        WAIT = "wait", "Volver a preguntar"
        ESCALATE = "escalate", "Llevarlo a la subdelegación"
        PARK = "park", "Que lo vea una persona"

    code = models.CharField("código", max_length=60)
    do = models.CharField("qué se hace", max_length=10, choices=Do, default=Do.PARK)
    meaning = models.CharField("qué significa y quién lo arregla", max_length=240)

    class Meta:
        verbose_name = "respuesta conocida"
        verbose_name_plural = "respuestas conocidas"
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="knownrefusal_code_once")]

    def __str__(self) -> str:
        return self.code


class BajaCause(models.Model):
    """The cause sent to IMSS with a baja. No source says which one applies to students: the office's table (docs/domain.md, 5.4)."""

    RENUNCIA: Final = "renuncia"

    reason = models.CharField("motivo escolar", max_length=12, choices=[*BajaKind.choices, (RENUNCIA, "Renuncia")])
    causa = models.CharField("causa de baja", max_length=1)

    class Meta:
        verbose_name = "causa de baja"
        verbose_name_plural = "causas de baja"
        constraints = [
            models.UniqueConstraint(fields=["reason"], name="bajacause_once"),
            models.CheckConstraint(condition=Q(causa__regex=r"^[1-9A]$"), name="bajacause_in_catalogue"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.causa}"


class ImssSettings(models.Model):
    """Whether and how IMSS is asked: request rate, retries, circuit breaker, alarm. One row, read by every worker."""

    class Way(models.TextChoices):
        SERVICE = "service", "Por su servicio: la oficina pregunta y envía por sí misma"
        BY_HAND = "by_hand", "Sin servicio: se anota lo que traen los alumnos y los papeles"

    way = models.CharField("cómo se trata con el IMSS", max_length=10, choices=Way, default=Way.SERVICE)
    paused = models.BooleanField("no preguntar nada por ahora", default=False)
    requests_per_second = models.FloatField(
        "preguntas por segundo, entre todos",
        null=True,
        blank=True,
        help_text="El límite que dio el IMSS. Vacío si no se conoce: la oficina lo encuentra por sí misma, empezando despacio.",
    )
    most_strikes = models.PositiveSmallIntegerField("intentos fallidos antes de que lo vea una persona", default=5)
    backoff_seconds = models.FloatField("primera espera tras un intento fallido (s)", default=2.0)
    backoff_most_seconds = models.FloatField("espera máxima (s)", default=900.0)
    failures_to_open = models.PositiveSmallIntegerField("fallas seguidas para dejar de llamar", default=10)
    probe_seconds = models.FloatField("cada cuánto se prueba si ya volvió (s)", default=10.0)
    answers_kept_days = models.PositiveSmallIntegerField(
        "días que se guardan las respuestas tal como llegaron", default=365, validators=[MinValueValidator(1)],
        help_text="Lo que prueba un hecho se queda en su expediente; lo que nadie ha revisado de la cuarentena, también.",
    )  # fmt: skip
    alarm_minutes = models.PositiveSmallIntegerField("minutos sin respuesta antes de escribir a coordinación", default=15)

    class Meta:
        # The table and its constraints keep the model's first name: renaming them would change nothing but dumps and backups.
        db_table = "imss_manners"
        verbose_name = "trato con el IMSS"
        verbose_name_plural = "trato con el IMSS"
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="manners_one_row"),
            models.CheckConstraint(condition=Q(way__in=["service", "by_hand"]), name="manners_way_known"),
            models.CheckConstraint(condition=Q(answers_kept_days__gte=1), name="manners_archive_kept"),
            models.CheckConstraint(
                condition=Q(most_strikes__gte=1, failures_to_open__gte=1, backoff_seconds__gt=0, probe_seconds__gt=0)
                & (Q(requests_per_second=None) | Q(requests_per_second__gte=0.5)),
                name="manners_sane",
            ),
        ]

    def __str__(self) -> str:
        return "Trato con el IMSS"
