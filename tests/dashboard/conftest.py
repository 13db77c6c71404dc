"""The office as its tests find it: people who are logged in, cases in every state, static files without a build."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import BulkRun, CounterReceipt, DeskErrand, DeskVisit, SavedView
from afiliacion.dashboard.shared.access import Scope
from afiliacion.documents import print_jobs
from afiliacion.documents.models import DocumentKind
from afiliacion.operations.simulation.invented_people import People
from afiliacion.reminders.models import Reminder, ReminderKind
from afiliacion.roll.upload import jobs
from students.models import Ciclo, Plantel, StaffPost
from tests.dashboard.consent.asking import a_request, a_third_plantel
from tests.dashboard.deeds import DEEDS, PDF, do, of_person, own_nss
from tests.dashboard.lists import a_list, opening_of, without_curp
from tests.movements.lotes import a_lote, an_answer
from tests.papers_in.papers import a_bundle, a_paper
from tests.reconciliation.documents import a_list as an_insured_list
from tests.reconciliation.documents import attended

PASSWORD = "una frase larga de prueba"  # noqa: S105 - of people who exist for one test
MAIL = "20260821T083000000000-11000001"


@pytest.fixture(autouse=True)
def _apart(plain_static_files: None, data_dir: Path) -> None:
    """Static files without a build, and files kept where no other test looks."""


@pytest.fixture
def foreign_officer(other_plantel: Plantel) -> Any:
    user = get_user_model().objects.create_user("ajena", first_name="Itzel", last_name="Uc", is_staff=True)
    StaffPost.objects.create(user=user, plantel=other_plantel)
    return user


@pytest.fixture
def no_post(db: None) -> Any:
    return get_user_model().objects.create_user("nadie")


@pytest.fixture
def enter() -> Callable[[Any], Client]:
    """A browser in which this person is logged in."""

    def enter(user: Any, **how: Any) -> Client:
        client = Client(**how)
        client.force_login(user)
        return client

    return enter


@pytest.fixture
def desk(officer: Any, enter: Callable[[Any], Client]) -> Client:
    """The officer of `plantel` at work."""
    return enter(officer)


@pytest.fixture
def local_today() -> dt.date:
    """The day the screens are seen on: they ask the clock, as people do."""
    return timezone.localdate()


@pytest.fixture(autouse=True)
def _nobody_asked_before() -> None:
    """The public page counts who asks how often, from one test to the next."""
    cache.clear()


@pytest.fixture
def ready(
    make_in: Callable[..., Case], desk: Client, other_plantel: Any, people: People, settings: Any
) -> Callable[[str], tuple[Case, dict[str, Any]]]:
    """Bring a case to where the action begins; it, and what its form then says."""

    def prepare(slug: str) -> tuple[Case, dict[str, Any]]:
        deed = DEEDS[slug]
        settings.IMSS_URL = deed.service
        case = make_in(deed.state)
        for earlier, typed in deed.before:
            assert do(desk, case, earlier, typed).status_code == 302
        meant = {"<own>": own_nss(case, people), "<other plantel>": other_plantel.pk, **of_person(case)}
        if "<other record>" in deed.typed.values():
            meant["<other record>"] = make_in(State.SIN_NSS).folio
        typed = {name: meant.get(value, value) if isinstance(value, str) else value for name, value in deed.typed.items()}
        if deed.paper:
            typed["paper"] = SimpleUploadedFile("hoja.pdf", PDF)
        case.refresh_from_db()
        return case, typed

    return prepare


@pytest.fixture
def things(make_in: Callable[..., Case], officer: Any, plantel: Plantel, ciclo: Ciclo, people: People, demo_mail: None) -> dict[str, Any]:
    """Things of the officer's plantel, by the names the addresses give them."""
    case = make_in(State.VIGENTE)
    upload = jobs.bring(io.BytesIO(a_list(people)), "lista.csv", owner=officer, plantel=plantel, ciclo=ciclo, now=timezone.now())
    proved = case.events.exclude(evidence="").get()
    receipt = CounterReceipt.objects.create(key=uuid.uuid4(), user=officer, case=case, acuse=True, version=3, at=timezone.now())
    visit = DeskVisit.objects.create(day=timezone.localdate(), officer="Begoña", created_by=officer, created_at=timezone.now())
    DeskErrand.objects.create(visit=visit, case=case)
    job = print_jobs.order(
        DocumentKind.RENUNCIA, Case.objects.filter(pk=case.pk), what="Prueba", by=Scope(officer, (plantel,)).actor, now=timezone.now(),
        on=timezone.localdate(),
    )  # fmt: skip
    kind, now = ReminderKind.objects.get(key="registrate_en_clinica"), timezone.now()
    doubtful = Reminder.objects.create(
        kind=kind, case=case, student=case.student, step="1-1", recipient="a@b.mx", night=timezone.localdate(), created_at=now,
        send_after=now, status=Reminder.Status.UNCERTAIN,
    )  # fmt: skip
    view = SavedView.objects.create(owner=officer, name="Vencidos", query="plazo=vencidos")
    result = {"done": [case.pk], "repeated": [], "skipped": {}}
    run = BulkRun.objects.create(owner=officer, at=timezone.now(), action="pausa", result=result)
    opening = opening_of(make_in(State.NSS_OBTENIDO), Scope(officer, (plantel,)).act(now))
    request = a_request(make_in(State.SIN_NSS, plantel=a_third_plantel()), plantel, ciclo, officer)
    paper_case = make_in(State.SIN_NSS)
    paper = a_paper(paper_case, Scope(officer, (plantel,)).act(now), own_nss(paper_case, people))
    seen_to = attended(make_in(State.ACUSE_ENTREGADO), Scope(officer, (plantel,)).act(now))
    return {
        "what": "sin-alta", "attended_id": seen_to.pk, "list_id": an_insured_list(Scope(officer, (plantel,)).act(now), "03230500013").pk,
        "document_id": an_answer(make_in(State.ACUSE_ENTREGADO), Scope(officer, (plantel,)).act(now)).pk,
        "registro": "A0112345321", "plural": "altas",
        "lote_id": a_lote(make_in(State.ACUSE_ENTREGADO), Scope(officer, (plantel,)).act(now)).pk,
        "paper_id": paper.pk, "bundle_id": a_bundle(Scope(officer, (plantel,)).act(now)).pk,
        "request_id": request.pk, "opening_id": opening.pk, "without_id": without_curp(plantel, ciclo, people.one(), "S1").pk,
        "view_id": view.pk, "run_id": run.pk,
        "reminder_id": doubtful.pk, "words_key": kind.texts, "kind_key": kind.key,
        "case_id": case.pk, "slug": "acuse", "seq": proved.seq, "upload_id": upload.pk, "ending": "csv", "name": MAIL, "key": receipt.key,
        "visit_id": visit.pk, "user_id": officer.pk, "setting": "planteles", "step": "plantel", "row_id": plantel.pk,
        "kind": "renuncia", "job_id": job.pk, "folio": "D-0000001-0000-0000-0000",
    }  # fmt: skip


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
