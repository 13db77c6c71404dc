"""A lote of 5,000 altas and its answer, as an officer gives the orders: made, received, answered, taken back; and killed in the middle.

    .venv/bin/python benchmarks/answers.py [MOVEMENTS=5000] [--kills=20]

Seconds of the clock, and commits a movement as the database counts them. The answer is a constancia as PDF, read by the limited process;
the baseline in the same run is the verbs alone that it comes to (`send_alta`, `reject_alta`), for as many other cases. With kills, a
process that applies the answer is killed with -9 at so many moments spread over its time; after each, nothing of it is applied.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from common import OPTIONS, office

MOVEMENTS = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 5_000
KILLS = int(OPTIONS.get("kills") or 0)
REGISTRO = "A0112345321"
REJECTED_EVERY = 10


def main() -> None:
    from django.utils import timezone

    from afiliacion.cases import verbs
    from afiliacion.cases.facts import Happening
    from afiliacion.cases.models import Case, Event
    from afiliacion.cases.outcome import NIGHT, Act
    from afiliacion.lotes.line.record import MovementType
    from afiliacion.movements import sending
    from afiliacion.movements.answers import applying, bringing, undoing
    from afiliacion.movements.models import Lote, Movement
    from tests.movements.answers import constancia

    today, act, with_acuse = timezone.localdate(), Act(NIGHT, timezone.now()), _school()
    others = with_acuse(MOVEMENTS)

    def baseline() -> None:
        verbs.send_alta({pk: {"lote": "1"} for pk in others}, on=today, act=act)
        rejected = {pk: Happening(today, {"code": "1", "text": "NO"}, "e" * 64) for pk in others[::REJECTED_EVERY]}
        verbs.reject_alta(rejected, act=act)

    told("baseline: the verbs alone", baseline)
    cases = Case.objects.filter(pk__in=with_acuse(MOVEMENTS))
    made = told("make the lote", lambda: sending.make(cases, REGISTRO, MovementType.ALTA, act=act))
    sending.mark_sent(made.pk, number="118274", signed_by="Ángela Núñez", on=today, act=act)
    lote = Lote.objects.get(pk=made.pk)
    claves = list(lote.movements.values_list("clave", flat=True))[::REJECTED_EVERY]
    body = constancia(lote, dict.fromkeys(claves, ("32", "EL NOMBRE NO COINCIDE")))
    document = told("bring the answer (PDF)", lambda: bringing.bring(body, "c.pdf", act=act, scope_planteles=None))
    assert document.status == "por_aplicar", document.reason
    # Of a moment of its own: what is taken back is told by it.
    answered = Act(NIGHT, timezone.now())
    if KILLS:
        waiting = Movement.objects.filter(status="enviado")
        _kill(lambda: applying.apply(document.pk, act=answered), lambda: (Event.objects.count(), waiting.count()))
    told("apply it (received and answered)", lambda: applying.apply(document.pk, act=answered))
    assert Movement.objects.filter(status="rechazado").count() == len(claves)
    assert Event.objects.filter(case__in=cases, verb="send_alta").count() == MOVEMENTS
    told("take it back", lambda: undoing.undo(document.pk, act=Act(NIGHT, timezone.now()), reason="Prueba"))
    assert set(cases.values_list("state", flat=True)) == {"ACUSE_ENTREGADO"}
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


def _school() -> Callable[[int], list[int]]:
    """Return what opens so many cases, whose acuse is in, and returns them (ids)."""
    from django.utils import timezone

    from afiliacion.cases import enrol, verbs
    from afiliacion.cases.outcome import NIGHT, Act
    from afiliacion.operations.simulation.invented_people import People
    from students import names
    from students.models import Ciclo, Enrolment, Plantel, RegistroPatronal, Student

    today, act, people = timezone.localdate(), Act(NIGHT, timezone.now()), People(random.Random(7))
    plantel = Plantel.objects.create(clave="P", name="Plantel")
    RegistroPatronal.objects.create(plantel=plantel, registro=REGISTRO)
    ciclo = Ciclo.objects.create(clave="C", starts_on=today - dt.timedelta(days=30), ends_on=today + dt.timedelta(days=150))

    def with_acuse(number: int) -> list[int]:
        crowd = [people.one() for _ in range(number)]
        students = Student.objects.bulk_create(
            Student(
                curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                birth_date=p.birth_date, sex=p.sex, entity=p.entity, nss=p.nss, name_search=names.search_key(p.nombre, p.primer_apellido),
                name_order=names.sort_key(p.primer_apellido, p.segundo_apellido, p.nombre),
            )
            for p in crowd
        )  # fmt: skip
        rows = [Enrolment(student=s, plantel=plantel, ciclo=ciclo, matricula=str(s.pk), enrolled_on=today) for s in students]
        opened = enrol.enrol([row.pk for row in Enrolment.objects.bulk_create(rows)], act=act).opened
        verbs.deliver_acuse(opened, on=today, act=act)
        return opened

    return with_acuse


def commits() -> int:
    """How many transactions the database has committed."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()")
        return int(cursor.fetchone()[0])


def told(what: str, work: Callable[[], Any]) -> Any:
    """Do it; print how long it took, and its commits a movement."""
    before, begun = commits(), time.perf_counter()
    result = work()
    seconds = time.perf_counter() - begun
    each = (commits() - before - 1) / MOVEMENTS
    print(f"{what:34} {seconds:6.2f} s, {MOVEMENTS / seconds:8,.0f} movements/s, {each:.4f} commits each", flush=True)
    return result


def _kill(apply: Callable[[], Any], state: Callable[[], tuple[int, int]]) -> None:
    """Kill a process that applies the answer at KILLS moments of the time it takes; nothing of it is there after any of them."""
    from django.db import connection

    before, took = state(), _rolled_back(apply)
    assert state() == before
    for n in range(KILLS):
        connection.close()
        child = os.fork()
        if not child:
            try:
                apply()
            finally:
                os._exit(0)
        time.sleep(0.9 * took * (n + 1) / KILLS)
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"it was done before kill {n + 1} of {KILLS}"
        now = state()
        assert now == before, (before, now)
    print(f"killed with -9 at {KILLS} moments up to {0.9 * took:.2f} s of {took:.2f}: nothing of it applied")


def _rolled_back(apply: Callable[[], Any]) -> float:
    """How long it takes, in seconds; nothing of it stays."""
    from django.db import transaction

    begun = time.perf_counter()
    with transaction.atomic():
        apply()
        transaction.set_rollback(True)
    return time.perf_counter() - begun


with office():
    main()
