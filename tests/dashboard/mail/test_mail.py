"""The office's mail on the screens: tonight, the stop, what did not arrive, why, and in whose words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.delivery import outbox
from afiliacion.reminders.letters import links
from afiliacion.reminders.letters.links import BadLink
from afiliacion.reminders.letters.templates import texts
from afiliacion.reminders.models import BadAddress, MailPause, MailStop, MailText, Reminder, Tutor
from students.models import Plantel
from tests.conftest import TODAY

pytestmark = pytest.mark.django_db

WORDS = {
    "subject": "Te falta tu NSS, $nombre", "title": "Tu NSS", "action": "Obtén tu NSS.", "by": "Antes del $vence.", "steps": "Uno\nDos",
    "notes": "", "link_text": "Ir al IMSS", "link_url": "https://serviciosdigitales.imss.gob.mx/",
}  # fmt: skip


@pytest.fixture
def coordination(coordinator: Any, enter: Callable[..., Client]) -> Client:
    return enter(coordinator)


def _noon() -> dt.datetime:
    """A moment at which everybody may be written to."""
    return timezone.make_aware(dt.datetime.combine(TODAY, dt.time(12)))


def test_tonight_is_shown_and_nothing_is_written(
    desk: Client, make_in: Callable[..., Case], make_case: Any, other_plantel: Plantel
) -> None:
    lately = timezone.localdate() - dt.timedelta(days=12)
    case, foreign = make_in(State.SIN_NSS, enrolled_on=lately), make_case(plantel=other_plantel, enrolled_on=lately)
    assert "Contar lo que sale esta noche" in desk.get("/avisos/").content.decode()
    text = desk.get("/avisos/?noche=1").content.decode()
    assert "<strong>1</strong> · Obtén tu NSS: el plazo ya venció" in text
    assert (case.folio in text, foreign.folio in text) == (True, False)
    assert not Reminder.objects.exists()


def test_stopped_nothing_goes_out_until_it_is_lifted(
    desk: Client, coordination: Client, make_in: Callable[..., Case], make_case: Any, other_plantel: Plantel, plantel: Plantel
) -> None:
    make_in(State.SIN_NSS)
    make_case(plantel=other_plantel)
    noon = _noon()
    decide(noon.date(), noon)
    assert outbox.waiting(noon).count() == 2
    for _ in range(2):
        assert "Alto: no sale ningún correo de Preparatoria Regional Núm. 7" in desk.post("/avisos/alto/", follow=True).content.decode()
    assert [row.case.plantel for row in outbox.waiting(noon).select_related("case__plantel") if row.case] == [other_plantel]
    coordination.post("/avisos/alto/")
    assert outbox.waiting(noon).count() == 0
    assert desk.post("/avisos/seguir/", {"plantel": ""}, follow=True).status_code == 200
    assert MailStop.objects.filter(lifted_at=None).get().plantel is None
    coordination.post("/avisos/seguir/", {"plantel": ""})
    assert outbox.waiting(noon).count() == 2


def test_an_officer_stops_no_plantel_of_others(desk: Client, other_plantel: Plantel) -> None:
    assert desk.post("/avisos/alto/", {"plantel": other_plantel.pk}).status_code == 404
    assert not MailStop.objects.exists()


def test_a_mail_in_doubt_goes_out_again_only_by_a_person_and_once(desk: Client, make_in: Callable[..., Case]) -> None:
    make_in(State.SIN_NSS)
    noon = _noon()
    decide(noon.date(), noon)
    Reminder.objects.update(status=Reminder.Status.UNCERTAIN, error="No se sabe")
    row = Reminder.objects.get()
    assert "Enviar otra vez" in desk.get("/avisos/").content.decode()
    assert "sale otra vez" in desk.post(f"/avisos/{row.pk}/otra-vez/", follow=True).content.decode()
    assert "ya no está en duda" in desk.post(f"/avisos/{row.pk}/otra-vez/", follow=True).content.decode()
    assert Reminder.objects.get().status == Reminder.Status.QUEUED


def test_an_address_that_does_not_work_is_listed_until_somebody_vouches_for_it(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.SIN_NSS)
    BadAddress.objects.create(address=case.student.email, since=timezone.now(), words="550")
    assert case.student.full_name in desk.get("/avisos/").content.decode()
    assert "no se hizo nada" in desk.post("/avisos/correo-sirve/", {"address": "ajeno@x.mx"}, follow=True).content.decode()
    desk.post("/avisos/correo-sirve/", {"address": case.student.email})
    assert not BadAddress.objects.exists()


def test_why_is_told_for_any_night_and_the_student_s_own_link_is_not_shown(desk: Client, make_in: Callable[..., Case]) -> None:
    case = make_in(State.SIN_NSS)
    noon = _noon()
    decide(noon.date(), noon)
    (claimed,) = outbox.claim(1, noon)
    assert "/a/" in claimed.letter.text
    text = desk.get(f"/avisos/por-que/{case.pk}/?noche={TODAY}").content.decode()
    assert "Se decidió el aviso «Obtén tu NSS: el plazo ya venció»" in text
    assert claimed.letter.version not in text, "a fingerprint tells an officer nothing: the text itself is there"
    assert "/a/…" in text
    assert links.page_url(case, noon.date()) not in text


def test_words_are_seen_on_a_real_case_before_they_are_used(
    desk: Client, make_in: Callable[..., Case], plantel: Plantel, other_plantel: Plantel, make_case: Any
) -> None:
    case, foreign = make_in(State.SIN_NSS), make_case(plantel=other_plantel)
    path = f"/avisos/textos/nss_vencido/?plantel={plantel.pk}"
    text = desk.post(path, {**WORDS, "see": ""}).content.decode()
    assert f"Te falta tu NSS, {case.student.nombre}" in text
    assert not MailText.objects.exists()
    desk.post(path, {**WORDS, "save": ""})
    noon = _noon()
    decide(noon.date(), noon)
    said = {claimed.row.case_id: claimed.letter for claimed in outbox.claim(9, noon)}
    assert said[case.pk].subject == f"Te falta tu NSS, {case.student.nombre}"
    assert said[foreign.pk].subject == texts("nss_vencido").subject
    assert said[case.pk].version != said[foreign.pk].version
    desk.post(path, {**WORDS, "restore": ""})
    assert list(MailText.objects.order_by("number").values_list("number", "parts__title")) == [(1, "Tu NSS"), (2, None)]


@pytest.mark.parametrize(
    ("part", "value", "says"),
    [
        ("action", "Tu NSS es $nss", "No existe $nss"),
        ("action", "Cuesta $ 5", "signo $ suelto"),
        ("subject", "", "obligatorio"),
        ("subject", "x" * 90, "no debe pasar de 78"),
        ("action", "Tu número es 03230500013", "NSS o una CURP"),
        ("link_url", "javascript:alert(1)", "debe empezar con https://"),
        ("link_url", "http://x.mx", "debe empezar con https://"),
        ("link_text", "", "texto y enlace"),
        ("title", "Hola\u202ealoH", "una sola línea"),
    ],
)
def test_words_that_would_do_harm_are_refused(desk: Client, plantel: Plantel, part: str, value: str, says: str) -> None:
    answer = desk.post(f"/avisos/textos/nss_vencido/?plantel={plantel.pk}", {**WORDS, part: value, "save": ""})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not MailText.objects.exists()


def test_words_of_others_are_not_ours_to_change(desk: Client, other_plantel: Plantel) -> None:
    assert desk.post(f"/avisos/textos/nss_vencido/?plantel={other_plantel.pk}", {**WORDS, "save": ""}).status_code == 404


def test_a_tutor_is_noted_and_links_are_revoked(desk: Client, make_case: Callable[..., Case], make_student: Any) -> None:
    case = make_case(student=make_student(birth_date=timezone.localdate() - dt.timedelta(days=16 * 366)))
    for email, kept in (("no es", 0), ("Rosa@Familia.example.mx", 1)):
        desk.post(f"/avisos/tutor/{case.pk}/", {"name": "Rosa Uc", "email": email})
        assert Tutor.objects.filter(email="rosa@familia.example.mx").count() == kept
    token = links.page_url(case, timezone.localdate()).rpartition("/")[2]
    desk.post(f"/avisos/anular/{case.pk}/", {"veces": "0"})
    with pytest.raises(BadLink):
        links.case_of(token, timezone.localdate())


def test_a_pause_of_the_mail_is_shown_with_the_server_s_words(desk: Client) -> None:
    now = timezone.now()
    MailPause.objects.create(since=now, until=now + dt.timedelta(hours=1), why="se llegó al límite", words="550 5.4.5 Daily")
    for page in ("/avisos/", "/trabajos/"):
        assert "550 5.4.5 Daily" in desk.get(page).content.decode(), page
