"""An authority in every bad mood: no case changes, the answer is kept, and the next good answer counts."""

import asyncio
import datetime as dt
import gzip
import ssl
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest
from aiohttp import web

from afiliacion.cases.states import State
from afiliacion.imss.chase import run
from afiliacion.imss.chase.run import chase
from afiliacion.imss.models import Answer, ConnectionState, Errand, ImssSettings
from afiliacion.imss.queue.plan import plan
from afiliacion.imss.rate import circuit_breaker
from afiliacion.imss.retention import clear_archive
from tests import needs
from tests.imss.authority import GOOD, refuses, says, then, well
from tests.imss.conftest import at
from tests.imss_mock.harness import new_curp

TODAY = dt.date(2026, 8, 20)
PERSON = GOOD["nss"]({"curp": new_curp()})
#: Some kilobytes that would be many times what an answer may be.
BOMB = gzip.compress(bytes(16 * 1024 * 1024))


async def cut(request, asked):
    """Half an answer, then the connection is gone."""
    response = web.StreamResponse(headers={"Content-Length": "1000", "Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"resultado": "LOCA')
    request.transport.close()
    return response


BAD = {
    "503": says({}, status=503),
    "500": says({"codigo": "ERROR_INTERNO", "mensaje": "x"}, status=500),
    "not our credentials": says({}, status=401),
    "html with 200": says(raw=b"<html>Mantenimiento</html>", kind="text/html"),
    "truncated": says(raw=b'{"resultado": "LOCALIZADO", "nss": "0'),
    "cut": cut,
    "not an object": says([1, 2]),
    "nan": says(raw=b'{"resultado": NaN}'),
    "said twice": says(raw=b'{"nss": "1", "nss": "2"}'),
    "latin-1": says(raw='{"resultado": "ASIGNACIÓN"}'.encode("latin-1")),
    "deep": says(raw=b"[" * 100_000),
    "huge": says(raw=b'"' + b"x" * (1024 * 1024 + 10) + b'"'),
    "bomb": says(raw=BOMB, Content_Encoding="gzip"),
    "redirected": says({}, status=302, Location="http://127.0.0.1:22/"),
    "empty": says(raw=b""),
    "no nss": says({key: value for key, value in PERSON.items() if key != "nss"}),
    "wrong type": says({**PERSON, "nss": 12345678901}),
    "somebody else": says(PERSON),
    "a refusal about somebody else": says({"codigo": "ACUDIR_SUBDELEGACION", "mensaje": "x", "curp": PERSON["curp"]}, status=422),
}


@pytest.mark.parametrize("mood", BAD.values(), ids=BAD.keys())
def test_invariant_6_a_bad_answer_changes_no_case_and_the_next_good_one_counts(authority, quick, case_in, the_errand, mood):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = then(mood, well)

    report = chase(TODAY, at(TODAY), budget_seconds=20)

    assert (report.asked, report.left, report.steps["obtain_nss"]) == (2, 0, 1)
    case.refresh_from_db()
    assert case.state == State.NSS_OBTENIDO
    assert [event.verb for event in case.events.order_by("seq")] == ["open", "obtain_nss"]
    assert the_errand(case).attempt == 2


@pytest.mark.parametrize("name", ["somebody else", "a refusal about somebody else"])
def test_invariant_7_an_answer_about_somebody_else_is_quarantined_and_seen(authority, quick, case_in, the_errand, name):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = BAD[name]

    report = chase(TODAY, at(TODAY), budget_seconds=20)

    errand = the_errand(case)
    assert (report.quarantined, errand.status, errand.attempt) == (5, Errand.Status.PARKED, 6)
    assert set(Answer.objects.values_list("verdict", flat=True)) == {Answer.Verdict.QUARANTINED}
    case.refresh_from_db()
    assert (case.state, case.version, case.student.nss) == (State.SIN_NSS, 1, None)


def test_what_came_is_kept_as_it_came_but_not_endlessly(authority, quick, case_in):
    case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = then(BAD["html with 200"], BAD["huge"], BAD["bomb"], well)

    chase(TODAY, at(TODAY), budget_seconds=20)

    page, huge, bomb, good = Answer.objects.order_by("pk")
    assert (bytes(page.body), page.media_type, page.http_status) == (b"<html>Mantenimiento</html>", "text/html", 200)
    assert (page.verdict, huge.verdict, bomb.verdict, good.verdict) == ("unreadable", "unreadable", "unreadable", "applied")
    assert len(huge.body) == 64 * 1024
    assert bytes(bomb.body) == BOMB, "F14: it was inflated"


def test_the_archive_is_cleared_by_age_but_not_of_what_nobody_has_looked_at(authority, quick, case_in):
    ImssSettings.objects.update(answers_kept_days=30)
    case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = then(BAD["somebody else"], BAD["html with 200"], well)
    chase(TODAY, at(TODAY), budget_seconds=20)

    assert clear_archive(at(TODAY + dt.timedelta(days=30))) == 0
    assert clear_archive(at(TODAY + dt.timedelta(days=31))) == 2
    assert Answer.objects.get().verdict == Answer.Verdict.QUARANTINED
    Answer.objects.update(reviewed_at=at(TODAY))
    assert clear_archive(at(TODAY + dt.timedelta(days=31))) == 1


def test_a_stalled_answer_ends_with_our_patience_and_holds_up_nobody(authority, quick, case_in, settings):
    settings.IMSS_TIMEOUT_SECONDS = 0.5
    for _ in range(6):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    first: set[str] = set()

    async def drip(request, asked):
        if first:
            return await well(request, asked)
        first.add(asked["curp"])
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.05)

    authority.behave = drip
    report = chase(TODAY, at(TODAY), budget_seconds=20)

    assert (report.steps["obtain_nss"], report.troubles) == (6, {"TimedOut": 1})


def test_a_pause_asked_for_is_kept_by_everybody(authority, quick, case_in):
    for _ in range(5):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))

    async def busy_once(request, asked):
        if len(authority.asked) == 1:
            return await says({}, status=429, Retry_After="1")(request, asked)
        return await well(request, asked)

    authority.behave = busy_once
    report = chase(TODAY, at(TODAY), budget_seconds=20)

    assert (report.left, report.steps["obtain_nss"], report.troubles["Busy"]) == (0, 5, 1)
    # Five were on their way when the pause was asked for; no other worker calls within it.
    within = [moment for moment in authority.at if moment - authority.at[0] < 1.0]
    assert (len(within), len(authority.at)) == (5, 6)
    assert circuit_breaker.current() is None
    assert set(Errand.objects.values_list("strikes", flat=True)) == {0}


