"""The screens with millions of cases: each page alone, twenty people who think a second, twenty who do not; a baseline beside.

    .venv/bin/python benchmarks/screens.py [CASES=200000] [SECONDS=15] [--planteles=200] [--office=FOLDER] [--baseline=URL,COOKIE,PATH…]
                                           [--chase]

The baseline is a list page served elsewhere on this machine: its address, the cookie that opens it, and paths to ask for at random; the
last line of `keyset.py` says it for the keyset baseline. It is asked in turns with ours, by the same client. `--chase` moves sets of cases
through the verbs meanwhile, as a worker's chase or import would. Nothing counts before the workers are warm, as those of an office are.
"""

# ruff: noqa: E501 - addresses and figures read better in a line
from __future__ import annotations

import asyncio
import datetime as dt
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import aiohttp
from common import OPTIONS, free_port, office
from grounds.a_big_office import build

from afiliacion.cases.outcome import Act

NUMBERS: Final = [int(arg) for arg in sys.argv[1:] if arg.isdigit()]
CASES: Final = NUMBERS[0] if NUMBERS else 200_000
SECONDS: Final = NUMBERS[1] if len(NUMBERS) > 1 else 15
PEOPLE: Final = 20
#: Seconds in which everybody looks at pages that do not count: each thread of each worker opens its connection.
WARM: Final = 5
ROUNDS: Final = 3


def main() -> None:
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # into a file, too, line by line
    call_command("collectstatic", verbosity=0, interactive=False)
    today = timezone.localdate()
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM cases_case LIMIT 1")
        if not cursor.fetchone():
            build(cursor, CASES, int(OPTIONS.get("planteles", "200")), today)
        cursor.execute("SELECT pg_size_pretty(pg_table_size('cases_case')), pg_size_pretty(pg_indexes_size('cases_case'))")
        sizes = cursor.fetchone()
    print(f"{CASES:,} cases built in {time.perf_counter() - began:.0f} s; cases {sizes[0]}, their indexes {sizes[1]}")
    staff = people()
    for who, name in ((staff[0], "coordinator"), (staff[1], "officer")):
        alone(name, who, today)
    with served() as address, something_else_going_on():
        asyncio.run(visit(address, staff, think=0.0, seconds=WARM))
        if "baseline" in OPTIONS:
            asyncio.run(visit_baseline(*OPTIONS["baseline"].split(","), seconds=WARM))
        print("the workers are warm")
        thinking = asyncio.run(visit(address, staff, think=1.0))
        print(f"{PEOPLE} people who think a second:  {told(thinking)}")
        ours, theirs = [], []
        for n in range(ROUNDS):
            ours += asyncio.run(visit(address, staff, think=0.0))
            if "baseline" in OPTIONS:
                theirs += asyncio.run(visit_baseline(*OPTIONS["baseline"].split(",")))
            print(f"round {n + 1} of {ROUNDS} done")
        print(f"{PEOPLE} people who do not think:    {told(ours)}")
        if theirs:
            print(f"the baseline, by the same people: {told(theirs)}; ours / baseline p50 {percentile(ours, 50) / percentile(theirs, 50):.2f}, "
                  f"p95 {percentile(ours, 95) / percentile(theirs, 95):.2f}")  # fmt: skip
    from afiliacion.cases import counters

    print(f"counters that do not count what there is: {len(list(counters.differences()))}")


def people() -> list[tuple[str, list[str]]]:
    """A coordinator and officers of one plantel each, logged in: their session and the pages they look at."""
    from django.contrib.auth import get_user_model
    from django.test import Client

    from students.models import Plantel, StaffPost

    planteles = list(Plantel.objects.order_by("pk"))
    found = []
    for i in range(PEOPLE):
        user, _ = get_user_model().objects.get_or_create(username=f"persona{i}", first_name="Persona", last_name=str(i))
        StaffPost.objects.get_or_create(user=user, plantel=planteles[i] if i else None)
        client = Client(SERVER_NAME="127.0.0.1")
        client.force_login(user)
        found.append((client.cookies["sessionid"].value, pages(planteles[i].pk)))
    return found


