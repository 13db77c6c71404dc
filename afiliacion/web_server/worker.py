"""gunicorn's threaded worker, which gives a thread to a request only when all of it has arrived.

The threads of gunicorn's own read the request themselves: as many slow senders as there are threads stop the office. Here the event loop
reads all of them, within the limits of limits.py; nothing is needed in front for that. HTTP/1.1 without TLS only.
"""

from __future__ import annotations

import selectors
import socket
import struct
import time
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from gunicorn.http import get_parser
from gunicorn.workers.gthread import TConn, ThreadWorker

from afiliacion.web_server.arrival import Arrival, Progress
from afiliacion.web_server.limits import DRAIN_SECONDS, DRAINED_BYTES, Caps, Sender
from afiliacion.web_server.senders import is_user

_PIECE: Final = 64 * 2**10
#: Large bodies of people who are not logged in that one worker receives at the same time.
_MOST_ANONYMOUS: Final = 8
#: Seconds a thread waits for a client that does not take its answer.
_SEND_SECONDS: Final = 20
_ANSWER: Final = (
    "HTTP/1.1 {status.value} {status.phrase}\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Length: {length}\r\nX-Content-Type-Options: nosniff\r\n\r\n"
)
_WORDS: Final = {
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Lo que envió pesa demasiado para esta página.",
    HTTPStatus.REQUEST_TIMEOUT: "La conexión fue demasiado lenta. Intente de nuevo.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Hay muchos envíos en este momento. Intente de nuevo en un minuto.",
}
_OTHER_WORDS: Final = "No se entendió lo que envió el navegador."


