"""A bad hour, compressed: everything around the chase fails again and again, and in the end every case is where the authority says.

Used by a small test and by `benchmarks/chaos.py`. The office is real: Celery workers and beats as processes, a broker, the database; the
authority is the stand-in. The checker believes only the stand-in's ledger, the rows, and the histories of the cases.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
import random
import subprocess
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Count
from django.utils import timezone

from afiliacion.cases import enrol, verbs
from afiliacion.cases.history.consistency import differences
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.imss.models import Answer, ConnectionState, Errand, ImssSettings, Outage, WorkerShare
from afiliacion.imss.queue.movements import request_altas
from afiliacion.imss.queue.plan import plan
from afiliacion.operations.servers.processes import tail
from afiliacion.operations.simulation.invented_people import People
from students import names
from students.models import Ciclo, Enrolment, Student
from tests import processes
from tests.imss_mock.harness import StandIn
from tests.planteles import make_plantel
from tests.processes import Broker

log = logging.getLogger(__name__)
SHIFTED_CLOCK = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1")
#: There is an authority, but this process asks it nothing.
NOWHERE = "http://127.0.0.1:9"
#: What is wrong with one answer in a hundred, all the time (times `Hour.spoilt`).
MOODS = {"ajenas": 0.01, "json_a_medias": 0.01, "conexion_cortada": 0.01, "tipo_equivocado": 0.005, "falla_503_despues": 0.01}
DOWN = ({"caido": True}, {"mantenimiento": True}, {"caido": True, "retry_after_503": "2"})


@dataclass
class Hour:
    """What to do to whom. `seconds`: how long the chaos lasts; then everybody is well, and has `patience` seconds to finish.

    Without beats there is no Celery and no broker: the workers are `manage.py chase`, begun again when they end.
    """

    cases: int
    kills: int
    seconds: float
    seed: int = 7
    rate: int = 200
    patience: float = 120.0
    spoilt: float = 1.0
    workers: int = 2
    beats: int = 2
    broker_restarts: int = 2
    database_restarts: int = 1


@dataclass
class Verdict:
    """`wrong`: everything that must not be, in words; `figures`: what happened."""

    wrong: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    def must(self, holds: object, words: str) -> None:
        if not holds:
            self.wrong.append(words)


class Crew:
    """The office's processes: each in a group of its own, to be killed with its children."""

    def __init__(self, environment: Mapping[str, str], log: Path, dice: random.Random, *, celery: bool) -> None:
        self._environment, self._log, self._dice, self._celery = environment, log, dice, celery
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *, clock: str = "") -> None:
        """`clock`: how far this process' clock is off, as libfaketime says it."""
        shifted = {"LD_PRELOAD": str(SHIFTED_CLOCK), "FAKETIME": clock, "DONT_FAKE_MONOTONIC": "1"} if clock else {}
        self._running[name] = processes.start(self._command(name), {**self._environment, **shifted}, self._log)

    def _command(self, name: str) -> list[str]:
        if not self._celery:
            return ["manage.py", "chase", "--date", timezone.localdate().isoformat(), "--seconds", "600"]
        return processes.worker() if name.startswith("worker") else processes.beat(self._log.with_name(f"{name}.schedule"))

    def revive(self) -> None:
        """Begin again what has ended by itself."""
        for name in [name for name, process in self._running.items() if process.poll() is not None]:
            processes.end(self._running.pop(name))
            self.start(name)

    def kill_one(self) -> None:
        """Kill a worker with all its children, and start it again at once; sometimes with a wrong clock."""
        name = self._dice.choice([name for name in self._running if name.startswith("worker")])
        processes.end(self._running.pop(name))
        self.start(name, clock=self._dice.choice(["", "", "+1d", "-1h"]) if SHIFTED_CLOCK.exists() else "")

    def stop(self) -> None:
        while self._running:
            processes.end(self._running.popitem()[1])


