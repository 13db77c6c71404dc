"""A ZIP of many: opened by a worker that may die anywhere, each file once, and told what became of it."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in import bundles, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import BroughtPaper, Bundle, Door
from tests.dashboard.deeds import own_nss
from tests.papers_in import sheets

MakeIn = Callable[..., Case]
Status = Bundle.Status


@pytest.fixture
def origin(act: Act) -> Origin:
    return Origin(Door.OFFICE, timezone.localdate(), act)


def bring(files: dict[str, bytes], origin: Origin) -> Bundle:
    return bundles.bring_zip("hojas.zip", io.BytesIO(sheets.zipped(files)), origin)


def work_all() -> None:
    while bundles.open_due() or work.work_due(60):
        pass


@pytest.mark.django_db
def test_each_file_of_a_zip_becomes_a_document_or_says_why_not(origin: Origin, make_in: MakeIn, people: People) -> None:
    cases = [make_in(State.SIN_NSS) for _ in range(3)]
    good = {f"{n} José.pdf": sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()) for n, case in enumerate(cases)}
    bundle = bring({**good, "repetida.pdf": good["0 José.pdf"], "vacia.pdf": b"", "notas/leeme.txt": b"hola"}, origin)
    work_all()
    bundle.refresh_from_db()
    assert (bundle.status, bundle.parts.count(), bundle.files.count()) == (Status.UNPACKED, 0, 6)
    assert {paper.case_id for paper in BroughtPaper.objects.filter(status="waiting")} == {case.pk for case in cases}
    became = {file.filename: (file.paper and file.paper.status, file.again, bool(file.problem)) for file in bundle.files.all()}
    assert became["0 José.pdf"] == ("waiting", False, False)
    assert became["repetida.pdf"] == ("waiting", True, False)
    assert became["vacia.pdf"] == (None, False, True)
    assert became["leeme.txt"] == ("refused", False, False)


@pytest.mark.django_db
def test_the_same_zip_again_changes_nothing(origin: Origin, make_in: MakeIn, people: People) -> None:
    case = make_in(State.SIN_NSS)
    files = {"uno.pdf": sheets.nss_sheet(case, own_nss(case, people), timezone.localdate())}
    assert bring(files, origin).pk == bring(files, origin).pk
    work_all()
    again = bring(files, origin)
    work_all()
    assert BroughtPaper.objects.count() == 1
    assert again.files.get().again


@pytest.mark.django_db
@pytest.mark.parametrize("body", [b"PK\x03\x04 nada", b"PK\x03\x04" + bytes(300)])
def test_a_zip_that_cannot_be_opened_says_so_and_can_be_tried_again(body: bytes, origin: Origin) -> None:
    bundle = bundles.bring_zip("x.zip", io.BytesIO(body), origin)
    assert bundles.open_due()
    bundle.refresh_from_db()
    assert (bundle.status, bool(bundle.error)) == (Status.FAILED, True)
    assert bundles.retry(bundle)
    assert not bundles.retry(bundle)


@pytest.mark.django_db
def test_a_bundle_that_kills_its_workers_fails_in_sight(origin: Origin) -> None:
    bundle = bring({"a.pdf": b"%PDF-1.4"}, origin)
    Bundle.objects.update(attempts=bundles.STRIKES)
    assert not bundles.open_due()
    bundle.refresh_from_db()
    assert bundle.status == Status.FAILED
    assert "Se interrumpió" in bundle.error


_WORKER = """
import django; django.setup()
from afiliacion.papers_in import bundles, work
bundles.STEP = 2
print("ready", flush=True)
while bundles.open_due() or work.work_due(60):
    pass
"""


def start_worker() -> subprocess.Popen[bytes]:
    """A worker in a process of its own, on the database of this test."""
    database: Any = connection.settings_dict
    host = f"?host={database['HOST']}" if str(database["HOST"]).startswith("/") else ""
    at = "" if host else f"{database['HOST']}"
    port = f":{database['PORT']}" if database["PORT"] and at else f"&port={database['PORT']}" if database["PORT"] else ""
    url = f"postgresql://{database['USER']}@{at}{port if at else ''}/{database['NAME']}{host}{port if not at else ''}"
    env = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "afiliacion.settings", "DATABASE_URL": url, "PYTHONPATH": str(settings.BASE_DIR),
        "SECRET_KEY": settings.SECRET_KEY, "REDIS_URL": settings.REDIS_URL,
    }  # fmt: skip
    process = subprocess.Popen([sys.executable, "-c", _WORKER], env=env, stdout=subprocess.PIPE)  # noqa: S603 - Python
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    return process


@pytest.mark.usefixtures("committed")
def test_a_worker_killed_in_the_middle_of_a_zip_is_followed_and_each_file_taken_and_read_once(
    origin: Origin, make_in: MakeIn, people: People
) -> None:
    cases = [make_in(State.SIN_NSS) for _ in range(12)]
    files = {f"{n}.pdf": sheets.nss_sheet(case, own_nss(case, people), timezone.localdate()) for n, case in enumerate(cases)}
    bundle = bring(files, origin)
    for seen in (2, 6, 12):
        worker = start_worker()
        while worker.poll() is None and bundle.files.count() < seen:
            pass
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        # What it held is free once its leases are over.
        over = timezone.now() - dt.timedelta(seconds=1)
        Bundle.objects.filter(lease_until__isnull=False).update(lease_until=over, attempts=1)
        BroughtPaper.objects.filter(lease_until__isnull=False).update(lease_until=over)
    work_all()
    bundle.refresh_from_db()
    assert bundle.status == Status.UNPACKED
    assert sorted(bundle.files.values_list("position", flat=True)) == list(range(12))
    assert sorted(BroughtPaper.objects.values_list("status", "version")) == [("waiting", 1)] * 12
    assert {paper.case_id for paper in BroughtPaper.objects.all()} == {case.pk for case in cases}
