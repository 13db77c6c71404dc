"""Reminders: sending against the raw limit of the mail server and against one by one; deciding against the size of the table.

    .venv/bin/python benchmarks/mails.py send [MAILS=3000] [DELAY_MS=10] [CONNECTIONS=20] [RUNS=3]
    .venv/bin/python benchmarks/mails.py decide [DUE=10000] [SMALL=100000] [LARGE=1000000] [RUNS=5]

The raw limit: ready bytes over as many connections, no database, no letter to write. One by one: Django's send_mail with the same letter.
Ours: claim, letters, announcements and what became of them included.
"""

from __future__ import annotations

import datetime as dt
import smtplib
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from common import office

NIGHT = dt.date(2026, 8, 20)
FROM = "afiliacion@escuela.example.mx"
ONE_BY_ONE_SHARE = 30


def argument(place: int, default: int) -> int:
    return int(sys.argv[place]) if len(sys.argv) > place else default


@contextmanager
def sink(delay_ms: int) -> Iterator[int]:
    script = Path(__file__).with_name("smtp_sink.py")
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
    from crowd import Crowd
    from django.conf import settings
    from django.core.mail import send_mail
    from django.utils import timezone

    from afiliacion.reminders.decide import decide
    from afiliacion.reminders.models import Reminder
    from afiliacion.reminders.outbox import claim, release
    from afiliacion.reminders.send import send_due
    from afiliacion.reminders.smtp import mail_bytes

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
    print(f"{mails} mails, {delay_ms} ms a reply, {lines} connections, median of {runs}:")
    print(f"  raw limit {limit:.0f}/s, ours {mine:.0f}/s, one by one {single:.1f}/s")
    print(f"  ours / raw {mine / limit:.2f}   ours / one by one {mine / single:.1f}   {statistics.median(cpu):.2f} ms of processor a mail")
    print(f"  {after[1] - before[1] - 1} connections for {after[0] - before[0]} mails")


def decide_(due: int, small: int, large: int, runs: int) -> None:
    from crowd import Crowd
    from django.db import connection, transaction
    from django.utils import timezone

    from afiliacion.reminders.decide import decide

    now = timezone.make_aware(dt.datetime.combine(NIGHT, dt.time(12)))
    crowd, long_ago = Crowd(), NIGHT - dt.timedelta(days=200)
    crowd.grow(due, state="SIN_NSS", turn="alumno", since=NIGHT - dt.timedelta(days=5), due=NIGHT - dt.timedelta(days=1))
    medians = []
    for size in (small, large):
        crowd.grow(size - crowd.people, state="VIGENTE", turn="nadie", since=long_ago, due=NIGHT + dt.timedelta(days=40))
        with connection.cursor() as cursor:
            # What the crowd left to tidy up would be tidied up while the clock runs.
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        taken = []
        for _ in range(runs):
            with transaction.atomic():
                began = time.perf_counter()
                assert decide(NIGHT, now).total == due
                taken.append(time.perf_counter() - began)
                transaction.set_rollback(True)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM reminders_reminder")
        medians.append(statistics.median(taken))
    print(f"{due} due, median of {runs}: {medians[0]:.2f} s of {small} cases, {medians[1]:.2f} s of {large} cases")
    print(f"  large / small {medians[1] / medians[0]:.2f}")


if __name__ == "__main__":
    with office():
        if sys.argv[1:2] == ["decide"]:
            decide_(argument(2, 10_000), argument(3, 100_000), argument(4, 1_000_000), argument(5, 5))
        else:
            send(argument(2, 3000), argument(3, 10), argument(4, 20), argument(5, 3))
