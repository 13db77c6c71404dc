"""The case (expediente), its append-only history, and what proves it, kept by hash."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Q, Value, When
from django.db.models.functions import Coalesce

from afiliacion.cases.facts import ACUSE_PAPER, FACT_NAMES, Facts
from afiliacion.cases.models.rules import ClockRule
from afiliacion.cases.states import BEFORE_THE_SHEET, OPEN_STATES, Coverage, Milestone, PaperStatus, State, Turn, Verb
from afiliacion.cases.turn import Whose, whose
from students.models import Ciclo, Enrolment, Plantel, Student

#: Each fact and the attribute of Case that keeps it.
FACT_COLUMNS: Final = {name: "rule_id" if name == "rule" else name for name in FACT_NAMES}
#: What a step writes to a case, besides its version and head of chain.
COLUMNS: Final = ("turn", "due_on", *FACT_COLUMNS.values())
#: A sheet IMSS gave came in, nobody has looked at it, and the acuse does not count as delivered yet.
SHEET_TO_REVIEW: Final = Q(
    state__in=[state.value for state in BEFORE_THE_SHEET], papers__contains=[[ACUSE_PAPER, PaperStatus.RECEIVED.value]]
)
#: Where a case without a due date stands in the order of due dates: last.
NEVER: Final = dt.date.max


def folio(case_id: int) -> str:
    """How people name a case: on paper, in mails, on the phone. Says nothing of the person."""
    return f"E-{case_id:07d}"


class Evidence(models.Model):
    """What proves a fact, kept by its SHA-256: an IMSS answer as received, or a paper."""

    class Kind(models.TextChoices):
        IMSS_ANSWER = "imss", "Respuesta del IMSS"
        PAPER = "paper", "Documento"

    sha256 = models.CharField(max_length=64, primary_key=True)
    kind = models.CharField("clase", max_length=10, choices=Kind)
    media_type = models.CharField(max_length=80)
    body = models.BinaryField()
    received_at = models.DateTimeField("recibido")

    class Meta:
        verbose_name = "evidencia"
        verbose_name_plural = "evidencias"

    def __str__(self) -> str:
        return self.sha256[:12]


class Case(models.Model):
    """One affiliation of one student at one plantel. Columns from `state` on are the cached fold of its events:
    written by verbs.py only, proved by `check_cases`, guarded by a trigger."""

    # The enrolment answers for the other references: the guards see that they agree (migration 0011), a set at a time.
    student = models.ForeignKey(Student, models.PROTECT, verbose_name="alumno", related_name="cases", db_index=False, db_constraint=False)
    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel", related_name="cases", db_index=False, db_constraint=False)
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, verbose_name="inscripción", related_name="cases")

    version = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="")

    state = models.CharField("estado", max_length=20, choices=State)
    state_since = models.DateField("desde")
    turn = models.CharField("turno", max_length=10, choices=Turn)
    due_on = models.DateField("vence", null=True)
    rule = models.ForeignKey(ClockRule, models.PROTECT, null=True, verbose_name="regla de plazo", db_index=False, db_constraint=False)
    enrolled_on = models.DateField("inscripción")
    nss_on = models.DateField("NSS obtenido", null=True)
    acuse_on = models.DateField("acuse entregado", null=True)
    alta_on = models.DateField("alta enviada", null=True)
    vigencia_on = models.DateField("vigente desde", null=True)
    vigencia_evidence = models.CharField(max_length=64, blank=True)
    checked_on = models.DateField("última consulta", null=True)
    filed_on = models.DateField("presentado en subdelegación", null=True)
    baja_kind = models.CharField("tipo de baja", max_length=12, blank=True)
    baja_sent_on = models.DateField("baja enviada", null=True)
    baja_operada_on = models.DateField("baja operada", null=True)
    coverage = models.CharField("cobertura", max_length=14, choices=Coverage)
    umf = models.CharField("UMF", max_length=60, blank=True)
    clinic_on = models.DateField("registro en clínica", null=True)
    held_since = models.DateField("en pausa desde", null=True)
    pauses = models.JSONField(default=list)
    papers = models.JSONField("documentos", default=list)
    sheet_refused_on = models.DateField("hoja rechazada", null=True)
    alerted_on = models.DateField("atraso avisado", null=True)

    # Copies of the registry, so that a list of any filter and order is read off one index. Triggers keep them; `check_cases` proves them.
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, verbose_name="ciclo", related_name="+", db_index=False, db_constraint=False)
    grupo = models.CharField(max_length=30, blank=True)
    name_order = models.TextField(db_collation="C")
    # Computed by the database from the columns above.
    reached = models.GeneratedField(
        expression=Choose(
            When(vigencia_on__isnull=False, clinic_on__isnull=False, then=Value(Milestone.CLINICA.value)),
            When(vigencia_on__isnull=False, then=Value(Milestone.VIGENCIA.value)),
            When(alta_on__isnull=False, then=Value(Milestone.ALTA.value)),
            When(acuse_on__isnull=False, then=Value(Milestone.ACUSE.value)),
            When(nss_on__isnull=False, then=Value(Milestone.NSS.value)),
            default=Value(Milestone.INSCRITO.value),
        ),
        output_field=models.PositiveSmallIntegerField(),
        db_persist=True,
    )
    due_order = models.GeneratedField(expression=Coalesce("due_on", Value(NEVER)), output_field=models.DateField(), db_persist=True)

    class Meta:
        verbose_name = "expediente"
        verbose_name_plural = "expedientes"
        constraints = [
            models.UniqueConstraint(
                fields=["student", "plantel"],
                condition=Q(state__in=sorted(OPEN_STATES)),
                name="case_one_open_per_student_and_plantel",
            ),
            models.CheckConstraint(condition=~Q(state=State.VIGENTE) | ~Q(vigencia_evidence=""), name="case_vigente_on_evidence"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="case_state_known"),
            models.CheckConstraint(condition=Q(turn__in=Turn.values), name="case_turn_known"),
        ]
        indexes = [
            # With the plantel, so that no plan takes a plantel's cases for fewer than a student's.
            models.Index(fields=["student", "plantel"], name="case_of_student"),
            models.Index(fields=["state", "due_on"], name="case_by_state_due"),
            models.Index(fields=["state", "state_since"], name="case_by_state_since"),
            # The lists (docs/adr/0018): of some planteles by due date, by name; of all of them by due date, with and without a state.
            models.Index(fields=["due_order", "id"], name="case_by_due"),
            models.Index(
                fields=["plantel", "state", "due_order", "id"],
                include=["turn", "ciclo", "grupo", "coverage", "reached"],
                name="case_of_plantel_by_due",
            ),
            models.Index(
                fields=["plantel", "name_order", "id"],
                include=["state", "turn", "due_order", "ciclo", "grupo", "coverage", "reached"],
                name="case_of_plantel_by_name",
            ),
            models.Index(
                fields=["state", "coverage", "ciclo", "due_order", "id"], include=["plantel", "turn", "reached"], name="case_of_all_by_due"
            ),
            models.Index(
                fields=["name_order", "id"], include=["state", "turn", "due_order", "ciclo", "coverage", "reached"], name="case_by_name"
            ),
            models.Index(
                fields=["plantel", "due_order", "id"],
                include=["state", "turn", "ciclo", "grupo", "coverage", "reached"],
                condition=models.Q(alerted_on__isnull=False),
                name="case_alerted_by_due",
            ),
            models.Index(fields=["plantel", "due_order", "id"], condition=SHEET_TO_REVIEW, name="case_with_sheet_by_due"),
            models.Index(fields=["state", "sheet_refused_on"], condition=Q(sheet_refused_on__isnull=False), name="case_by_sheet_refused"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def folio(self) -> str:
        return folio(self.pk)

    @property
    def facts(self) -> Facts:
        return facts_of({name: getattr(self, column) for name, column in FACT_COLUMNS.items()})

    @property
    def whose(self) -> Whose:
        return whose(self.facts)


def facts_of(columns: dict[str, Any]) -> Facts:
    """Facts from a case's columns, as read from the database."""
    pairs = {name: tuple((first, second) for first, second in columns[name]) for name in ("pauses", "papers")}
    return Facts(**{**columns, **pairs, "state": State(columns["state"])})


class Event(models.Model):
    """One happening of one case. Append-only (trigger) and hash-chained per case (history.py)."""

    class ActorKind(models.TextChoices):
        PERSON = "person", "Persona"
        IMPORT = "import", "Carga de lista"
        NIGHT = "night", "Proceso nocturno"
        IMSS = "imss", "Respuesta del IMSS"
        STUDENT = "student", "Alumno"

    case = models.ForeignKey(Case, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    verb = models.CharField(max_length=20, choices=Verb)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20, choices=State)
    on = models.DateField("fecha del hecho")
    at = models.DateTimeField("anotado")
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False)
    actor_name = models.CharField(max_length=160)
    reason = models.TextField("motivo", blank=True)
    data = models.JSONField(default=dict)
    evidence = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "hecho"
        verbose_name_plural = "hechos"
        constraints = [models.UniqueConstraint(fields=["case", "seq"], name="event_seq_once_per_case")]

    def __str__(self) -> str:
        return f"{self.get_verb_display()} ({self.on:%d/%m/%Y})"


class Transition(models.Model):
    """The transition table as the database knows it: states.rows(), read by the trigger on cases."""

    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verb", "from_state", "to_state"], name="transition_once")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.from_state} → {self.to_state}"
