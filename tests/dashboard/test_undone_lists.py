"""A list that was undone leaves nothing in any list, number, search, file, report, paper or mail: each is as if it had never been loaded.

Its history stays: of the list on the pages of lists, of a case at its own address.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from django.utils import timezone

from afiliacion.cases import counters, upkeep
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.queries import visible_cases
from afiliacion.cases.states import BajaKind, State
from afiliacion.documents.context import PrintContext
from afiliacion.documents.kinds import term_report
from afiliacion.imss.queue.plan import plan
from afiliacion.operations.simulation.invented_people import People
from afiliacion.reminders.decide import digest
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.letters import links
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.parse.reading import spooled
from afiliacion.roll.upload import jobs, run_now
from students.models import Ciclo, Plantel
from tests.dashboard.lists import as_csv, row

GHOST = "Quetzalfantasma"
#: Addresses whose pages tell of lists, of who did what and when, or of the office itself: there an undone list is history.
OF_LISTS = {"uploads", "jobs", "list-columns", "list-template", "settings-changes", "favicon", "picture", "theme"}
SEARCHES = (GHOST, "9900", "E-")


@pytest.fixture
def school(make_in: Callable[..., Case]) -> list[Case]:
    """A school that goes on: some at each step, one who left; the night of tomorrow has done with them what it does."""
    cases = [make_in(state) for state in (State.SIN_NSS, State.NSS_OBTENIDO, State.VIGENTE, State.EN_SUBDELEGACION, State.BAJA)]
    a_night(timezone.now() + dt.timedelta(days=1))
    return cases


def a_night(at: dt.datetime) -> None:
    """What a night does by itself but for the questions: plans, alerts, decides mails, writes down how far the ciclo has come."""
    date = timezone.localdate(at)
    plan(date, at)
    upkeep.alert_overdue(date, act=Act(NIGHT, at))
    decide(date, at)
    counters.note_funnel(date)


@pytest.fixture
def undone(plantel: Plantel, ciclo: Ciclo, people: People, officer: Any) -> Callable[[], None]:
    """Load a list of three persons and undo it the morning after, when the night has planned, alerted, written down and decided."""

    def load_and_undo() -> None:
        now = timezone.now()
        rows = [row(people.one(), f"9900000{n}", primer_apellido=GHOST, fecha_inscripcion="2026-08-06") for n in range(3)]
        with spooled(as_csv(rows)) as path:
            job = run_now.apply(path, "equivocada.csv", plantel=plantel, ciclo=ciclo, now=now, who="Begoña", own=None).preview.job
        at = now + dt.timedelta(days=1)
        a_night(at)
        Reminder.objects.filter(student__primer_apellido=GHOST).update(status=Reminder.Status.FAILED)
        job.refresh_from_db()
        assert jobs.undo(job, now=at, by=officer, name="Begoña") == []
        assert work.finish(job, JobClock(lambda: at))

    return load_and_undo


def told(client: Client, ciclo: Ciclo, plantel: Plantel) -> Iterator[tuple[str, str]]:
    """(what, its text) of every page without arguments, every list, search, report, file and paper."""
    for name in sorted(name for name in get_resolver().reverse_dict if isinstance(name, str) and name not in OF_LISTS):
        try:
            yield name, page(client, reverse(name))
        except NoReverseMatch:
            continue
    for asked in ("", "estado=BAJA", "orden=nombre", "orden=nombre&estado=BAJA", "plazo=avisados", "turno=nadie", f"ciclo={ciclo.pk}"):
        yield f"lista {asked}", page(client, f"/expedientes/?{asked}")
        yield f"archivo {asked}", sent(client.post("/expedientes/lista.csv", {"lista": asked}))
    for text in SEARCHES:
        yield f"buscar {text}", page(client, "/expedientes/", q=text)
        yield f"ventanilla {text}", plain(client.post("/ventanilla/buscar/", {"codigo": text}).content.decode())
    for por in ("plantel", "grupo", "semana"):
        yield f"informe {por}", page(client, "/informes/", ciclo=ciclo.pk, por=por)
        yield f"archivo del informe {por}", sent(client.post("/informes/informe.csv", {"ciclo": ciclo.pk, "por": por}))
    yield "informe impreso", repr(term_report.informe(plantel, ciclo, PrintContext(timezone.localdate(), links.printed_urls)))


def page(client: Client, path: str, **said: Any) -> str:
    return plain(client.get(path, said).content.decode(errors="replace"))


def plain(text: str) -> str:
    """Without what differs each time: tokens, keys, the nonce of the page."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=[\"'=-])[A-Za-z0-9+/_=-]{20,}(?=[\"'])", "·", text)


def sent(response: Any) -> str:
    return b"".join(response).decode("utf-8-sig") if response.streaming else response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["officer", "coordinator"])
def test_every_page_file_and_paper_is_as_before(
    school: list[Case],
    undone: Callable[[], None],
    ciclo: Ciclo,
    plantel: Plantel,
    who: str,
    enter: Callable[[Any], Client],
    request: pytest.FixtureRequest,
) -> None:
    client = enter(request.getfixturevalue(who))
    before = dict(told(client, ciclo, plantel))
    undone()
    after = dict(told(client, ciclo, plantel))
    assert [what for what, text in after.items() if GHOST in text and GHOST not in before[what]] == []
    assert {what for what, text in after.items() if text != before[what]} == set()


@pytest.mark.django_db
def test_the_counters_and_what_is_counted_of_cases_are_as_before(
    school: list[Case], undone: Callable[[], None], plantel: Plantel, ciclo: Ciclo
) -> None:
    def counted() -> Any:
        return [
            [sorted(counters.standing(where)) for where in (None, [plantel.pk])],
            [sorted(counters.due(where), key=repr) for where in (None, [plantel.pk])],
            sorted(visible_cases(None).values_list("pk", flat=True)), sorted(visible_cases([plantel.pk]).values_list("pk", flat=True)),
        ]  # fmt: skip

    before = counted()
    undone()
    assert counted() == before
    assert list(counters.differences()) == []
    assert Case.objects.filter(baja_kind=BajaKind.DESHECHA).count() == 3


@pytest.mark.django_db
def test_no_mail_speaks_of_them(school: list[Case], undone: Callable[[], None]) -> None:
    at = timezone.now() + dt.timedelta(days=3)
    night = timezone.localdate(at)
    before = digest.figures(night, 30, {})
    undone()
    after = digest.figures(night, 30, {})
    assert {pk: figure.lines() for pk, figure in after.items()} == {pk: figure.lines() for pk, figure in before.items()}
    # Even if an office writes to those who left.
    leavers = {"states": [State.BAJA], "turn": "", "anchor": "since", "days": [0], "window": 400, "stops_with_sheet": False}
    ReminderKind.objects.filter(key="nss_vencido").update(**leavers)
    Reminder.objects.all().delete()
    decide(night, at)
    assert set(Reminder.objects.filter(kind__key="nss_vencido").values_list("case", flat=True)) == {school[-1].pk}


@pytest.mark.django_db
def test_its_history_is_at_its_own_address(undone: Callable[[], None], desk: Client) -> None:
    undone()
    case = Case.objects.first()
    assert case is not None
    text = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert all(words in text for words in (GHOST, "Carga de lista deshecha", "Se deshizo la carga", "No cuenta en listas ni informes"))
