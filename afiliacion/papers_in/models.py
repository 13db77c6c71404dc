"""Documents that were brought, what was read in them, what became of each; the bundles they came in; each plantel's rule."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case, Evidence
from students.models import Plantel


class Door(models.TextChoices):
    """By which way a document came in."""

    STUDENT = "student", "Página del alumno"
    OFFICE = "office", "Oficina"
    COUNTER = "counter", "Ventanilla"
    MAIL = "mail", "Correo"


class PaperRules(models.Model):
    """What a plantel lets happen with documents by itself; without a row, nothing."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, verbose_name="plantel", db_index=False)
    clear_acts = models.BooleanField("las hojas claras se anotan solas", default=False)

    class Meta:
        verbose_name = "hojas de un plantel"
        verbose_name_plural = "hojas de los planteles"
        constraints = [models.UniqueConstraint(fields=["plantel"], name="paperrules_once_a_plantel")]

    def __str__(self) -> str:
        return f"Hojas de {self.plantel}"


class Bundle(models.Model):
    """Files that an officer brought together: some, or a ZIP, which is kept in parts until it is unpacked."""

    class Status(models.TextChoices):
        WAITING = "waiting", "En espera"
        UNPACKING = "unpacking", "Abriéndose"
        UNPACKED = "unpacked", "Abierto"
        FAILED = "failed", "No se pudo abrir"

    name = models.CharField("archivo", max_length=160)
    sha256 = models.CharField(max_length=64)
    door = models.CharField("por dónde llegó", max_length=10, choices=Door)
    on = models.DateField("día en que llegó")
    #: The planteles (ids) among whose students it may be; None: all.
    planteles = ArrayField(models.BigIntegerField(), null=True)
    brought_at = models.DateTimeField("llegó")
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién")
    brought_name = models.CharField("por", max_length=320)
    status = models.CharField("situación", max_length=10, choices=Status, default=Status.WAITING)
    #: Grows with every claim: a worker that lost the bundle cannot write to it any more.
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    error = models.CharField("qué pasó", max_length=500, blank=True)
    finished_at = models.DateTimeField("terminó", null=True)

    UNFINISHED: Final = (Status.WAITING, Status.UNPACKING)

    class Meta:
        verbose_name = "archivos traídos juntos"
        verbose_name_plural = "archivos traídos juntos"
        indexes = [
            models.Index(fields=["-brought_at"], name="bundle_latest"),
            models.Index(fields=["id"], name="bundle_unfinished", condition=Q(status__in=["waiting", "unpacking"])),
        ]

    def __str__(self) -> str:
        return self.name


class BundlePart(models.Model):
    """A part of the bytes of a ZIP, until it is unpacked."""

    pk = models.CompositePrimaryKey("bundle_id", "number")
    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.bundle_id}/{self.number}"


