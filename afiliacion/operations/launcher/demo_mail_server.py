"""The demo's mail: an SMTP server on the loopback address that files every message instead of delivering it.

`python -m afiliacion.operations.launcher.demo_mail_server --port N --dir DIR`, until SIGTERM or SIGINT.
"""

import argparse
import asyncio
import datetime as dt
import itertools
import signal
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

LOOPBACK = "127.0.0.1"
LARGEST_BYTES = 33_554_432


class Sink:
    """Files each message as `<received, UTC>-<n>.eml`, whole or not at all, with the envelope's recipients in X-RcptTo."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._numbers = itertools.count(1)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        path = self.directory / self._name()
        draft = path.with_suffix(".part")
        draft.write_bytes(_with_recipients(envelope))
        draft.replace(path)
        return "250 Recibido"

    def _name(self) -> str:
        """In order of arrival. The microseconds keep it apart from those of a sink that ran before."""
        return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S%f}-{next(self._numbers):04d}.eml"


def _with_recipients(envelope: Envelope) -> bytes:
    """The header goes at the end of the headers, where a blank line divides them from the body."""
    message = envelope.original_content or b""
    headers, blank, body = message.partition(b"\r\n\r\n")
    recipients = ", ".join(envelope.rcpt_tos).encode()
    return headers + b"\r\nX-RcptTo: " + recipients + (blank or b"\r\n\r\n") + body


def _session(sink: Sink, loop: asyncio.AbstractEventLoop) -> SMTP:
    # Given a name, it does not ask the DNS for its own.
    return SMTP(sink, hostname="localhost", data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True, loop=loop)


async def serve(port: int, directory: Path) -> None:
    """Receive mail on `port` (0: any free one; the first line says which) until asked to stop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(partial(_session, Sink(directory), loop), LOOPBACK, port)
    print(f"Buzón de práctica en smtp://{LOOPBACK}:{server.sockets[0].getsockname()[1]}", flush=True)
    await stop.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="mailsink")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True)
    options = parser.parse_args()
    asyncio.run(serve(options.port, options.dir))


if __name__ == "__main__":
    main()
