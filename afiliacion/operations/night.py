"""The night: everything the office does by itself once a date, in steps that may be repeated, overlap or die halfway.

No step carries state of its own: each asks the database what is left. So a night that was killed is simply run again, and the
sweep of every minute finishes what a night's budget left.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone

from afiliacion.cases import tally, upkeep
from afiliacion.cases.consistency import differences
from afiliacion.cases.outcome import NIGHT, Outcome
from afiliacion.imss import outage, plan, report
from afiliacion.imss.chase import chase
from afiliacion.imss.lost_days import note_lost_days
from afiliacion.imss.retention import clear_archive
from afiliacion.operations import alarms
from afiliacion.operations.models import NightRun
from afiliacion.reminders import decide, digest, send
from afiliacion.reminders.models import ReminderKind
from afiliacion.roll import retention, trouble

log = logging.getLogger(__name__)

#: Longer than any night may take; a night whose process died can be taken over after it.
LEASE: Final = dt.timedelta(hours=1)
SHOWN: Final = 20
#: The step that comes to nothing when IMSS is away.
ASKING: Final = "IMSS"


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of each thing one run may do before it leaves the rest to the next sweep."""

    chase_seconds: float = 300.0
    mails: int = 100_000
    #: Asked between letters and questions: whether the process was told to stop.
    stop: Callable[[], bool] = send.never


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    run: Callable[[dt.date, dt.datetime, Budget], Iterable[str]]


class StepInVain(Exception):
    """A step came to nothing, and somebody must know; str() says what happened, in Spanish."""


class NightBusy(Exception):
    """Another process is running the night of this date, or it is done; str() says which, in Spanish."""


def run_night(date: dt.date, now: dt.datetime, *, again: bool = False, budget: Budget = Budget()) -> NightRun:
    """Run the night of `date` (a business date) and return its row with what each step did.

    `now` is when it begins. A step that fails is logged, written down and does not stop the others; the night is then FAILED,
    and those in charge are written to.

    Raises:
        NightBusy: the night is running elsewhere, or is done and `again` is false.
    """
    begun = time.monotonic()
    night = _claim(date, now, again=again)
    night.report = [_run(step, date, now, budget) for step in STEPS]
    night.status = NightRun.Status.FAILED if any(line["error"] for line in night.report) else NightRun.Status.DONE
    night.lease_until, night.finished_at = None, now + dt.timedelta(seconds=time.monotonic() - begun)
    with transaction.atomic():
        night.save()
        if night.status == NightRun.Status.FAILED:
            alarms.about_night(night, now)
    return night


def coming(now: dt.datetime) -> tuple[dt.date, dt.datetime]:
    """The next night to be made: its date, and the moment it is made (`now`, if it should have been already)."""
    today = timezone.localdate(now)
    made = NightRun.objects.filter(date=today, finished_at__isnull=False).exists()
    date = today + dt.timedelta(days=1) if made else today
    return date, max(now, begins(date))


def begins(date: dt.date) -> dt.datetime:
    """The hour at which the night of `date` is made."""
    return timezone.make_aware(dt.datetime.combine(date, dt.time(settings.NIGHT_HOUR, settings.NIGHT_MINUTE)))


def is_missing(now: dt.datetime) -> bool:
    """Whether the night of today should have been made, and nobody has made it or is at it. Days gone by are not made up for one by one."""
    today = timezone.localdate(now)
    taken = NightRun.objects.filter(Q(finished_at__isnull=False) | Q(lease_until__gte=Now()), date=today)
    return begins(today) <= now and not taken.exists()


def sweep(date: dt.date, now: dt.datetime, budget: Budget) -> None:
    """What cannot wait for the night: movements an officer asked for, mails that are due. Cheap when there is nothing."""
    chase(date, now, budget_seconds=budget.chase_seconds, stop=budget.stop)
    alarms.about_outage(now)
    send.send_due(now, budget.mails, budget.stop)
    tally.fold()


