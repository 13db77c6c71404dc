"""A document comes in by one of the doors: its bytes are kept once, and a row waits to be read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from afiliacion import wake
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import Act
from afiliacion.cases.papers import evidence
from afiliacion.cases.papers.files import media_type_of
from afiliacion.papers_in.models import BroughtPaper, Door
from students.models import Plantel

#: The task that reads what came in (afiliacion/operations/tasks.py).
READ: Final = "afiliacion.operations.tasks.read_papers"


@dataclass(frozen=True, slots=True)
class Origin:
    """By which door, on which day, by whom. `act.planteles`: among whose students it may be (ids; None: all)."""

    door: Door
    on: dt.date
    act: Act

    @property
    def only_plantel(self) -> int | None:
        """The plantel (id) of who has a single one."""
        planteles = self.act.planteles
        return next(iter(planteles)) if planteles is not None and len(planteles) == 1 else None


def bring(body: bytes, filename: str, origin: Origin, case: Case | None = None) -> tuple[BroughtPaper, bool]:
    """Keep a document and have it read; return its row, and whether it is new: the same bytes come once.

    `case`: whose it is said to be; None: it is looked for by what the document says. Needs a transaction.
    """
    kept = evidence.keep([body], kind=Evidence.Kind.PAPER, media_type=media_type_of(body), now=origin.act.now)[0]
    if case is None and (before := _there(kept, origin).first()):
        return before, False
    planteles = origin.act.planteles
    plantel = case.plantel if case else Plantel.objects.filter(pk=origin.only_plantel or 0).first()
    paper, new = BroughtPaper.objects.get_or_create(
        evidence_id=kept, case=case, plantel=plantel,
        defaults={
            "filename": plain_name(filename), "door": origin.door, "on": origin.on, "brought_at": origin.act.now,
            "brought_by_id": origin.act.actor.user_id, "brought_name": origin.act.actor.name,
            "planteles": None if planteles is None else sorted(planteles),
        },
    )  # fmt: skip
    if new:
        wake.after_commit(READ)
    return paper, new


def _there(sha256: str, origin: Origin) -> QuerySet[BroughtPaper]:
    """The same document, if it was brought before to who brings it now."""
    return seen_by(BroughtPaper.objects.filter(evidence=sha256), origin.act.planteles, origin.act.actor.user_id).order_by("pk")


def seen_by(papers: QuerySet[BroughtPaper], planteles: frozenset[int] | None, user_id: int | None) -> QuerySet[BroughtPaper]:
    """Those of `papers` that belong to these planteles (ids; None: all), and those of none that this user brought."""
    if planteles is None:
        return papers
    return papers.filter(Q(plantel__in=sorted(planteles)) | Q(plantel=None, brought_by=user_id, brought_by__isnull=False))


def plain_name(filename: str) -> str:
    """A file's name as it can be kept and shown: no path, no signs that are none, its end if it is too long."""
    name = filename.replace("\\", "/").rpartition("/")[2].encode("utf-8", "replace").decode()
    return "".join(sign for sign in name if sign.isprintable())[-160:]
