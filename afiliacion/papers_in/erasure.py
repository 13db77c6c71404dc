"""What documents say of a person is erased with the texts of the case; that they came, and what became of them, stays.

Their rows forget which file they were. The bytes stay as evidence, as those of every paper do: evidence is only added to.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from afiliacion.papers_in.models import BroughtPaper, BundleFile, MailMessage, PaperDecision


def forget(cases: Collection[int]) -> None:
    """Erase what was read in the documents of these cases (ids), their names, what was decided in words, and who sent them."""
    papers = BroughtPaper.objects.filter(case__in=cases)
    MailMessage.objects.filter(Q(papers__in=papers) | Q(case__in=cases)).update(sender="", case=None)
    PaperDecision.objects.filter(paper__in=papers).update(reason="")
    BundleFile.objects.filter(paper__in=papers).update(filename="")
    papers.update(evidence=None, filename="", reading=None, reasons=[], said={}, reason="")
