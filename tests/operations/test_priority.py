"""Who lets whom go first on a machine that does everything."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.db import connection

from tests.processes import database_url

ASK = """
import os, django
django.setup()
from django.db import connection
from afiliacion.celery import lower_priority
lower_priority()
connection.ensure_connection()
print([os.getpriority(os.PRIO_PROCESS, process) for process in (os.getpid(), connection.connection.info.backend_pid)])
"""


@pytest.mark.django_db
def test_a_worker_gives_way_to_the_pages_and_so_does_the_database_at_work_for_it() -> None:
    if not connection.settings_dict["HOST"].startswith("/"):
        pytest.skip("the database is not beside us, or says not that it is")
    environment = {**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "afiliacion.settings"}
    said = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", ASK], env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True
    )
    assert said.stdout == "[5, 5]\n"
