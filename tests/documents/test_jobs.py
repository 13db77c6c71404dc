"""Many papers in the background: the row is the job, whichever worker dies; nothing twice, nothing lost, no file left behind."""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.documents import print_jobs
from afiliacion.documents.models import DocumentKind, Issued, PrintJob
from afiliacion.reminders.letters import links

pytestmark = pytest.mark.django_db
LONG_ENOUGH = 60.0


@pytest.fixture(autouse=True)
def _data_dir(settings, tmp_path):
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch):
    """Three papers a file, two between looks: a dozen cases are then a big job."""
    monkeypatch.setattr(print_jobs, "PART", 3)
    monkeypatch.setattr(print_jobs, "STEP", 2)


@pytest.fixture
def clerk(officer) -> Actor:
    return Actor(ActorKind.PERSON, "Begoña Ñáñez", officer.pk)


@pytest.fixture
def order(clerk, now, today) -> Callable[..., PrintJob]:
    def ask(kind=DocumentKind.RENUNCIA, cases=None, **known) -> PrintJob:
        return print_jobs.order(kind, Case.objects.all() if cases is None else cases, what="Todos", by=clerk, now=now, on=today, **known)

    return ask


def work(seconds: float = LONG_ENOUGH) -> bool:
    return print_jobs.work_due(links.printed_urls, seconds)


def files(job: PrintJob) -> list[str]:
    return sorted(path.name for path in print_jobs.folder(job).glob("*"))


def test_seven_letters_in_three_files_of_one_zip(make_case, order, read):
    cases = [make_case() for _ in range(7)]
    job = order()
    assert not work()
    job.refresh_from_db()
    assert (job.status, job.done, job.total, job.pages, job.skipped) == ("done", 7, 7, 7, [])
    assert files(job) == [job.file]
    with zipfile.ZipFile(print_jobs.folder(job) / job.file) as archive:
        assert archive.namelist() == [f"carta-de-renuncia-{n:02d}.pdf" for n in (1, 2, 3)]
        text = " ".join(read(archive.read(name)).text for name in archive.namelist())
    in_order = Case.objects.order_by("student__name_order").values_list("student__curp", flat=True)
    places = [text.index(curp) for curp in in_order]
    assert places == sorted(places)
    assert Issued.objects.count() == len(cases)


def test_one_file_is_a_pdf_and_the_same_order_gives_the_same_bytes(make_case, order):
    make_case()
    bodies = []
    for _ in range(2):
        job = order()
        work()
        job.refresh_from_db()
        assert job.file.endswith(".pdf")
        bodies.append((print_jobs.folder(job) / job.file).read_bytes())
    assert bodies[0] == bodies[1]
    assert Issued.objects.count() == 1


def test_a_killed_worker_is_followed_by_one_that_goes_on_behind_its_last_file(make_case, order, monkeypatch):
    for _ in range(7):
        make_case()
    job = order()
    composed: list[int] = []
    compose = print_jobs._JobRun._compose

    def killed(run, first, last, skipped):
        composed.append(first)
        if first >= 3 and len(composed) < 5:
            raise KeyboardInterrupt
        return compose(run, first, last, skipped)

    monkeypatch.setattr(print_jobs._JobRun, "_compose", killed)
    with pytest.raises(KeyboardInterrupt):
        work()
    job.refresh_from_db()
    assert (job.status, len(job.parts)) == ("running", 1)
    assert not print_jobs.due().exists(), "the dead worker's lease still holds"
    _expire(job)
    with pytest.raises(KeyboardInterrupt):
        work()
    _expire(job)
    work()
    job.refresh_from_db()
    assert (job.status, job.done, job.strikes) == ("done", 7, 0)
    assert composed.count(0) == 1, "what was printed is not printed again"
    assert Issued.objects.count() == 7
    assert files(job) == [job.file]


def test_a_job_that_kills_its_workers_is_given_up_in_sight(make_case, order):
    make_case()
    job = order()
    PrintJob.objects.filter(pk=job.pk).update(
        status="running", strikes=print_jobs.STRIKES - 1, lease_until=timezone.now() - dt.timedelta(hours=1)
    )
    work()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "Se interrumpió 3 veces" in job.error


def test_an_error_is_told_to_who_asked(make_case, order, monkeypatch):
    make_case()
    job = order()
    monkeypatch.setattr(Path, "replace", _no_room)
    work()
    job.refresh_from_db()
    assert job.status == "failed"
    assert "No se pudo imprimir (OSError)" in job.error
    assert not print_jobs.folder(job).exists()


def _no_room(self, target):
    raise OSError(28, "No space left on device")


