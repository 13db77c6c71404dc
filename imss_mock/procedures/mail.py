"""The stand-in's outgoing mail: written to `buzon` in the trámite's transaction, sent from there over SMTP, tried again until it goes."""

import asyncio
import json
import logging
import smtplib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import localtime

from imss_mock.procedures import papers
from imss_mock.state.stand_in import StandIn
from imss_mock.state.store import StoreError

log = logging.getLogger(__name__)
SENDER = "IMSS de práctica <serviciosdigitales@imss.example.mx>"
AT_ONCE = 50
PERMANENT = 500  # SMTP: from here on, never
TIMEOUT_S, FIRST_WAIT_S, LONGEST_WAIT_S = 10.0, 1.0, 60.0
_COLUMNS = "id, para, asunto, texto, escrito, enviado, falla, documentos"


@dataclass(frozen=True, slots=True)
class Letter:
    """A row of `buzon`: `documentos` are folios, `escrito` and `enviado` ISO datetimes, `falla` the last refusal of the server."""

    id: int
    para: str
    asunto: str
    texto: str
    escrito: str
    enviado: str | None
    falla: str | None
    documentos: tuple[str, ...]


def write(stand_in: StandIn, now: datetime, to: str, subject: str, text: str, folios: Sequence[str] = ()) -> None:
    """Put a letter in the outbox, in the open transaction."""
    row = (to, subject, text, json.dumps(list(folios)), now.isoformat(timespec="seconds"))
    stand_in.db.execute("INSERT INTO buzon (para, asunto, texto, documentos, escrito) VALUES (?, ?, ?, ?, ?)", row)


def letters(stand_in: StandIn, condition: str = "", *values: object, most: int = 200) -> list[Letter]:
    """The outbox' letters, the newest first; `condition` is SQL of ours."""
    query = f"SELECT {_COLUMNS} FROM buzon {condition} ORDER BY id DESC LIMIT {most}"  # noqa: S608 our own words
    return [Letter(*(*row[:-1], tuple(json.loads(row[-1])))) for row in stand_in.db.execute(query, values)]


class Postman:
    """Sends what is in the outbox to one SMTP server, from a task of its own; `wake` when a letter was written."""

    def __init__(self, stand_in: StandIn, host: str, port: int) -> None:
        self._twin, self._host, self._port = stand_in, host, port
        self._written = asyncio.Event()
        self._written.set()

    def wake(self) -> None:
        """There is something to send."""
        self._written.set()

    async def work(self) -> None:
        """Send until cancelled. A server that is away is asked again, less and less often."""
        wait = FIRST_WAIT_S
        while True:
            self._written.clear()
            went = await self._send_all()
            wait = FIRST_WAIT_S if went else min(2 * wait, LONGEST_WAIT_S)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._written.wait(), None if went else wait)

    async def _send_all(self) -> bool:
        """Whether the outbox was emptied of what the server did not refuse for good."""
        while waiting := letters(self._twin, "WHERE enviado IS NULL AND falla IS NULL", most=AT_ONCE):
            for letter in reversed(waiting):
                message = self._message(letter)
                try:
                    refusal = await asyncio.to_thread(self._deliver, message)
                    await self._note(letter, refusal)
                except (OSError, smtplib.SMTPException, StoreError) as error:
                    log.warning("A letter could not be sent or noted as sent (%s); trying again", type(error).__name__)
                    return False
        return True

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = SENDER, letter.para, letter.asunto
        message["Date"] = localtime()
        message["Message-ID"] = f"<{letter.id}.{datetime.fromisoformat(letter.escrito).timestamp():.0f}@imss.example.mx>"
        message.set_content(letter.texto)
        for folio in letter.documentos:
            paper = papers.find(self._twin, folio)
            if paper is not None:
                message.add_attachment(paper.pdf(), maintype="application", subtype="pdf", filename=f"{paper.tipo}-{folio}.pdf")
        return message

    def _deliver(self, message: EmailMessage) -> str | None:
        """None, or why the server will never take this letter; raises when it may take it later."""
        with smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_S, local_hostname="localhost") as server:
            try:
                server.send_message(message)
            except smtplib.SMTPRecipientsRefused as error:
                code, words = next(iter(error.recipients.values()))
                if code < PERMANENT:
                    raise
                return f"{code} {words.decode(errors='replace')}"
            except smtplib.SMTPResponseException as error:
                if error.smtp_code < PERMANENT:
                    raise
                return str(error)
        return None

    async def _note(self, letter: Letter, refusal: str | None) -> None:
        sent = None if refusal else self._twin.clock.now().isoformat(timespec="seconds")
        with self._twin.store.change() as db:
            db.execute("UPDATE buzon SET enviado = ?, falla = ? WHERE id = ?", (sent, refusal, letter.id))
        await self._twin.store.committed()
