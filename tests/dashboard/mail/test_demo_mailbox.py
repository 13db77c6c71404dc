"""The demo's mails: readable, harmless, and not there in a real office."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

NAME = "20260821T083000000000-11000001"


@pytest.fixture
def box(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO, settings.DEMO_MAIL_DIR = True, str(tmp_path / "mail")
    (tmp_path / "mail").mkdir()
    (tmp_path / "secreto.eml").write_bytes(b"Subject: no\r\n\r\nno")
    return tmp_path / "mail"


@pytest.fixture
def mail(box: Path) -> Path:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "Te toca: entrega tu acuse", "Begoña <a@example.mx>", "b@alumnos.example.mx"
    message["Date"] = "Fri, 21 Aug 2026 02:31:00 -0600"
    message.set_content("Hola, Ñandú")
    message.add_alternative("<h1>Hola</h1><script>alert(1)</script>", subtype="html")
    path = box / f"{NAME}.eml"
    path.write_bytes(message.as_bytes())
    return path


def test_the_newest_mails_are_listed_and_opened(desk: Client, mail: Path) -> None:
    listed = desk.get("/correos/").content.decode()
    assert "Te toca: entrega tu acuse" in listed
    assert "21/08/2026, 02:31 h" in listed
    opened = desk.get(f"/correos/{NAME}/").content.decode()
    assert "Hola, Ñandú" in opened
    assert f'src="/correos/{NAME}/contenido/" sandbox>' in opened
    assert "<script>alert(1)" not in opened


def test_the_html_of_a_mail_may_do_nothing(desk: Client, mail: Path) -> None:
    body = desk.get(f"/correos/{NAME}/contenido/")
    assert body.content.decode().startswith("<h1>Hola</h1>")
    assert body.headers["X-Frame-Options"] == "SAMEORIGIN"
    policy = body.headers["Content-Security-Policy"]
    assert "sandbox" in policy.split("; ")
    assert "default-src 'none'" in policy
    assert "script-src" not in policy


def test_an_empty_box_says_so(desk: Client, box: Path) -> None:
    assert "Aún no hay correos" in desk.get("/correos/").content.decode()


@pytest.mark.parametrize("name", ["..%2fsecreto", "%2e%2e%2fsecreto", "secreto", f"{NAME}.eml", "*", "20260821T083000000000-x"])
def test_no_other_file_can_be_asked_for(desk: Client, mail: Path, name: str) -> None:
    assert desk.get(f"/correos/{name}/").status_code == 404
    assert desk.get(f"/correos/{name}/contenido/").status_code == 404


def test_in_a_real_office_the_page_does_not_exist(desk: Client, mail: Path, settings: Any) -> None:
    settings.DEMO = False
    for address in ("/correos/", f"/correos/{NAME}/", f"/correos/{NAME}/contenido/"):
        assert desk.get(address).status_code == 404
    assert "/correos/" not in desk.get("/").content.decode()


def test_a_mangled_mail_does_not_hide_the_others(desk: Client, mail: Path) -> None:
    (mail.parent / "20260822T083000000000-11000002.eml").write_bytes(b"\xff\xfeDate: ayer\r\nSubject: =?x?q?roto\r\n\r\n\x00")
    (mail.parent / "20260823T083000000000-11000003.eml").write_bytes(b"Date: ayer\r\nSubject: sin fecha\r\n\r\nx")
    (mail.parent / "20260824T083000000000-11000004.eml").write_bytes(
        b'Content-Type: text/plain; charset="nada"\r\nSubject: raro\r\n\r\n\xff'
    )
    text = desk.get("/correos/").content.decode()
    assert "Te toca: entrega tu acuse" in text
