"""The case (expediente), its append-only history, the papers kept by hash, and the clock's rules as rows."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case as Choose
from django.db.models import Q, Value, When
from django.db.models.functions import Coalesce

from afiliacion.cases import clock
from afiliacion.cases.facts import ACUSE_PAPER, FACT_NAMES, Facts
from afiliacion.cases.states import OPEN_STATES, Coverage, Milestone, PaperStatus, State, Turn, Verb
from afiliacion.cases.turn import Whose, whose
from students.models import Ciclo, Enrolment, Plantel, Student

#: Each fact and the attribute of Case that keeps it.
FACT_COLUMNS: Final = {name: "rule_id" if name == "rule" else name for name in FACT_NAMES}
#: What a step writes to a case, besides its version and head of chain.
COLUMNS: Final = ("turn", "due_on", *FACT_COLUMNS.values())
#: A sheet IMSS gave came in, nobody has looked at it, and the acuse does not count as delivered yet.
SHEET_TO_REVIEW: Final = Q(
    state__in=[State.SIN_NSS.value, State.NSS_OBTENIDO.value], papers__contains=[[ACUSE_PAPER, PaperStatus.RECEIVED.value]]
)
#: Where a case without a due date stands in the order of due dates: last.
NEVER: Final = dt.date.max


class ClockRule(models.Model):
    """A dated rule: holds from `valid_from` until a newer row for the same key (and plantel). Rows never change (trigger)."""

    key = models.CharField("plazo", max_length=20, choices=clock.RuleKey)
    plantel = models.ForeignKey(Plantel, models.PROTECT, null=True, blank=True, verbose_name="plantel (vacío: todos)")
    n = models.PositiveSmallIntegerField("días")
    unit = models.CharField("unidad", max_length=10, choices=clock.Unit)
    rolls = models.BooleanField("si vence en día inhábil, pasa al siguiente hábil", default=False)
    stops_with_imss = models.BooleanField("no corre los días en que el IMSS no da servicio", default=False)
    alert_after = models.PositiveSmallIntegerField("días de atraso para avisar a coordinación", null=True, blank=True)
    source = models.CharField("de dónde sale la regla", max_length=240)
    valid_from = models.DateField("rige desde")

    class Meta:
        verbose_name = "regla de plazo"
        verbose_name_plural = "reglas de plazo"
        ordering = ["key", "plantel", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["key", "plantel", "valid_from"], nulls_distinct=False, name="clockrule_once_a_date"),
            models.CheckConstraint(condition=Q(n__gte=1, n__lte=365), name="clockrule_days_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.get_key_display()}: {self.n} {self.get_unit_display()} desde {self.valid_from:%d/%m/%Y}"


class OutageDay(models.Model):
    """A day IMSS gave no service: the clocks whose rule says so did not run."""

    date = models.DateField("día")
    source = models.CharField("cómo se supo", max_length=240)

    class Meta:
        verbose_name = "día sin servicio del IMSS"
        verbose_name_plural = "días sin servicio del IMSS"
        constraints = [models.UniqueConstraint(fields=["date"], name="outageday_once")]

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y}"


class PaperKind(models.Model):
    """A paper a student can hand in. `key` is what the history stores."""

    key = models.CharField("clave", max_length=30)
    label = models.CharField("documento", max_length=120)

    class Meta:
        verbose_name = "documento"
        verbose_name_plural = "documentos"
        ordering = ["label"]
        constraints = [models.UniqueConstraint(fields=["key"], name="paperkind_key_once")]

    def __str__(self) -> str:
        return self.label


class WantedPaper(models.Model):
    """A paper a plantel (or all of them) wants before a step is done."""

    STEPS = (Verb.DELIVER_ACUSE, Verb.RENOUNCE)

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="plantel (vacío: todos)")
    step = models.CharField("paso", max_length=20, choices=[(verb.value, verb.label) for verb in STEPS])
    kind = models.ForeignKey(PaperKind, models.PROTECT, verbose_name="documento")
    minors_only = models.BooleanField("solo a menores de edad", default=False)

    class Meta:
        verbose_name = "documento que se pide"
        verbose_name_plural = "documentos que se piden"
        constraints = [models.UniqueConstraint(fields=["plantel", "step", "kind"], nulls_distinct=False, name="wantedpaper_once")]

    def __str__(self) -> str:
        return f"{self.kind} para «{self.get_step_display()}»"


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
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def folio(self) -> str:
        """How people name the case: on paper, in mails, on the phone. Says nothing of the person."""
        return f"E-{self.pk:07d}"

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


class StandingTally(models.Model):
    """How many cases stand where, as differences that are only ever added (a trigger) and folded (tally.py); their sum is the count.

    Rows without a plantel count all of them: a coordinator reads as few rows as an officer.
    """

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, db_index=False, db_constraint=False, related_name="+")
    ciclo = models.ForeignKey(Ciclo, models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    state = models.CharField(max_length=20)
    turn = models.CharField(max_length=10)
    coverage = models.CharField(max_length=14)
    reached = models.PositiveSmallIntegerField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["plantel"], name="standingtally_of_plantel")]

    def __str__(self) -> str:
        return f"{self.plantel_id}: {self.state} {self.n:+d}"


class DueTally(models.Model):
    """How many cases that wait on somebody are due when; kept as StandingTally is."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, db_index=False, db_constraint=False, related_name="+")
    state = models.CharField(max_length=20)
    turn = models.CharField(max_length=10)
    due_on = models.DateField(null=True)
    alerted = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["plantel"], name="duetally_of_plantel")]

    def __str__(self) -> str:
        return f"{self.plantel_id}: {self.state} {self.due_on} {self.n:+d}"


class FunnelDay(models.Model):
    """How far the cases of a plantel and ciclo had come at the end of a day: what this term is compared with a term later."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, related_name="+", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.CASCADE, related_name="+", db_index=False)
    date = models.DateField()
    #: How many had reached each milestone, in the order of Milestone.
    reached = ArrayField(models.IntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ciclo", "date", "plantel"], name="funnelday_once")]

    def __str__(self) -> str:
        return f"{self.plantel_id} {self.ciclo_id} {self.date:%d/%m/%Y}"


class Transition(models.Model):
    """The transition table as the database knows it: states.rows(), read by the trigger on cases."""

    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verb", "from_state", "to_state"], name="transition_once")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.from_state} → {self.to_state}"
