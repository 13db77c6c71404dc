"""The officers' morning digest: what needs a person, by plantel. Nothing to say, nothing sent."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from afiliacion.cases import consent
from afiliacion.cases.acuse_review import to_review
from afiliacion.cases.models import Case
from afiliacion.cases.queries import overdue, visible_cases
from afiliacion.cases.states import State, Turn
from afiliacion.reminders.address import address
from afiliacion.reminders.decide import enqueue
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.letters.compose import one_line
from afiliacion.reminders.models import BadAddress, Reminder, ReminderKind
from afiliacion.reminders.models.reminder import ADDRESS
from students.envelope import Envelope
from students.models import Plantel, StaffPost

Audience = ReminderKind.Audience

_OVERDUE: Final = {
    Turn.ESCUELA.value: "Vencidos que tocan a la escuela",
    Turn.ALUMNO.value: "Vencidos que tocan al alumno",
    Turn.IMSS.value: "Vencidos que tocan al IMSS",
}
_ALERTED: Final = "Atrasos que hoy se avisan a coordinación"
_DUE_TODAY: Final = "Vencen hoy"
_SCHOOL: Final = {
    State.ACUSE_ENTREGADO.value: "Por enviar el alta al IMSS",
    State.EN_SUBDELEGACION.value: "Por llevar a la subdelegación",
    State.BAJA.value: "Por enviar la baja al IMSS",
    State.RENUNCIA.value: "Por enviar la baja al IMSS, por renuncia",
}
_REJECTED: Final = "Altas rechazadas por el IMSS"
_UNCOVERED: Final = "Sin vigencia después del plazo"
_MAIL: Final = {
    Reminder.Status.FAILED.value: "Avisos que el correo del alumno rechazó",
    Reminder.Status.BOUNCED.value: "Avisos que regresaron sin entregarse",
    Reminder.Status.UNCERTAIN.value: "Avisos dudosos: no se sabe si llegaron",
}
_UNREACHABLE: Final = "Alumnos por avisar que no tienen un correo válido"
_ASKED: Final = "Solicitudes de otros planteles, por responder"
_UNANSWERED: Final = "Solicitudes que nadie respondió a tiempo: decide la coordinación"
_SHEETS: Final = "Hojas que entregaron los alumnos, por revisar"

#: As the mail lists them; the lists of students that went wrong stand between.
_FIRST: Final = (*_OVERDUE.values(), _ALERTED, _DUE_TODAY)
_THEN: Final = tuple(dict.fromkeys((_ASKED, _UNANSWERED, _SHEETS, *_SCHOOL.values(), _REJECTED, _UNCOVERED, *_MAIL.values(), _UNREACHABLE)))
#: The turn is not the school's: worth a mail when the number differs from the last digest's, not every morning.
_OTHERS: Final = frozenset({_OVERDUE[Turn.ALUMNO.value], _OVERDUE[Turn.IMSS.value]})
_URGENT: Final = frozenset({*_OVERDUE.values(), _ALERTED, _DUE_TODAY, _REJECTED})


@dataclass(slots=True)
class Figures:
    """The figures of one plantel for this morning's digest: how many cases by line of the mail."""

    counts: Counter[str] = field(default_factory=Counter)
    #: Of the cases that reached a step of their own: the kind's name, and how many.
    escalated: Counter[str] = field(default_factory=Counter)
    #: Lists of students that went wrong, by what is to be done about them, in words.
    lists: Mapping[str, int] = field(default_factory=dict)
    #: Whether the plantel goes into the coordinators' digests.
    for_coordination: bool = False

    @property
    def overdue(self) -> int:
        return sum(self.counts[what] for what in _OVERDUE.values())

    @property
    def due_today(self) -> int:
        return self.counts[_DUE_TODAY]

    def lines(self) -> list[dict[str, Any]]:
        usual = (*self._of(_FIRST), *self.lists.items(), *self._of(_THEN))
        ordered = (*self.escalated.items(), *usual)
        return [{"what": what, "n": n, "urgent": what in _URGENT or what in self.escalated} for what, n in ordered]

    def _of(self, labels: Iterable[str]) -> Iterator[tuple[str, int]]:
        return ((what, self.counts[what]) for what in labels if self.counts[what])


