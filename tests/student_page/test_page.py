"""What the student reads and does, what a thief of the link gets, and how often one may guess."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case, Event, Evidence, PaperKind, RecordChange, WantedPaper
from afiliacion.cases.outcome import Act, ActorKind
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.reminders.decide.night import decide
from afiliacion.reminders.letters import links
from afiliacion.reminders.letters.codes import code_of
from afiliacion.reminders.models import AddressChange, BadAddress, OptOut, Reminder, Tutor
from afiliacion.student_page.models import Tries
from students.models import Student
from tests.student_page.conftest import path_of

pytestmark = pytest.mark.django_db

PHOTO = b"\xff\xd8\xff\xe0 una foto"


def code_for(case: Case) -> str:
    """The newest code, as its mail says it."""
    return code_of(Reminder.objects.filter(case=case, kind__key="codigo").latest("pk"))


def _photo(body: bytes = PHOTO, name: str = "hoja.jpg") -> dict[str, Any]:
    return {"sheet": SimpleUploadedFile(name, body, "image/jpeg")}


def _born(case: Case) -> str:
    return f"{case.student.birth_date:%d/%m/%Y}"


@pytest.mark.parametrize(
    ("state", "says"),
    [
        (State.SIN_NSS, "Obtén tu NSS y entrega el acuse"),
        (State.NSS_OBTENIDO, "Solo te falta entregar el acuse"),
        (State.ACUSE_ENTREGADO, "Ya entregaste tu hoja"),
        (State.ALTA_ENVIADA, "La escuela ya envió tu alta al IMSS"),
        (State.VIGENTE, "Ya tienes seguro del IMSS"),
        (State.SIN_VIGENCIA, "Tu seguro todavía no aparece vigente"),
        (State.EN_SUBDELEGACION, "No vayas a la subdelegación del IMSS"),
        (State.RENUNCIA, "Renunciaste a este seguro"),
        (State.BAJA, "Tu trámite está cerrado"),
    ],
)
def test_it_says_where_one_is_and_never_who(page: Callable[[Case], str], make_in: Callable[..., Case], state: State, says: str) -> None:
    case = make_in(state)
    Student.objects.filter(pk=case.student_id).update(phone="733 555 0142")
    case.student.refresh_from_db()
    text = page(case)
    assert says in text
    for secret in (case.student.curp, case.student.nss, case.student.email, case.student.phone, case.student.primer_apellido, _born(case)):
        assert not secret or secret not in text
    assert not re.search(r"\d{10,11}(?!\d)", re.sub(r'value="[^"]*"', "", text))
    assert ("¿Por qué esa fecha?" in text) == (state in (State.SIN_NSS, State.NSS_OBTENIDO))
    assert ("Enviar mi hoja" in text) == (state in (State.SIN_NSS, State.NSS_OBTENIDO))


def test_it_says_by_when_why_and_with_the_link_of_imss(page: Callable[[Case], str], make_case: Callable[..., Case]) -> None:
    text = page(make_case())
    assert "La fecha era el martes 11 de agosto de 2026" in text
    assert "¿Por qué esa fecha?" in text
    assert "https://serviciosdigitales.imss.gob.mx/" in text
    assert "no-store" in Client().get("/a/x.y.z").headers["Cache-Control"]


def test_a_sheet_is_kept_as_evidence_and_asked_for_no_more(
    phone: Client, page: Callable[[Case], str], make_case: Callable[..., Case], now: dt.datetime
) -> None:
    case = make_case()
    answer = phone.post(path_of(case) + "/hoja", _photo(), follow=True)
    assert "Recibimos tu hoja" in answer.content.decode()
    event = case.events.get(verb=Verb.RECEIVE_PAPERS)
    assert (event.actor_kind, bytes(Evidence.objects.get(pk=event.evidence).body)) == (ActorKind.STUDENT, PHOTO)
    phone.post(path_of(case) + "/hoja", _photo())
    assert case.events.filter(verb=Verb.RECEIVE_PAPERS).count() == 1
    assert decide(timezone.localdate(), now).total == 0


def test_a_sheet_that_would_not_do_is_asked_for_again_with_the_reason(
    phone: Client, page: Callable[[Case], str], make_case: Callable[..., Case], actor: Any
) -> None:
    case = make_case()
    phone.post(path_of(case) + "/hoja", _photo())
    today, now = timezone.localdate(), timezone.now()
    verbs.reject_papers([case.pk], ["acuse"], on=today, act=Act(actor, now), reason="No se lee el número.")
    case.refresh_from_db()
    assert "La hoja que subiste no sirvió: «No se lee el número»." in page(case)
    phone.post(path_of(case) + "/hoja", _photo())
    case.refresh_from_db()
    assert dict(case.papers)["acuse"] == "received"


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"", "vacío"), (b"MZ no es una foto", "Sube una foto"), (b"\xff\xd8\xff" + b"x" * 2000, "pesa más de")],
)
def test_what_is_no_sheet_is_refused_with_what_to_do(
    phone: Client, make_case: Callable[..., Case], settings: Any, body: bytes, says: str
) -> None:
    settings.STUDENT_PAPER_BYTES = 1000
    case = make_case()
    answer = phone.post(path_of(case) + "/hoja", _photo(body))
    assert (answer.status_code, says in answer.content.decode()) == (422, True)
    assert not Evidence.objects.exists()


def test_nobody_fills_the_archive(phone: Client, make_case: Callable[..., Case]) -> None:
    case = make_case()
    statuses = [phone.post(path_of(case) + "/hoja", _photo(PHOTO + bytes([n]))).status_code for n in range(12)]
    assert statuses == [302] * 10 + [422] * 2


def test_a_renuncia_is_told_what_it_means_guarded_and_can_be_taken_back(
    phone: Client, page: Callable[[Case], str], make_case: Callable[..., Case], make_student: Any
) -> None:
    case = make_case(student=make_student(birth_date=dt.date(2000, 5, 6)))
    path = path_of(case) + "/renuncia"
    assert "el IMSS no te atenderá como estudiante" in phone.get(path).content.decode()
    assert phone.post(path, {"born": "07/05/2000", "understood": "on"}).status_code == 422
    assert phone.post(path, {"born": "06/05/2000"}).status_code == 422
    case.refresh_from_db()
    assert case.state == State.SIN_NSS
    said = {"born": "06/05/2000", "understood": "on", "reason": "Tengo ISSSTE"}
    assert "Enviamos un código" in phone.post(path, said).content.decode()
    case.refresh_from_db()
    assert case.state == State.SIN_NSS
    answer = phone.post(path, {**said, "code": code_for(case)}, follow=True)
    assert "Tu renuncia quedó registrada." in answer.content.decode()
    event = case.events.get(verb=Verb.RENOUNCE)
    assert (event.actor_kind, event.reason) == (ActorKind.STUDENT, "Tengo ISSSTE")
    assert event.actor_name == "Alumno, por su página (liga del correo de la noche)"
    assert "Listo: tu trámite sigue" in phone.post(path_of(case) + "/quiero", follow=True).content.decode()
    case.refresh_from_db()
    assert case.state == State.SIN_NSS


def test_the_renuncia_of_a_minor_is_the_tutor_s(phone: Client, make_case: Callable[..., Case], make_student: Any) -> None:
    case = make_case(student=make_student(birth_date=timezone.localdate() - dt.timedelta(days=16 * 366)))
    path, said = path_of(case) + "/renuncia", {"born": "", "understood": "on"}
    said["born"] = _born(case)
    assert "Eres menor de edad" in phone.post(path, said).content.decode()
    said |= {"tutor": "Rosa Uc", "tutor_agrees": "on"}
    assert "un correo de tu mamá, papá o tutor, y no lo tiene" in phone.post(path, said).content.decode()
    Tutor.objects.create(student=case.student, name="Rosa Uc", email="rosa@familia.example.mx")
    assert "cambió hace menos de 15 días" in phone.post(path, said).content.decode()
    AddressChange.objects.update(at=timezone.now() - dt.timedelta(days=16))
    assert "r•••@familia.example.mx" in phone.post(path, said).content.decode()
    phone.post(path, {**said, "code": code_for(case)})
    assert case.events.get(verb=Verb.RENOUNCE).details["tutor"] == "Rosa Uc"


def test_a_renuncia_that_wants_a_paper_is_sent_to_the_plantel(
    phone: Client, make_case: Callable[..., Case], make_student: Any, plantel: Any
) -> None:
    kind = PaperKind.objects.create(key="renuncia_firmada", label="Renuncia firmada")
    WantedPaper.objects.create(plantel=plantel, step=Verb.RENOUNCE, kind=kind)
    case = make_case(student=make_student(birth_date=dt.date(2000, 5, 6)))
    path, said = path_of(case) + "/renuncia", {"born": "06/05/2000", "understood": "on"}
    phone.post(path, said)
    for _ in range(2):
        answer = phone.post(path, {**said, "code": code_for(case)})
        assert "Falta: Renuncia firmada. Acude a tu plantel." in answer.content.decode(), "the code is still good"


def test_contact_is_corrected_behind_the_date_of_birth_and_never_shown(
    phone: Client, page: Callable[[Case], str], make_case: Callable[..., Case]
) -> None:
    case = make_case()
    path, new = path_of(case) + "/datos", "nuevo@correo.example.mx"
    BadAddress.objects.create(address=new, since=timezone.now(), words="550")
    assert case.student.email not in phone.get(path).content.decode()
    for wrong in ({"email": "sin arroba"}, {"email": "a@b.mx\nBcc: c@d.mx"}, {}, {"phone": "<script>"}):
        assert phone.post(path, {**wrong, "born": _born(case)}).status_code == 422
    answer = phone.post(path, {"email": " Nuevo@Correo.example.mx", "phone": "733 555 0100", "born": _born(case)}, follow=True)
    assert "Guardamos tus datos nuevos." in answer.content.decode()
    student = Student.objects.get(pk=case.student_id)
    assert (student.email, student.phone) == (new, "733 555 0100")
    assert not BadAddress.objects.exists()


def test_who_stole_the_link_does_not_find_the_birthday_by_trying(phone: Client, make_case: Callable[..., Case]) -> None:
    case = make_case()
    path = path_of(case) + "/datos"
    wrong = case.student.birth_date + dt.timedelta(days=1)
    for _ in range(5):
        assert "No coincide" in phone.post(path, {"phone": "7335550100", "born": f"{wrong:%d/%m/%Y}"}).content.decode()
    assert "demasiados intentos" in phone.post(path, {"phone": "7335550100", "born": _born(case)}).content.decode()
    Tries.objects.update(since=timezone.now() - dt.timedelta(hours=2))
    assert phone.post(path, {"phone": "7335550100", "born": _born(case)}).status_code == 302


def test_guessing_is_limited_and_a_valid_link_always_opens(phone: Client, make_case: Callable[..., Case]) -> None:
    """A school has one address: who guesses from it must not shut out the others."""
    case = make_case()
    statuses = [phone.get(f"/a/{n}.zz.{'a' * 16}").status_code for n in range(40)]
    assert statuses == [404] * 30 + [429] * 10
    assert phone.get(path_of(case)).status_code == 200
    assert Client(REMOTE_ADDR="10.1.1.1").get("/a/1.zz.x").status_code == 404


@pytest.mark.parametrize("broken", ["revoked", "expired", "other purpose"])
def test_a_link_that_is_no_longer_good_opens_nothing(phone: Client, make_case: Callable[..., Case], broken: str) -> None:
    case = make_case()
    path = path_of(case)
    if broken == "revoked":
        links.revoke(case, links.generation(case))
    elif broken == "expired":
        url = links.page_url(case, timezone.localdate() - dt.timedelta(days=1000))
        path = "/" + url.split("/", 3)[3]
    else:
        path = path_of(case, links.Purpose.UNSUBSCRIBE).replace("/x/", "/a/")
    for address in (path, path + "/renuncia", path + "/datos"):
        assert phone.get(address).status_code == 404
    assert phone.post(path + "/hoja", _photo()).status_code == 404
    assert ("ya caducó" in phone.get(path).content.decode()) == (broken == "expired")
    assert not Event.objects.exclude(verb=Verb.OPEN).exists()


def test_a_new_mail_leaves_a_trace_and_the_old_address_hears_of_it(phone: Client, make_case: Callable[..., Case]) -> None:
    case = make_case()
    old = case.student.email
    phone.post(path_of(case) + "/datos", {"email": "nuevo@correo.example.mx", "born": _born(case)})
    mail = Reminder.objects.get(kind__key="correo_cambiado")
    assert (mail.recipient, mail.data["correo_nuevo"]) == (old.lower(), "n•••@correo.example.mx")
    change = RecordChange.objects.get(student=case.student)
    assert (change.what, change.actor_name) == ("contact", "Alumno, por su página (liga del correo de la noche)")
    assert change.detail == f"correo: {old[:2]}…@{old.partition('@')[2]} → nu…@correo.example.mx"
    phone.post(path_of(case) + "/datos", {"phone": "7335550100", "born": _born(case)})
    assert RecordChange.objects.latest("pk").detail.startswith("teléfono: ")
    assert Reminder.objects.count() == 1


def test_looking_changes_nothing_and_posting_needs_the_form(make_case: Callable[..., Case]) -> None:
    case = make_case()
    before = case.version
    careful = Client(enforce_csrf_checks=True)
    for tail in ("", "/renuncia", "/datos"):
        assert careful.get(path_of(case) + tail).status_code == 200
    assert careful.get(path_of(case, links.Purpose.UNSUBSCRIBE)).status_code == 200
    for tail in ("/hoja", "/renuncia", "/quiero", "/datos"):
        assert careful.post(path_of(case) + tail, {"born": _born(case), "understood": "on"}).status_code == 403
    case.refresh_from_db()
    assert (case.version, OptOut.objects.count(), Tries.objects.count()) == (before, 0, 0)


def test_one_click_ends_optional_mail(make_case: Callable[..., Case]) -> None:
    """As a mail program does it (RFC 8058): a bare POST, no cookie, no form."""
    case = make_case()
    path = path_of(case, links.Purpose.UNSUBSCRIBE)
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    assert OptOut.objects.get().student_id == case.student_id
    assert "Volverás a recibir" in Client().post(path, {"volver": "1"}).content.decode()
    assert not OptOut.objects.exists()


def test_no_number_of_anybody_reaches_the_log(phone: Client, make_in: Callable[..., Case], caplog: pytest.LogCaptureFixture) -> None:
    case = make_in(State.NSS_OBTENIDO)
    case.student.refresh_from_db()
    with caplog.at_level(logging.DEBUG, logger="django"):
        phone.get(path_of(case))
        phone.post(path_of(case) + "/datos", {"email": "x", "born": _born(case)})
        phone.get("/a/" + case.student.curp)
    written = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert case.student.nss
    assert case.student.nss not in written
    assert case.student.email not in written


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("purpose", links.Purpose)
def test_after_a_death_the_page_asks_nothing_and_takes_nothing(
    phone: Client, make_case: Callable[..., Case], other_plantel: Any, actor: Any, method: str, purpose: links.Purpose
) -> None:
    case = make_case()
    there = make_case(student=case.student, plantel=other_plantel)
    verbs.leave([case.pk], BajaKind.DEFUNCION, on=timezone.localdate(), act=Act(actor, timezone.now()))
    before = Event.objects.count()
    for each in (case, there):
        response = getattr(phone, method)(path_of(each, purpose), {"reason": "x"})
        said = response.content.decode()
        assert response.status_code == 200
        assert "Este trámite está cerrado" in said
        assert case.student.nombre not in said
        assert "<form" not in said
    assert (Event.objects.count(), OptOut.objects.count()) == (before, 0)
