"""Every action of the registry, done through its page: one row here for each."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from afiliacion.cases.models import Case, Evidence, PaperKind, WantedPaper
from afiliacion.cases.states import State, Verb
from afiliacion.dashboard.case.actions import ACTIONS, BY_SLUG
from afiliacion.imss.models import Errand
from afiliacion.operations.simulation.invented_people import People
from students.models import Student
from tests.dashboard.deeds import DAY, DEEDS, PDF, SERVICE, WHY, do


def test_every_action_is_tried_here() -> None:
    assert set(DEEDS) == set(BY_SLUG)
    assert len(BY_SLUG) == len(ACTIONS)


@pytest.fixture
def done(ready: Callable[[str], tuple[Case, dict[str, Any]]], desk: Client) -> Callable[[str], tuple[Case, Any]]:
    """Do an action through its page, and give back the case and the answer."""

    def run(slug: str) -> tuple[Case, Any]:
        case, typed = ready(slug)
        answer = do(desk, case, slug, typed)
        case.refresh_from_db()
        return case, answer

    return run


@pytest.mark.parametrize("slug", DEEDS)
def test_an_action_does_what_it_says(slug: str, done: Callable[[str], tuple[Case, Any]], desk: Client, officer: Any) -> None:
    case, answer = done(slug)
    assert answer.status_code == 302, re.findall(r'class="field-error".*?</div>|note-error.*?</div>', answer.content.decode(), re.DOTALL)
    assert case.state == DEEDS[slug].then
    if not DEEDS[slug].service:
        # A correction may be followed by what it means for the cover (insurance).
        last = case.events.filter(verb=BY_SLUG[slug].verb).latest("seq")
        assert (last.verb, last.actor_id, last.actor_name) == (BY_SLUG[slug].verb, officer.pk, "Begoña Ñáñez")
    page = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert f"Listo: {BY_SLUG[slug].label}." in page


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("service", ["", SERVICE], ids=["by hand", "service"])
def test_a_page_offers_exactly_what_the_case_allows(
    make_in: Callable[..., Case], desk: Client, settings: Any, service: str, state: State
) -> None:
    settings.IMSS_URL = service
    case = make_in(state)
    offered = set(re.findall(rf"/expedientes/{case.pk}/acciones/([\w-]+)/", desk.get(f"/expedientes/{case.pk}/").content.decode()))
    assert offered == {action.slug for action in ACTIONS if action.allowed(case.facts, automatic=bool(service))}
    for slug in set(BY_SLUG) - offered:
        assert "no procede con el expediente" in desk.get(f"/expedientes/{case.pk}/acciones/{slug}/").content.decode(), slug


@pytest.mark.parametrize("slug", [slug for slug, deed in DEEDS.items() if deed.typed])
def test_an_empty_form_does_nothing_and_says_what_is_missing(slug: str, make_in: Callable[..., Case], desk: Client) -> None:
    case = make_in(DEEDS[slug].state)
    answer = do(desk, case, slug, {})
    assert answer.status_code == 422
    assert case.events.count() == case.version


def test_an_alta_on_its_way_is_told_and_not_offered_again(make_in: Callable[..., Case], desk: Client, settings: Any) -> None:
    settings.IMSS_URL = SERVICE
    case = make_in(State.ACUSE_ENTREGADO)
    do(desk, case, "enviar-alta", {})
    page = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert "está en camino desde el" in page
    assert f'action="/expedientes/{case.pk}/acciones/enviar-alta/"' not in page
    assert "Ese movimiento ya está en camino" in do(desk, case, "enviar-alta", {}).content.decode()
    assert Errand.objects.filter(case=case).count() == 1


def test_a_form_seen_before_the_case_changed_does_nothing(make_in: Callable[..., Case], desk: Client, coordinator: Any, enter: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    seen = case.version
    do(enter(coordinator), case, "subdelegacion", WHY)
    answer = desk.post(f"/expedientes/{case.pk}/acciones/baja/", {"version": seen, "on": DAY, "kind": "definitiva"}, follow=True)
    told = answer.content.decode()
    assert "Cambió mientras usted lo veía y no se hizo nada." in told
    assert "Lo último: Enviado a la subdelegación, por Óscar Güemes" in told
    case.refresh_from_db()
    assert (case.state, case.version) == (State.EN_SUBDELEGACION, seen + 1)


def test_a_second_click_is_told_as_done(make_in: Callable[..., Case], desk: Client) -> None:
    case = make_in(State.NSS_OBTENIDO)
    order = {"version": case.version, "on": DAY}
    for said in ("Listo: Registrar acuse entregado.", "Ya estaba hecho: Registrar acuse entregado."):
        assert said in desk.post(f"/expedientes/{case.pk}/acciones/acuse/", order, follow=True).content.decode()
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == 1


@pytest.mark.parametrize("version", ["", "x", "-1", "1.0", "٣", "99999"])
def test_a_form_without_the_version_it_saw_does_nothing(make_in: Callable[..., Case], desk: Client, version: str) -> None:
    case = make_in(State.NSS_OBTENIDO)
    desk.post(f"/expedientes/{case.pk}/acciones/acuse/", {"version": version, "on": DAY})
    case.refresh_from_db()
    assert case.state == State.NSS_OBTENIDO


def test_two_hands_at_once_move_a_case_once(committed: None, make_in: Callable[..., Case], officer: Any, enter: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    ready, answers = threading.Barrier(8), []

    def click() -> None:
        browser = enter(officer)
        ready.wait()
        answers.append(browser.post(f"/expedientes/{case.pk}/acciones/acuse/", {"version": case.version, "on": DAY}).status_code)
        connection.close()

    hands = [threading.Thread(target=click) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert answers == [302] * 8
    assert case.events.filter(verb=Verb.DELIVER_ACUSE).count() == 1


def test_what_a_form_does_not_ask_is_ignored(make_in: Callable[..., Case], desk: Client, other_plantel: Any, coordinator: Any) -> None:
    case = make_in(State.NSS_OBTENIDO)
    smuggled = {
        "state": "VIGENTE", "plantel": other_plantel.pk, "plantel_id": other_plantel.pk, "student": 1, "id": 1, "actor": coordinator.pk,
        "coverage": "ours", "vigencia_on": DAY, "due_on": "2030-01-01", "evidence": "ab" * 32, "case": 1, "is_staff": "on",
        "nss": "03230500013",
    }  # fmt: skip
    before = Student.objects.values().get(pk=case.student_id)
    do(desk, case, "acuse", {"on": DAY, **smuggled})
    case.refresh_from_db()
    assert (case.state, case.plantel.clave, case.coverage, case.vigencia_on) == (State.ACUSE_ENTREGADO, "PREPA7", "none", None)
    assert case.events.latest("seq").actor_name == "Begoña Ñáñez"
    assert Student.objects.values().get(pk=case.student_id) == before


def test_a_parents_nss_is_taken_only_after_a_second_look(make_in: Callable[..., Case], desk: Client, people: People) -> None:
    case = make_in(State.SIN_NSS)
    parents = people.one(born_from=1975, born_to=1980).nss
    answer = do(desk, case, "registrar-nss", {"on": DAY, "nss": parents})
    assert answer.status_code == 422
    assert "puede ser el NSS de su mamá o su papá" in answer.content.decode()
    assert do(desk, case, "registrar-nss", {"on": DAY, "nss": parents, "looked_twice": "on"}).status_code == 302
    assert Student.objects.get(pk=case.student_id).nss == parents


def test_somebody_elses_nss_is_refused_on_the_form(make_in: Callable[..., Case], desk: Client) -> None:
    other, case = make_in(State.NSS_OBTENIDO), make_in(State.SIN_NSS)
    answer = do(desk, case, "registrar-nss", {"on": DAY, "nss": other.student.nss, "looked_twice": "on"})
    assert answer.status_code == 422
    assert "Ese NSS ya está registrado para otra persona" in answer.content.decode()


@pytest.mark.parametrize(
    ("nss", "said"),
    [
        ("1234", "Debe tener 11 dígitos y tiene 4."),
        ("03230500014", "El dígito verificador no corresponde"),
        ("3230500013", "¿Será 03230500013?"),
    ],
)
def test_an_nss_that_does_not_hold_is_explained(make_in: Callable[..., Case], desk: Client, nss: str, said: str) -> None:
    answer = do(desk, make_in(State.SIN_NSS), "registrar-nss", {"on": DAY, "nss": nss})
    assert said in answer.content.decode()
    assert f'value="{nss}"' in answer.content.decode()


def test_papers_are_asked_for_by_name(make_in: Callable[..., Case], desk: Client) -> None:
    case = make_in(State.NSS_OBTENIDO)
    for key in ("acuse", "acta"):
        WantedPaper.objects.create(step=Verb.DELIVER_ACUSE, kind=PaperKind.objects.get(key=key))
    page = desk.get(f"/expedientes/{case.pk}/").content.decode()
    assert "Acta de nacimiento" in page
    assert "Falta: Acta de nacimiento." in do(desk, case, "acuse", {"on": DAY, "papers": ["acuse"]}).content.decode()
    assert do(desk, case, "acuse", {"on": DAY, "papers": ["acuse", "acta"]}).status_code == 302


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<html>hola</html>", "no es un PDF ni una foto"),
        (b"MZ\x90", "no es un PDF ni una foto"),
        (PDF + b"x" * 5 * 1024 * 1024, "más de 5 MB"),
    ],
)
def test_what_is_no_paper_is_not_kept(make_in: Callable[..., Case], desk: Client, body: bytes, said: str) -> None:
    case = make_in(State.VIGENTE)
    kept = Evidence.objects.count()
    answer = do(desk, case, "sin-constancia", {"on": DAY}, paper=SimpleUploadedFile("hoja.pdf", body, "application/pdf"))
    assert said in answer.content.decode()
    assert Evidence.objects.count() == kept


def test_the_paper_is_kept_by_its_hash_and_told_by_its_bytes(done: Callable[[str], tuple[Case, Any]]) -> None:
    case, _ = done("corregir-nss")
    kept = Evidence.objects.get(pk=case.events.get(verb=Verb.CORRECT_NSS).evidence)
    assert (bytes(kept.body), kept.media_type, kept.kind) == (PDF, "application/pdf", Evidence.Kind.PAPER)
