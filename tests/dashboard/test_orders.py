"""Each order of the office: given twice it is done once, given by fifty hands it is done once, given by who may not it is not done."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from psycopg.sql import SQL, Identifier

from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.case.actions import BY_SLUG
from afiliacion.dashboard.case.execute import carry_out
from afiliacion.dashboard.shared.access import Scope
from afiliacion.operations.simulation.invented_people import People
from students.models import Ciclo, Plantel
from tests.dashboard.orders import CANARY, ORDERS, Office
from tests.dashboard.test_access import MATRIX, OFFICE, address, whole_database
from tests.locks import persons_locked_late

#: Hands on one step of a case, and tabs that send one form (a whole request each): few in a plain run, all in the sweeps.
HANDS, TABS = 50, 10
SOME_HANDS = pytest.mark.parametrize("hands", [10, pytest.param(HANDS, marks=pytest.mark.slow)])
SOME_TABS = pytest.mark.parametrize("tabs", [3, pytest.param(TABS, marks=pytest.mark.slow)])
#: What is written down of each asking: who took what, what came of a bulk action, the session.
WRITTEN_DOWN = {"dashboard_disclosure", "dashboard_listexport", "dashboard_bulkrun", "django_session"}
#: They take a POST and are about nothing but the sender's session.
OF_ONE_S_OWN_SESSION = {"login", "logout", "theme", "first-run"}


@pytest.fixture
def office(
    make_in: Callable[..., Case],
    make_student: Callable[..., Any],
    people: People,
    plantel: Plantel,
    ciclo: Ciclo,
    officer: Any,
    coordinator: Any,
    enter: Callable[..., Client],
    settings: Any,
) -> Office:
    settings.IMSS_ADAPTER, settings.IMSS_URL = "stand_in", "http://127.0.0.1:9"
    return Office(make_in, make_student, people, plantel, ciclo, officer, enter(coordinator), enter(officer))


def test_every_address_that_takes_a_post_has_its_order(things: dict[str, Any], desk: Client, coordinator: Any, enter: Any) -> None:
    taking = {name for name in OFFICE if enter(coordinator).options(address(name, things)).headers.get("Allow", "POST").find("POST") >= 0}
    assert taking == set(ORDERS) | OF_ONE_S_OWN_SESSION


def changed(before: dict[str, Any], after: dict[str, Any]) -> set[str]:
    return {table for table in after if after[table] != before[table]} - WRITTEN_DOWN


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_given_twice_is_done_once(name: str, office: Office) -> None:
    order = ORDERS[name]
    kwargs, said = order.make(office)
    giver, where = office.boss if order.role == "coordinator" else office.desk, reverse(name, kwargs=kwargs)
    start = whole_database()
    assert send(giver, where, said)[0] in {200, 302}
    once = whole_database()
    assert order.looks or changed(start, once), "an order that does nothing proves nothing"
    assert send(giver, where, said)[0] in {200, 302, 409, 422}, "who clicks twice is told, and not that there is no such page"
    assert changed(once, whole_database()) - order.again == set()


@pytest.mark.parametrize("name", ORDERS)
def test_an_order_locks_persons_before_their_cases(name: str, office: Office) -> None:
    """Or it and an answer of IMSS about the same case would each wait for the other."""
    order = ORDERS[name]
    kwargs, said = order.make(office)
    giver, where = office.boss if order.role == "coordinator" else office.desk, reverse(name, kwargs=kwargs)
    with persons_locked_late() as late:
        assert send(giver, where, said)[0] in {200, 302}
    assert late == []


def send(browser: Client, where: str, said: dict[str, Any], **how: Any) -> tuple[int, str]:
    """Give an order; the status and the words of the answer."""
    for value in said.values():
        if hasattr(value, "seek"):
            value.seek(0)
    answer = browser.post(where, said, **how)
    body = b"".join(answer.streaming_content if answer.streaming else [answer.content])  # type: ignore[attr-defined]  # a streaming one has it
    return answer.status_code, body.decode("utf-8", "replace")


@pytest.mark.parametrize("name", ORDERS)
def test_who_may_not_give_an_order_changes_nothing_and_learns_nothing(name: str, office: Office, browsers: Callable[..., Client]) -> None:
    """The body names what is another's as the officer's own would: the numbers of cases, planteles, lists, views, receipts."""
    order = ORDERS[name]
    kwargs, said = order.make(office)
    roles = ["anonymous", "no_post", "foreign_officer", *(["officer"] if order.role == "coordinator" else [])]
    who = {role: browsers(role) for role in roles}
    before = whole_database()
    for role, browser in who.items():
        assert CANARY not in send(browser, reverse(name, kwargs=kwargs), said, follow=True)[1], role
        assert changed(before, whole_database()) <= order.own, role


def test_s1_no_page_shows_what_is_others_whatever_its_address_asks(office: Office, enter: Any, foreign_officer: Any) -> None:
    """Every page that stands by itself, asked by search, filter, page, view or number for what belongs to another plantel."""
    case, view = office.waiting().case, ORDERS["view-drop"].make(office)[0]["view_id"]
    office.list_()
    office.case(State.EN_SUBDELEGACION)
    asked: list[dict[str, Any]] = [
        {"q": case.enrolment.matricula, "grupo": "1-A", "ciclo": office.ciclo.pk},
        {"plantel": case.plantel_id, "caso": case.pk, "codigo": case.folio, "next": f"/expedientes/{case.pk}/"},
        {"vista": view, "desde": 0, "despues": case.pk - 1, "ver": "pendientes"},
    ]
    foreign = enter(foreign_officer)
    alone = [name for name in OFFICE if not MATRIX[name].kwargs and MATRIX[name].method == "get"]
    for name in alone:
        for query in asked:
            assert CANARY not in foreign.get(reverse(name), query).content.decode("utf-8", "replace"), (name, query)
    assert {"worklist", "imss", "desk", "uploads"} <= {name for name in alone if CANARY in office.desk.get(reverse(name)).content.decode()}


AtOnce = Callable[[Sequence[Callable[[], Any]]], list[Any]]


@pytest.fixture
def at_once() -> Iterator[AtOnce]:
    """Do up to fifty things at the same moment, each hand on a connection of its own; what came of each, in order."""

    def do(start: threading.Barrier, work: Callable[[], Any]) -> Any:
        start.wait()
        return work()

    with ThreadPoolExecutor(HANDS) as pool:

        def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
            start = threading.Barrier(len(works))
            begun: list[Future[Any]] = [pool.submit(do, start, work) for work in works]
            return [each.result() for each in begun]

        yield at_once
        # Each hand closes its own: the name means another connection in every thread.
        at_once([lambda: connection.close()] * HANDS)  # noqa: PLW0108 - looked up where it is closed


@SOME_HANDS
def test_s28_many_hands_take_a_step_once_and_the_others_are_told(
    committed: None,
    hands: int,
    ready: Callable[[str], tuple[Case, dict[str, Any]]],
    at_once: AtOnce,
    officer: Any,
    coordinator: Any,
    plantel: Plantel,
) -> None:
    """Every action of a case, by two people with half of the tabs each, all of which saw it as it was."""
    people = [Scope(officer, (plantel,)), Scope(coordinator, None)]
    for slug, action in BY_SLUG.items():
        case, typed = ready(slug)
        files = {name: value for name, value in typed.items() if hasattr(value, "seek")}
        form = action.form(typed, files, today=timezone.localdate(), case=case, planteles=frozenset({plantel.pk}))
        assert form.is_valid(), (slug, form.errors)
        before, now = case.events.count(), timezone.now()
        works = [partial(carry_out, action, {case.pk: case.version}, form.cleaned_data, people[n % 2], now) for n in range(hands)]
        results = at_once(works)
        assert [result.done for result in results if result.done] == [[case.pk]], slug
        assert all(result.done or result.repeated or result.skipped for result in results), slug
        assert case.events.count() - before <= 2, slug
    assert [*differences(), *broken_chains()] == []


@SOME_TABS
def test_s28_an_order_sent_by_many_tabs_is_carried_out_once(committed: None, office: Office, at_once: AtOnce, tabs: int) -> None:
    """Rows added by one, and by several at the same moment to things of the same kind: the same."""
    for name, order in ORDERS.items():
        if order.looks:
            continue
        giver = office.boss if order.role == "coordinator" else office.desk
        added = []
        for n in (1, tabs):
            kwargs, said = order.make(office)
            where, before = reverse(name, kwargs=kwargs), rows()
            answers = at_once([partial(send, tab(giver), where, own_files(said)) for _ in range(n)])
            assert {status for status, _ in answers} <= {200, 302, 409, 422}, name
            after = rows()
            # What each sending notes of its own, by what the order says of being given again, is not compared.
            added.append({table: after[table] - before[table] for table in set(after) - order.again if after[table] != before[table]})
        assert added[0] == added[1], name


def rows() -> dict[str, int]:
    """How many rows each table has, counted by one statement: by one each they were a third of the test."""
    names = {model._meta.db_table for model in apps.get_models() if model._meta.managed} - WRITTEN_DOWN
    counts = [SQL("SELECT {}, count(*) FROM {}").format(name, Identifier(name)) for name in sorted(names)]
    with connection.cursor() as cursor:
        cursor.execute(SQL(" UNION ALL ").join(counts))
        return dict(cursor.fetchall())


def tab(giver: Client) -> Client:
    """Another tab of the same browser."""
    client = Client(raise_request_exception=False)
    client.cookies.update(giver.cookies)
    return client


def own_files(said: dict[str, Any]) -> dict[str, Any]:
    """The same words; each tab sends a file of its own."""
    return {
        name: SimpleUploadedFile(value.name, value.file.getvalue()) if hasattr(value, "seek") else value for name, value in said.items()
    }
