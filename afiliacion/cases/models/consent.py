"""What a plantel asks of the others that share a person with it, and what they answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models.case import Case
from students.models import Ciclo, Plantel, Student


class ConsentRequest(models.Model):
    """One thing a plantel may not do by itself, because the person belongs to another plantel as well.

    Its row is the record of who asked for what, and of who decided it and when. `payload` holds only what the file or the form itself
    said, never anything the office knew of the person.
    """

    class Kind(models.TextChoices):
        ENROL = "enrol", "Inscribir en el plantel"
        OBTAIN_NSS = "obtain_nss", "Registrar su NSS"
        CORRECT_NSS = "correct_nss", "Corregir su NSS"
        DISOWN_NSS = "disown_nss", "Quitarle un NSS que no es suyo"
        CONTACT = "contact", "Cambiar sus datos personales"
        TUTOR = "tutor", "Cambiar los datos de su madre, padre o tutor"
        MERGE = "merge", "Unir dos registros de la misma persona"

    class Status(models.TextChoices):
        PENDING = "pending", "En verificación"
        ACCEPTED = "accepted", "Aceptada"
        REFUSED = "refused", "No se aceptó"
        WITHDRAWN = "withdrawn", "Retirada"

    kind = models.CharField("qué se pide", max_length=12, choices=Kind)
    #: The person whose other planteles decide: of a number that is held already, its holder.
    student = models.ForeignKey(Student, models.SET_NULL, null=True, verbose_name="alumno", related_name="+")
    #: The asking plantel's own case, where there is one.
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="+", db_index=False)
    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel que lo pide", related_name="+", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, null=True, verbose_name="ciclo", related_name="+", db_index=False)
    #: Ids of the planteles the person who asked answers for: the others decide.
    own = models.JSONField(default=list)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién lo pidió", related_name="+")
    user_name = models.CharField("quién lo pidió", max_length=160)
    at = models.DateTimeField("cuándo se pidió")
    #: The CURP as the list has it, of a row of a list.
    curp = models.CharField("CURP", max_length=18, blank=True)
    payload = models.JSONField(default=dict)
    #: SHA-256 of what is asked, so that the same is not asked twice.
    digest = models.CharField(max_length=64)
    #: Id of the list (roll.Import) that asked, and the line of its row.
    list_id = models.BigIntegerField("lista", null=True)
    line = models.PositiveIntegerField("fila", null=True)

    status = models.CharField("estado", max_length=10, choices=Status, default=Status.PENDING)
    #: After this day it is for coordination to decide (ClockRule CONSENT).
    due_on = models.DateField("la decide la coordinación después del")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién la decidió", related_name="+")
    decided_name = models.CharField("quién la decidió", max_length=160, blank=True)
    decided_at = models.DateTimeField("cuándo se decidió", null=True)
    reason = models.TextField("motivo", blank=True)

    class Meta:
        verbose_name = "solicitud"
        verbose_name_plural = "solicitudes"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["plantel", "digest"], condition=Q(status="pending"), name="consentrequest_once_while_pending"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "accepted", "refused", "withdrawn"]), name="consentrequest_status_known"
            ),
            models.CheckConstraint(condition=Q(status="pending") | Q(decided_at__isnull=False), name="consentrequest_decided_when"),
        ]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(status="pending"), name="consentrequest_pending"),
            models.Index(fields=["plantel", "-id"], name="consentrequest_of_plantel"),
            models.Index(fields=["plantel", "curp"], condition=~Q(curp=""), name="consentrequest_of_row"),
            models.Index(fields=["list_id"], condition=Q(list_id__isnull=False), name="consentrequest_of_list"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.plantel_id} ({self.get_status_display()})"

    @property
    def answer(self) -> str:
        """Where it stands, as the plantel that asked reads it: who agreed is named, who refused is not."""
        match self.status:
            case self.Status.ACCEPTED:
                return f"Aceptada por {self.decided_name}"
            case self.Status.REFUSED:
                return f"No se aceptó: {self.reason}"
        return str(self.get_status_display())

    @property
    def is_pending(self) -> bool:
        return self.status == self.Status.PENDING