def pages(plantel: int) -> list[str]:
    """Half the clicks on plain lists and their next pages, the rest on filters, searches, a case, and the morning's numbers."""
    from afiliacion.cases.models import NEVER, Case

    rows = Case.objects.filter(plantel=plantel)
    some = list(
        rows.select_related("student", "enrolment").order_by("?")[:8] if CASES < 10_000 else rows.select_related("student", "enrolment")[:8]
    )
    deep = [f"/expedientes/?despues={'' if c.due_order == NEVER else c.due_on}.{c.pk}" for c in some]
    return [
        "/", "/", *["/expedientes/"] * 6, *deep[:6],
        "/expedientes/?estado=SIN_NSS", "/expedientes/?estado=VIGENTE", "/expedientes/?turno=escuela&plazo=vencidos", "/expedientes/?plazo=hoy",
        f"/expedientes/?plantel={plantel}&grupo=3-B", "/expedientes/?ciclo=3&estado=SIN_NSS", "/expedientes/?orden=nombre&estado=SIN_VIGENCIA",
        "/expedientes/?cobertura=other", "/expedientes/?paso=4&ciclo=8",
        *(f"/expedientes/?q={c.student.curp}" for c in some[:2]), *(f"/expedientes/?q={c.enrolment.matricula}" for c in some[:2]),
        *(f"/expedientes/?q={c.student.primer_apellido}" for c in some[:2]), f"/expedientes/?q={some[2].student.primer_apellido} {some[2].student.nombre}",
        *(f"/expedientes/{c.pk}/" for c in some[:3]),
    ]  # fmt: skip


ALONE: Final = (
    "/", "/expedientes/", "/expedientes/?estado=EN_SUBDELEGACION", "/expedientes/?turno=escuela", "/expedientes/?turno=imss&plazo=vencidos",
    "/expedientes/?plazo=hoy", "/expedientes/?plazo=pausa", "/expedientes/?plazo=avisados", "/expedientes/?ciclo=2", "/expedientes/?ciclo=2&estado=SIN_NSS&plazo=hoy",
    "/expedientes/?cobertura=other", "/expedientes/?cobertura=other_school", "/expedientes/?cobertura=other&estado=VIGENTE",
    "/expedientes/?paso=5&ciclo=8", "/expedientes/?asignado=nadie", "/expedientes/?asignado=yo", "/expedientes/?bandera=sin-clinica",
    "/expedientes/?bandera=revision", "/expedientes/?plantel=2&grupo=3-B", "/expedientes/?plantel=2&ciclo=2&grupo=3-B&estado=BAJA",
    "/expedientes/?orden=nombre", "/expedientes/?orden=nombre&estado=EN_SUBDELEGACION", "/expedientes/?orden=nombre&plazo=hoy",
    "/expedientes/?orden=nombre&estado=SIN_NSS&ciclo=2",
    "/expedientes/?q=hernandez", "/expedientes/?q=maria hernandez", "/expedientes/?q=xochal", "/expedientes/?q=ek", "/expedientes/?q=x",
    "/expedientes/?q=nunez pech ursula", "/expedientes/?q=hernandez&estado=EN_SUBDELEGACION", "/expedientes/?q=hernandez&orden=nombre",
    "/expedientes/?q=M0000", "/expedientes/?q=M0000123", "/expedientes/?q=3000", "/expedientes/?q=AAAA03", "/expedientes/?q=zzzz",
)  # fmt: skip


