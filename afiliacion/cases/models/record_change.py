"""The record of what is changed about a person outside their case: contact, tutor, link, address."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models.event import Event
from students.models import Student


class RecordChange(models.Model):
    """One change of a student's data that is no step of a case. Append-only (trigger); values are masked, never whole."""

    class What(models.TextChoices):
        CONTACT = "contact", "Correo o teléfono"
        TUTOR = "tutor", "Madre, padre o tutor"
        LINK = "link", "Liga de su página"
        ADDRESS = "address", "Dirección que vuelve a servir"
        IDENTITY = "identity", "Datos de la persona"

    # Without a constraint: what was recorded stays when a list that brought the student is undone.
    student = models.ForeignKey(
        Student, models.DO_NOTHING, verbose_name="alumno", related_name="record_changes", db_index=False, db_constraint=False
    )
    what = models.CharField("qué", max_length=10, choices=What)
    detail = models.CharField("detalle", max_length=400, blank=True)
    at = models.DateTimeField("cuándo")
    actor_kind = models.CharField(max_length=10, choices=Event.ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False, related_name="+")
    actor_name = models.CharField("quién", max_length=400)

    class Meta:
        verbose_name = "cambio de datos"
        verbose_name_plural = "cambios de datos"
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["contact", "tutor", "link", "address", "identity"]), name="recordchange_what_known"
            )
        ]
        indexes = [models.Index(fields=["student", "-at"], name="recordchange_of_student")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.at:%d/%m/%Y %H:%M})"
