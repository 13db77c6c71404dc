"""One process that prints what is due, with all that a worker has loaded, and tells the most memory it had in use (MiB).

documents.py starts it, with the database and the folder in the environment.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import django

django.setup()

from afiliacion.documents import print_jobs  # noqa: E402 - Django comes first
from afiliacion.operations import tasks  # noqa: E402, F401 - what a worker has loaded
from afiliacion.reminders.letters import links  # noqa: E402

print_jobs.work_due(links.printed_urls, 3600)
# Not getrusage: a child inherits its parent's peak there.
peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
print(int(peak.split()[1]) / 1024)
