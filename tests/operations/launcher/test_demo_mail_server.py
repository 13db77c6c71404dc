"""The demo's mail sink, spoken to over SMTP."""

import smtplib
import subprocess
import sys
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from afiliacion.operations.servers.server_lease import ROOT


@pytest.fixture
def smtp(tmp_path: Path) -> Iterator[smtplib.SMTP]:
    command = [sys.executable, "-m", "afiliacion.operations.launcher.demo_mail_server", "--port", "0", "--dir", str(tmp_path / "correos ñ")]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        with smtplib.SMTP("127.0.0.1", port, local_hostname="localhost", timeout=5) as client:
            yield client
        process.terminate()
        assert process.wait(5) == 0


def test_files_each_message_whole_and_in_order(smtp: smtplib.SMTP, tmp_path: Path) -> None:
    message = EmailMessage()
    message["Subject"], message["To"] = "Tu número de seguridad social", "alumna@alumnos.example.mx"
    message.set_content("Señala aquí:\n\nuna línea en blanco no corta el mensaje.\n")
    for number in range(3):
        smtp.send_message(message, "afiliacion@escuela.example.mx", [f"alumno{number}@alumnos.example.mx", "copia@escuela.example.mx"])
    files = sorted((tmp_path / "correos ñ").iterdir())
    kept = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    assert [m["X-RcptTo"] for m in kept] == [f"alumno{n}@alumnos.example.mx, copia@escuela.example.mx" for n in range(3)]
    assert kept[0]["Subject"] == message["Subject"]
    assert kept[0].get_content().replace("\r\n", "\n") == message.get_content()
    assert {file.suffix for file in files} == {".eml"}
