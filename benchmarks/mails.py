"""Reminders: sending against the raw limit of the mail server and against one by one; deciding against the size of the table.

    .venv/bin/python benchmarks/mails.py send [MAILS=3000] [DELAY_MS=10] [CONNECTIONS=20] [RUNS=3]
    .venv/bin/python benchmarks/mails.py decide [DUE=10000] [SMALL=100000] [LARGE=1000000] [RUNS=5]

The raw limit: ready bytes over as many connections, no database, no letter to write. One by one: Django's send_mail with the same letter.
Ours: claim, letters, announcements and what became of them included. Deciding is judged by the rows and pages it looks at and by the
processor it takes: seconds tell of the machine too.
"""

from __future__ import annotations

import datetime as dt
import os
import smtplib
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from common import office

NIGHT = dt.date(2026, 8, 20)
FROM = "afiliacion@escuela.example.mx"
ONE_BY_ONE_SHARE = 30


say = partial(print, flush=True)


def argument(place: int, default: int) -> int:
    return int(sys.argv[place]) if len(sys.argv) > place else default


@contextmanager
def sink(delay_ms: int) -> Iterator[int]:
    script = Path(__file__).parent / "processes" / "smtp_sink.py"
    with subprocess.Popen([sys.executable, script, str(delay_ms)], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own script
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()


def counted(port: int) -> tuple[int, ...]:
    """Mails, connections and different Message-IDs so far; asking costs a connection."""
    with smtplib.SMTP("127.0.0.1", port) as line:
        return tuple(map(int, line.docmd("XSTAT")[1].split()))


def raw(port: int, mails: int, lines: int, content: bytes) -> None:
    def one(first: int, last: int) -> None:
        with smtplib.SMTP("127.0.0.1", port) as line:
            for n in range(first, last):
                line.sendmail(FROM, [f"a{n}@alumnos.example.mx"], content.replace(b"<0@", b"<%d@" % n))

    threads = [threading.Thread(target=one, args=(mails * k // lines, mails * (k + 1) // lines)) for k in range(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds taken, and of them seconds of our own processor."""
    began, worked = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - began, time.process_time() - worked


def send(mails: int, delay_ms: int, lines: int, runs: int) -> None:
    from django.conf import settings
    from django.core.mail import send_mail
    from django.utils import timezone
    from grounds.crowd import Crowd

    from afiliacion.reminders.decide.night import decide
    from afiliacion.reminders.delivery.mime import mail_bytes
    from afiliacion.reminders.delivery.outbox import claim, release
    from afiliacion.reminders.delivery.send import send_due
    from afiliacion.reminders.models import Reminder

    now = timezone.make_aware(dt.datetime.combine(NIGHT, dt.time(12)))
    settings.REMINDER_CONNECTIONS = lines
    Crowd().grow(mails, state="SIN_NSS", turn="alumno", since=NIGHT - dt.timedelta(days=5), due=NIGHT - dt.timedelta(days=1))

    with sink(delay_ms) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port

        def queue() -> None:
            Reminder.objects.all().delete()
            assert decide(NIGHT, now).total == mails

        def ours() -> None:
            report = send_due(now, mails)
            assert report.sent == mails, report

        queue()
        (first,) = claim(1, now)
        release([first.row])
        content = mail_bytes(first.letter, recipient="a@alumnos.example.mx", message_id="<0@escuela.example.mx>", now=now)
        few = mails // ONE_BY_ONE_SHARE

        def one_by_one() -> None:
            for n in range(few):
                send_mail(first.letter.subject, first.letter.text, FROM, [f"a{n}@x.mx"], html_message=first.letter.html)

        rates: dict[str, list[float]] = {"raw": [], "ours": [], "one by one": []}
        cpu = []
        for _ in range(runs):
            rates["raw"].append(mails / measured(lambda: raw(port, mails, lines, content))[0])
            queue()
            before = counted(port)
            seconds, worked = measured(ours)
            after = counted(port)
            rates["ours"].append(mails / seconds)
            cpu.append(1000 * worked / mails)
            rates["one by one"].append(few / measured(one_by_one)[0])
    limit, mine, single = (statistics.median(rates[name]) for name in ("raw", "ours", "one by one"))
    say(f"{mails} mails, {delay_ms} ms a reply, {lines} connections, median of {runs}:")
    say(f"  raw limit {limit:.0f}/s, ours {mine:.0f}/s, one by one {single:.1f}/s")
    say(f"  ours / raw {mine / limit:.2f}   ours / one by one {mine / single:.1f}   {statistics.median(cpu):.2f} ms of processor a mail")
    say(f"  {after[1] - before[1] - 1} connections for {after[0] - before[0]} mails")


@dataclass
class Night:
    """What it took to decide a night: seconds, seconds of the database's processor, rows looked at, pages looked at."""

    seconds: float
    worked: float
    rows: int
    pages: int


def decide_(due: int, small: int, large: int, runs: int) -> None:
    from django.db import connection
    from grounds.crowd import Crowd

    crowd, long_ago = Crowd(), NIGHT - dt.timedelta(days=200)
    crowd.grow(due, state="SIN_NSS", turn="alumno", since=NIGHT - dt.timedelta(days=5), due=NIGHT - dt.timedelta(days=1))
    medians = []
    for size in (small, large):
        crowd.grow(size - crowd.people, state="VIGENTE", turn="nadie", since=long_ago, due=NIGHT + dt.timedelta(days=40))
        with connection.cursor() as cursor:
            # What the crowd left to tidy up would be tidied up while the clock runs.
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        nights = [decided(due) for _ in range(runs)]
        night = Night(*(statistics.median(getattr(each, field.name) for each in nights) for field in fields(Night)))
        say(f"{due} due of {size} cases, median of {runs}: {night.seconds:.2f} s, {night.worked:.2f} s of the database's processor,")
        say(f"  {night.rows:.0f} rows and {night.pages:.0f} pages looked at")
        medians.append(night)
    ratios = (getattr(medians[1], field.name) / getattr(medians[0], field.name) for field in fields(Night))
    say("  large / small: seconds {:.2f}, processor {:.2f}, rows {:.2f}, pages {:.2f}".format(*ratios))


def decided(due: int) -> Night:
    """Decide the night and take it back, twice: for the time, and for the pages, which are counted at the price of time."""
    from django.db import connection, transaction
    from django.utils import timezone

    from afiliacion.reminders.decide import enqueue
    from afiliacion.reminders.decide.due_sql import due_tonight
    from afiliacion.reminders.decide.night import decide

    now = timezone.make_aware(dt.datetime.combine(NIGHT, dt.time(12)))
    with connection.cursor() as cursor:
        with transaction.atomic():
            before, worked, began = rows_visited(cursor), processor_seconds(cursor), time.perf_counter()
            assert decide(NIGHT, now).total == due
            seconds = time.perf_counter() - began
            worked, rows = processor_seconds(cursor) - worked, rows_visited(cursor) - before
            transaction.set_rollback(True)
        with transaction.atomic():
            asked = {**due_tonight(NIGHT, now, outage=False), "now": now}
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {enqueue.INSERT_DUE}", asked)
            plan = cursor.fetchone()[0][0]["Plan"]
            transaction.set_rollback(True)
        cursor.execute("VACUUM reminders_reminder")
    return Night(seconds, worked, rows, plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])


def rows_visited(cursor: Any) -> int:
    """By this transaction so far, of any caller: plans and foreign keys alike."""
    cursor.execute("SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables")
    return int(cursor.fetchone()[0])


def processor_seconds(cursor: Any) -> float:
    """What the database's process for this connection has worked so far; the embedded database is on this machine."""
    cursor.execute("SELECT pg_backend_pid()")
    spent = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    with office():
        if sys.argv[1:2] == ["decide"]:
            decide_(argument(2, 10_000), argument(3, 100_000), argument(4, 1_000_000), argument(5, 5))
        else:
            send(argument(2, 3000), argument(3, 10), argument(4, 20), argument(5, 3))
