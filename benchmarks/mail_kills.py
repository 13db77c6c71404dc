"""kill -9 a sender again and again during many real deliveries, and count what the mail server got.

    .venv/bin/python benchmarks/mail_kills.py [MAILS=10000] [KILLS=30] [SEED=7] [DELAY_MS=2]

Passes when no letter arrived twice, every letter arrived or is in doubt, and no more are in doubt than kills times connections.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from common import office
from mails import NIGHT, argument, counted, say, sink

LINES = 8
SENDER = """
import datetime as dt, django
django.setup()
from afiliacion.reminders.delivery.send import send_due
while send_due(dt.datetime.fromisoformat({now!r}), 1_000_000).sent: pass
"""


def main(mails: int, kills: int, seed: int, delay_ms: int) -> int:
    from django.utils import timezone
    from grounds.crowd import Crowd

    from afiliacion.reminders.decide.night import decide
    from afiliacion.reminders.models import Reminder
    from tests.processes import database_url

    now = timezone.make_aware(dt.datetime.combine(NIGHT, dt.time(12)))
    Crowd().grow(mails, state="SIN_NSS", turn="alumno", since=NIGHT - dt.timedelta(days=5), due=NIGHT - dt.timedelta(days=1))
    assert decide(NIGHT, now).total == mails
    dice = random.Random(seed)
    with sink(delay_ms) as port:
        environment = {
            **os.environ, "DATABASE_URL": database_url(), "EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(port),
            "REMINDER_CONNECTIONS": str(LINES), "DJANGO_SETTINGS_MODULE": "afiliacion.settings",
            "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        }  # fmt: skip

        def sender() -> subprocess.Popen[bytes]:
            return subprocess.Popen([sys.executable, "-c", SENDER.format(now=now.isoformat())], env=environment)  # noqa: S603 - our own code

        killed = 0
        while killed < kills and Reminder.objects.filter(status="queued").exists():
            # Anywhere between two letters of the whole, however fast the machine is.
            process, enough = sender(), counted(port)[0] + dice.randint(1, 2 * mails // (kills + 1))
            while process.poll() is None and counted(port)[0] < enough:
                time.sleep(0.005)
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
                killed += 1
                say(f"kill {killed} of {kills}: {counted(port)[0]} letters arrived")
            process.wait()
            # Nobody waits five minutes for a dead sender's leases.
            Reminder.objects.exclude(lease=None).update(lease_until="2000-01-01T00:00:00Z")
        sender().wait()
        got, _, different = counted(port)
    statuses = Counter(Reminder.objects.values_list("status", flat=True))
    doubled = got - different
    say(f"{mails} mails, {killed} kills, {LINES} connections: {dict(statuses)}; the server got {got}, {doubled} of them twice")
    in_doubt = statuses["uncertain"]
    whole = statuses["sent"] + in_doubt == mails and statuses["sent"] <= different <= statuses["sent"] + in_doubt
    return 0 if doubled == 0 and whole and in_doubt <= killed * LINES else 1


if __name__ == "__main__":
    with office():
        code = main(argument(1, 10_000), argument(2, 30), argument(3, 7), argument(4, 2))
    sys.exit(code)
