"""S9: whatever others wrote (imported, typed, said by IMSS, a file's name) is shown as words on every page, in a real Chromium."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from django.apps import apps
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Note
from afiliacion.imss.models import Errand, Outage
from afiliacion.operations.models import NightRun
from tests.browser import Watched
from tests.dashboard.conftest import MAIL
from tests.dashboard.lists import a_worker_looks
from tests.dashboard.test_access import MATRIX, OFFICE, address

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("committed")]

BAD: Final = "\"'><img src=x onerror=document.title=1><script>document.title=2</script>{{7*7}}</title><svg onload=document.title=3>"
#: Every column with words of others, and what shows them is every page.
COLUMNS: Final = {
    "students.Student": ("nombre", "primer_apellido", "segundo_apellido", "email", "phone"),
    "students.Enrolment": ("matricula", "grupo"),
    "students.Plantel": ("name", "cct", "subdelegacion", "umf", "contact_name", "contact_phone", "address", "office_hours"),
    "students.Ciclo": ("clave",),
    "students.Calendar": ("name",),
    "auth.User": ("first_name", "last_name"),
    "roll.Import": ("filename", "owner_name", "error"),
    "roll.Finding": ("reason", "value"),
    "roll.Row": ("matricula", "nombre", "primer_apellido", "segundo_apellido", "correo", "telefono", "grupo", "estatus"),
    "imss.Errand": ("code", "message", "requested_name", "lote", "recibo"),
    "imss.Outage": ("reason",),
    "imss.KnownRefusal": ("code", "meaning"),
    "reminders.Reminder": ("subject", "text", "error"),
    "reminders.ReminderKind": ("name",),
    "documents.PrintJob": ("what", "error", "asked_name", "number"),
    "documents.Letterhead": ("institution", "dependency", "place", "signatory"),
    "dashboard.SavedView": ("name",),
    "dashboard.DeskVisit": ("subdelegacion", "officer", "number"),
    "reminders.BadAddress": ("words",),
    "cases.PaperKind": ("label",),
}


def poison() -> None:
    """Write the bad words into every row of the columns, as many letters as each takes."""
    for name, columns in COLUMNS.items():
        model = apps.get_model(name)
        known = {field.name: field.max_length or len(BAD) for field in model._meta.concrete_fields}
        for n, row in enumerate(model._default_manager.all()):
            model._default_manager.filter(pk=row.pk).update(**{column: (str(n or "") + BAD)[: known[column]] for column in columns})


@pytest.fixture
def written(things: dict[str, Any], make_case: Callable[..., Case], actor: Any, now: dt.datetime, tmp_path: Path) -> dict[str, Any]:
    """An office with something on every page, all its words bad."""
    case = make_case()
    verbs.escalate({case.pk: Happening(now.date(), {"code": BAD[:60], "message": BAD}, reason=BAD)}, act=Act(actor, now))
    verbs.renounce([make_case().pk], on=now.date(), reason=BAD, tutor=BAD, act=Act(actor, now))
    a_worker_looks()
    Note.objects.create(case_id=things["case_id"], author_id=things["user_id"], text=BAD, at=now, token=uuid.uuid4())
    Outage.objects.create(since=now, reason="x")
    Errand.objects.create(
        case=case,
        kind=Errand.Kind.LOCATE_NSS,
        key=uuid.uuid4(),
        requested_on=now.date(),
        requested_at=now,
        next_on=now.date(),
        status=Errand.Status.PARKED,
    )
    report = [{"step": "imss", "said": [BAD], "error": BAD}]
    NightRun.objects.create(date=timezone.localdate(), status="failed", attempts=1, started_at=now, finished_at=now, report=report)
    (tmp_path / f"{MAIL}.eml").write_bytes(f"Subject: {BAD}\r\nFrom: {BAD}\r\nTo: b@x.mx\r\n\r\n{BAD}\r\n".encode())
    poison()
    return things


def test_s9_words_of_others_run_on_no_page(
    open_page: Callable[..., Watched],
    written: dict[str, Any],
    officer: Any,
    coordinator: Any,
) -> None:
    """Nothing runs, nothing is drawn, and the policy of the pages has nothing to refuse (the browser would complain of it)."""
    shown = [
        name for name in OFFICE if MATRIX[name].method == "get" and not MATRIX[name].open_to_all and "ending" not in MATRIX[name].kwargs
    ]
    own = {name for name in shown if MATRIX[name].own == HTTPStatus.OK}
    lists = [f"/imss/?ver={kind}" for kind in ("detenidas", "desconocidas", "cuarentena")]
    searches = [f"{page}?q={quote(BAD)}" for page in ("/expedientes/", "/informes/")]
    renuncia = f"/expedientes/{Case.objects.get(state=State.RENUNCIA).pk}/"
    walks = {
        officer: [*(address(name, written) for name in own), *lists, *searches, renuncia],
        coordinator: [address(name, written) for name in shown if name not in own and MATRIX[name].all == HTTPStatus.OK],
    }
    seen = 0
    for who, paths in walks.items():
        office = open_page(who)
        for path in paths:
            page = office.go(path)
            assert page.title() not in {"1", "2", "3"}, path
            assert page.locator("img[src^=x], [onerror], [onload], script:not([src])").count() == 0, path
            seen += "onerror=document.title=1" in page.locator("body").inner_text()
    assert seen > 15, "the words are on the pages"