def test_two_workers_do_not_print_the_same_job(make_case, order):
    make_case()
    job = order()
    first = print_jobs._claim()
    assert first is not None
    assert print_jobs._claim() is None
    _expire(job)
    second = print_jobs._claim()
    assert second is not None
    assert (second.pk, second.attempts) == (job.pk, 2)
    print_jobs._JobRun(first, links.printed_urls, lambda: False).go()
    job.refresh_from_db()
    assert (job.status, job.done) == ("running", 0), "a worker that lost the job writes nothing to it"
    print_jobs._JobRun(second, links.printed_urls, lambda: False).go()
    job.refresh_from_db()
    assert job.status == "done"


def test_a_long_job_gives_way_after_a_while_and_is_gone_on_with(make_case, order):
    for _ in range(7):
        make_case()
    job = order()
    assert work(seconds=1e-9) is False or print_jobs.due().exists()
    rounds = 0
    while print_jobs.due().exists() and rounds < 10:
        ticks = iter(range(100))
        print_jobs.work_due(links.printed_urls, 2.5, clock=lambda: next(ticks))  # noqa: B023 - used at once
        rounds += 1
    job.refresh_from_db()
    assert (job.status, job.strikes) == ("done", 0)
    assert rounds > 1


def test_cancelling_stops_it_and_leaves_no_file(make_case, order, monkeypatch):
    for _ in range(7):
        make_case()
    job = order()
    compose = print_jobs._JobRun._compose

    def cancelled(run, first, last, skipped):
        if first == 3:
            assert print_jobs.cancel(job)
        return compose(run, first, last, skipped)

    monkeypatch.setattr(print_jobs._JobRun, "_compose", cancelled)
    work()
    job.refresh_from_db()
    assert job.status == "cancelled"
    assert not print_jobs.folder(job).exists()
    assert not print_jobs.cancel(job)


def test_who_cannot_have_the_paper_is_told_why(make_case, delivered, order, read):
    early, case = make_case(), delivered()
    job = order(DocumentKind.ACUSE)
    work()
    job.refresh_from_db()
    assert job.skipped == [[early.pk, "no tiene un acuse entregado."]]
    assert case.folio in read((print_jobs.folder(job) / job.file).read_bytes()).text


def test_nothing_to_print_is_done_without_a_file(make_case, order):
    make_case()
    job = order(DocumentKind.OFICIO)
    work()
    job.refresh_from_db()
    assert (job.status, job.file, job.pages) == ("done", "", 0)
    assert files(job) == []


def test_group_lists_part_by_group_and_reports_by_plantel(make_case, order, clerk, now, today, ciclo, plantel, other_plantel, read):
    for grupo in ("1-A", "1-B", "1-A", ""):
        make_case(grupo=grupo)
    make_case(plantel=other_plantel)
    lists = order(DocumentKind.LISTA)
    report = print_jobs.order_reports([plantel, other_plantel], ciclo, what="Informe", by=clerk, now=now, on=today)
    work()
    lists.refresh_from_db()
    report.refresh_from_db()
    text = read((print_jobs.folder(lists) / lists.file).read_bytes()).text
    assert [text.count(f"Lista del grupo {name}") for name in ("1-A", "1-B", "sin grupo")] == [2, 1, 1]
    told = read((print_jobs.folder(report) / report.file).read_bytes())
    assert "4 (sin contar 0 renuncias y 0 bajas)" in told.text
    assert told.faults() == []
    assert report.pages == 2


def test_too_many_and_none_are_refused(make_case, order, settings):
    with pytest.raises(print_jobs.OrderRefused, match="No hay expedientes"):
        order()
    make_case(), make_case()
    settings.PAPERS_MAX = 1
    with pytest.raises(print_jobs.OrderRefused, match="más de 1 expedientes"):
        order()


def test_the_files_do_not_outlive_their_purpose(make_case, order, settings):
    make_case()
    job = order()
    work()
    assert print_jobs.forget(timezone.now()) == 0
    assert print_jobs.forget(timezone.now() + dt.timedelta(hours=settings.PAPERS_KEPT_HOURS + 1)) == 1
    job.refresh_from_db()
    assert (job.file, job.status) == ("", "done")
    assert not print_jobs.folder(job).exists()


def test_a_case_that_changed_meanwhile_is_printed_as_it_stands(make_case, order, actor, now):
    case = make_case()
    job = order(DocumentKind.INSTRUCCIONES)
    verbs.renounce([case.pk], on=dt.date(2026, 8, 18), tutor="Su mamá", act=Act(actor, now))
    work()
    job.refresh_from_db()
    assert job.skipped == [[case.pk, "el expediente está cerrado."]]


def _expire(job: PrintJob) -> None:
    PrintJob.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(minutes=5))
