"""The tables of the core: cases and their history, the rules as rows, the counters."""

from afiliacion.cases.models.case import COLUMNS, FACT_COLUMNS, NEVER, SHEET_TO_REVIEW, Case, Event, Evidence, Transition, facts_of, folio
from afiliacion.cases.models.rules import ClockRule, OutageDay, PaperKind, WantedPaper
from afiliacion.cases.models.tallies import DueTally, FunnelDay, StandingTally

__all__ = [
    "COLUMNS",
    "FACT_COLUMNS",
    "NEVER",
    "SHEET_TO_REVIEW",
    "Case",
    "ClockRule",
    "DueTally",
    "Event",
    "Evidence",
    "FunnelDay",
    "OutageDay",
    "PaperKind",
    "StandingTally",
    "Transition",
    "WantedPaper",
    "facts_of",
    "folio",
]
