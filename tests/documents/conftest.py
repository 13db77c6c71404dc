"""Cases whose acuse is in, and a reader that measures a printed page."""

from __future__ import annotations

import datetime as dt
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pypdfium2 as pdfium
import pytest
from django.utils import timezone

from afiliacion.cases import enrol, verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.documents.context import PrintContext, to_print
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.documents.layout.blocks import Paper
from afiliacion.documents.layout.pdf import print_papers
from afiliacion.documents.models import DocumentKind
from afiliacion.documents.register import issue
from afiliacion.reminders.letters import links

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Char:
    """A printed character with its box: left, bottom, right, top."""

    text: str
    box: Box


class Printed:
    """A PDF as pdfium sees it."""

    def __init__(self, content: bytes) -> None:
        self.document = pdfium.PdfDocument(content)
        self.pages = [self.document[i] for i in range(len(self.document))]

    @property
    def text(self) -> str:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in self.pages)

    @cache  # noqa: B019 - lives as long as the test
    def chars(self, page: int = 0) -> list[Char]:
        textpage = self.pages[page].get_textpage()
        found = (Char(textpage.get_text_range(i, 1), textpage.get_charbox(i)) for i in range(textpage.count_chars()))
        return [char for char in found if char.text.strip()]

    def outside(self, page: int = 0) -> list[Char]:
        width, height = self.pages[page].get_size()
        return [c for c in self.chars(page) if c.box[0] < 0 or c.box[1] < 0 or c.box[2] > width or c.box[3] > height]

    def overlapping(self, page: int = 0) -> list[tuple[Char, Char]]:
        """Pairs of characters that cover each other by more than a kerning's breadth."""
        chars = sorted(self.chars(page), key=lambda char: char.box[0])
        lefts = [char.box[0] for char in chars]
        # From the left: whatever begins after a character ends cannot cover it.
        near = ((a, chars[i + 1 : bisect(lefts, a.box[2])]) for i, a in enumerate(chars))
        return [(a, b) for a, others in near for b in others if _overlap(a.box, b.box)]

    def faults(self) -> list[str]:
        """Everything wrong with how it is set, page by page."""
        found = [f"page {n}: {char.text} outside" for n in range(len(self.pages)) for char in self.outside(n)]
        return found + [f"page {n}: {a.text} on {b.text}" for n in range(len(self.pages)) for a, b in self.overlapping(n)]


def _overlap(a: Box, b: Box, slack: float = 1.2) -> bool:
    # A J reaches under the letter before it by a tenth of its size: that is how it is drawn.
    return min(a[2], b[2]) - max(a[0], b[0]) > slack and min(a[3], b[3]) - max(a[1], b[1]) > slack


@pytest.fixture
def read() -> Iterator[Callable[[bytes], Printed]]:
    opened: list[Printed] = []

    def reader(content: bytes) -> Printed:
        opened.append(Printed(content))
        return opened[-1]

    yield reader
    for printed in opened:
        printed.document.close()


def on_the_day(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


@pytest.fixture
def desk(today: dt.date) -> Callable[..., PrintContext]:
    """What papers are composed with, on the day of the tests."""
    return lambda **known: PrintContext(today, links.printed_urls, **known)


@pytest.fixture
def compose(desk: Callable[..., PrintContext]) -> Callable[..., Paper]:
    """The paper of a kind about a case, or about several."""

    def make(kind: DocumentKind, *cases: Case, **known: Any) -> Paper:
        read = list(to_print(Case.objects.filter(pk__in=[case.pk for case in cases]).order_by("student__name_order"), history=True))
        if kind in kinds.GROUPS:
            [paper] = kinds.compose_groups(kind, read, desk(**known))
            return paper
        return kinds.compose_one(kind, read[0], desk(**known))

    return make


@pytest.fixture
def printed(compose: Callable[..., Paper], actor: Any, now: dt.datetime) -> Callable[..., bytes]:
    """The PDF of the paper of a kind, issued and printed."""

    def make(kind: DocumentKind, *cases: Case, **known: Any) -> bytes:
        paper = compose(kind, *cases, **known)
        return print_papers(zip([paper], issue([paper], by=actor, now=now), strict=True), paper.title)

    return make


@pytest.fixture
def all_delivered(make_enrolment: Any, make_student: Any, people: Any, actor: Any, now: dt.datetime) -> Callable[..., list[Case]]:
    """So many cases whose acuse was handed in on a day of August 2026, opened and told as one set; further fields are the students'."""

    def make(n: int, day: int = 10, **student: Any) -> list[Case]:
        enrolments = [make_enrolment(student=make_student(nss=people.one().nss, **student)) for _ in range(n)]
        opened = enrol.enrol([each.pk for each in enrolments], act=Act(actor, on_the_day(enrolments[0].enrolled_on))).opened
        outcome = verbs.deliver_acuse(opened, on=dt.date(2026, 8, day), act=Act(actor, now))
        assert sorted(outcome.done) == sorted(opened), outcome.skipped
        return list(Case.objects.filter(pk__in=opened).select_related("student", "plantel", "enrolment").order_by("enrolment"))

    return make


@pytest.fixture
def delivered(all_delivered: Callable[..., list[Case]]) -> Callable[..., Case]:
    """A case whose acuse was handed in on a day of August 2026; further fields are the student's."""

    def make(day: int = 10, **student: Any) -> Case:
        [case] = all_delivered(1, day, **student)
        return case

    return make
