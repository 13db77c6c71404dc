"""A request on its way in, byte by byte."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as some

from afiliacion.web_server.arrival import Arrival, Progress
from afiliacion.web_server.limits import HEADER_BYTES, Caps, Sender, body_deadline

CAPS = Caps(list_bytes=64 * 2**20, paper_bytes=12 * 2**20)


def request(target: str = "/entrar/", body: bytes = b"", **fields: str) -> bytes:
    named = {"Host": "localhost", "Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in fields.items()}}
    lines = [f"POST {target} HTTP/1.1", *(f"{name}: {value}" for name, value in named.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


_BEGUN: list[Arrival] = []


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    for arrival in _BEGUN:
        arrival.content.close()


def arriving() -> Arrival:
    _BEGUN.append(Arrival(CAPS, begun_at=0.0))
    return _BEGUN[-1]


@given(cuts=some.lists(some.integers(0, 200), max_size=6), body=some.binary(max_size=100))
def test_however_it_is_cut_it_arrives_whole_and_what_follows_is_kept(cuts: list[int], body: bytes) -> None:
    sent, arrival = request(body=body) + b"GET /", arriving()
    places = sorted({0, len(sent), *(min(cut, len(sent)) for cut in cuts)})
    pieces = [sent[start:end] for start, end in pairwise(places)]
    progress = Progress.INCOMPLETE
    for n, piece in enumerate(pieces):
        progress = arrival.add(piece, 1.0)
        if progress is Progress.WHOLE:
            assert arrival.content.read() == request(body=body)
            assert arrival.rest + b"".join(pieces[n + 1 :]) == b"GET /"
            break
    assert progress is Progress.WHOLE


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (request(Content_Length=str(400 * 2**20)), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("/v/", Content_Length="70000"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("/%76/", Content_Length="70000"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("http://localhost/v/x", Content_Length="70000"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("/listas/", Content_Length="70000"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("/listas/", Content_Length=str(70 * 2**20), Cookie="sessionid=abc"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request("/a/token/hoja", Content_Length=str(14 * 2**20)), HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
        (request(Transfer_Encoding="chunked"), HTTPStatus.LENGTH_REQUIRED),
        (request(Content_Length="-1"), HTTPStatus.BAD_REQUEST),
        (request(Content_Length="1, 2"), HTTPStatus.BAD_REQUEST),
        (request(content_length="1"), HTTPStatus.BAD_REQUEST),
        (request(Content_Length="٣"), HTTPStatus.BAD_REQUEST),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * HEADER_BYTES, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * HEADER_BYTES + b"\r\n\r\n", HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    ],
)
def test_h5_what_is_refused_before_its_body_is_read(sent: bytes, status: HTTPStatus) -> None:
    arrival = arriving()
    assert (arrival.add(sent, 1.0), arrival.refusal) == (Progress.REFUSED, status)


@pytest.mark.parametrize(
    ("target", "length", "cookie", "sender"),
    [
        ("/listas/", 64 * 2**20, "sessionid=abc", Sender.USER),
        ("/admin/roll/import/add/", 64 * 2**20, "x=1; sessionid=abc", Sender.USER),
        ("/expedientes/1/acciones/acuse/", 12 * 2**20, "sessionid=abc", Sender.USER),
        ("/expedientes/acciones/", 2_000_000, "sessionid=abc", Sender.USER),
        ("/a/token/hoja", 12 * 2**20, "", Sender.ANONYMOUS),
    ],
)
def test_a_large_body_waits_until_it_is_known_who_sends_it(target: str, length: int, cookie: str, sender: Sender) -> None:
    arrival = arriving()
    assert arrival.add(request(target, Content_Length=str(length), Cookie=cookie), 1.0) is Progress.LARGE
    assert (arrival.sender, arrival.session_key) == (sender, "abc" if sender is Sender.USER else "")


def test_h5_a_body_must_go_on_arriving() -> None:
    arrival = arriving()
    assert arrival.deadline == 10.0
    arrival.add(request(Content_Length="100"), 5.0)
    assert arrival.deadline == 15.0
    for second in range(6, 36):
        assert arrival.add(b"x", float(second)) is Progress.INCOMPLETE
    assert arrival.deadline == 35.0, "however it drips, a body has its time"


def test_a_large_body_gets_time_for_its_size() -> None:
    assert body_deadline(1) == 30.0
    assert body_deadline(64 * 2**20) == 8192.0
