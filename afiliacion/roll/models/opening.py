"""Opening covers: what a school declares, by a list, of students who were insured before it began with us."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case
from afiliacion.cases.states import Proof
from students.models import Plantel


class OpeningState(models.TextChoices):
    CHECKED = "checked", "Revisada: falta confirmar"
    DONE = "done", "Declarada"
    CANCELLED = "cancelled", "No se declaró"
    UNDONE = "undone", "Deshecha"


class OpeningVerdict(models.TextChoices):
    """What the check found of a row; only READY ones are declared."""

    READY = "ready", "Reconocidos"
    UNKNOWN = "unknown", "No están en el registro"
    NO_NSS = "no_nss", "Falta el NSS"
    OTHER_NSS = "other_nss", "Otro NSS que el nuestro"
    OTHER_REGISTRO = "registro", "Registro de otro plantel"
    COVERED = "covered", "Ya asegurados"
    SHARED = "shared", "También de otro plantel"
    DOUBTFUL = "doubtful", "Por revisar"


class Opening(models.Model):
    """One list of opening covers, checked when it is brought. Its rows go when they have served (retention.py)."""

    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel", related_name="openings", db_index=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién la trajo", related_name="+")
    owner_name = models.CharField("quién la trajo", max_length=160)
    #: Ids of the planteles that the person who brought (then: confirmed) it answers for; null: all of them.
    own = models.JSONField(default=list, null=True)
    filename = models.CharField("archivo", max_length=160)
    sha256 = models.CharField(max_length=64)
    #: For rows that do not say it.
    since = models.DateField("asegurados desde, quienes no lo digan", null=True)
    proof = models.CharField("cómo consta, de quienes no lo digan", max_length=10, choices=Proof)
    state = models.CharField("estado", max_length=10, choices=OpeningState, default=OpeningState.CHECKED)
    origin = models.CharField("cómo se leyó", max_length=240, blank=True)
    counts = models.JSONField(default=dict)
    brought_at = models.DateTimeField("subida")
    #: Also the moment its events carry: with it and the name they are found again.
    confirmed_at = models.DateTimeField("confirmada", null=True)
    confirmed_name = models.CharField("confirmada por", max_length=160, blank=True)
    undone_at = models.DateTimeField("deshecha", null=True)
    undone_name = models.CharField("deshecha por", max_length=160, blank=True)
    forgotten_at = models.DateTimeField("filas borradas", null=True)

    class Meta:
        verbose_name = "lista de seguros que ya existen"
        verbose_name_plural = "listas de seguros que ya existen"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["plantel", "sha256"], condition=Q(state=OpeningState.CHECKED), name="opening_once_while_open"),
            models.CheckConstraint(condition=Q(state__in=OpeningState.values), name="opening_state_known"),
        ]
        indexes = [models.Index(fields=["plantel", "-brought_at"], name="opening_latest")]

    def __str__(self) -> str:
        return f"{self.filename} ({self.brought_at:%d/%m/%Y %H:%M})"


class OpeningRow(models.Model):
    """A row of the list: whom it names, what it says, what the check found, and whether it was declared."""

    pk = models.CompositePrimaryKey("job_id", "line")
    job = models.ForeignKey(Opening, models.CASCADE, related_name="rows", db_index=False)
    line = models.PositiveIntegerField("fila")
    verdict = models.CharField("qué se encontró", max_length=10, choices=OpeningVerdict)
    reason = models.TextField(blank=True)
    matricula = models.TextField(blank=True)
    curp = models.TextField(blank=True)
    nss = models.TextField(blank=True)
    registro = models.CharField(max_length=16, blank=True)
    since = models.DateField(null=True)
    proof = models.CharField(max_length=10, choices=Proof, blank=True)
    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="+")
    #: The person had no NSS: the list's goes into the registry.
    brings_nss = models.BooleanField(default=False)
    #: Chosen at random to be verified first.
    sampled = models.BooleanField(default=False)
    declared = models.BooleanField(default=False)

    class Meta:
        verbose_name = "fila de seguros que ya existen"
        verbose_name_plural = "filas de seguros que ya existen"

    def __str__(self) -> str:
        return f"fila {self.line}"