class Connection(TConn):  # type: ignore[misc] # it has no types
    """A connection whose parser reads the request that has arrived, never the socket."""

    def __init__(self, cfg: Any, sock: socket.socket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.arrival: Arrival | None = None
        self.rest = b""
        self.drained = 0
        self.parser = get_parser(cfg, self, client)
        self.initialized = self.data_ready = True

    def recv(self, size: int) -> bytes:
        """What the parser reads: the whole request, then nothing."""
        return self.arrival.content.read(size) if self.arrival else b""

    def end_arrival(self) -> None:
        """Let go of the request that was answered or refused."""
        if self.arrival:
            self.rest = self.arrival.rest
            self.arrival.close()
            self.arrival = None

    def close(self, graceful: bool = False) -> None:
        self.end_arrival()
        super().close(graceful)


class BufferingWorker(ThreadWorker):  # type: ignore[misc] # it has no types
    """See the module. `_arriving`: the connections whose request is not whole; `_refused`: those that are read to be closed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._arriving: set[Connection] = set()
        self._refused: dict[Connection, float] = {}
        self._anonymous: set[Connection] = set()

    def init_process(self) -> None:
        self._caps = Caps(settings.ROLL_MAX_BYTES, settings.STUDENT_PAPER_BYTES)
        super().init_process()

    def accept(self, listener: socket.socket) -> None:
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", _SEND_SECONDS, 0))
        self._await(Connection(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: Connection, client: socket.socket) -> None:
        """The next request of a connection that was kept."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._await(conn)

    def _await(self, conn: Connection) -> None:
        """Begin to receive a request, with what the client sent after the one before."""
        conn.arrival, rest, conn.rest = Arrival(self._caps, time.monotonic(), settings.SESSION_COOKIE_NAME), conn.rest, b""
        self._arriving.add(conn)
        conn.sock.setblocking(False)  # noqa: FBT003 - its only argument
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
        if rest:
            self._advance(conn, conn.arrival.add(rest, time.monotonic()))

    def _read(self, conn: Connection, client: socket.socket) -> None:
        try:
            data = client.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data and conn.arrival:
            self._advance(conn, conn.arrival.add(data, time.monotonic()))
        else:
            self._drop(conn)

    def _advance(self, conn: Connection, progress: Progress) -> None:
        if progress is Progress.WHOLE:
            self._leave_poller(conn)
            self.enqueue_req(conn)
        elif progress is Progress.LARGE:
            self._check_sender(conn)
        elif progress is Progress.REFUSED and conn.arrival and conn.arrival.refusal:
            self._refuse(conn, conn.arrival.refusal)
        else:
            self._send_continue(conn)

    def _check_sender(self, conn: Connection) -> None:
        """Ask a thread whether the sender of a large body is logged in, before more of it is read."""
        arrival = conn.arrival
        if arrival and arrival.sender is Sender.USER:
            self.poller.unregister(conn.sock)
            asked = self.tpool.submit(is_user, arrival.session_key)
            asked.add_done_callback(lambda answer: self.method_queue.defer(self._sender_checked, conn, answer))
        elif len(self._anonymous) >= _MOST_ANONYMOUS:
            self._refuse(conn, HTTPStatus.SERVICE_UNAVAILABLE)
        else:
            self._anonymous.add(conn)
            self._send_continue(conn)

    def _sender_checked(self, conn: Connection, answer: Any) -> None:
        if conn not in self._arriving:
            return
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._read, conn))
        if answer.cancelled() or answer.exception() or not answer.result():
            self._refuse(conn, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            self._send_continue(conn)

    def _send_continue(self, conn: Connection) -> None:
        """Tell a client that waits for it (Expect: 100-continue) to send its body."""
        if conn.arrival and conn.arrival.expects_continue:
            conn.arrival.expects_continue = False
            with suppress(OSError):
                conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _refuse(self, conn: Connection, status: HTTPStatus) -> None:
        """Answer at once, and read on for a moment: closed with bytes unread, the connection would be reset before the answer is seen."""
        words = f"<!doctype html><html lang=es><title>{status.value}</title><p>{_WORDS.get(status, _OTHER_WORDS)}</p>".encode()
        self.log.info("request refused before it was read: %s", status.value)
        self._forget(conn)
        with suppress(OSError):
            conn.sock.send(_ANSWER.format(status=status, length=len(words)).encode() + words)
            conn.sock.shutdown(socket.SHUT_WR)
        conn.end_arrival()
        self._refused[conn] = time.monotonic() + DRAIN_SECONDS
        self.poller.modify(conn.sock, selectors.EVENT_READ, partial(self._drain, conn))

    def _drain(self, conn: Connection, client: socket.socket) -> None:
        try:
            size = len(client.recv(_PIECE))
        except BlockingIOError:
            return
        except OSError:
            size = 0
        conn.drained += size
        if not size or conn.drained > DRAINED_BYTES:
            self._drop(conn)

    def _forget(self, conn: Connection) -> None:
        self._arriving.discard(conn)
        self._anonymous.discard(conn)
        self._refused.pop(conn, None)

    def _leave_poller(self, conn: Connection) -> None:
        self._forget(conn)
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def _drop(self, conn: Connection) -> None:
        self._leave_poller(conn)
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """End the requests that take too long, and close the refused ones. gunicorn calls it at least once a second."""
        super().murder_pending()
        now = time.monotonic()
        for conn in [conn for conn in self._arriving if conn.arrival and conn.arrival.deadline < now]:
            if conn.arrival and conn.arrival.is_silent:
                self._drop(conn)
            elif conn.sock in self.poller.get_map():
                self._refuse(conn, HTTPStatus.REQUEST_TIMEOUT)
        for conn in [conn for conn, until in self._refused.items() if until < now]:
            self._drop(conn)

    def _cap_keepalive(self, deadline: float) -> None:
        """A stopping worker does not wait for connections on which nothing has come."""
        super()._cap_keepalive(deadline)
        for conn in [conn for conn in self._arriving if conn.arrival and conn.arrival.is_silent]:
            self._drop(conn)

    def finish_request(self, conn: Connection, fs: Any) -> None:
        conn.end_arrival()
        super().finish_request(conn, fs)
        if conn.rest and conn in self.keepalived_conns:
            self.on_client_socket_readable(conn, conn.sock)
