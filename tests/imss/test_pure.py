"""Laws of the pure parts: pauses stay within bounds, and no JSON whatever becomes an answer about another person."""

import datetime as dt
import random
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afiliacion.imss.client import parse as reading
from afiliacion.imss.client import retry_after
from afiliacion.imss.client.port import ImssAnswer, ImssError, Movement, RawAnswer
from afiliacion.imss.rate import retry_delay

DATE = "Fri, 21 Aug 2026 08:00:00 GMT"
CURP, NSS = "PUFE050315HNERCNA4", "03230500013"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7), ("0", 1), ("-5", 1), ("1000000000", 900), ("9" * 400, 900), ("soon", 5), (None, 5), ("", 5), ("1e3", 5), ("NaN", 5),
        ("Fri, 21 Aug 2026 08:00:30 GMT", 30), ("Fri, 21 Aug 2026 07:00:00 GMT", 1), ("Sat, 22 Aug 2026 08:00:00 GMT", 900),
    ],
)  # fmt: skip
def test_retry_after_is_obeyed_within_reason(header, seconds):
    assert retry_after.retry_after(header, DATE) == seconds


def test_a_date_without_theirs_to_compare_with_says_nothing():
    assert retry_after.retry_after("Fri, 21 Aug 2026 08:00:30 GMT", None) == retry_after.UNSAID


@given(st.one_of(st.text(), st.integers().map(str), st.datetimes().map(str)), st.one_of(st.none(), st.text()))
def test_any_retry_after_gives_a_pause_that_ends(header, date):
    assert retry_after.SHORTEST <= retry_after.retry_after(header, date) <= retry_after.LONGEST


@given(st.integers(0, 10_000), st.integers())
def test_the_pause_of_an_errand_grows_and_stays_bounded(misses, seed):
    pause = retry_delay.delay(misses, base=2, most=900, dice=random.Random(seed))
    least = min(900, 2 * 2 ** min(max(misses - 1, 0), 16)) / 2
    assert least <= pause <= 900


KEY = "k" * 36
GOOD = {
    "curp": CURP, "nss": NSS, "resultado": "LOCALIZADO", "folio": "1", "fecha": "2026-08-20", "con_derecho": "SI", "umf": "005",
    "fecha_constancia": "2026-08-20", "registro_patronal": "A0112345321", "estado": "OPERADO", "clave_idempotencia": KEY, "id_lote": "1",
    "recibo": "R", "fecha_trans": "2026-08-20T10:00:00-06:00", "fecha_resolucion": "2026-08-21",
}  # fmt: skip
KEYS = st.sampled_from([*GOOD, "codigo", "mensaje"])
ODD = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text()) | st.dictionaries(KEYS, st.text())
VALUES = ODD | st.sampled_from([*GOOD.values(), "NO", "RECHAZADO", "PUFE050315HNERCNA5"])
BODIES = st.builds(
    lambda changed, dropped: {key: value for key, value in {**GOOD, **changed}.items() if key not in dropped},
    st.dictionaries(KEYS, VALUES, max_size=3),
    st.sets(KEYS, max_size=2),
)


@given(BODIES, st.sampled_from([200, 202, 404, 422]))
def test_any_json_is_an_answer_about_the_person_asked_or_an_error_of_the_port(body, status):
    raw = RawAnswer(status, "application/json", b"")
    sent = Movement(KEY, "08", "A0112345321", NSS, CURP, "A", "B", "", dt.date(2026, 8, 20), "", "M1")
    readers: tuple[Callable[[], ImssAnswer], ...] = (
        lambda: reading.nss(raw, body, curp=CURP),
        lambda: reading.vigencia(raw, body, curp=CURP, nss=NSS),
        lambda: reading.movement(raw, body, sent=sent),
    )
    for number, read in enumerate(readers):
        try:
            answer = read()
        except ImssError:
            continue
        assert (answer.raw, status < 300, "codigo" in body) == (raw, True, False)
        assert body.get("curp") in ((CURP,) if number < 2 else (CURP, None))
        assert body.get("nss") in (NSS, None) or number == 0
        assert number < 2 or body["clave_idempotencia"] == KEY


def test_a_movement_survives_its_storage():
    day = dt.date(2026, 8, 20)
    sent = Movement("k", "02", "A", NSS, CURP, "Ñ", "B", "", day, "005", "M1", "6")
    assert Movement.from_json(sent.as_json()) == sent