def go_through(hour: Hour, folder: Path, restart_database: Callable[[], None]) -> Verdict:
    """Make a school, let the hour pass over it, and judge."""
    dice = random.Random(hour.seed)
    folder.mkdir(exist_ok=True)
    cases = school(hour.cases, dice)
    ImssSettings.objects.update(
        requests_per_second=hour.rate, backoff_seconds=0.5, backoff_most_seconds=5.0, probe_seconds=1.0, most_strikes=20
    )
    stand_in, broker = StandIn(folder / "imss", day=None), Broker(folder)
    broker.start()
    crew = Crew(environment(stand_in, broker), folder / "crew.log", dice, celery=hour.beats > 0)
    began = time.monotonic()
    try:
        for name in [*(f"worker{n}" for n in range(hour.workers)), *(f"beat{n}" for n in range(hour.beats))]:
            crew.start(name)
        while not Errand.objects.filter(attempt__gt=0).exists():
            time.sleep(0.1)
        stand_in, kills = _suffer(hour, stand_in, folder, broker, crew, restart_database, dice)
        chaos = time.monotonic() - began
        log.info("%4.0f s  peace; left: %s", chaos, Errand.objects.filter(status=Errand.Status.OPEN).count())
        stand_in.mood(tope_por_segundo=2 * hour.rate)
        done = _wait_until_done(crew, hour.patience)
        seconds = time.monotonic() - began
    finally:
        crew.stop()
        broker.stop()
    verdict = judge(hour, cases, stand_in.ledger(), kills)
    verdict.must(done, f"still something to ask after {hour.patience:g} s of peace: {_left()}; {tail(folder / 'crew.log')}")
    verdict.figures |= {"kills": kills, "seconds of chaos": round(chaos), "seconds in all": round(seconds)}
    stand_in.stop()
    return verdict


def _suffer(
    hour: Hour, stand_in: StandIn, folder: Path, broker: Broker, crew: Crew, restart_database: Callable[[], None], dice: random.Random
) -> tuple[StandIn, int]:
    """Every event at a random moment of its own; the middle third IMSS is down, in one way after the other."""
    events: list[tuple[float, str]] = [(dice.uniform(0.02, 1), "kill") for _ in range(hour.kills)]
    events += [(dice.uniform(0.1, 0.9), "broker") for _ in range(hour.broker_restarts)]
    events += [(dice.uniform(0.1, 0.3), "database") for _ in range(hour.database_restarts)]
    events += [(0, "well"), (0.33, "down0"), (0.42, "down1"), (0.5, "down2"), (0.58, "gone"), (0.66, "back")]
    began = time.monotonic()
    for moment, what in sorted(events):
        time.sleep(max(0.0, began + moment * hour.seconds - time.monotonic()))
        crew.revive()
        log.info("%4.0f s  %s", time.monotonic() - began, what)
        if what == "kill":
            crew.kill_one()
        elif what == "broker":
            broker.stop()
            time.sleep(0.5)
            broker.start()
        elif what == "database":
            restart_database()
        elif what == "gone":
            stand_in.kill()
        else:
            if what == "back":
                _wait_until_noticed(crew, hour.patience)
                stand_in = StandIn(folder / "imss", "--port", str(stand_in.connection.port), day=None)
            spoilt = {mood: share * hour.spoilt for mood, share in MOODS.items()}
            bad: Mapping[str, object] = DOWN[int(what[-1])] if what.startswith("down") else spoilt
            stand_in.mood(tope_por_segundo=2 * hour.rate, latencia_ms=20, **bad)
    return stand_in, hour.kills


def _wait_until_noticed(crew: Crew, patience: float) -> None:
    """However slow this machine is: IMSS does not come back before a worker has missed it."""
    until = time.monotonic() + patience
    while not Outage.objects.exists() and time.monotonic() < until:
        crew.revive()
        time.sleep(0.2)