def queue(night: dt.date, now: dt.datetime, lists: Mapping[int, Mapping[str, int]] | None = None) -> int:
    """Queue the digest of `night` for every officer who has something to read; return how many are new.

    `lists`: how many lists of each plantel (id) went wrong since yesterday, by what is to be done about them, in words. Who would
    read only what waits for others, as it was in their last digest, reads nothing.

    Call it after the night's mails went out, so that it tells which failed. Calling it again queues nothing twice. The cases that
    reach a step of a kind for the staff are named in it, and each is recorded with its recipients.
    """
    hours = Hours()
    with transaction.atomic():
        kind = ReminderKind.objects.filter(active=True, audience=ReminderKind.Audience.OFFICER, states=[]).first()
        if kind is None:
            return 0
        found = figures(night, kind.window, lists or {})
        escalated = _escalated(night, found)
        readers = _readers(found)
        news = _news(kind, list(_digests(found, readers)), night)
        heads = enqueue.queue_reports(kind, news, night, now, hours.next_open(None, now))
        enqueue.queue_escalated(_with_recipients(escalated, readers, heads), night, now)
    return len(heads)


def _escalated(night: dt.date, found: dict[int, Figures]) -> list[tuple[enqueue.Escalated, bool]]:
    """The cases that reached a step for the staff, noted in the figures; True for those the coordination is informed of too."""
    kinds = ReminderKind.objects.filter(active=True, audience__in=(Audience.OFFICER, Audience.COORDINATOR)).exclude(states=[])
    by_id = {kind.pk: kind for kind in kinds}
    escalated = []
    for each in enqueue.escalated(by_id.values(), night):
        kind, figure = by_id[each.kind_id], found.setdefault(each.plantel_id, Figures())
        figure.escalated[kind.name] += 1
        higher = kind.audience == Audience.COORDINATOR
        figure.for_coordination |= higher
        escalated.append((each, higher))
    return escalated


def _with_recipients(
    escalated: Iterable[tuple[enqueue.Escalated, bool]], readers: Mapping[str, Readership], heads: Mapping[str, int]
) -> Iterator[tuple[enqueue.Escalated, str, int]]:
    """Each case with each of the digests that name it: a plantel's own people's, and the coordinators' if it goes so high."""
    for each, higher in escalated:
        for recipient, head in heads.items():
            if each.plantel_id in readers[recipient].own or (higher and each.plantel_id in readers[recipient].planteles):
                yield each, recipient, head


def _news(kind: ReminderKind, digests: Sequence[tuple[str, dict[str, Any]]], night: dt.date) -> list[tuple[str, dict[str, Any]]]:
    """The digests that say what needs their reader, or what their last one did not."""
    earlier = Reminder.objects.filter(kind=kind, case=None, night__lt=night, recipient__in=[recipient for recipient, _ in digests])
    last = dict(earlier.order_by("recipient", "-night").distinct("recipient").values_list("recipient", "data__planteles"))
    return [
        (recipient, data) for recipient, data in digests
        if data["planteles"] != last.get(recipient)
        or any(line["what"] not in _OTHERS for plantel in data["planteles"] for line in plantel["lines"])
    ]  # fmt: skip


def figures(night: dt.date, mail_nights: int, lists: Mapping[int, Mapping[str, int]]) -> dict[int, Figures]:
    """The figures of each plantel (id) with anything to say; mails count if they are of the last `mail_nights` nights."""
    found: dict[int, Figures] = defaultdict(Figures)
    for plantel_id, counts in lists.items():
        found[plantel_id].lists = counts
    for plantel_id, what, n in _counted(night, mail_nights):
        found[plantel_id].counts[what] += n
    return dict(found)


def _counted(night: dt.date, mail_nights: int) -> Iterator[tuple[int, str, int]]:
    cases = visible_cases(None)
    for plantel_id, turn, n in _by_plantel(overdue(cases, night), "turn"):
        yield plantel_id, _OVERDUE[turn], n
    for plantel_id, n in _by_plantel(overdue(cases.filter(alerted_on=night), night)):
        yield plantel_id, _ALERTED, n
    for plantel_id, n in _by_plantel(cases.filter(due_on=night).exclude(turn=Turn.NADIE)):
        yield plantel_id, _DUE_TODAY, n
    for plantel_id, state, n in _by_plantel(cases.filter(turn=Turn.ESCUELA, state__in=_SCHOOL), "state"):
        yield plantel_id, _SCHOOL[state], n
    # At rest with another cover there is no one's turn.
    uncovered = cases.filter(state=State.SIN_VIGENCIA).exclude(turn=Turn.NADIE)
    for plantel_id, n in _by_plantel(uncovered.filter(alta_on=None)):
        yield plantel_id, _REJECTED, n
    for plantel_id, n in _by_plantel(uncovered.exclude(alta_on=None)):
        yield plantel_id, _UNCOVERED, n
    yield from _about_students()
    yield from _requests(night)
    yield from _mail_trouble(night, mail_nights)


