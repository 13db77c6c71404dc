"""What is known of a case in a difference, in one line: read for the rows of a page, or of a piece of a file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from django.db.models import QuerySet

from afiliacion.cases.models import Case
from afiliacion.imss.models import Errand
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections.holding import explained
from afiliacion.reconciliation.differences import Difference
from afiliacion.reconciliation.models import InsuredList

Status = Movement.Status


class Detail(NamedTuple):
    """A line in Spanish, and the lote (id) it is about."""

    text: str
    lote_id: int | None = None


def details(what: Difference, cases: Sequence[int]) -> dict[int, Detail]:
    """What is known of each of these cases (ids) of a difference; of some nothing more than their state says."""
    return _OF[what](cases) if what in _OF else {}


def _unanswered(cases: Sequence[int]) -> dict[int, Detail]:
    movements = {case_id: row for case_id, row in _last(cases, [Status.SENT, Status.RECEIVED]).items() if row.lote}
    errands = Errand.objects.filter(case__in=cases, kind__in=Errand.MOVEMENTS, status__in=Errand.UNFINISHED).order_by("pk")
    by_service = {errand.case_id: Detail(_asked(errand)) for errand in errands}
    return by_service | {case_id: Detail(_sent(row), row.lote_id) for case_id, row in movements.items()}


def _last(cases: Sequence[int], statuses: Iterable[Status]) -> dict[int, Movement]:
    """The last movement of each case that stands so."""
    rows = Movement.objects.filter(case__in=cases, status__in=list(statuses)).select_related("lote").order_by("pk")
    return {row.case_id: row for row in rows.defer("lote__body", "lote__changed_names")}


def _sent(row: Movement) -> str:
    kind, lote = row.get_type_display(), row.its_lote
    if row.status == Status.SENT:
        return f"{kind} presentada el {lote.sent_on:%d/%m/%Y}, sin acuse de recibo."
    return f"{kind} recibida por el IMSS el {lote.received_on:%d/%m/%Y}, sin respuesta."


def _asked(errand: Errand) -> str:
    since = errand.received_on or errand.requested_on
    return f"{errand.get_kind_display()}, por el servicio, desde el {since:%d/%m/%Y}: {errand.message or 'sin respuesta.'}"


def _turned_down(cases: Sequence[int]) -> dict[int, Detail]:
    errands = Errand.objects.filter(case__in=cases, kind__in=Errand.MOVEMENTS).exclude(message="").order_by("pk")
    said = {errand.case_id: Detail(errand.message) for errand in errands}
    rows = explained(_last(cases, Movement.TURNED_DOWN).values())
    return said | {each.movement.case_id: Detail(str(each), each.movement.lote_id) for each in rows}


def _owed(cases: Sequence[int]) -> dict[int, Detail]:
    return _told((cover.owed_by_id, cover) for cover in _live().filter(owed_by__in=cases))


def _insured(cases: Sequence[int]) -> dict[int, Detail]:
    """The cover of the case's own alta; of others of the person nothing is said here."""
    known = {(case.student_id, case.registro): case.pk for case in Case.objects.filter(pk__in=cases).only("student", "registro")}
    covers = _live().filter(student__in=[student_id for student_id, _ in known])
    return _told((known.get((cover.student_id, cover.registro)), cover) for cover in covers)


def _live() -> QuerySet[Cover]:
    return Cover.objects.filter(whose=CoverOwner.OURS, ended_on=None).order_by("pk")


def _told(pairs: Iterable[tuple[int | None, Cover]]) -> dict[int, Detail]:
    found: dict[int, list[str]] = defaultdict(list)
    for case_id, cover in pairs:
        if case_id is not None:
            found[case_id].append(cover.told)
    return {case_id: Detail("; ".join(said)) for case_id, said in found.items()}


def _not_listed(cases: Sequence[int]) -> dict[int, Detail]:
    days = dict(InsuredList.objects.filter(ended="").values_list("registro", "on"))
    insured = _insured(cases)
    under = Case.objects.filter(pk__in=cases).values_list("pk", "registro")
    return {
        pk: Detail(f"{insured[pk].text}. La lista es del {days[registro]:%d/%m/%Y}.")
        for pk, registro in under
        if pk in insured and registro in days
    }


_OF: Final[Mapping[Difference, Callable[[Sequence[int]], dict[int, Detail]]]] = {
    Difference.UNANSWERED: _unanswered, Difference.TURNED_DOWN: _turned_down, Difference.BAJA_TO_SEND: _owed,
    Difference.NOT_ENROLLED: _insured, Difference.TWICE: _insured, Difference.NOT_LISTED: _not_listed,
}  # fmt: skip