def _wait_until_done(crew: Crew, patience: float) -> bool:
    """Nothing is left to ask, and no worker is left that asks."""
    until = time.monotonic() + patience
    waiting = Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=timezone.localdate())
    while waiting.exists() or WorkerShare.objects.exists():
        if time.monotonic() > until:
            return False
        crew.revive()
        time.sleep(0.2)
    return True


def _left() -> list[Any]:
    """What is still to be asked, by kind and why."""
    waiting = Errand.objects.filter(status=Errand.Status.OPEN, next_on__lte=timezone.localdate())
    return list(waiting.order_by().values("kind", "code", "misses", "in_doubt", "lease_until", "next_at").annotate(n=Count("pk"))[:9])


def judge(hour: Hour, cases: Mapping[int, str], ledger: list[dict[str, Any]], kills: int) -> Verdict:
    """Compare what the office holds with what the authority did and said. `cases`: id -> CURP."""
    verdict = Verdict()
    told = _Told(ledger)
    rows = {case.pk: case for case in Case.objects.filter(pk__in=cases).select_related("student")}
    steps = Counter(Event.objects.filter(case__in=cases, actor_kind="imss").values_list("case_id", "verb"))
    for pk, curp in cases.items():
        case = rows[pk]
        state, nss, lote = told.of(curp)
        verdict.must(case.state == state, f"{case.folio}: {case.state}, and the authority says {state}")
        verdict.must(not nss or case.student.nss == nss, f"{case.folio}: another NSS than the authority gave")
        verdict.must(not lote or case.errands.filter(kind="send_alta", lote=lote).count() == 1, f"{case.folio}: another lote")
    verdict.must(all(n == 1 for n in steps.values()), "an answer was applied twice")
    verdict.must(all(len(keys) == 1 for keys in told.keys.values()), "a second movement for somebody")
    verdict.must(not list(differences()), "stored is not what the facts say, or a history was touched")
    verdict.must(not Errand.objects.filter(lease_until__isnull=False).exists(), "a lease is left")
    verdict.must(not WorkerShare.objects.exists(), "a worker's share is left")
    verdict.must(not Outage.objects.filter(until=None).exists(), "the outage never ended")
    stuck = Errand.objects.filter(status=Errand.Status.PARKED, code__in=["", "WrongPerson", "Unreadable", "Failed", "TimedOut"])
    verdict.must(not stuck.exists(), f"{stuck.count()} errands wait for a person without an answer of the authority")
    # What a killed worker had been answered and not written down is asked again: at most what it could have in hand.
    again = sum(n - 1 for n in told.honest.values())
    verdict.must(again <= (kills + hour.database_restarts) * 600, f"{again} honest answers asked for again")
    most = peak([dt.datetime.fromisoformat(entry["momento"]).timestamp() for entry in ledger])
    # Counted where they arrive: a machine that halts for a moment crowds some. Two workers who both took the whole pace make it twice.
    verdict.must(most <= 1.3 * hour.rate, f"{most} requests within one second, allowed {hour.rate}")
    verdict.figures |= {
        "cases": len(cases), "requests": len(ledger), "asked again after an honest answer": again, "most requests in a second": most,
        "answers about somebody else": Answer.objects.filter(verdict="quarantined").count(),
        "late": Answer.objects.filter(verdict="late").count(),
        "outages": Outage.objects.count(), "pace now": round(ConnectionState.objects.get().rate, 1),
    }  # fmt: skip
    return verdict


