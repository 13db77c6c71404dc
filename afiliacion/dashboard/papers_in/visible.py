"""Which documents a person may see: those of the cases of their planteles, and those without a case yet that they brought."""

from __future__ import annotations

from django.db.models import BigIntegerField, QuerySet
from django.http import Http404

from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.papers_in import bringing
from afiliacion.papers_in.models import BroughtPaper, Bundle


def papers(scope: Scope) -> QuerySet[BroughtPaper]:
    """The documents of a person."""
    return bringing.seen_by(BroughtPaper.objects.all(), scope.plantel_ids, scope.user.pk)


def paper_of(request: OfficeRequest, paper_id: int) -> BroughtPaper:
    """The document with its case, if it is the person's to see. Raises Http404 for one of others and one that does not exist alike."""
    rows = papers(request.scope).select_related("case__student", "case__plantel", "case__enrolment", "plantel", "instead")
    found = None if paper_id > BigIntegerField.MAX_BIGINT else rows.filter(pk=paper_id).first()
    if found is None:
        raise Http404
    return found


def bundles(scope: Scope) -> QuerySet[Bundle]:
    """What the person brought; of coordination, what anybody did."""
    return Bundle.objects.all() if scope.plantel_ids is None else Bundle.objects.filter(brought_by=scope.user)


def bundle_of(request: OfficeRequest, bundle_id: int) -> Bundle:
    """The bundle, likewise."""
    found = None if bundle_id > BigIntegerField.MAX_BIGINT else bundles(request.scope).filter(pk=bundle_id).first()
    if found is None:
        raise Http404
    return found
