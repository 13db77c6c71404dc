"""Who reaches what: every address of the office times every kind of person. An address without a row here fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard import uploaded
from afiliacion.operations.people import People
from students.models import Ciclo, Plantel
from tests.dashboard.lists import a_list

ROLES = ("anonymous", "no_post", "foreign_officer", "officer", "coordinator")
LOGIN, NO_POST, GONE = "login", 403, 404
MAIL = "20260821T083000000000-11000001"


@dataclass(frozen=True)
class Row:
    """What the foreign officer, the officer and the coordinator get. `kwargs` names things of the officer's plantel."""

    foreign: int
    own: int
    all: int
    kwargs: tuple[str, ...] = ()
    method: str = "get"
    data: dict[str, Any] = field(default_factory=dict)
    open_to_all: bool = False


MATRIX = {
    "home": Row(200, 200, 200),
    "login": Row(302, 302, 302, open_to_all=True),
    "logout": Row(302, 302, 302, method="post", open_to_all=True),
    "picture": Row(301, 301, 301, open_to_all=True),
    "worklist": Row(200, 200, 200),
    "bulk": Row(302, 302, 302, method="post"),
    "bulk-result": Row(302, 302, 302),
    "case": Row(GONE, 200, 200, ("case_id",)),
    "act": Row(GONE, 200, 200, ("case_id", "slug")),
    "reveal": Row(GONE, 200, 200, ("case_id",), "post"),
    "paper": Row(GONE, 200, 200, ("case_id", "seq"), "post"),
    "acuse-pdf": Row(GONE, 200, 200, ("case_id",)),
    "uploads": Row(200, 200, 200),
    # A list waiting for its confirmation is its owner's alone.
    "upload": Row(GONE, 200, GONE, ("upload_id",)),
    "upload-errors": Row(GONE, 200, GONE, ("upload_id",)),
    "upload-confirm": Row(GONE, 302, GONE, ("upload_id",), "post"),
    "mails": Row(200, 200, 200),
    "mail": Row(200, 200, 200, ("name",)),
    "mail-body": Row(200, 200, 200, ("name",)),
}


def patterns(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    """(namespace, name) of every address."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from ((pattern.namespace or namespace, name) for namespace, name in patterns(pattern))
        elif isinstance(pattern, URLPattern):
            yield "", pattern.name or str(pattern.pattern)


OFFICE = sorted(name for namespace, name in patterns(get_resolver()) if not namespace)


def test_every_address_has_a_row_and_every_row_an_address() -> None:
    assert sorted(MATRIX) == OFFICE


@pytest.fixture
def things(make_in: Callable[..., Case], officer: Any, plantel: Plantel, ciclo: Ciclo, people: People, demo_mail: None) -> dict[str, Any]:
    """Things of the officer's plantel, by the names the addresses give them."""
    case = make_in(State.VIGENTE)
    upload = uploaded.keep(
        a_list(people), filename="lista.csv", owner=officer, plantel=plantel, ciclo=ciclo, enrolled_on=None, now=timezone.now()
    )
    proved = case.events.exclude(evidence="").get()
    return {"case_id": case.pk, "slug": "acuse", "seq": proved.seq, "upload_id": upload.pk, "name": MAIL}


@pytest.fixture
def demo_mail(settings: Any, tmp_path: Any) -> None:
    settings.DEMO, settings.DEMO_MAIL_DIR = True, str(tmp_path)
    (tmp_path / f"{MAIL}.eml").write_bytes(b"Subject: Hola\r\nFrom: a@example.mx\r\nTo: b@example.mx\r\n\r\nHola\r\n")


@pytest.fixture
def browsers(officer: Any, foreign_officer: Any, coordinator: Any, no_post: Any, enter: Callable[..., Client]) -> Callable[..., Client]:
    users = {"officer": officer, "foreign_officer": foreign_officer, "coordinator": coordinator, "no_post": no_post}

    def browser(role: str, **how: Any) -> Client:
        return Client(**how) if role == "anonymous" else enter(users[role], **how)

    return browser


def address(name: str, things: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: things[key] for key in MATRIX[name].kwargs})


def expected(row: Row, role: str) -> int | str:
    if row.open_to_all:
        return 200 if (role, row.own) == ("anonymous", 302) and row.method == "get" else row.own
    by_role: dict[str, int | str] = {"anonymous": LOGIN, "no_post": NO_POST, "foreign_officer": row.foreign, "officer": row.own}
    return by_role.get(role, row.all)


@pytest.mark.parametrize("name", OFFICE)
def test_invariant_8_everybody_gets_what_the_matrix_says(name: str, things: dict[str, Any], browsers: Callable[..., Client]) -> None:
    row = MATRIX[name]
    for role in ROLES:
        response = getattr(browsers(role), row.method)(address(name, things))
        got = LOGIN if response.headers.get("Location", "").startswith("/entrar/?next=") else response.status_code
        assert got == expected(row, role), role


@pytest.mark.parametrize("role", ROLES)
def test_looking_changes_nothing(role: str, things: dict[str, Any], browsers: Callable[..., Client]) -> None:
    browser = browsers(role)
    before = whole_database()
    for name in OFFICE:
        browser.get(address(name, things))
    assert whole_database() == before


@pytest.mark.parametrize("role", ["anonymous", "officer", "coordinator"])
def test_nothing_is_taken_without_the_token(role: str, things: dict[str, Any], browsers: Callable[..., Client]) -> None:
    browser = browsers(role, enforce_csrf_checks=True)
    before = whole_database()
    for name in OFFICE:
        response = browser.post(address(name, things), {"version": "1"})
        assert (name, response.status_code) == (name, 403)
    assert "La página caducó" in response.content.decode()
    assert whole_database() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_do_nothing(method: str, things: dict[str, Any], desk: Client) -> None:
    before = whole_database()
    for name in OFFICE:
        assert getattr(desk, method)(address(name, things)).status_code in {302, 405}, name
    assert whole_database() == before


def test_the_office_opens_no_door_of_the_admin(things: dict[str, Any], browsers: Callable[..., Client]) -> None:
    names = sorted({name for namespace, name in patterns(get_resolver()) if namespace == "admin"})
    assert "students_student_changelist" in names
    for role in ("anonymous", "no_post"):
        browser = browsers(role)
        for path in ("/admin/", "/admin/students/student/", "/admin/students/student/1/change/", "/admin/auth/user/add/"):
            response = browser.get(path)
            assert response.status_code == 302, (role, path)
            assert "entrar" in response.headers["Location"] or "login" in response.headers["Location"]


def test_a_page_of_the_office_is_kept_nowhere(desk: Client, things: dict[str, Any]) -> None:
    for name in ("home", "worklist", "case", "acuse-pdf"):
        assert "no-store" in desk.get(address(name, things)).headers["Cache-Control"], name


def whole_database() -> dict[str, Any]:
    """Every table as a number that changes with any row (but not with their order)."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        quoted = [connection.ops.quote_name(table) for table in tables]
        sums = [f"(SELECT sum(hashtextextended(t::text, 0)::numeric) FROM {table} t)" for table in quoted]  # noqa: S608 - our own tables
        cursor.execute(f"SELECT {', '.join(sums)}")
        return dict(zip(tables, cursor.fetchone(), strict=True))
