"""What the student hands in, and the clock on hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from afiliacion.cases.engine import perform
from afiliacion.cases.facts import Happening
from afiliacion.cases.outcome import Act, Outcome
from afiliacion.cases.states import Verb
from afiliacion.cases.verbs.checks import Cases, for_all, papers_complete


def deliver_acuse(cases: Cases, *, on: dt.date, act: Act, papers: Sequence[str] = ()) -> Outcome:
    """The student handed in the acuse, and `papers` (keys) with it; late is a fact the dates tell, not a state."""
    happening = Happening(on, {"papers": list(papers)})
    return perform(Verb.DELIVER_ACUSE, for_all(cases, happening), act=act, check=papers_complete(Verb.DELIVER_ACUSE))


def retract_acuse(cases: Cases, papers: Sequence[str], *, on: dt.date, act: Act, reason: str) -> Outcome:
    """The acuse, and the papers (keys) noted with it, had been noted by mistake: the student still owes them."""
    return perform(Verb.RETRACT_ACUSE, for_all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), act=act)


def receive_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, act: Act, evidence: str = "") -> Outcome:
    """The student handed in papers (keys); `evidence` is the hash of what was kept of them."""
    return perform(Verb.RECEIVE_PAPERS, for_all(cases, Happening(on, {"papers": list(papers)}, evidence)), act=act)


def verify_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, act: Act) -> Outcome:
    """Record that the papers (keys) were reviewed and are right."""
    return perform(Verb.VERIFY_PAPERS, for_all(cases, Happening(on, {"papers": list(papers)})), act=act)


def reject_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, act: Act, reason: str) -> Outcome:
    """The papers (keys) will not do, and why: they are wanted again."""
    return perform(Verb.REJECT_PAPERS, for_all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), act=act)


def retract_papers(cases: Cases, papers: Sequence[str], *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Record that the papers (keys) were noted by mistake: they were not handed in."""
    return perform(Verb.RETRACT_PAPERS, for_all(cases, Happening(on, {"papers": list(papers)}, reason=reason)), act=act)


def hold(cases: Cases, *, on: dt.date, act: Act, reason: str) -> Outcome:
    """Stop the clock, with a reason."""
    return perform(Verb.HOLD, for_all(cases, Happening(on, reason=reason)), act=act)


def release(cases: Cases, *, on: dt.date, act: Act) -> Outcome:
    """Let the clock run again; the days on hold do not count."""
    return perform(Verb.RELEASE, for_all(cases, Happening(on)), act=act)