class BroughtPaper(models.Model):
    """A document that was brought, once a file, plantel and case: its bytes are an Evidence, by hash.

    `reading`, `reasons` and `said` are of the person and erased with their texts (erasure.py); so are file name and bytes.
    """

    class Status(models.TextChoices):
        UNREAD = "unread", "Por leer"
        WAITING = "waiting", "Por revisar"
        APPLIED = "applied", "Anotada"
        REFUSED = "refused", "Rechazada"
        SET_ASIDE = "aside", "Apartada"

    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, verbose_name="archivo", related_name="brought", db_index=False)
    filename = models.CharField("nombre del archivo", max_length=160, blank=True)
    door = models.CharField("por dónde llegó", max_length=10, choices=Door)
    on = models.DateField("día en que llegó")
    brought_at = models.DateTimeField("llegó")
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién", related_name="+")
    brought_name = models.CharField("por", max_length=320)
    #: The planteles (ids) among whose students it may be; None: all.
    planteles = ArrayField(models.BigIntegerField(), null=True)
    #: Of the case; without one, that of who brought it, if they have a single one.
    plantel = models.ForeignKey(Plantel, models.PROTECT, null=True, verbose_name="plantel", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="brought")

    status = models.CharField("situación", max_length=10, choices=Status, default=Status.UNREAD)
    #: Grows with every change of status: a decision names the version it was made upon.
    version = models.PositiveIntegerField(default=0)
    kind = models.CharField("clase", max_length=24, blank=True)
    reading = models.JSONField(null=True)
    proposal = models.CharField("propuesta", max_length=20, blank=True)
    certainty = models.CharField("certeza", max_length=10, blank=True)
    #: [code, Spanish sentence], the gravest first.
    reasons = models.JSONField("motivos", default=list)

    decided_at = models.DateTimeField("decidida", null=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    decided_name = models.CharField("la decidió", max_length=320, blank=True)
    reason = models.CharField("motivo", max_length=500, blank=True)
    #: What was noted: the proposal that was accepted, its values, and what undoing needs to know.
    said = models.JSONField(default=dict)
    #: The other document of the same person that made this one needless.
    instead = models.ForeignKey("self", models.SET_NULL, null=True, related_name="instead_of", db_index=False)

    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "hoja"
        verbose_name_plural = "hojas"
        constraints = [
            models.UniqueConstraint(
                fields=["evidence", "plantel", "case"], condition=Q(evidence__isnull=False), nulls_distinct=False, name="brought_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["unread", "waiting", "applied", "refused", "aside"]), name="brought_status_known"
            ),
            models.CheckConstraint(condition=Q(door__in=["student", "office", "counter", "mail"]), name="brought_door_known"),
            models.CheckConstraint(condition=~Q(status="applied") | Q(case__isnull=False), name="brought_applied_to_a_case"),
            models.CheckConstraint(condition=Q(case=None) | Q(plantel__isnull=False), name="brought_case_has_plantel"),
        ]
        indexes = [
            models.Index(fields=["id"], name="brought_waiting", condition=Q(status="waiting")),
            models.Index(fields=["plantel", "id"], name="brought_waiting_of_plantel", condition=Q(status="waiting")),
            models.Index(fields=["id"], name="brought_unread", condition=Q(status="unread")),
        ]

    def __str__(self) -> str:
        return f"H-{self.pk:07d}"


class BundleFile(models.Model):
    """What became of one file of a bundle: the document it is, or why it is none."""

    bundle = models.ForeignKey(Bundle, models.CASCADE, related_name="files", db_index=False)
    position = models.PositiveIntegerField()
    filename = models.CharField("nombre del archivo", max_length=160, blank=True)
    paper = models.ForeignKey(BroughtPaper, models.CASCADE, null=True, verbose_name="hoja", related_name="files")
    #: The paper had been brought before.
    again = models.BooleanField("ya estaba", default=False)
    problem = models.CharField("qué pasó", max_length=300, blank=True)

    class Meta:
        verbose_name = "archivo traído"
        verbose_name_plural = "archivos traídos"
        constraints = [models.UniqueConstraint(fields=["bundle", "position"], name="bundlefile_once")]

    def __str__(self) -> str:
        return self.filename


class MailMessage(models.Model):
    """A message with documents, taken in and answered once. `case`: of the one student who has the sender's address on record."""

    key = models.CharField(max_length=64)
    sender = models.CharField("remitente", max_length=254, blank=True)
    at = models.DateTimeField("llegó")
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="+")
    too_large = models.BooleanField("pesaba demasiado", default=False)
    papers = models.ManyToManyField(BroughtPaper, related_name="messages", verbose_name="hojas")
    answered_at = models.DateTimeField("respondido", null=True)

    class Meta:
        verbose_name = "correo con hojas"
        verbose_name_plural = "correos con hojas"
        constraints = [models.UniqueConstraint(fields=["key"], name="mailmessage_once")]
        indexes = [
            models.Index(fields=["id"], name="mailmessage_unanswered", condition=Q(answered_at=None)),
            models.Index(fields=["sender", "-at"], name="mailmessage_of_sender"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}"


class PaperDecision(models.Model):
    """One thing that was decided about a document, or taken back. Only added to; what a person said in it is erased with the paper's."""

    paper = models.ForeignKey(BroughtPaper, models.CASCADE, related_name="decisions", db_index=False)
    version = models.PositiveIntegerField()
    to_status = models.CharField("queda", max_length=10, choices=BroughtPaper.Status)
    at = models.DateTimeField("cuándo")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    by_name = models.CharField("quién", max_length=320)
    reason = models.CharField("motivo", max_length=500, blank=True)

    class Meta:
        verbose_name = "decisión sobre una hoja"
        verbose_name_plural = "decisiones sobre hojas"
        constraints = [models.UniqueConstraint(fields=["paper", "version"], name="paperdecision_once_a_version")]

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.get_to_status_display()}"