def alone(name: str, who: tuple[str, list[str]], today: dt.date) -> None:
    """Each page for one person: median milliseconds of five, queries."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies["sessionid"] = who[0]
    slow = []
    for path in [*ALONE, *who[1][8:14], *who[1][-3:]]:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        asked = len(queries)
        assert answer.status_code == 200, (path, answer.status_code)
        taken = []
        for _ in range(5):
            began = time.perf_counter()
            client.get(path)
            taken.append((time.perf_counter() - began) * 1000)
        slow.append((statistics.median(taken), asked, len(answer.content), path))
    for ms, queries_, size, path in sorted(slow, reverse=True)[: int(OPTIONS.get("show", "12"))]:
        print(f"  {name}: {ms:6.1f} ms, {queries_} queries, {size / 1000:.0f} kB  {path}")
    times = [each[0] for each in slow]
    print(
        f"{name} alone, {len(slow)} pages: median {statistics.median(times):.1f} ms, slowest {max(times):.1f} ms, at most {max(e[1] for e in slow)} queries"
    )


@contextmanager
def served() -> Iterator[str]:
    """The office behind gunicorn, as a server runs it."""
    port = free_port()
    # Its size and the rest are those of gunicorn.conf.py, as everywhere.
    command = [sys.executable, "-m", "gunicorn", "afiliacion.wsgi", "-b", f"127.0.0.1:{port}", "--log-level", "error"]
    process = subprocess.Popen(  # noqa: S603 - our own server
        command, cwd=Path(__file__).resolve().parent.parent, env=_of_this_office(), start_new_session=True
    )
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


async def visit(address: str, staff: list[tuple[str, list[str]]], *, think: float, seconds: int = SECONDS) -> list[float]:
    """Milliseconds of every page that everybody looked at."""
    taken: list[float] = []
    end, dice = time.monotonic() + seconds, random.Random(5)

    async def person(session: str, paths: list[str]) -> None:
        async with aiohttp.ClientSession(headers={"Cookie": f"sessionid={session}"}) as browser:
            await asyncio.sleep(dice.random() * think)
            while time.monotonic() < end:
                began = time.perf_counter()
                async with browser.get(address + dice.choice(paths)) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status
                taken.append((time.perf_counter() - began) * 1000)
                if think:
                    await asyncio.sleep(dice.expovariate(1 / think))

    await asyncio.gather(*(person(*who) for who in staff))
    return taken


async def visit_baseline(address: str, cookie: str, *paths: str, seconds: int = SECONDS) -> list[float]:
    taken: list[float] = []
    end, dice = time.monotonic() + seconds, random.Random(5)

    async def person() -> None:
        async with aiohttp.ClientSession(headers={"Cookie": cookie}) as browser:
            while time.monotonic() < end:
                began = time.perf_counter()
                async with browser.get(address + dice.choice(paths)) as answer:
                    await answer.read()
                    assert answer.status == 200, answer.status
                taken.append((time.perf_counter() - began) * 1000)

    await asyncio.gather(*(person() for _ in range(PEOPLE)))
    return taken


def _of_this_office() -> dict[str, str]:
    """The environment of another process of this office."""
    from django.conf import settings
    from django.db import connection

    at = settings.DATABASES["default"]
    url = f"postgresql://{at['USER']}@/{connection.settings_dict['NAME']}?host={at['HOST']}&port={at['PORT'] or 5432}"
    return dict(os.environ, DATABASE_URL=url)


@contextmanager
def something_else_going_on() -> Iterator[None]:
    """With `--chase`: sets of two thousand cases of all planteles moved, one set a second, by a process like a worker's."""
    if "chase" not in OPTIONS:
        yield
        return
    with subprocess.Popen([sys.executable, __file__, "move"], env=_of_this_office()) as other:  # noqa: S603 - ourselves
        try:
            yield
        finally:
            other.terminate()


def move_sets() -> None:
    """Move sets of cases through the verbs until told to end."""
    import django

    django.setup()
    from django.utils import timezone

    from afiliacion.cases import verbs
    from afiliacion.cases.models import Case
    from afiliacion.cases.outcome import NIGHT
    from afiliacion.cases.states import State
    from afiliacion.celery import lower_priority

    lower_priority()
    over, moved = threading.Event(), 0
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    while not over.wait(1):
        ids = list(Case.objects.filter(state=State.ACUSE_ENTREGADO).values_list("pk", flat=True)[:2000])
        now = timezone.localtime()
        moved += len(verbs.send_alta({pk: {"lote": "1"} for pk in ids}, on=now.date(), act=Act(NIGHT, now)).done)
    print(f"(meanwhile {moved:,} cases were moved)")


def percentile(values: list[float], share: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * share // 100)]


def told(values: list[float]) -> str:
    return f"{len(values)} pages, p50 {percentile(values, 50):.1f} ms, p95 {percentile(values, 95):.1f} ms, p99 {percentile(values, 99):.1f} ms"


if __name__ == "__main__":
    if sys.argv[1:] == ["move"]:
        move_sets()
        sys.exit()
    with office(Path(OPTIONS["office"]) if "office" in OPTIONS else None):
        main()