class _Told:
    """What the authority really did for each CURP, from its honest answers and from what it did before it stumbled."""

    def __init__(self, ledger: list[dict[str, Any]]) -> None:
        self.honest: Counter[tuple[str, str]] = Counter()
        self.keys: dict[str, set[str]] = defaultdict(set)
        self._nss: dict[str, dict[str, Any]] = {}
        self._lotes: dict[str, str] = {}
        for entry in ledger:
            if entry["operacion"] == "enviarMovimiento":
                self.keys[entry["curp"]].add(entry["clave_idempotencia"])
            if entry["animo"] is None and entry["estatus"] < 500:
                self._note(entry)

    def _note(self, entry: dict[str, Any]) -> None:
        said = entry["respuesta"]
        if entry["clave_idempotencia"]:
            self._lotes[entry["clave_idempotencia"]] = said.get("id_lote", "")
        elif entry["curp"]:
            self.honest[entry["curp"], entry["operacion"]] += 1
            self._nss[entry["curp"]] = said | {"resultado": entry["resultado"]}

    def of(self, curp: str) -> tuple[str, str, str]:
        """The state a case must be in, and its NSS and lote where the authority gave them."""
        if curp in self.keys:
            lote = self._lotes.get(min(self.keys[curp]), "")
            return (State.ALTA_ENVIADA if lote else State.ACUSE_ENTREGADO), "", lote
        said = self._nss.get(curp, {})
        if said.get("resultado") in ("LOCALIZADO", "ASIGNADO"):
            return State.NSS_OBTENIDO, said["nss"], ""
        return (State.EN_SUBDELEGACION if said.get("resultado") == "ACUDIR_SUBDELEGACION" else State.SIN_NSS), "", ""


def peak(moments: list[float]) -> int:
    moments.sort()
    first = most = 0
    for place, moment in enumerate(moments):
        while moments[first] <= moment - 1:
            first += 1
        most = max(most, place - first + 1)
    return most


def school(n: int, dice: random.Random) -> dict[int, str]:
    """That many cases (id -> CURP): two thirds without an NSS, one third with an alta to be sent, all due today."""
    now = timezone.now()
    today = timezone.localdate(now)
    act: dict[str, Any] = {"on": today, "act": Act(NIGHT, now)}
    plantel = make_plantel("A0112345321", clave="CAOS", name="Plantel del caos", umf="UMF 5")
    ciclo = Ciclo.objects.create(clave="CAOS", starts_on=today.replace(day=1), ends_on=today + dt.timedelta(days=150))
    people = People(dice)
    crowd = list({p.curp: p for p in (people.one() for _ in range(n))}.values())
    students = Student.objects.bulk_create(
        Student(
            curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
            birth_date=p.birth_date, sex=p.sex, entity=p.entity, name_search=names.search_key(p.nombre, p.primer_apellido),
            name_order=names.sort_key(p.primer_apellido, p.segundo_apellido, p.nombre),
        )
        for p in crowd
    )  # fmt: skip
    rows = [Enrolment(student=s, plantel=plantel, ciclo=ciclo, matricula=str(s.pk), enrolled_on=today) for s in students]
    opened = enrol.enrol([row.pk for row in Enrolment.objects.bulk_create(rows)], act=Act(NIGHT, now)).opened
    sent = opened[::3]
    nss = {p.curp: p.nss for p in crowd}
    curps = dict(Case.objects.filter(pk__in=opened).values_list("pk", "student__curp"))
    verbs.obtain_nss({pk: nss[curps[pk]] for pk in sent}, **act)
    verbs.deliver_acuse(sent, **act)
    request_altas(sent, act=Act(NIGHT, now))
    plan(today, now)
    return curps


def environment(stand_in: StandIn, broker: Broker) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": processes.database_url(), "REDIS_URL": broker.url, "SWEEP_SECONDS": "2", "LOG_LEVEL": "WARNING",
        "IMSS_URL": f"http://127.0.0.1:{stand_in.connection.port}", "IMSS_FOLLOWS_DATE": "0",
        "IMSS_TIMEOUT_SECONDS": "3", "IMSS_CONCURRENCY": "40",
    }  # fmt: skip


@contextmanager
def as_the_office_sees_it() -> Iterator[None]:
    """This process plans errands too, so it must know that there is an IMSS to ask."""
    before = settings.IMSS_URL
    settings.IMSS_URL = NOWHERE
    try:
        yield
    finally:
        settings.IMSS_URL = before
