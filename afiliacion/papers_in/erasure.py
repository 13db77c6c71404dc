"""What documents say of a person is erased with the texts of the case; that they came, and what became of them, stays.

The bytes go too, unless an event of a case names them as its proof: then they stay where the event is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import Q

from afiliacion.cases.models import ConsentRequest, Event, Evidence
from afiliacion.papers_in.models import BroughtPaper, BundleFile, MailMessage, PaperDecision


def forget(cases: Collection[int]) -> None:
    """Erase what was read in the documents of these cases (ids), their names, what was decided in words, and the files themselves."""
    papers = BroughtPaper.objects.filter(case__in=cases)
    MailMessage.objects.filter(Q(papers__in=papers) | Q(case__in=cases)).update(sender="", case=None)
    files = set(papers.exclude(evidence=None).values_list("evidence", flat=True))
    PaperDecision.objects.filter(paper__in=papers).update(reason="")
    BundleFile.objects.filter(paper__in=papers).update(filename="")
    papers.update(evidence=None, filename="", reading=None, reasons=[], said={}, reason="")
    _delete(files)


def _delete(files: Iterable[str]) -> None:
    unneeded = Evidence.objects.filter(pk__in=list(files), brought=None, kind=Evidence.Kind.PAPER)
    named = Event.objects.filter(evidence__in=list(files)).values_list("evidence", flat=True)
    asked = ConsentRequest.objects.filter(payload__evidence__in=list(files)).values_list("payload__evidence", flat=True)
    unneeded.exclude(pk__in={*named, *asked}).delete()
