"""The covers of two records of one person that are merged, or taken apart again (afiliacion/cases/identity)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from afiliacion.cases.engine import Move
from afiliacion.cases.models import Merge
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import Verb
from afiliacion.database.bulk_writes import update_rows
from afiliacion.insurance.facts import CoverHappening, CoverOwner
from afiliacion.insurance.known import covers
from afiliacion.insurance.log import Entry, append
from afiliacion.insurance.models import Cover


def follow(verb: Verb, moves: Sequence[Move], act: Act) -> set[int]:
    """Give the covers to the record whose they are after these steps; return both persons (ids), who are locked."""
    merge, on = Merge.objects.get(pk=moves[0].happening.data["merge"]), moves[0].happening.on
    if verb is Verb.MERGE:
        _join(merge, on, act)
    else:
        _part(merge, on, act)
    return {merge.kept_id, merge.merged_id}


def _join(merge: Merge, on: dt.date, act: Act) -> None:
    """Of two live ones under the same NSS and registro, which are one cover, that of the other record ends."""
    theirs = covers(Cover.objects.filter(student=merge.merged_id))
    live = Cover.objects.filter(student=merge.kept_id, whose=CoverOwner.OURS, ended_on=None)
    known = set(live.values_list("nss", "registro"))
    ours = [cover for cover in theirs if cover.facts.ended_on is None and cover.whose == CoverOwner.OURS]
    same = [cover for cover in ours if (cover.nss, cover.registro) in known]
    _note_owing(merge)
    append(
        [*(Entry(cover, CoverHappening.LOST, on) for cover in same), *(Entry(cover, CoverHappening.MERGED, on) for cover in theirs)], act
    )
    Cover.objects.filter(student=merge.merged_id).update(student=merge.kept_id)
    if same:
        Merge.objects.filter(pk=merge.pk).update(joined_covers=True)


def _note_owing(merge: Merge) -> None:
    """Which case owed the baja of each cover of the two: what they are told together may change that."""
    covers = Cover.objects.filter(student__in=[merge.kept_id, merge.merged_id])
    owing = {str(pk): case_id for pk, case_id in covers.values_list("pk", "owed_by")}
    Merge.objects.filter(pk=merge.pk).update(moved={**merge.moved, "owing": owing})


def _part(merge: Merge, on: dt.date, act: Act) -> None:
    given = Cover.objects.filter(student=merge.kept_id, events__what=CoverHappening.MERGED, events__at=merge.at)
    back = covers(given.distinct())
    append([Entry(cover, CoverHappening.MERGED, on) for cover in back], act)
    Cover.objects.filter(pk__in=[cover.id for cover in back]).update(student=merge.merged_id)
    owing = [(int(pk), case_id) for pk, case_id in merge.moved.get("owing", {}).items()]
    update_rows(Cover, ["owed_by_id"], owing)