def _claim(date: dt.date, now: dt.datetime, *, again: bool) -> NightRun:
    """Take the night of `date`. The database's clock decides whether somebody else still has it."""
    with transaction.atomic():
        night = NightRun.objects.select_for_update().get_or_create(date=date)[0]
        free = Q(lease_until=None) | Q(lease_until__lt=Now())
        if night.status == NightRun.Status.DONE and not again:
            raise NightBusy(f"La noche del {date:%d/%m/%Y} ya se hizo.")
        taken = NightRun.objects.filter(free, pk=night.pk).update(
            status=NightRun.Status.RUNNING, attempts=F("attempts") + 1, lease_until=Now() + LEASE, started_at=now, finished_at=None
        )
        if not taken:
            raise NightBusy(f"La noche del {date:%d/%m/%Y} la está haciendo otro proceso.")
        night.refresh_from_db()
    return night


def _run(step: Step, date: dt.date, now: dt.datetime, budget: Budget) -> dict[str, Any]:
    try:
        return {"step": step.title, "said": list(step.run(date, now, budget)), "error": ""}
    except StepInVain as trouble:
        return {"step": step.title, "said": [], "error": str(trouble)}
    except Exception as error:
        log.exception("night step failed: %s", step.title)
        return {"step": step.title, "said": [], "error": f"{type(error).__name__}: {error}"[:500]}


def _clocks(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    lost = note_lost_days(date, now)
    if lost:
        yield f"Días sin servicio del IMSS, que no cuentan: {', '.join(f'{day:%d/%m/%Y}' for day in lost)}."
    moved = upkeep.reschedule(date, actor=NIGHT, now=now)
    yield f"{len(moved.done)} plazos recalculados por días que no cuentan."
    told = upkeep.alert_overdue(date, actor=NIGHT, now=now)
    yield f"{len(told.done)} atrasos avisados a coordinación."
    yield from _skipped(moved)
    yield from _skipped(told)
    if gone := clear_archive(now):
        yield f"{gone} respuestas del IMSS salieron del archivo por su antigüedad."


def _ask_imss(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    plan.plan(date, now)
    asked = chase(date, now, budget_seconds=budget.chase_seconds, stop=budget.stop)
    if asked.in_vain:
        raise StepInVain(" ".join(["Nada de lo que se preguntó al IMSS tuvo respuesta.", *report.lines(asked)]))
    return report.lines(asked)


def _write_mails(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    decided = decide.decide(date, now, outage=outage.current() is not None)
    yield f"{decided.total} correos a alumnos y tutores."
    names = dict(ReminderKind.objects.values_list("key", "name"))
    yield from (f"  {n} · {names[key]}" for key, n in sorted(decided.queued.items()))


def _send_mails(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    post = send.send_due(now, budget.mails, budget.stop)
    yield f"{post.sent} correos enviados, {post.failed} rechazados, {post.uncertain} dudosos, {post.postponed} pospuestos."
    if later := send.waiting_for_their_hour(now):
        yield f"  {later} esperan su hora: no se escribe a nadie fuera del horario de su plantel."
    if post.trouble:
        yield f"  El servidor de correo dijo: {post.trouble}"


def _digests(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    yield f"{digest.queue(date, now, trouble.since_yesterday(now))} resúmenes para responsables."
    yield from _send_mails(date, now, budget)


def _forget_rolls(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    yield f"{retention.forget(now)} listas de inscritos ya servidas: se borraron sus filas y su archivo."


def _check(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    """The stored state, turn and due date against the facts (design, rule 10): a difference makes the night fail, in sight."""
    found = [*map(str, differences()), *tally.differences(), *tally.wrong_copies()]
    if found:
        raise RuntimeError("; ".join(found[:SHOWN]))
    yield "Todos los expedientes dicen lo que sus hechos."


def _funnel(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    tally.fold()
    yield f"{tally.note_funnel(date)} planteles y ciclos con su avance anotado."


def _skipped(outcome: Outcome) -> Iterable[str]:
    return (f"  E-{case_id:07d}: {why}" for case_id, why in list(outcome.skipped.items())[:SHOWN])


STEPS: Final = (
    Step("Plazos", _clocks),
    Step(ASKING, _ask_imss),
    Step("Avisos", _write_mails),
    Step("Correo", _send_mails),
    Step("Resúmenes", _digests),
    Step("Avance", _funnel),
    Step("Listas", _forget_rolls),
    Step("Comprobación", _check),
)
