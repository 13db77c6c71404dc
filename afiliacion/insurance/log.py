"""Write what happened to covers, a set at a time, each log chained by hashes; and prove that the rows are what their logs say."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db.models import QuerySet

from afiliacion.cases.history.chain import canonical, moment
from afiliacion.cases.outcome import Act, ActorKind
from afiliacion.database.bulk_writes import changed_places, insert_rows, new_keys, update_rows
from afiliacion.insurance.facts import CoverFacts, CoverHappening, after
from afiliacion.insurance.known import KnownCover
from afiliacion.insurance.models import STEP_COLUMNS, Cover, CoverEvent

CHUNK: Final = 2000
#: These say nothing of where the cover stands: who noted them does not matter to other planteles.
_OF_BAJAS: Final = frozenset({CoverHappening.BAJA_SENT, CoverHappening.BAJA_REJECTED, CoverHappening.UNIFIED, CoverHappening.MERGED})


class Entry(NamedTuple):
    """One thing to write down: the cover (id 0 if it begins with it), what, the fact's own date, the case that told it, the evidence.

    `before`: of TAKEN_BACK, the facts without what is taken back.
    """

    cover: KnownCover
    what: CoverHappening
    on: dt.date
    case: int | None = None
    evidence: str = ""
    before: CoverFacts | None = None


class NewCoverEvent(NamedTuple):
    """An event that is about to be written, by COPY: the columns of CoverEvent."""

    cover_id: int
    seq: int
    what: str
    on: dt.date
    at: dt.datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str
    case: int | None
    evidence: str
    prev_hash: str
    hash: str = ""


def append(entries: Sequence[Entry], act: Act) -> None:
    """Write these down, in order, and change the covers by them; those that begin get their ids. Their persons are locked by the caller."""
    begun = list({id(entry.cover): entry.cover for entry in entries if not entry.cover.id}.values())
    known = list({entry.cover.id: entry.cover for entry in entries if entry.cover.id}.values())
    before = [_stepped(cover) for cover in known]
    for cover, key in zip(begun, new_keys(Cover, len(begun)), strict=True):
        cover.id = key
    events = [_step(entry, act) for entry in entries]
    own = ("id", "student_id", "registro", "whose")
    insert_rows(Cover, (*own, *STEP_COLUMNS), [(c.id, c.student_id, c.registro, c.whose, *_stepped(c)) for c in begun])
    insert_rows(CoverEvent, NewCoverEvent._fields, events)
    _update(known, before)


def _update(covers: Sequence[KnownCover], before: Sequence[Sequence[Any]]) -> None:
    """Write what is not as it was. The NSS always: who unifies two of them changed it already (record.py)."""
    now = [_stepped(cover) for cover in covers]
    places = sorted({STEP_COLUMNS.index("nss"), *changed_places(before, now)})
    rows = [(cover.id, *(row[place] for place in places)) for cover, row in zip(covers, now, strict=True)]
    update_rows(Cover, [STEP_COLUMNS[place] for place in places], rows)


def _stepped(cover: KnownCover) -> tuple[Any, ...]:
    """The values of STEP_COLUMNS."""
    status, *rest = cover.facts
    return cover.nss, status.value, *rest, cover.scope, cover.version, cover.head_hash


def _step(entry: Entry, act: Act) -> NewCoverEvent:
    """Change a cover by what happened to it; return the event of it."""
    cover, actor = entry.cover, act.actor
    cover.facts = entry.before if entry.before is not None else after(cover.facts, entry.what, entry.on, entry.evidence)
    if entry.what not in _OF_BAJAS:
        by_hand = actor.kind == ActorKind.PERSON and act.planteles is not None
        cover.scope = sorted(act.planteles or ()) if by_hand else None
    cover.version += 1
    event = NewCoverEvent(
        cover.id, cover.version, entry.what.value, entry.on, act.now, actor.kind.value, actor.user_id, actor.name, entry.case,
        entry.evidence, cover.head_hash,
    )  # fmt: skip
    cover.head_hash = seal(event)
    return event._replace(hash=cover.head_hash)


def seal(event: CoverEvent | NewCoverEvent) -> str:
    """SHA-256 (hex) of an event's content and of `prev_hash`, as of a case's event (cases/history/chain.py)."""
    content: list[Any] = [
        event.cover_id, event.seq, event.what, event.on.isoformat(), moment(event.at), event.actor_kind, event.actor_id,
        event.actor_name, event.case, event.evidence, event.prev_hash,
    ]  # fmt: skip
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def fold(events: Iterable[CoverEvent]) -> CoverFacts:
    """The facts after a cover's events, given in order. What was taken back does not count."""
    facts = CoverFacts()
    for event in standing(events):
        facts = after(facts, CoverHappening(event.what), event.on, event.evidence)
    return facts


def standing(events: Iterable[CoverEvent]) -> list[CoverEvent]:
    """A cover's events without those that were taken back; each of TAKEN_BACK takes the last one that stands."""
    kept: list[CoverEvent] = []
    for event in events:
        if event.what == CoverHappening.TAKEN_BACK:
            kept.pop()
        else:
            kept.append(event)
    return kept


def broken(covers: QuerySet[Cover] | None = None) -> Iterator[tuple[int, str]]:
    """(cover id, what is wrong in Spanish) for each cover whose log was altered, cut or added to, or whose row says something else."""
    found, last = Cover.objects.all() if covers is None else covers, 0
    while chunk := list(found.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        last = chunk[-1].pk
        rows = CoverEvent.objects.filter(cover__in=[cover.pk for cover in chunk]).order_by("cover_id", "seq")
        events = {cover_id: list(group) for cover_id, group in groupby(rows, key=lambda event: event.cover_id)}
        yield from ((cover.pk, wrong) for cover in chunk if (wrong := _wrong(cover, events.get(cover.pk, []))))


def _wrong(cover: Cover, events: Sequence[CoverEvent]) -> str:
    previous = ""
    for seq, event in enumerate(events, 1):
        if event.seq != seq or event.prev_hash != previous or event.hash != seal(event):
            return f"el hecho {seq} falta, fue alterado o insertado"
        previous = event.hash
    if (len(events), previous) != (cover.version, cover.head_hash):
        return f"dice tener {cover.version} hechos y su bitácora termina en el {len(events)}"
    return "" if fold(events) == cover.facts else "lo guardado no es lo que dice su bitácora"
