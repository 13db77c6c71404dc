"""A list of insured persons is kept, replaces the one of before, or is discarded. One a registro patronal stands."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import IO, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from afiliacion.cases.outcome import Act
from afiliacion.database.bulk_writes import insert_rows
from afiliacion.reconciliation.insured.reading import InsuredRead, read
from afiliacion.reconciliation.models import InsuredList, InsuredRow
from afiliacion.roll.parse.reading import spooled

_NAME: Final = 160
_COLUMNS: Final = ("list_id", "nss", "line", "curp", "name", "since")


class NotKept(ValueError):
    """The list was not kept and nothing changed; str() says why in Spanish."""


def bring(file: IO[bytes], filename: str, *, registro: str, on: dt.date, act: Act) -> InsuredList:
    """Keep who IMSS says is insured under a registro patronal (plain) on a day; the same list brought again is the one that stands.

    Raises:
        UnreadableFile: it is no such list.
        NotKept: a list of a later day stands, or the day has not come.
    """
    content = file.read(settings.ROLL_MAX_BYTES + 1)
    if on > timezone.localdate(act.now):
        raise NotKept("Esa fecha aún no llega.")
    with spooled(content) as path:
        found = read(path, filename)
    with transaction.atomic():
        _one_at_a_time(registro)
        digest = hashlib.sha256(content).hexdigest()
        former = InsuredList.objects.filter(registro=registro, ended="").first()
        if former and (former.sha256, former.on) == (digest, on):
            return former
        if former and former.on > on:
            raise NotKept(f"Ya hay una lista de una fecha posterior, del {former.on:%d/%m/%Y}: descártela antes si esta es la buena.")
        if former:
            _end(former, InsuredList.End.REPLACED, act)
        return _keep(found, InsuredList(registro=registro, on=on, filename=filename[-_NAME:], sha256=digest), act)


def discard(list_id: int, *, act: Act) -> bool:
    """Forget whom a list names; whether it still stood."""
    with transaction.atomic():
        standing = InsuredList.objects.select_for_update().filter(pk=list_id, ended="").first()
        if standing:
            _end(standing, InsuredList.End.DISCARDED, act)
    return standing is not None


def _one_at_a_time(registro: str) -> None:
    """Wait for a list of the same registro patronal that is just being kept."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('asegurados'), hashtext(%s))", [registro])


def _end(standing: InsuredList, how: InsuredList.End, act: Act) -> None:
    standing.ended, standing.ended_at, standing.ended_name = how, act.now, act.actor.name[:_NAME]
    standing.save(update_fields=["ended", "ended_at", "ended_name"])
    standing.rows.all().delete()


def _keep(found: InsuredRead, fresh: InsuredList, act: Act) -> InsuredList:
    fresh.count, fresh.notes, fresh.brought_at = len(found.persons), found.notes, act.now
    fresh.brought_by_id, fresh.brought_name = act.actor.user_id, act.actor.name[:_NAME]
    fresh.save()
    insert_rows(InsuredRow, _COLUMNS, [(fresh.pk, *person) for person in found.persons.values()])
    return fresh
