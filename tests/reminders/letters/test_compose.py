"""What the mails say, in every kind, and that nothing imported can change who gets them."""

from __future__ import annotations

import datetime as dt
import re
from email import message_from_bytes
from email.policy import default as modern
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.reminders.address import address
from afiliacion.reminders.decide.digest import Figures, figures
from afiliacion.reminders.decide.receipts import SAMPLE
from afiliacion.reminders.delivery.mime import mail_bytes
from afiliacion.reminders.letters.compose import Letter, Links, compose, one_line, values_for
from afiliacion.reminders.letters.templates import FOLDER, BadTexts, Texts, texts
from afiliacion.reminders.models import Reminder, ReminderKind
from students.models import Plantel, Student

NOW = dt.datetime(2026, 8, 20, 2, 30, tzinfo=dt.UTC)
KINDS = sorted(path.stem for path in FOLDER.glob("*.toml"))
TUTORS = [kind for kind in KINDS if kind.startswith("tutor")]
PAGE = "https://afiliacion.example.mx/a/7.pfk2.k7wq9m2x4tpeh3vn"
VOID = {"meta", "br", "img", "link", "input", "hr"}
URL = re.compile(r"(?:https?://|mailto:)\S+")


class Page(HTMLParser):
    """Fails on a tag that is not closed by its own kind; notes what a mail must be judged by."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: dict[str, dict[str, str | None]] = {}
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = dict(attrs)
        if tag == "a":
            self.links.append(dict(attrs)["href"] or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _person(**fields: Any) -> Student:
    known = {
        "curp": "XEXX010101HNEXXXA4", "nss": "03230500013", "nombre": "José Ángel", "primer_apellido": "Ñáñez", "segundo_apellido": "",
    }  # fmt: skip
    return Student(**{**known, **fields})


def _school(**fields: Any) -> Plantel:
    known = {
        "name": "Preparatoria Regional Núm. 7", "contact_name": "Ángela Núñez", "contact_email": "afiliacion@prepa7.example.mx",
        "contact_phone": "733 555 0100", "address": "Av. del Estudio 1, Centro", "office_hours": "de 8 a 14 h", "umf": "UMF 5",
    }  # fmt: skip
    return Plantel(**{**known, **fields})


def _letter(kind: str, *, student: Student | None = None, plantel: Plantel | None = None) -> Letter:
    return compose(_row(kind, student, plantel), links=Links(PAGE, "https://afiliacion.example.mx/x/7.pfk2.k7wq9m2x4tpeh3vn"))


def _row(kind: str, student: Student | None = None, plantel: Plantel | None = None) -> Reminder:
    case = Case(pk=7, student=student or _person(), plantel=plantel or _school(), state=State.SIN_NSS, due_on=dt.date(2026, 8, 11))
    audience = "tutor" if kind in TUTORS else "student"
    return Reminder(kind=ReminderKind(key=kind, texts=kind, audience=audience), case=case, night=dt.date(2026, 8, 10), data=SAMPLE)


def _digest() -> Letter:
    told = Figures()
    told.counts.update({"Vencen hoy": 3, "Vencidos que tocan a la escuela": 1})
    data = {"planteles": [{"name": "Preparatoria <7>", "lines": told.lines()}], "total": {"overdue": 1, "due_today": 3}}
    return compose(Reminder(kind=ReminderKind(key="resumen", texts="resumen", audience="officer"), night=dt.date(2026, 8, 10), data=data))


@pytest.mark.django_db
def test_every_kind_has_its_words_and_all_words_have_a_kind(kinds):
    assert {kind.texts for kind in kinds.values() if kind.audience in ("student", "tutor", "receipt")} == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_student_s_mail_says_one_thing_plainly(kind):
    letter = _letter(kind)
    page = Page(letter.html)
    assert page.tags["html"]["lang"] == "es-MX"
    assert len(page.links) == (1 if kind in {*TUTORS, "recibo", "hoja_por_correo", "hoja_rechazada", "codigo", "correo_cambiado"} else 2)
    assert URL.findall(letter.text) == page.links
    assert (PAGE in page.links) == (kind not in TUTORS)
    assert not {"img", "script", "style", "iframe", "form"} & page.tags.keys()
    case = Case(pk=7, student=_person(), plantel=_school(), due_on=dt.date(2026, 8, 11))
    words = texts(kind).filled(values_for(case, page=PAGE, own=SAMPLE))
    assert words.action in letter.text
    assert words.by in letter.text
    assert len(letter.subject) <= 78
    if kind in TUTORS:
        assert not re.search(r"\b(tú|tu|tus|tienes)\b", letter.text, re.IGNORECASE)
    else:
        assert not re.search(r"\b(usted|favor|su plantel|acuda)\b", letter.text, re.IGNORECASE)


@pytest.mark.parametrize("kind", [*KINDS, "resumen"])
def test_no_mail_carries_a_curp_or_an_nss(kind):
    letter = _digest() if kind == "resumen" else _letter(kind)
    everything = letter.subject + letter.text + letter.html
    assert not re.search(r"\d{10,11}|[A-Z]{4}\d{6}", everything)
    assert "$" not in everything


def test_a_mail_with_several_things_says_each_once():
    first, same, other = _row("obten_nss"), _row("nss_por_vencer"), _row("registrate_en_clinica")
    letter = compose(first, parts=[same, other], links=Links(PAGE))
    assert letter.subject == texts("obten_nss").subject
    assert letter.text.count(texts("obten_nss").action) == 1
    assert letter.text.count(texts("registrate_en_clinica").action) == 1
    page = Page(letter.html)
    assert [level for level in ("h1", "h2") if level in page.tags] == ["h1", "h2"]
    assert len(page.links) == 3


def test_only_mail_one_may_do_without_offers_to_end_it(now):
    optional, needed = _row("registrate_en_clinica"), _row("nss_vencido")
    optional.kind.optional = True
    links = Links(PAGE, "https://afiliacion.example.mx/x/1")
    alone, together = compose(optional, links=links), compose(needed, parts=[optional], links=links)
    assert (alone.unsubscribe, together.unsubscribe) == ("https://afiliacion.example.mx/x/1", "")
    sent = message_from_bytes(mail_bytes(alone, recipient="a@b.mx", message_id="<1@b.mx>", now=now), policy=modern)
    assert sent["List-Unsubscribe"] == "<https://afiliacion.example.mx/x/1>"
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_the_digest_speaks_of_usted_and_escapes_names():
    letter = _digest()
    page = Page(letter.html)
    assert letter.subject == "Afiliación hoy: 1 vencido, 3 vencen hoy"
    assert "Recibe este resumen" in letter.text
    assert "Preparatoria &lt;7&gt;" in letter.html
    assert "Preparatoria <7>" in letter.text
    assert len(page.links) == 1


def test_what_a_plantel_does_not_say_is_left_out():
    bare = Plantel(name="Prepa")
    letter = _letter("en_subdelegacion", plantel=bare)
    assert Page(letter.html).links == [PAGE]
    assert "Ventanilla" not in letter.text
    assert "Responsable de afiliación:" not in letter.text
    assert letter.reply_to == ""


@pytest.mark.parametrize("placeholder", ["nss", "curp"])
def test_texts_cannot_ask_for_what_no_mail_may_say(placeholder):
    words = Texts("a", "b", f"Tu dato: ${placeholder}", "", (), (), "", "")
    with pytest.raises(BadTexts, match=placeholder):
        words.filled(values_for(Case(pk=7, student=_person(), plantel=_school())))


def test_texts_that_do_not_exist_are_named():
    with pytest.raises(BadTexts, match="no_hay"):
        texts("no_hay")


def test_the_version_tells_one_wording_from_another():
    assert len({_letter(kind).version for kind in KINDS} | {_digest().version}) == len(KINDS) + 1


HOSTILE = st.text(max_size=60) | st.sampled_from(
    [
        "Ana\r\nBcc: otra@x.mx",
        "Ana\nSubject: x",
        "Ana\u2028To: b@x.mx",
        "=?utf-8?q?=0ABcc:_x@y.mx?=",
        "a@x.mx, b@x.mx",
        "Ana\x0bX: y",
        "\ud800",
    ]
)


@given(nombre=HOSTILE, name=HOSTILE, contact=HOSTILE, email=HOSTILE, kind=st.sampled_from(KINDS))
def test_nothing_imported_adds_a_header_or_a_recipient(nombre, name, contact, email, kind):
    letter = _letter(kind, student=_person(nombre=nombre), plantel=_school(name=name, contact_name=contact, contact_email=email))
    content = mail_bytes(letter, recipient="ana@alumnos.example.mx", message_id="<1@escuela.example.mx>", now=NOW)
    message = message_from_bytes(content, policy=modern)
    expected = {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version", "Content-Type"}
    assert set(message.keys()) - {"Reply-To"} == expected
    assert len(message.keys()) == len(set(message.keys()))
    assert [box.addr_spec for box in message["To"].addresses] == ["ana@alumnos.example.mx"]
    assert ("Reply-To" in message) == bool(address(email))
    assert message.defects == []
    assert {part.get_content_type() for part in message.iter_parts()} == {"text/plain", "text/html"}


@given(text=st.text(max_size=80))
def test_a_letter_s_names_stay_on_one_line(text):
    assert one_line(text).splitlines() in ([], [one_line(text)])


@given(email=st.text(max_size=40) | st.emails() | st.from_regex(r"[ a-zA-Z0-9.@,\n<>-]{1,30}@[a-z]{1,5}\.mx\s?", fullmatch=True))
def test_an_address_is_one_address_or_none(email):
    found = address(email)
    assert found == "" or re.fullmatch(r"[^\s@,;<>\"()]+@[a-z0-9.-]+", found)
    assert address(found) == found


@pytest.mark.django_db
def test_figures_of_nobody_are_none():
    assert figures(dt.date(2026, 8, 20), 7, {}) == {}


def test_a_student_s_reminder_needs_its_case():
    with pytest.raises(ValueError, match="no case"):
        compose(Reminder(kind=ReminderKind(texts="obten_nss", audience="student"), night=dt.date(2026, 8, 10)))


def test_the_message_id_hangs_on_what_makes_the_row_unique(settings):
    settings.DEFAULT_FROM_EMAIL = "Afiliación <afiliacion@escuela.example.mx>"
    row = {"kind_id": 1, "case_id": 7, "step": "3-1", "recipient": "ana@alumnos.example.mx", "night": dt.date(2026, 8, 10)}
    first, again, other = Reminder(**row), Reminder(**row, attempts=4), Reminder(**{**row, "step": "3-2"})
    assert first.own_message_id() == again.own_message_id() != other.own_message_id()
    assert re.fullmatch(r"<[0-9a-f]{32}@escuela\.example\.mx>", first.own_message_id())
