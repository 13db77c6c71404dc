"""The night: everything the office does by itself once a date, in steps that may be repeated, overlap or be killed halfway.

No step keeps state of its own: each asks the database what is left. So a night that was killed is simply run again, and the
sweep of every minute finishes what a night's budget left.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from afiliacion.cases import counters, upkeep
from afiliacion.cases.history import roots
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import folio
from afiliacion.cases.outcome import NIGHT, Act, Outcome
from afiliacion.imss.chase import report
from afiliacion.imss.chase.run import chase
from afiliacion.imss.queue import plan
from afiliacion.imss.rate import circuit_breaker
from afiliacion.imss.rate.lost_days import note_lost_days
from afiliacion.imss.retention import clear_archive
from afiliacion.insurance.settle import settle_all
from afiliacion.operations import alarms, chase_relay, mail_health
from afiliacion.operations.lease_renewal import LeaseRenewal
from afiliacion.operations.models import NightRun
from afiliacion.reminders.decide import digest
from afiliacion.reminders.decide import night as decide
from afiliacion.reminders.delivery import send
from afiliacion.reminders.models import ReminderKind
from afiliacion.roll import failed_lists, retention
from afiliacion.stopping import never

log = logging.getLogger(__name__)

#: How long a night's lease lasts after its last renewal: longer than any step takes without progress. Then another process takes over.
LEASE: Final = dt.timedelta(hours=1)
#: Renewals within the time of a lease.
_RENEWALS: Final = 12
#: The most skipped cases or differences a step reports.
SHOWN: Final = 20
#: The step that comes to nothing when IMSS is away.
ASKING: Final = "IMSS"


@dataclass(frozen=True, slots=True)
class Budget:
    """How much of each thing one run may do before it leaves the rest to the next sweep."""

    chase_seconds: float = 300.0
    mails: int = 100_000
    #: Whether the process was told to stop: asked between letters and requests, which counts as progress.
    stop: Callable[[], bool] = never


@dataclass(frozen=True, slots=True)
class NightStep:
    """A step, and its title in Spanish; `run` yields what it did, in Spanish."""

    title: str
    run: Callable[[dt.date, dt.datetime, Budget], Iterable[str]]


class StepInVain(Exception):
    """A step came to nothing, so that the night fails; str() says what happened, in Spanish."""


class NightBusy(Exception):
    """Another process runs the night of this date, or it is done; str() says which, in Spanish."""


def run_night(date: dt.date, now: dt.datetime, *, again: bool = False, budget: Budget = Budget()) -> NightRun:
    """Run the night of `date` (a business date) and return its row with what each step did.

    `now` is when it begins. A step that fails is logged, written down and does not stop the others; the night is then FAILED,
    and coordination is written to. The lease is renewed while the steps make progress.

    Raises:
        NightBusy: the night runs elsewhere, or is done and `again` is false; or this process lost it because it made no progress.
    """
    begun = time.monotonic()
    night = _claim(date, now, again=again)
    with LeaseRenewal(partial(_renew, night), LEASE.total_seconds() / _RENEWALS) as renewal:
        night.report = list(_run_steps(date, now, replace(budget, stop=renewal.watch(budget.stop)), renewal))
    night.status = NightRun.Status.FAILED if any(line["error"] for line in night.report) else NightRun.Status.DONE
    night.lease_until, night.finished_at = None, now + dt.timedelta(seconds=time.monotonic() - begun)
    with transaction.atomic():
        _save(night)
        if night.status == NightRun.Status.FAILED:
            alarms.about_night(night, now)
    return night


def sweep(date: dt.date, now: dt.datetime, budget: Budget) -> None:
    """Do what cannot wait for the night: movements an officer requested, mails that are due. Cheap when there is nothing."""
    chase_relay.begin(date, now, budget_seconds=budget.chase_seconds, stop=budget.stop)
    alarms.about_outage(now)
    mail_health.record(send.send_due(now, budget.mails, budget.stop), now)
    counters.fold()


def _claim(date: dt.date, now: dt.datetime, *, again: bool) -> NightRun:
    """Take the night of `date`. The database's clock decides whether another process still has it. Raises NightBusy."""
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


def _renew(night: NightRun) -> None:
    _ours(night).update(lease_until=Now() + LEASE)


def _save(night: NightRun) -> None:
    """Write down how the night ended. Raises NightBusy if another process has taken it over meanwhile."""
    columns = {name: getattr(night, name) for name in ("status", "report", "lease_until", "finished_at")}
    if not _ours(night).update(**columns):
        raise NightBusy(f"La noche del {night.date:%d/%m/%Y} la retomó otro proceso.")


