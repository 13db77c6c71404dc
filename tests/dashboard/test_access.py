"""Who reaches what: every address of the office times every kind of person. An address without a row here fails."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from afiliacion.dashboard.frame.help_texts import HELP
from tests.aside import aside

ROLES = ("anonymous", "no_post", "foreign_officer", "officer", "coordinator")
LOGIN, NO_POST, GONE = "login", 403, 404


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
    "grupos": Row(200, 200, 200),
    "bulk": Row(302, 302, 302, method="post"),
    "people-choices": Row(200, 200, 200),
    "bulk-result": Row(GONE, 200, GONE, ("run_id",)),
    "bulk-undo": Row(GONE, 302, GONE, ("run_id",), "post"),
    "worklist-file": Row(200, 200, 200, ("ending",), "post"),
    "view-save": Row(302, 302, 302, method="post"),
    # A second click finds nothing to delete either: whose view it was is not told.
    "view-drop": Row(302, 302, 302, ("view_id",), "post"),
    "case": Row(GONE, 200, 200, ("case_id",)),
    "act": Row(GONE, 200, 200, ("case_id", "slug")),
    "correction-undo": Row(GONE, 302, 302, ("case_id",), "post"),
    "merge-undo": Row(GONE, 302, 302, ("case_id",), "post"),
    "note": Row(GONE, 302, 302, ("case_id",), "post"),
    "note-seen": Row(GONE, 302, 302, ("case_id",), "post"),
    "assign": Row(GONE, 302, 302, ("case_id",), "post"),
    "reports": Row(200, 200, 200),
    "reports-file": Row(200, 200, 200, ("ending",), "post"),
    "password": Row(200, 200, 200),
    "theme": Row(302, 302, 302, method="post"),
    "reveal": Row(GONE, 200, 200, ("case_id",), "post"),
    "paper": Row(GONE, 200, 200, ("case_id", "seq"), "post"),
    "counter": Row(200, 200, 200),
    "counter-find": Row(200, 200, 200, method="post"),
    "counter-take": Row(400, 400, 400, method="post"),
    "counter-undo": Row(400, 400, 400, method="post"),
    # What an officer received is theirs alone to print.
    "counter-mail": Row(GONE, 302, GONE, ("key",), "post"),
    "counter-pdf": Row(GONE, 200, GONE, ("key",), "post"),
    "desk": Row(200, 200, 200),
    "desk-prepare": Row(422, 422, 422, method="post"),
    "visit": Row(GONE, 200, 200, ("visit_id",)),
    "visit-file": Row(GONE, 200, 200, ("visit_id", "ending"), "post"),
    "visit-filed": Row(GONE, 422, 422, ("visit_id",), "post"),
    "visit-results": Row(GONE, 422, 422, ("visit_id",), "post"),
    "desk-together": Row(302, 302, 302, method="post"),
    "visit-filed-undo": Row(GONE, 302, 302, ("visit_id",), "post"),
    "visit-results-undo": Row(GONE, 302, 302, ("visit_id",), "post"),
    "visit-cancel": Row(GONE, 302, 302, ("visit_id",), "post"),
    "movements": Row(200, 200, 200),
    "movements-group": Row(200, 200, 200, ("registro", "plural")),
    "rejections": Row(200, 200, 200),
    "rejection-clear": Row(302, 302, 302, method="post"),
    "rejection-clear-undo": Row(302, 302, 302, method="post"),
    "lote-make": Row(302, 302, 302, method="post"),
    "lote": Row(GONE, 200, 200, ("lote_id",)),
    "lote-file": Row(GONE, 200, 200, ("lote_id",), "post"),
    "lote-undo": Row(GONE, 302, 302, ("lote_id",), "post"),
    "lote-sent": Row(GONE, 422, 422, ("lote_id",), "post"),
    "lote-received": Row(GONE, 422, 422, ("lote_id",), "post"),
    "answer-bring": Row(302, 302, 302, method="post"),
    "answer": Row(GONE, 200, 200, ("document_id",)),
    "answer-file": Row(GONE, 200, 200, ("document_id",), "post"),
    "answer-columns": Row(GONE, 422, 422, ("document_id",), "post"),
    "answer-apply": Row(GONE, 302, 302, ("document_id",), "post"),
    "answer-discard": Row(GONE, 302, 302, ("document_id",), "post"),
    "answer-undo": Row(GONE, 422, 422, ("document_id",), "post"),
    "reconciliation": Row(200, 200, 200),
    "reconciliation-list": Row(200, 200, 200, ("what",)),
    "reconciliation-file": Row(200, 200, 200, ("what", "ending"), "post"),
    "insured-lists": Row(200, 200, 200),
    "insured-discard": Row(GONE, 302, 302, ("list_id",), "post"),
    "strange-attend": Row(422, 422, 422, method="post"),
    # A second click finds nothing to take back either: whose it was is not told.
    "strange-undo": Row(302, 302, 302, ("attended_id",), "post"),
    # Settings hold for everybody: only coordinators see them.
    "settings": Row(403, 403, 200),
    "settings-changes": Row(403, 403, 200),
    "people": Row(403, 403, 200),
    "person-new": Row(403, 403, 200),
    # The officer has no cases to hand over: there is nothing to ask.
    "person-handover": Row(403, 403, 302, ("user_id",)),
    "person": Row(403, 403, 200, ("user_id",)),
    "setting-list": Row(403, 403, 200, ("setting",)),
    "setting-new": Row(403, 403, 200, ("setting",)),
    "setting": Row(403, 403, 200, ("setting", "row_id")),
    "setting-remove": Row(403, 403, 302, ("setting", "row_id"), "post"),
    "without-curp": Row(200, 200, 200),
    "without-curp-file": Row(200, 200, 200, ("ending",), "post"),
    "without-curp-person": Row(GONE, 200, 200, ("without_id",)),
    "without-curp-follow": Row(GONE, 422, 422, ("without_id",), "post"),
    "without-curp-close": Row(GONE, 422, 422, ("without_id",), "post"),
    "without-curp-undo": Row(GONE, 302, 302, ("without_id",), "post"),
    "jobs": Row(200, 200, 200),
    "job-seen": Row(302, 302, 302, method="post"),
    "job-retry": Row(302, 302, 302, method="post"),
    "first-run": Row(302, 302, 302, method="post", open_to_all=True),
    "first-step": Row(403, 403, 200, ("step",)),
    "print-case": Row(GONE, 200, 200, ("case_id", "kind"), "post"),
    "print-chosen": Row(302, 302, 302, method="post"),
    "print-visit": Row(GONE, 302, 302, ("visit_id",), "post"),
    "printing": Row(200, 200, 200),
    "print-job": Row(GONE, 200, 200, ("job_id",)),
    "print-download": Row(GONE, 302, 302, ("job_id",), "post"),
    "print-cancel": Row(GONE, 302, 302, ("job_id",), "post"),
    # A person who holds a paper may ask whether it is ours; of one that is not, the page says so with 404.
    "verify-ask": Row(200, 200, 200, open_to_all=True),
    "verify": Row(404, 404, 404, ("folio",), open_to_all=True),
    "sheets": Row(200, 200, 200),
    # A case without a sheet leads back to the list.
    "sheet": Row(GONE, 302, 302, ("case_id",)),
    "papers-bring": Row(302, 302, 302, method="post"),
    "bundle": Row(GONE, 200, 200, ("bundle_id",)),
    "brought": Row(GONE, 200, 200, ("paper_id",)),
    "brought-show": Row(GONE, 200, 200, ("paper_id",), "post"),
    "brought-file": Row(GONE, 200, 200, ("paper_id",), "post"),
    "brought-accept": Row(GONE, 422, 422, ("paper_id",), "post"),
    "brought-refuse": Row(GONE, 422, 422, ("paper_id",), "post"),
    "brought-aside": Row(GONE, 302, 302, ("paper_id",), "post"),
    "brought-undo": Row(GONE, 302, 302, ("paper_id",), "post"),
    "imss": Row(200, 200, 200),
    "imss-ask": Row(302, 302, 302, method="post"),
    "imss-seen": Row(302, 302, 302, method="post"),
    "imss-pause": Row(GONE, GONE, 302, method="post"),
    "consents": Row(200, 200, 200),
    # Asked by the officer's plantel of another one than the foreign officer's: it is for coordination, or that one, to decide.
    "consent": Row(GONE, 200, 200, ("request_id",)),
    "consent-accept": Row(GONE, 302, 302, ("request_id",), "post"),
    "consent-refuse": Row(GONE, 302, 302, ("request_id",), "post"),
    "consent-withdraw": Row(GONE, 302, 302, ("request_id",), "post"),
    "uploads": Row(200, 200, 200),
    "upload": Row(GONE, 200, 200, ("upload_id",)),
    "upload-progress": Row(GONE, 200, 200, ("upload_id",)),
    "upload-persons": Row(GONE, 302, 302, ("upload_id",)),
    "school-words": Row(200, 200, 200),
    "upload-questions": Row(GONE, 302, 302, ("upload_id",)),
    "upload-rows": Row(GONE, 200, 200, ("upload_id",)),
    "upload-not-returned": Row(GONE, 200, 200, ("upload_id",)),
    "upload-errors": Row(GONE, 200, 200, ("upload_id",)),
    "upload-confirm": Row(GONE, 302, 302, ("upload_id",), "post"),
    "upload-cancel": Row(GONE, 302, 302, ("upload_id",), "post"),
    "list-columns": Row(200, 200, 200),
    "list-template": Row(200, 200, 200, ("ending",)),
    "openings": Row(200, 200, 200),
    "opening": Row(GONE, 200, 200, ("opening_id",)),
    "opening-confirm": Row(GONE, 302, 302, ("opening_id",), "post"),
    "opening-cancel": Row(GONE, 302, 302, ("opening_id",), "post"),
    "opening-undo": Row(GONE, 302, 302, ("opening_id",), "post"),
    "upload-mapping": Row(GONE, 302, 302, ("upload_id",)),
    "upload-undo": Row(GONE, 302, 302, ("upload_id",), "post"),
    "upload-retry": Row(GONE, 302, 302, ("upload_id",), "post"),
    "notices": Row(200, 200, 200),
    "notices-stop": Row(302, 302, 302, method="post"),
    "notices-lift": Row(302, 302, 302, method="post"),
    "notices-works": Row(302, 302, 302, method="post"),
    "notices-again": Row(GONE, 302, 302, ("reminder_id",), "post"),
    "notices-because": Row(GONE, 200, 200, ("case_id",)),
    "notices-tutor": Row(GONE, 302, 302, ("case_id",), "post"),
    "notices-revoke": Row(GONE, 302, 302, ("case_id",), "post"),
    "notice-texts": Row(200, 200, 200),
    "notice-text": Row(200, 200, 200, ("words_key",)),
    "notice-sample": Row(GONE, 200, 200, ("kind_key", "case_id")),
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


def address(name: str, things: dict[str, Any]) -> str:
    return reverse(name, kwargs={key: things[key] for key in MATRIX[name].kwargs})


def expected(row: Row, role: str) -> int | str:
    if row.open_to_all:
        return 200 if (role, row.own) == ("anonymous", 302) and row.method == "get" else row.own
    by_role: dict[str, int | str] = {"anonymous": LOGIN, "no_post": NO_POST, "foreign_officer": row.foreign, "officer": row.own}
    return by_role.get(role, row.all)


def test_invariant_8_everybody_gets_what_the_matrix_says(
    things: dict[str, Any], browsers: Callable[..., Client], subtests: pytest.Subtests
) -> None:
    """All on one ground: to make what the addresses name took ten times as long as to ask for them."""
    for name in OFFICE:
        with subtests.test(name=name), aside():
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


#: Screens that are asked for, each told in its own words by what it sets up.
TOLD_BY_THEMSELVES = {"setting-list", "setting", "setting-new"}


def test_every_screen_says_in_two_sentences_what_it_is_for(things: dict[str, Any], browsers: Callable[..., Client]) -> None:
    used = set()
    for name in OFFICE:
        page = browsers("coordinator" if MATRIX[name].own != 200 else "officer").get(address(name, things))
        if page.status_code != 200 or page.streaming or 'class="bar-nav"' not in page.content.decode():
            continue
        said = re.findall(r'<p class="muted help">([^<]+)</p>', page.content.decode())
        assert len(said) == 1, name
        used |= set(said) if name not in TOLD_BY_THEMSELVES else set()
        assert len(re.findall(r"[.?!](?= |$)", said[0])) >= 2, (name, said)
    assert {html.unescape(each) for each in used} <= set(HELP.values())


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
    for name in ("home", "worklist", "case", "printing", "print-job"):
        assert "no-store" in desk.get(address(name, things)).headers["Cache-Control"], name


def whole_database() -> dict[str, Any]:
    """Every table as a number that changes with any row (but not with their order); without those of the session."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        tables = [name for (name,) in cursor.fetchall()]
        quoted = [connection.ops.quote_name(table) for table in tables]
        sums = [f"(SELECT sum(hashtextextended(t::text, 0)::numeric) FROM {table} t)" for table in quoted]  # noqa: S608 - our own tables
        cursor.execute(f"SELECT {', '.join(sums)}")
        return dict(zip(tables, cursor.fetchone(), strict=True))
