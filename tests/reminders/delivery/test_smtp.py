"""How far a conversation got decides what may be done with the letter."""

from __future__ import annotations

import pytest

from afiliacion.reminders.delivery.smtp import NoServer, SmtpConnection
from afiliacion.reminders.delivery.smtp_replies import Reply, SmtpVerdict

FROM, TO = "afiliacion@escuela.example.mx", "ana@alumnos.example.mx"
MAIL = b"Message-ID: <1@x>\r\nSubject: hola\r\n\r\n"


def _deliver(body: bytes = b"hola\r\n") -> Reply:
    with SmtpConnection() as line:
        return line.deliver(FROM, TO, MAIL + body)


def test_a_letter_arrives_as_it_was_written(sink):
    assert _deliver(b".\r\n..\r\n.x\r\nfin\r\n").verdict is SmtpVerdict.SENT
    assert sink.messages[0].get_payload() == ".\r\n..\r\n.x\r\nfin\r\n"
    assert sink.messages[0]["X-RcptTo"] == TO


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ("550 no existe", SmtpVerdict.REFUSED),
        ("452 lleno", SmtpVerdict.LATER),
        ("421 cerramos", SmtpVerdict.NO_SERVER),
        ("250 OK", SmtpVerdict.SENT),
    ],
)
def test_the_recipient_s_answer_is_the_letter_s_except_when_the_server_closes(sink, answer, verdict):
    sink.answers[TO] = answer
    # 250 without adding the recipient would be the sink's own mistake.
    if verdict is SmtpVerdict.SENT:
        sink.answers.clear()
    assert _deliver().verdict is verdict


@pytest.mark.parametrize("answer", ["550 a usted no", "451 ahora no"])
def test_a_server_that_takes_nothing_from_us_is_no_server(sink, answer):
    sink.answer_to_sender = answer
    assert _deliver() == Reply(SmtpVerdict.NO_SERVER, answer)


def test_after_the_text_silence_is_doubt(sink):
    sink.hang_up_after_text = True
    reply = _deliver()
    assert reply.verdict is SmtpVerdict.UNCERTAIN
    assert reply.words


@pytest.mark.parametrize(
    ("last_word", "verdict"),
    [
        ("554 parece basura", SmtpVerdict.REFUSED),
        ("452 lleno", SmtpVerdict.LATER),
        ("421 cerramos", SmtpVerdict.NO_SERVER),
        ("vale", SmtpVerdict.UNCERTAIN),
    ],
)
def test_the_last_word_counts_if_it_can_be_understood(sink, last_word, verdict):
    sink.last_word = last_word
    assert _deliver().verdict is verdict


def test_after_a_refusal_the_same_connection_goes_on(sink):
    sink.answers[TO] = "550 no existe"
    with SmtpConnection() as line:
        assert line.deliver(FROM, TO, MAIL).verdict is SmtpVerdict.REFUSED
        assert line.deliver(FROM, "otra@alumnos.example.mx", MAIL).verdict is SmtpVerdict.SENT
    assert sink.connections == 1


def test_nobody_at_home(settings):
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with SmtpConnection() as line, pytest.raises(NoServer, match="ConnectionRefusedError"):
        line.open()
