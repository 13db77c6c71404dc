"""The morning's numbers: each counts the list it links to."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, FunnelDay
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import Milestone, State
from afiliacion.imss.models import ImssSettings, Outage
from afiliacion.operations import night_state
from afiliacion.operations.models import NightRun
from afiliacion.reminders.models import MailStop
from afiliacion.roll.models import Import
from students.models import Ciclo

NUMBER = re.compile(r'<a [^>]*href="(/expedientes/\?[^"]*)"[^>]*>(.*?)</a>', re.DOTALL)


@pytest.fixture
def office(make_in: Callable[..., Case], make_case: Callable[..., Case], other_plantel: Any, local_today: dt.date) -> None:
    for state in State:
        make_in(state)
    make_case(enrolled_on=local_today)
    held = make_case(enrolled_on=local_today)
    verbs.hold([held.pk], on=local_today, reason="Huelga", act=Act(NIGHT, timezone.now()))
    make_in(State.SIN_NSS, plantel=other_plantel)


def numbers(page: str) -> dict[str, int]:
    """Each link to a list and the number it shows."""
    found = {}
    for href, inside in NUMBER.findall(page):
        strong = re.search(r"<strong>([\d,]+)</strong>", inside)
        if strong:
            found[href.replace("&amp;", "&")] = int(strong[1].replace(",", ""))
    return found


def listed(page: str) -> int:
    return len(re.findall(r'class="cases-name"', page))


def test_every_number_is_the_length_of_the_list_behind_it(desk: Client, office: None) -> None:
    links = numbers(desk.get("/").content.decode())
    assert len(links) == 3 * 4 - 2 + 3 + len(State) + len(Milestone), links
    for href, n in links.items():
        assert (href, listed(desk.get(href).content.decode())) == (href, n)
    by_state = sum(n for href, n in links.items() if "estado" in href)
    assert by_state == len(State) + 2
    assert links["/expedientes/?turno=alumno&plazo=pausa"] == 1


def test_the_parts_of_a_turn_add_up(desk: Client, office: None) -> None:
    links = numbers(desk.get("/").content.decode())
    for turn in ("alumno", "escuela", "imss"):
        parts = sum(n for href, n in links.items() if f"turno={turn}&plazo=" in href)
        assert parts == links[f"/expedientes/?turno={turn}"]


def test_the_coordinator_counts_all_planteles(coordinator: Any, office: None, enter: Callable[..., Client]) -> None:
    page = enter(coordinator).get("/").content.decode()
    assert f"{len(State) + 3} expedientes</a> en total" in page


def test_an_empty_office_says_what_to_do_first(desk: Client) -> None:
    page = desk.get("/").content.decode()
    assert "Todavía no hay expedientes" in page
    assert 'href="/listas/"' in page


def test_the_night_and_an_outage_are_told(desk: Client, office: None, now: dt.datetime) -> None:
    report = [
        {"step": "chase", "said": ["Se consultaron 148 expedientes.", "0 correos enviados, 0 rechazados."], "error": "Fallaron 2 correos."}
    ]
    NightRun.objects.create(date=now.date(), status=NightRun.Status.FAILED, finished_at=now, report=report)
    Outage.objects.create(since=now, reason="No responde")
    page = desk.get("/").content.decode()
    for said in ("Se consultaron 148 expedientes.", "Fallaron 2 correos.", "El IMSS no responde desde el 20/08/2026, 12:00 h"):
        assert said in page, said
    assert "0 rechazados" not in page


@pytest.mark.parametrize(("age", "days"), [(0, 0), (3, 3)])
def test_workers_and_beat_that_are_down_are_told_to_all(
    desk: Client, coordinator: Any, office: None, enter: Callable[..., Client], age: int, days: int
) -> None:
    """Nothing is written while they are down: what the page says is derived from the last night's date."""
    today = timezone.localdate()
    due = today if timezone.now() >= night_state.begins(today) + night_state.GRACE else today - dt.timedelta(days=1)
    NightRun.objects.create(date=due - dt.timedelta(days=age), status=NightRun.Status.DONE, finished_at=timezone.now())
    words = f"Sin noche desde hace {days} días: los trabajos automáticos no están corriendo."
    pages = [(desk, "Avise a coordinación."), (enter(coordinator), "Pida a sistemas que revise el trabajador y el reloj")]
    for browser, advice in pages:
        page, jobs = browser.get("/").content.decode(), browser.get("/trabajos/").content.decode()
        assert (words in page, advice in page, words in jobs) == (bool(days),) * 3


