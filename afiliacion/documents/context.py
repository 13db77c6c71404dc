"""What composing papers needs besides the case: letterheads, texts, rules, labels, read once for any number of papers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch, QuerySet

from afiliacion.cases.calendars import Calendars
from afiliacion.cases.clock import long_date
from afiliacion.cases.models import Case, Event, PaperKind
from afiliacion.cases.papers.required import is_minor
from afiliacion.cases.schedule import Schedule
from afiliacion.documents.layout.blocks import Block, Head, Paper, lines
from afiliacion.documents.models import DocumentKind, Letterhead
from afiliacion.documents.wording import Words
from students.models import Plantel
from students.registro_patronal import with_dashes
from students.registros import Registros


class NotPrintable(ValueError):
    """The case lacks what the paper says; str() is the reason in Spanish."""


#: Case ids, a day and who prints (a user's id) -> the address of each case's own page for its student.
PagesOf = Callable[[Iterable[int], dt.date, int | None], Mapping[int, str]]


@dataclass
class PrintContext:
    """`on`: the date the papers bear. `pages_of`: where students have their own pages. `number`: what the school numbers the oficio.
    `by`: the user (id) who prints.

    Each thing is read when the first paper needs it: most need neither rules nor calendars.
    """

    on: dt.date
    pages_of: PagesOf
    number: str = ""
    by: int | None = None
    _pages: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def words(self) -> Words:
        return Words()

    @cached_property
    def schedule(self) -> Schedule:
        return Schedule()

    @cached_property
    def calendars(self) -> Calendars:
        return Calendars.read()

    @cached_property
    def _registros(self) -> Registros:
        return Registros.of()

    def registro(self, plantel_id: int) -> str:
        """The registro patronal of a plantel on the papers' date, as papers print it; "" if it has none."""
        return with_dashes(self._registros.on(plantel_id, self.on))

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The papers a student can hand in, as the office calls them."""
        return dict(PaperKind.objects.values_list("key", "label"))

    @cached_property
    def _letterheads(self) -> Mapping[int | None, Letterhead]:
        return {row.plantel_id: row for row in Letterhead.objects.all()}

    def letterhead(self, plantel_id: int | None) -> Letterhead:
        return self._letterheads.get(plantel_id) or self._letterheads.get(None) or Letterhead()

    def head(self, plantel: Plantel) -> Head:
        """Institution and plantel as they stand above a paper."""
        own = self.letterhead(plantel.pk)
        places = lines(
            own.dependency, f"CCT {plantel.cct}" if plantel.cct else "", plantel.address,
            f"Tel. {plantel.contact_phone}" if plantel.contact_phone else "",
        )  # fmt: skip
        return Head(lines(own.institution, plantel.name), places)

    def papers_in(self, case: Case) -> tuple[str, ...]:
        """The papers on record, as the office calls them."""
        return tuple(sorted(self.labels.get(key, key) for key in case.facts.papers_in))

    def plantel_values(self, plantel: Plantel) -> dict[str, str]:
        """What the words may name of the plantel."""
        own = self.letterhead(plantel.pk)
        return {
            "plantel": plantel.name, "cct": plantel.cct, "institucion": own.institution, "lugar": own.place,
            "responsable": plantel.contact_name, "domicilio": plantel.address, "telefono": plantel.contact_phone,
            "correo": plantel.contact_email, "horario": plantel.office_hours, "subdelegacion": plantel.subdelegacion,
            "registro_patronal": self.registro(plantel.pk), "fecha": long_date(self.on),
        }  # fmt: skip

    def values(self, case: Case) -> dict[str, str]:
        """What the words may name of the case and its plantel."""
        student, enrolment = case.student, case.enrolment
        return self.plantel_values(case.plantel) | {
            "nombre": student.full_name, "curp": student.curp, "nss": student.nss or "", "matricula": enrolment.matricula,
            "grupo": enrolment.grupo, "ciclo": enrolment.ciclo.clave, "folio": case.folio,
            "vence": long_date(case.due_on) if case.due_on else "", "umf": case.umf or case.plantel.umf,
        }  # fmt: skip

    def look_up_pages(self, case_ids: Iterable[int]) -> None:
        """Read the addresses of many cases at once, ahead of `page`."""
        self._pages = self.pages_of(case_ids, self.on, self.by)

    def page(self, case: Case) -> str:
        """The address of the case's own page."""
        if case.pk not in self._pages:
            self.look_up_pages([case.pk])
        return self._pages[case.pk]

    def is_minor(self, case: Case) -> bool:
        return is_minor(case.student.birth_date, self.on)

    def paper(self, kind: DocumentKind, case: Case, blocks: Sequence[Block]) -> Paper:
        """A paper about one case."""
        return Paper(kind.value, case.plantel_id, case.pk, self.head(case.plantel), f"{kind.label} {case.folio}", tuple(blocks))


def to_print(cases: QuerySet[Case], *, history: bool) -> QuerySet[Case]:
    """Select `cases` with everything a paper may say of them; with their events (see `events_of`) if `history`."""
    cases = cases.select_related("student", "plantel", "enrolment__ciclo")
    events = Prefetch("events", queryset=Event.objects.order_by("seq"), to_attr="printed_events")
    return cases.prefetch_related(events) if history else cases


def events_of(case: Case) -> list[Event]:
    """Return the events of a case that `to_print` read, oldest first."""
    events: list[Event] = getattr(case, "printed_events")  # noqa: B009 - the attribute is to_print's
    return events
