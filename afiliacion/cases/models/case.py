"""The case (expediente), the evidence of facts, kept by hash, and the transition table."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any, Final

from django.db import models
from django.db.models import Case as Choose
from django.db.models import Q, Value, When
from django.db.models.functions import Coalesce

from afiliacion.cases.baja_kinds import SILENT
from afiliacion.cases.facts import ACUSE_PAPER, FACT_NAMES, Facts
from afiliacion.cases.models.rules import ClockRule
from afiliacion.cases.states import BEFORE_THE_SHEET, OPEN_STATES, BajaKind, Coverage, Milestone, PaperStatus, State, Turn
from afiliacion.cases.turn import WhoseTurn, whose_turn
from students.models import Ciclo, Enrolment, Plantel, Student

#: Each fact and the attribute of Case that keeps it.
FACT_COLUMNS: Final = {name: "rule_id" if name == "rule" else name for name in FACT_NAMES}
#: The columns a step writes to a case, besides version and head_hash.
COLUMNS: Final = ("turn", "due_on", *FACT_COLUMNS.values())
#: The acuse was received and not reviewed, and its step is not done yet.
SHEET_TO_REVIEW: Final = Q(
    state__in=[state.value for state in BEFORE_THE_SHEET], papers__contains=[[ACUSE_PAPER, PaperStatus.RECEIVED.value]]
)
#: IMSS holds an alta of ours that no baja has ended. In SQL beside, of `c`.
ALTA_STANDS: Final = Q(alta_on__isnull=False, baja_operada_on__isnull=True, keeps_cover=False)
ALTA_STANDS_SQL: Final = "c.alta_on IS NOT NULL AND c.baja_operada_on IS NULL AND NOT c.keeps_cover"
#: Facts.baja_owed by its columns: of the closed case's own alta, or of one under another number or registro patronal.
BAJA_OWED: Final = Q(ALTA_STANDS, state__in=["BAJA", "RENUNCIA"]) | Q(former_owed_on__isnull=False)
_CLOSED_SQL: Final = ", ".join(f"'{state.value}'" for state in (State.BAJA, State.RENUNCIA))
_OWN_SQL: Final = f"c.state IN ({_CLOSED_SQL}) AND {ALTA_STANDS_SQL}"
BAJA_OWED_SQL: Final = f"({_OWN_SQL} OR c.former_owed_on IS NOT NULL)"
#: Of those that owe one (BAJA_OWED): Facts.baja_unsent.
BAJA_UNSENT: Final = Q(ALTA_STANDS, state__in=["BAJA", "RENUNCIA"], baja_sent_on__isnull=True) | Q(
    former_owed_on__isnull=False, former_sent_on__isnull=True
)
BAJA_UNSENT_SQL: Final = f"({_OWN_SQL} AND c.baja_sent_on IS NULL OR c.former_owed_on IS NOT NULL AND c.former_sent_on IS NULL)"
#: The next step is the alta: the acuse is in, or IMSS rejected the alta before and no other cover prevails. In SQL beside, of `c`.
ALTA_WANTED: Final = Q(state="ACUSE_ENTREGADO") | Q(state="SIN_VIGENCIA", alta_on__isnull=True) & ~Q(coverage="other")
ALTA_WANTED_SQL: Final = "(c.state = 'ACUSE_ENTREGADO' OR c.state = 'SIN_VIGENCIA' AND c.alta_on IS NULL AND c.coverage <> 'other')"
#: Not opened by a list that was undone since: what lists and counters know of (queries.visible_cases).
COUNTED: Final = ~Q(baja_kind=BajaKind.DESHECHA.value)
#: The same in SQL, of a case `c`.
IS_COUNTED: Final = "c.baja_kind <> 'deshecha'"
#: A case without a due date comes last in the order of due dates.
NEVER: Final = dt.date.max


def folio(case_id: int) -> str:
    """The name of a case on paper, in mails and on the phone. Contains nothing of the person."""
    return f"E-{case_id:07d}"


class Evidence(models.Model):
    """The body that proves a fact, kept by its SHA-256: an answer of IMSS as received, or a paper."""

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
    """One affiliation of one student at one plantel.

    Columns from `state` on are the cached fold of its events: written by verbs/ only, compared by `check_cases`, guarded by a trigger.
    """

    # Only the enrolment is a checked reference; the guards compare the other ones with it, a set at a time (migration 0011).
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
    wanted_on = models.DateField("la subdelegación pidió más", null=True)
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
    recorded_on = models.DateField("registrado", null=True)
    corrected_on = models.DateField("NSS corregido", null=True)
    resumed_on = models.DateField("reanudado", null=True)
    cover_lost_on = models.DateField("perdió la otra cobertura", null=True)
    alerted_on = models.DateField("atraso avisado", null=True)
    registro = models.CharField("registro patronal del alta", max_length=16, blank=True, db_default="")
    keeps_cover = models.BooleanField("su seguro sigue en otro plantel", default=False, db_default=False)
    owed_on = models.DateField("se supo que se debe la baja", null=True)
    former_cover = models.BigIntegerField(null=True)
    former_owed_on = models.DateField("se debe la baja de otro NSS o registro desde", null=True)
    former_sent_on = models.DateField("baja de otro NSS o registro enviada", null=True)

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
            models.Index(fields=["due_order", "id"], condition=COUNTED, name="case_by_due"),
            models.Index(
                fields=["plantel", "state", "due_order", "id"],
                include=["turn", "ciclo", "grupo", "coverage", "reached"],
                condition=COUNTED,
                name="case_of_plantel_by_due",
            ),
            models.Index(
                fields=["plantel", "name_order", "id"],
                include=["state", "turn", "due_order", "ciclo", "grupo", "coverage", "reached"],
                condition=COUNTED,
                name="case_of_plantel_by_name",
            ),
            models.Index(
                fields=["state", "coverage", "ciclo", "due_order", "id"],
                include=["plantel", "turn", "reached"],
                condition=COUNTED,
                name="case_of_all_by_due",
            ),
            models.Index(
                fields=["name_order", "id"],
                include=["state", "turn", "due_order", "ciclo", "coverage", "reached"],
                condition=COUNTED,
                name="case_by_name",
            ),
            models.Index(
                fields=["plantel", "due_order", "id"],
                include=["state", "turn", "ciclo", "grupo", "coverage", "reached"],
                condition=Q(alerted_on__isnull=False) & COUNTED,
                name="case_alerted_by_due",
            ),
            models.Index(fields=["plantel", "due_order", "id"], condition=SHEET_TO_REVIEW, name="case_with_sheet_by_due"),
            # What the list of bajas owed to IMSS is read off; and the few students who are never written to.
            models.Index(fields=["plantel", "due_order", "id"], condition=BAJA_OWED, name="case_owing_baja_by_due"),
            models.Index(fields=["student"], condition=Q(baja_kind__in=SILENT), name="case_of_silent_student"),
            models.Index(fields=["state", "sheet_refused_on"], condition=Q(sheet_refused_on__isnull=False), name="case_by_sheet_refused"),
        ]

    def __str__(self) -> str:
        return self.folio

    @property
    def folio(self) -> str:
        return folio(self.pk)

    @property
    def facts(self) -> Facts:
        return facts_of([getattr(self, column) for column in FACT_COLUMNS.values()])

    @property
    def whose_turn(self) -> WhoseTurn:
        return whose_turn(self.facts)


def facts_of(values: Iterable[Any]) -> Facts:
    """Facts from the values of FACT_COLUMNS, in their order; those of JSON as lists or as text."""
    known = list(values)
    known[_STATE] = State(known[_STATE])
    for place in _PAIRS:
        pairs = known[place]
        listed = json.loads(pairs) if isinstance(pairs, str) else pairs
        known[place] = tuple([(first, second) for first, second in listed]) if listed else ()
    return Facts(*known)


_STATE: Final = FACT_NAMES.index("state")
_PAIRS: Final = (FACT_NAMES.index("pauses"), FACT_NAMES.index("papers"))


class Transition(models.Model):
    """The transition table as the database knows it: states.rows(), read by the trigger on cases."""

    verb = models.CharField(max_length=20)
    from_state = models.CharField(max_length=20, blank=True)
    to_state = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verb", "from_state", "to_state"], name="transition_once")]

    def __str__(self) -> str:
        return f"{self.verb}: {self.from_state} → {self.to_state}"
