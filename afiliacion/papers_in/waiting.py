"""Which documents wait for a person, and which sheets came on paper alone."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet

from afiliacion.cases import acuse_review
from afiliacion.cases.models import Case
from afiliacion.database.batch_queries import Parameter
from afiliacion.papers_in.models import BroughtPaper

Status = BroughtPaper.Status
_WITH_FILE = BroughtPaper.objects.filter(case=OuterRef("pk"), status__in=[Status.UNREAD, Status.WAITING])


def waiting(planteles: Parameter | None, user: Parameter) -> QuerySet[BroughtPaper]:
    """The documents to be decided at these planteles (ids; None: all), with those of none that the user (id) brought."""
    papers = BroughtPaper.objects.filter(status=Status.WAITING)
    return papers if planteles is None else papers.filter(Q(plantel__pk__among=planteles) | Q(plantel=None, brought_by=user))


def on_paper_alone(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Those of `cases` whose sheet is to be reviewed and of which there is no file to look at."""
    return acuse_review.to_review(cases).exclude(Exists(_WITH_FILE))
