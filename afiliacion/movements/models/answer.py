"""What came back from IMSS about lotes: the documents as they came, their rows, and how an officer said their columns are to be read."""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from afiliacion.lotes.answers.values import Result
from afiliacion.movements.models.lote import Lote, Movement


class AnswerDocument(models.Model):
    """A file of IMSS as it came, or what an officer noted from a paper; what it was applied to is in its rows, so that it can be undone."""

    class Kind(models.TextChoices):
        UNKNOWN = "", "Documento que no se entendió"
        ACUSE = "acuse", "Acuse de recibo"
        CONSTANCIA = "constancia", "Constancia de presentación"
        DETAIL = "detalle", "Respuesta por renglones"
        NOTED = "anotado", "Acuse de recibo, anotado por una persona"

    class Status(models.TextChoices):
        #: Its columns are not known yet.
        COLUMNS = "columnas", "Falta decir qué es cada columna"
        PENDING = "por_aplicar", "Por aplicar"
        APPLIED = "aplicado", "Aplicado"
        UNDONE = "deshecho", "Deshecho"
        DISCARDED = "descartado", "Descartado"
        REFUSED = "no_sirve", "No se aplicó nada"

    #: The same file is not brought a second time while it is one of these.
    STANDING: Final = (Status.COLUMNS, Status.PENDING, Status.APPLIED)

    kind = models.CharField("qué es", max_length=10, choices=Kind, blank=True)
    status = models.CharField("situación", max_length=12, choices=Status)
    #: The lote it was dropped on; null if on the room.
    lote = models.ForeignKey(Lote, models.PROTECT, null=True, related_name="answers")
    #: Ids of the planteles whose students it is about; of one that was not understood, those of the person who brought it, null: all.
    planteles = models.JSONField(default=list, null=True)
    filename = models.CharField("archivo", max_length=160)
    body = models.BinaryField()
    sha256 = models.CharField("huella", max_length=64)
    number = models.CharField("número de lote", max_length=40, blank=True)
    folio = models.CharField("folio", max_length=40, blank=True)
    #: The day IMSS received the lote, or answered.
    on = models.DateField("fecha", null=True)
    headers = models.JSONField("encabezados", default=list)
    #: Why nothing of it was applied; or what was put right in reading it (an NSS that had lost its zero).
    reason = models.TextField("motivo", blank=True)
    brought_at = models.DateTimeField("traído")
    brought_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    brought_name = models.CharField("quién lo trajo", max_length=160)
    applied_at = models.DateTimeField("aplicado", null=True)
    applied_name = models.CharField("quién lo aplicó", max_length=160, blank=True)
    undone_at = models.DateTimeField("deshecho", null=True)
    undone_name = models.CharField("quién lo deshizo", max_length=160, blank=True)
    #: Of one that was applied: how many movements of each finding.
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = "documento del IMSS"
        verbose_name_plural = "documentos del IMSS"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"], condition=Q(status__in=["columnas", "por_aplicar", "aplicado"]), name="answerdocument_standing_once"
            ),
            models.CheckConstraint(condition=Q(applied_at=None) ^ Q(status__in=["aplicado", "deshecho"]), name="answerdocument_applied"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}".strip()


class AnswerRow(models.Model):
    """What a document says of one movement, and what that means for it."""

    class Finding(models.TextChoices):
        RECEIVED = "recibido", "El IMSS lo recibió"
        REFUSED = "de_entrada", "Rechazado de entrada"
        OPERATED = "operado", "Operado"
        REJECTED = "rechazado", "Rechazado"
        KNOWN = "sabido", "Ya se sabía"
        CONTRADICTS = "contradice", "Contradice lo que ya se sabe: no se aplica"
        SILENT = "calla", "No dice qué pasó"
        STRANGE = "ajeno", "No está en ningún lote de la oficina"

    #: What changes something.
    APPLIED: Final = (Finding.RECEIVED, Finding.REFUSED, Finding.OPERATED, Finding.REJECTED)

    document = models.ForeignKey(AnswerDocument, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField("renglón")
    #: As it was read (afiliacion/lotes/answers/values.Result).
    said = models.JSONField(encoder=DjangoJSONEncoder)
    movement = models.ForeignKey(Movement, models.PROTECT, null=True, related_name="answer_rows")
    finding = models.CharField("qué significa", max_length=12, choices=Finding)
    #: The movement as it was before, once the document is applied.
    before = models.JSONField(null=True, encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = "renglón de un documento del IMSS"
        verbose_name_plural = "renglones de documentos del IMSS"
        ordering = ["document", "position"]
        constraints = [models.UniqueConstraint(fields=["document", "position"], name="answerrow_once")]

    def __str__(self) -> str:
        return self.get_finding_display()

    @property
    def told(self) -> dict[str, Any]:
        """What was read, by the fields of Result; "" for what the document does not say."""
        return {**dict.fromkeys(Result._fields, ""), **self.said}


class AnswerColumns(models.Model):
    """How an officer said that the columns of answers with certain headings are to be read."""

    #: The headings as `file_reader.words.key` has them, joined by blanks.
    headings = models.TextField("encabezados")
    #: Position by the name of a column (lotes/answers/columns.COLUMNS).
    places = models.JSONField(default=dict)
    said_at = models.DateTimeField("dicho")
    said_name = models.CharField("quién lo dijo", max_length=160)

    class Meta:
        verbose_name = "columnas de una respuesta"
        verbose_name_plural = "columnas de respuestas"
        constraints = [models.UniqueConstraint(fields=["headings"], name="answercolumns_once")]

    def __str__(self) -> str:
        return self.headings[:80]