def _requests(night: dt.date) -> Iterator[tuple[int, str, int]]:
    """Requests between planteles: those a plantel has to answer, and those of its own that were not answered in time."""
    for plantel_id, n in consent.waiting_by_plantel():
        yield plantel_id, _ASKED, n
    for plantel_id, n in consent.overdue(night).values_list("plantel").annotate(n=Count("pk")).order_by():
        yield plantel_id, _UNANSWERED, n


def _about_students() -> Iterator[tuple[int, str, int]]:
    for plantel_id, n in _by_plantel(to_review(visible_cases(None))):
        yield plantel_id, _SHEETS, n
    unreachable = (
        visible_cases(None)
        .filter(turn=Turn.ALUMNO)
        .alias(to=Envelope("student__email"))
        .exclude(Q(to__regex=ADDRESS) & ~Exists(BadAddress.objects.filter(address=OuterRef("to"))))
    )
    for plantel_id, n in _by_plantel(unreachable):
        yield plantel_id, _UNREACHABLE, n


def _mail_trouble(night: dt.date, mail_nights: int) -> Iterator[tuple[int, str, int]]:
    recent = Reminder.objects.filter(
        night__gt=night - dt.timedelta(days=mail_nights), night__lte=night, status__in=_MAIL, case__in=visible_cases(None)
    )
    for plantel_id, status, n in recent.values_list("case__plantel", "status").annotate(n=Count("pk")).order_by():
        yield plantel_id, _MAIL[status], n


def _by_plantel(cases: QuerySet[Case], *groups: str) -> Iterator[tuple[Any, ...]]:
    yield from cases.values_list("plantel", *groups).annotate(n=Count("pk")).order_by()


@dataclass(slots=True)
class Readership:
    """The planteles (ids) one address reads about: `own` as their officer, `planteles` in all."""

    own: set[int] = field(default_factory=set)
    planteles: set[int] = field(default_factory=set)


def _digests(found: Mapping[int, Figures], readers: Mapping[str, Readership]) -> Iterator[tuple[str, dict[str, Any]]]:
    names = dict(Plantel.objects.filter(pk__in=found).values_list("pk", "name"))
    for recipient, reader in readers.items():
        ordered = sorted(reader.planteles, key=lambda plantel_id: (names[plantel_id], plantel_id))
        yield (
            recipient,
            {
                "planteles": [{"name": one_line(names[plantel_id]), "lines": found[plantel_id].lines()} for plantel_id in ordered],
                "total": {
                    "overdue": sum(found[plantel_id].overdue for plantel_id in ordered),
                    "due_today": sum(found[plantel_id].due_today for plantel_id in ordered),
                },
            },
        )


def _readers(found: Mapping[int, Figures]) -> dict[str, Readership]:
    """Who reads of which planteles, by address, of those with something to say: the plantel's contact and its staff; for a
    coordinator, those where something became so late tonight that a rule or a kind wants it known."""
    contacts = Plantel.objects.filter(pk__in=found).values_list("contact_email", "pk")
    staff = StaffPost.objects.filter(plantel__in=found, user__is_active=True).values_list("user__email", "plantel_id")
    coordinators = StaffPost.objects.filter(plantel=None, user__is_active=True).values_list("user__email", flat=True)
    high = [
        plantel_id
        for plantel_id, figure in found.items()
        if figure.counts[_ALERTED] or figure.counts[_UNANSWERED] or figure.for_coordination
    ]
    readers: dict[str, Readership] = defaultdict(Readership)
    for email, plantel_id in (*contacts, *staff):
        if (recipient := address(email)) and plantel_id is not None:
            readers[recipient].own.add(plantel_id)
            readers[recipient].planteles.add(plantel_id)
    for recipient in filter(None, map(address, coordinators)):
        readers[recipient].planteles.update(high)
    return {recipient: reader for recipient, reader in readers.items() if reader.planteles}