def test_a_pause_longer_than_the_time_left_is_kept_too(authority, quick, case_in):
    case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = says({}, status=503, Retry_After="600")

    assert chase(TODAY, at(TODAY), budget_seconds=5).left == 1
    authority.behave = well
    assert chase(TODAY, at(TODAY), budget_seconds=5).asked == 0
    assert len(authority.asked) == 1

    ConnectionState.objects.update(quiet_until=at(dt.date(2026, 1, 1)))
    assert chase(TODAY, at(TODAY), budget_seconds=5).steps == {"obtain_nss": 1}


def test_no_more_are_under_way_than_there_are_places(authority, quick, case_in, settings):
    settings.IMSS_CONCURRENCY = 3
    for _ in range(15):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    inside, most = 0, []

    async def counted(request, asked):
        nonlocal inside
        inside += 1
        most.append(inside)
        await asyncio.sleep(0.01)
        inside -= 1
        return await well(request, asked)

    authority.behave = counted
    assert chase(TODAY, at(TODAY), budget_seconds=20).asked == 15
    assert max(most) == 3


def test_an_outage_opens_the_circuit_is_shown_and_ends_by_itself(authority, quick, case_in, settings):
    settings.IMSS_CONCURRENCY = 2
    for _ in range(30):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = says({}, status=503)

    report = chase(TODAY, at(TODAY), budget_seconds=2.0)

    # Ten failures (and what was on its way) open it; then one probe every 0.2 s.
    assert 10 <= len(authority.asked) <= 24
    assert report.left == 30
    going_on = circuit_breaker.current()
    assert going_on is not None
    assert "no está disponible" in circuit_breaker.sentence(going_on)

    authority.behave = well
    report = chase(TODAY, at(TODAY), budget_seconds=20)

    assert (report.left, report.steps["obtain_nss"]) == (0, 30)
    assert circuit_breaker.current() is None
    going_on.refresh_from_db()
    assert going_on.until == at(TODAY)