def test_a_code_of_imss_stands_aside_of_what_it_means_and_runs_nothing(desk: Client, office: None, now: dt.datetime) -> None:
    said = ["Negativas del IMSS, 3: Revise la CURP (código CURP_INVALIDA).", "Negativas del IMSS, 1: <b>x</b> (código <b>)."]
    NightRun.objects.create(
        date=now.date(), status=NightRun.Status.DONE, finished_at=now, report=[{"step": "IMSS", "said": said, "error": ""}]
    )
    page = desk.get("/").content.decode()
    assert 'Revise la CURP <span class="muted sub-inline">(código CURP_INVALIDA).</span>' in page
    assert '&lt;b&gt;x&lt;/b&gt; <span class="muted sub-inline">(código &lt;b&gt;).</span>' in page


def test_what_goes_on_right_now_is_told_with_where_to_see_to_it(
    desk: Client, officer: Any, plantel: Any, other_plantel: Any, ciclo: Any, now: dt.datetime
) -> None:
    known = {"ciclo": ciclo, "owner": officer, "uploaded_at": now, "state": "running", "sha256": "0" * 64}
    mine = Import.objects.create(plantel=plantel, filename="3-B.xlsx", progress=400, total=1200, **known)
    Import.objects.create(plantel=other_plantel, filename="ajena.csv", **known)
    MailStop.objects.create(plantel=plantel, by=officer, since=now)
    MailStop.objects.create(plantel=other_plantel, by=officer, since=now)
    ImssSettings.objects.update(paused=True)
    page = desk.get("/").content.decode()
    for said in (
        f'La lista «3-B.xlsx» se está cargando: 400 de 1,200 filas. <a href="/listas/{mine.pk}/">',
        '<progress class="banner-progress" value="400" max="1200"',
        f'no sale ningún correo de {plantel}; se detuvieron el 20/08/2026, 12:00 h. <a href="/avisos/">',
        'La coordinación detuvo las consultas al IMSS. <a href="/imss/">',
    ):  # fmt: skip
        assert said in page, said
    assert "ajena.csv" not in page
    assert page.count("Ver los avisos") == 1


def test_counting_costs_the_same_however_many_cases(
    desk: Client, make_case: Callable[..., Case], django_assert_num_queries: Callable[[int], Any]
) -> None:
    for n in (1, 3, 50):
        while Case.objects.count() < n:
            make_case()
        # session; person, posts; where, when due; all the rest
        with django_assert_num_queries(5):
            desk.get("/")


def test_of_two_ciclos_that_begin_on_one_day_the_one_with_the_cases_is_shown_beside_one_as_long(
    desk: Client, make_case: Callable[..., Case], ciclo: Ciclo, local_today: dt.date
) -> None:
    began, ago = local_today - dt.timedelta(days=20), local_today - dt.timedelta(days=200)
    Ciclo.objects.filter(pk=ciclo.pk).update(starts_on=began, ends_on=began + dt.timedelta(days=180))
    Ciclo.objects.create(clave="0-corto", starts_on=began, ends_on=began + dt.timedelta(days=90))
    before = Ciclo.objects.create(clave="largo antes", starts_on=ago, ends_on=ago + dt.timedelta(days=179))
    Ciclo.objects.create(clave="corto antes", starts_on=ago, ends_on=ago + dt.timedelta(days=91))
    case = make_case()
    FunnelDay.objects.create(plantel=case.plantel, ciclo=before, date=ago + dt.timedelta(days=20), reached=[5, 4, 3, 2, 1, 0])
    funnel = desk.get("/").context["funnel"]
    assert (funnel.ciclo, funnel.before) == (ciclo, before)
    assert [stage.before for stage in funnel.stages] == [5, 4, 3, 2, 1, 0]