def _ours(night: NightRun) -> QuerySet[NightRun]:
    """The night's row, while no other process has taken it over."""
    return NightRun.objects.filter(pk=night.pk, attempts=night.attempts)


def _run_steps(date: dt.date, now: dt.datetime, budget: Budget, renewal: LeaseRenewal) -> Iterable[dict[str, Any]]:
    for step in STEPS:
        yield _run(step, date, now, budget)
        renewal.progress()


def _run(step: NightStep, date: dt.date, now: dt.datetime, budget: Budget) -> dict[str, Any]:
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
    moved = upkeep.reschedule(date, act=Act(NIGHT, now))
    yield f"{len(moved.done)} plazos recalculados por días que no cuentan."
    alerted = upkeep.alert_overdue(date, act=Act(NIGHT, now))
    yield f"{len(alerted.done)} atrasos avisados a coordinación."
    yield from _skipped(moved)
    yield from _skipped(alerted)
    if gone := clear_archive(now):
        yield f"{gone} respuestas del IMSS salieron del archivo por su antigüedad."


def _covers(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    """What one plantel's act meant for another's case, and the students awaited elsewhere who did not arrive."""
    yield f"{settle_all(Act(NIGHT, now))} hechos de aseguramientos anotados en otros expedientes del mismo alumno."


def _ask_imss(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    plan.plan(date, now)
    asked = chase(date, now, budget_seconds=budget.chase_seconds, stop=budget.stop)
    if asked.in_vain:
        raise StepInVain(" ".join(["Nada de lo que se preguntó al IMSS tuvo respuesta.", *report.lines(asked)]))
    return report.lines(asked)


def _write_mails(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    decided = decide.decide(date, now, outage=circuit_breaker.current() is not None)
    yield f"{decided.total} correos a alumnos y tutores."
    names = dict(ReminderKind.objects.values_list("key", "name"))
    yield from (f"  {n} · {names[key]}" for key, n in sorted(decided.queued.items()))


def _send_mails(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    post = send.send_due(now, budget.mails, budget.stop)
    mail_health.record(post, now)
    counts = f"{post.sent} correos enviados, {post.failed} rechazados, {post.uncertain} dudosos, {post.postponed} pospuestos."
    if mail_health.is_in_vain(post):
        raise StepInVain(f"Ningún correo pudo salir. {mail_health.reason(post)} {counts}")
    yield counts
    if later := send.waiting_for_their_hour(now):
        yield f"  {later} esperan su hora: no se escribe a nadie fuera del horario de su plantel."
    if post.trouble:
        yield f"  El servidor de correo dijo: {post.trouble}"


def _digests(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    yield f"{digest.queue(date, now, failed_lists.since_yesterday(now))} resúmenes para responsables."
    yield from _send_mails(date, now, budget)


def _forget_rolls(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    yield f"{retention.forget(now)} listas de inscritos ya servidas: se borraron sus filas y su archivo."


def _check(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    """Compare the stored state, turn and due date with the facts (docs/invariants.md, 10): a difference makes the night fail."""
    found = [*map(str, differences()), *counters.differences(), *counters.wrong_copies()]
    if found:
        raise RuntimeError("; ".join(found[:SHOWN]))
    yield "Todos los expedientes dicen lo que sus hechos."


def _funnel(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    counters.fold()
    yield f"{counters.note_funnel(date)} planteles y ciclos con su avance anotado."


def _seal(date: dt.date, now: dt.datetime, budget: Budget) -> Iterable[str]:
    root = roots.seal_day(date, now)
    if root is None:
        raise StepInVain("Las historias no se sellaron: un proceso llevaba demasiado tiempo escribiendo. Se sellarán mañana.")
    yield f"{root.cases} historias selladas."


def _skipped(outcome: Outcome) -> Iterable[str]:
    return (f"  {folio(case_id)}: {why}" for case_id, why in list(outcome.skipped.items())[:SHOWN])


STEPS: Final = (
    NightStep("Aseguramientos", _covers),
    NightStep("Plazos", _clocks),
    NightStep(ASKING, _ask_imss),
    NightStep("Avisos", _write_mails),
    NightStep("Correo", _send_mails),
    NightStep("Resúmenes", _digests),
    NightStep("Avance", _funnel),
    NightStep("Listas", _forget_rolls),
    NightStep("Comprobación", _check),
    NightStep("Sello", _seal),
)