def test_nobody_listens(authority, quick, case_in, the_errand, settings):
    settings.IMSS_URL = "http://127.0.0.1:9"
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))

    report = chase(TODAY, at(TODAY), budget_seconds=1.0)

    assert report.troubles["Unreachable"] >= 1
    errand = the_errand(case)
    assert (errand.status, errand.strikes, errand.lease_until) == (Errand.Status.OPEN, 0, None)
    assert not Answer.objects.exists()


def test_f17_whoever_cannot_prove_to_be_imss_is_told_nothing(committed, quick, case_in, settings, tmp_path, caplog):
    """A certificate no authority vouches for: the connection ends before the question, and the log names no one."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = [
        needs.tool("openssl", "openssl"),
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=127.0.0.1",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True)  # noqa: S603 - our own words
    told = []

    class Impostor(BaseHTTPRequestHandler):
        def do_POST(self):
            told.append(self.path)

    server = HTTPServer(("127.0.0.1", 0), Impostor, bind_and_activate=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.IMSS_URL, settings.IMSS_FOLLOWS_DATE = f"https://127.0.0.1:{server.server_port}", False
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    try:
        report = chase(TODAY, at(TODAY), budget_seconds=1.0)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert report.troubles["Unreachable"] >= 1
    assert (told, Answer.objects.count(), report.left) == ([], 0, 1)
    assert case.student.curp not in caplog.text


def test_a_code_nobody_knows_waits_for_a_person(authority, quick, case_in, the_errand):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    authority.behave = refuses("X-999", motivo="Motivo nuevo.")

    report = chase(TODAY, at(TODAY), budget_seconds=5)

    errand = the_errand(case)
    assert (report.refused, report.parked, report.left) == ({"X-999": 1}, 1, 0)
    assert (errand.status, errand.code, errand.message) == (Errand.Status.PARKED, "X-999", "Texto del IMSS. Motivo nuevo.")
    case.refresh_from_db()
    assert case.version == 1


def test_a_result_nobody_knows_is_shown_not_guessed(authority, quick, case_in, the_errand):
    case = case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))

    async def strange(request, asked):
        return web.json_response({**GOOD["nss"](asked), "resultado": "HOMONIMO"})

    authority.behave = strange
    chase(TODAY, at(TODAY), budget_seconds=5)

    assert (the_errand(case).status, the_errand(case).code) == (Errand.Status.PARKED, "HOMONIMO")


def test_time_is_up_for_what_is_queued_too(authority, quick, case_in, settings, monkeypatch):
    settings.IMSS_CONCURRENCY = 1
    for _ in range(12):
        case_in(State.SIN_NSS)
    plan(TODAY, at(TODAY))
    gone: list[float] = []
    monkeypatch.setattr(run, "time", SimpleNamespace(monotonic=lambda: time.monotonic() + sum(gone)))

    async def an_hour_later(request, asked):
        gone.append(3600)
        return await well(request, asked)

    # The first answer makes the chase reach for more than it can still ask.
    authority.behave = then(well, well, well, an_hour_later)
    report = chase(TODAY, at(TODAY), budget_seconds=600)

    assert 1 <= len(authority.asked) < 12
    assert report.left == 12 - len(authority.asked)
    assert not Errand.objects.filter(lease_until__isnull=False).exists()
    assert set(Errand.objects.filter(status=Errand.Status.OPEN).values_list("strikes", "in_doubt")) == {(0, False)}
