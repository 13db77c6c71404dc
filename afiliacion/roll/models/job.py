"""An import is a job with a life: what was brought, and how far it has been applied.

`Import` is the job. `Chunk` says which of its rows are in the registry: exactly those of an applied chunk.
"""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from students.models import Ciclo, Plantel


class File(models.Model):
    """The bytes of a list, by hash, in parts: any machine of the office can read them, and none needs them whole in memory."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.PositiveBigIntegerField("bytes")

    class Meta:
        verbose_name = "archivo de lista"
        verbose_name_plural = "archivos de lista"

    def __str__(self) -> str:
        return self.sha256[:12]


class Part(models.Model):
    file = models.ForeignKey(File, models.CASCADE, related_name="parts", db_index=False)
    number = models.PositiveIntegerField()
    body = models.BinaryField()

    class Meta:
        verbose_name = "parte de archivo"
        verbose_name_plural = "partes de archivo"
        constraints = [models.UniqueConstraint(fields=["file", "number"], name="part_once")]

    def __str__(self) -> str:
        return f"{self.file_id[:12]} {self.number}"


class ImportState(models.TextChoices):
    """Where an import is in its life (docs/roll.md has the drawing)."""

    UPLOADED = "uploaded", "Recibida"
    CHECKING = "checking", "Revisándose"
    CHECKED = "checked", "Revisada: falta confirmar"
    CONFIRMED = "confirmed", "Confirmada: espera su turno"
    RUNNING = "running", "Cargándose"
    DONE = "done", "Cargada"
    DONE_WITH_ERRORS = "done_with_errors", "Cargada, con filas sin cargar"
    #: The file is no list that can be read: what would help is another file. FAILED: it is not the file's fault, and can be tried again.
    REFUSED = "refused", "Rechazada"
    FAILED = "failed", "Detenida por una falla"
    CANCELLED = "cancelled", "Cancelada"
    UNDOING = "undoing", "Deshaciéndose"
    UNDONE = "undone", "Deshecha"


#: Not over: the same file is not taken twice for the same plantel and ciclo while one of these is about it.
OPEN: Final = (
    ImportState.UPLOADED,
    ImportState.CHECKING,
    ImportState.CHECKED,
    ImportState.CONFIRMED,
    ImportState.RUNNING,
    ImportState.UNDOING,
)
#: Wait for a worker.
AT_WORK: Final = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CONFIRMED, ImportState.RUNNING, ImportState.UNDOING)
#: Write the registry: one at a time for a plantel and ciclo.
WRITING: Final = (ImportState.RUNNING, ImportState.UNDOING)


class Import(models.Model):
    """One list brought once. The row is the job: a worker that dies leaves it as its last commit says (docs/adr/0012)."""

    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel", related_name="imports", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, verbose_name="ciclo", related_name="imports", db_index=False)
    enrolled_on = models.DateField("fecha de inscripción para quien no la traiga", null=True, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién la trajo", related_name="+")
    owner_name = models.CharField("quién la trajo", max_length=160)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién la confirmó", related_name="+"
    )
    confirmed_name = models.CharField("confirmada por", max_length=160, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="deshecha por", related_name="+")
    undone_name = models.CharField("deshecha por", max_length=160, blank=True)
    #: Ids of the planteles that the person who brought (then: confirmed) it answers for; null: all of them.
    own = models.JSONField(default=list, null=True)
    filename = models.CharField("archivo", max_length=160)
    # Kept when the file itself has been deleted, so that the history can still say which file it was.
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("bytes", default=0)

    state = models.CharField("estado", max_length=20, choices=ImportState, default=ImportState.UPLOADED)
    uploaded_at = models.DateTimeField("subida")
    checked_at = models.DateTimeField("revisada", null=True)
    confirmed_at = models.DateTimeField("confirmada", null=True)
    finished_at = models.DateTimeField("terminada", null=True)
    forgotten_at = models.DateTimeField("filas borradas", null=True)
    #: Work done and to do in the present state, in rows; `total` is 0 until it is known. `beat_at`: when it last moved.
    progress = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField("último avance", null=True)
    #: Starts since something was last committed: what kills its worker again and again is stopped (work.ATTEMPTS).
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.TextField("por qué se rechazó o falló", blank=True)

    #: How the file was read: encoding and delimiter, or sheet; its headings and which column each one is.
    origin = models.CharField("cómo se leyó", max_length=240, blank=True)
    header_line = models.PositiveIntegerField(default=0)
    headers = models.JSONField(default=list)
    #: Column name -> position in `headers`. Given before the check, it is obeyed.
    mapping = models.JSONField(null=True)
    #: The first rows' cells, to recognise a column by; gone with the rows.
    examples = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    #: What an officer is asked before it is loaded (check/remarks.py), and what they said: {"dates": {column: reading}, "hidden": "take" or
    #: "leave", "enrolled": "move" or "keep"}. The words of the plantel are remembered apart (SchoolWord).
    questions = models.JSONField(default=list)
    answers = models.JSONField(default=dict)
    #: findings.Counts and findings.Done as dictionaries.
    counts = models.JSONField(default=dict)
    done = models.JSONField(default=dict)

    class Meta:
        verbose_name = "carga de lista"
        verbose_name_plural = "cargas de listas"
        ordering = ["-uploaded_at"]
        constraints = [
            models.UniqueConstraint(fields=["plantel", "ciclo", "sha256"], condition=Q(state__in=OPEN), name="import_once_while_open"),
            models.UniqueConstraint(fields=["plantel", "ciclo"], condition=Q(state__in=WRITING), name="import_one_writes_at_a_time"),
            models.CheckConstraint(condition=Q(state__in=ImportState.values), name="import_state_known"),
        ]
        indexes = [
            models.Index(fields=["plantel", "-uploaded_at"], name="import_latest"),
            models.Index(fields=["uploaded_at"], condition=Q(state__in=AT_WORK), name="import_at_work"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} ({self.uploaded_at:%d/%m/%Y %H:%M})"

    @property
    def unanswered(self) -> int:
        """Questions of its check that the officer has not answered."""
        return sum(not question["answer"] for question in self.questions)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def being_read(self) -> bool:
        """Until the file has been read to its end the number of rows is not known: `total` is what was read so far."""
        return self.state == ImportState.CHECKING and not self.progress

    @property
    def undo_begun(self) -> bool:
        """A person asked for it to be taken back."""
        return bool(self.undone_name or self.undone_by_id)


class Headings(models.Model):
    """Which column each heading is, as an officer said for lists of this plantel with these headings: the next one is read so."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, related_name="+", db_index=False)
    #: columns.shape of the headings.
    shape = models.CharField(max_length=64)
    mapping = models.JSONField()
    said_by = models.CharField(max_length=160)
    said_at = models.DateTimeField()

    class Meta:
        verbose_name = "encabezados de un plantel"
        verbose_name_plural = "encabezados de los planteles"
        constraints = [models.UniqueConstraint(fields=["plantel", "shape"], name="headings_once")]

    def __str__(self) -> str:
        return f"{self.plantel}: {', '.join(self.mapping)}"


class Chunk(models.Model):
    """Rows applied together: what they did and this row's `applied_at` are one transaction, so a kill leaves all of it or nothing."""

    job = models.ForeignKey(Import, models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    first_line = models.PositiveIntegerField()
    last_line = models.PositiveIntegerField()
    rows = models.PositiveIntegerField("filas por cargar")
    #: Also the moment its events carry: with it they are found again.
    applied_at = models.DateTimeField("aplicado", null=True)
    undone_at = models.DateTimeField("deshecho", null=True)
    done = models.JSONField(default=dict)

    class Meta:
        verbose_name = "tramo de lista"
        verbose_name_plural = "tramos de lista"
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="chunk_once")]

    def __str__(self) -> str:
        return f"filas {self.first_line} a {self.last_line}"
