"""Letterheads and texts a school may change, the register of what was issued, and the ledger of printing jobs."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from afiliacion.cases.models import Case
from afiliacion.documents import texts
from students.models import Ciclo, Plantel


class DocumentKind(models.TextChoices):
    """Everything we print. The value is in addresses, in the register and in the names of the files of texts."""

    ACUSE = "acuse", "Acuse de recibo"
    RENUNCIA = "renuncia", "Carta de renuncia"
    MANIFESTACION = "manifestacion", "Manifestación de no contar con otra seguridad social"
    INSTRUCCIONES = "instrucciones", "Instrucciones para el alumno"
    EXPEDIENTE = "expediente", "Expediente completo"
    OFICIO = "oficio", "Oficio a la subdelegación"
    LISTA = "lista", "Lista de grupo"
    INFORME = "informe", "Informe del ciclo"


class Letterhead(models.Model):
    """The letterhead and signatory of a plantel; the row without plantel holds for those that have none of their own."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: los demás)")
    institution = models.CharField("institución", max_length=200, blank=True)
    dependency = models.CharField("dependencia o área", max_length=200, blank=True)
    place = models.CharField(
        "lugar de expedición", max_length=120, blank=True, help_text="Por ejemplo: Iguala de la Independencia, Guerrero"
    )
    signatory = models.CharField("firma los oficios", max_length=160, blank=True, help_text="Vacío: el responsable del plantel")
    signatory_post = models.CharField("cargo de quien firma", max_length=160, blank=True)
    addressee = models.CharField("a quién se dirige el oficio", max_length=160, blank=True)
    addressee_post = models.CharField("cargo de a quien se dirige", max_length=160, blank=True)
    copies = models.TextField("con copia para (una por renglón)", blank=True)

    class Meta:
        verbose_name = "membrete y firmas"
        verbose_name_plural = "membretes y firmas"
        constraints = [models.UniqueConstraint(fields=["plantel"], nulls_distinct=False, name="letterhead_once_a_plantel")]

    def __str__(self) -> str:
        return f"Membrete de {self.plantel or 'los demás planteles'}"


class PaperText(models.Model):
    """A school's own words for one part of one kind of paper, instead of those of templates/papers."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: todos)")
    kind = models.CharField("documento", max_length=20, choices=DocumentKind)
    part = models.CharField("parte", max_length=40)
    text = models.TextField("texto", help_text="Un párrafo o punto por renglón. $nombre, $curp y demás se llenan con los datos del alumno.")

    class Meta:
        verbose_name = "texto de un documento"
        verbose_name_plural = "textos de los documentos"
        constraints = [models.UniqueConstraint(fields=["plantel", "kind", "part"], nulls_distinct=False, name="papertext_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.part}"

    def clean(self) -> None:
        """Refuse a part that is printed nowhere, and unknown placeholders.

        Raises:
            ValidationError: the text cannot stand for that part.
        """
        if why := texts.objection(self.kind, self.part, self.text):
            raise ValidationError(why)


class Issued(models.Model):
    """A paper that left the office: what it was, when, and the hash of its content. Append-only (trigger); no personal data."""

    kind = models.CharField("documento", max_length=20, choices=DocumentKind)
    plantel = models.ForeignKey(Plantel, models.PROTECT, null=True, verbose_name="plantel", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="issued")
    digest = models.CharField("huella de lo impreso", max_length=64)
    check_part = models.CharField("parte de control", max_length=12)
    issued_at = models.DateTimeField("expedido")
    issued_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién", db_index=False)
    issued_name = models.CharField("por", max_length=320)

    class Meta:
        verbose_name = "documento expedido"
        verbose_name_plural = "documentos expedidos"
        constraints = [
            models.UniqueConstraint(fields=["digest"], name="issued_paper_once"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="issued_kind_known"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def folio(self) -> str:
        """How the paper is named: its number in the register and the part that only this office can compute."""
        check = self.check_part
        return f"D-{self.pk:07d}-{check[:4]}-{check[4:8]}-{check[8:]}"

    @property
    def fingerprint(self) -> str:
        """The beginning of the hash, short enough to compare by eye."""
        return f"{self.digest[:4]} {self.digest[4:8]}".upper()


class PrintJob(models.Model):
    """Many papers ordered at once. The row is the job (print_jobs.py)."""

    class Status(models.TextChoices):
        WAITING = "waiting", "En espera"
        RUNNING = "running", "Imprimiendo"
        DONE = "done", "Lista"
        FAILED = "failed", "Con error"
        CANCELLED = "cancelled", "Cancelada"

    UNFINISHED: Final = (Status.WAITING, Status.RUNNING)

    kind = models.CharField("documento", max_length=20, choices=DocumentKind)
    what = models.CharField("de quiénes", max_length=240)
    #: All the planteles whose people are on these papers: only those who may see all of them see the job.
    planteles = ArrayField(models.BigIntegerField(), verbose_name="planteles")
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, null=True, verbose_name="ciclo", db_index=False)
    #: The cases in the order they are printed in.
    case_ids = ArrayField(models.BigIntegerField(), verbose_name="expedientes", default=list)
    number = models.CharField("número de oficio", max_length=60, blank=True)
    on = models.DateField("fecha de los documentos")

    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién")
    asked_name = models.CharField("pedida por", max_length=320)
    asked_at = models.DateTimeField("pedida")

    status = models.CharField("situación", max_length=10, choices=Status, default=Status.WAITING)
    #: Grows with every claim: a worker that lost the job cannot write to it any more.
    attempts = models.PositiveSmallIntegerField("intentos", default=0)
    lease_until = models.DateTimeField("apartada hasta", null=True)
    #: Times in a row that a worker died without completing a file.
    strikes = models.PositiveSmallIntegerField("interrupciones", default=0)
    total = models.PositiveIntegerField("por imprimir")
    done = models.PositiveIntegerField("impresos", default=0)
    pages = models.PositiveIntegerField("hojas", default=0)
    #: The finished files, in order: {"name", "papers", "cases"}.
    parts = models.JSONField("partes", default=list)
    #: What could not be printed: [case id, reason in Spanish].
    skipped = models.JSONField("sin imprimir", default=list)
    error = models.CharField("qué pasó", max_length=500, blank=True)
    finished_at = models.DateTimeField("terminada", null=True)
    #: The name of the file to hand out; empty before it is made and after it is deleted.
    file = models.CharField("archivo", max_length=120, blank=True)

    class Meta:
        verbose_name = "impresión"
        verbose_name_plural = "impresiones"
        constraints = [models.CheckConstraint(condition=Q(done__lte=F("total")), name="printjob_no_more_than_asked")]
        indexes = [
            models.Index(fields=["-asked_at"], name="printjob_latest"),
            models.Index(fields=["asked_at"], name="printjob_unfinished", condition=Q(status__in=["waiting", "running"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.what}"

    @property
    def finished(self) -> bool:
        return self.status not in self.UNFINISHED
