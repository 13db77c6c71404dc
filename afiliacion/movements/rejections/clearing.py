"""An officer says of movements that IMSS turned down that what was wrong is put right, and takes that back while nothing was sent again."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from afiliacion.cases.engine import lock_people
from afiliacion.cases.outcome import Act
from afiliacion.movements.models import Movement
from afiliacion.movements.rejections.holding import last_of_their_case


def clear(movements: QuerySet[Movement], *, act: Act) -> int:
    """Let what these movements were about be sent again as it stands; return how many were let go by this."""
    return _note(movements.filter(cleared_at=None), cleared_at=act.now, cleared_name=act.actor.name)


def take_back(movements: QuerySet[Movement]) -> int:
    """What was said of these movements was a mistake: they wait again, but for those in a lote by now. Return how many."""
    return _note(movements.filter(cleared_at__isnull=False), cleared_at=None, cleared_name="")


def _note(movements: QuerySet[Movement], **said: object) -> int:
    """The persons are locked first: a lote that is made at the same moment has them all, or none."""
    with transaction.atomic():
        asked = dict(last_of_their_case(movements).values_list("pk", "case_id"))
        lock_people(asked.values())
        still = list(last_of_their_case(movements.filter(pk__among=list(asked))).values_list("pk", flat=True))
        return Movement.objects.filter(pk__among=still).update(**said)
