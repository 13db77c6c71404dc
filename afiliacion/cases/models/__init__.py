"""The tables of the core: cases and their history, the rules as rows, the counters."""

from afiliacion.cases.models.case import (
    ALTA_STANDS,
    ALTA_STANDS_SQL,
    ALTA_WANTED,
    ALTA_WANTED_SQL,
    BAJA_OWED,
    BAJA_OWED_SQL,
    BAJA_UNSENT,
    BAJA_UNSENT_SQL,
    COLUMNS,
    COUNTED,
    FACT_COLUMNS,
    IS_COUNTED,
    NEVER,
    SHEET_TO_REVIEW,
    Case,
    Evidence,
    Transition,
    facts_of,
    folio,
)
from afiliacion.cases.models.consent import ConsentRequest
from afiliacion.cases.models.event import Event, EventDetail, text_in_sql, text_of
from afiliacion.cases.models.merge import Merge
from afiliacion.cases.models.record_change import RecordChange
from afiliacion.cases.models.roots import HistoryRoot
from afiliacion.cases.models.rules import ClockRule, OutageDay, PaperKind, WantedPaper
from afiliacion.cases.models.tallies import DueTally, FunnelDay, StandingTally
from afiliacion.cases.models.without_curp import WithoutCurp

__all__ = [
    "ALTA_STANDS",
    "ALTA_STANDS_SQL",
    "ALTA_WANTED",
    "ALTA_WANTED_SQL",
    "BAJA_OWED",
    "BAJA_OWED_SQL",
    "BAJA_UNSENT",
    "BAJA_UNSENT_SQL",
    "COLUMNS",
    "COUNTED",
    "FACT_COLUMNS",
    "IS_COUNTED",
    "NEVER",
    "SHEET_TO_REVIEW",
    "Case",
    "ClockRule",
    "ConsentRequest",
    "DueTally",
    "Event",
    "EventDetail",
    "Evidence",
    "FunnelDay",
    "HistoryRoot",
    "Merge",
    "OutageDay",
    "PaperKind",
    "RecordChange",
    "StandingTally",
    "Transition",
    "WantedPaper",
    "WithoutCurp",
    "facts_of",
    "folio",
    "text_in_sql",
    "text_of",
]
