from datetime import timedelta

import pytest

from tests.imss_mock.harness import Twin, new_curp, new_nss


def test_the_clock_only_goes_forward(twin: Twin) -> None:
    today = twin.today()
    twin.days_later(1)
    status, answer = twin.ask("PUT", "/control/reloj", {"fecha": today.isoformat()})
    assert (status, answer["codigo"]) == (409, "RELOJ_SOLO_AVANZA")
    assert twin.today() == today + timedelta(days=1)
    assert twin.get("/health") == {"estado": "en línea", "fecha": twin.today().isoformat()}


@pytest.mark.parametrize(
    ("day", "code"), [("2026-02-30", "FECHA_INVALIDA"), ("2100-01-01", "RELOJ_SOLO_AVANZA"), ("9999-12-31", "RELOJ_SOLO_AVANZA")]
)
def test_the_clock_stays_within_the_calendar(twin: Twin, day: str, code: str) -> None:
    assert twin.ask("PUT", "/control/reloj", {"fecha": day})[1]["codigo"] == code


def test_people_are_told_in_bulk_with_an_outcome_for_each(twin: Twin) -> None:
    known, taken = new_curp(), new_nss()
    twin.tell(curp=known, nss=taken)
    people = [
        {
            "curp": new_curp(),
            "nombre": "Ensayo",
            "primer_apellido": "Ñúñez",
            "segundo_apellido": None,
            "persona": "lento",
            "nss": new_nss(),
        },
        {"curp": known, "persona": "nunca"},
        {"curp": "PUFE050315HNERCNA5"},
        {"curp": new_curp(), "nss": "03230500014"},
        {"curp": new_curp(), "nss": taken},
        {"curp": known, "nss": new_nss()},
        {"curp": new_curp(), "persona": "desconocida"},
        {"curp": new_curp(), "nombre": "Ensayo"},
    ]
    status, answer = twin.ask("POST", "/control/personas", people)
    refused = ["CURP_INVALIDA", "NSS_INVALIDO", "SIN_REGISTRO", "SIN_REGISTRO", "SOLICITUD_INVALIDA", "SOLICITUD_INVALIDA"]
    assert status == 200
    assert answer == {
        "nuevas": 1,
        "actualizadas": 1,
        "rechazadas": [{"indice": place, "codigo": code} for place, code in enumerate(refused, start=2)],
    }


def test_five_thousand_people_fit_in_one_call(twin: Twin) -> None:
    people = [{"curp": new_curp(), "nombre": "Ensayo", "primer_apellido": "Ñúñez", "segundo_apellido": "Ficticia"} for _ in range(5000)]
    assert twin.ask("POST", "/control/personas", people)[1] == {"nuevas": 5000, "actualizadas": 0, "rechazadas": []}


def test_the_ledger_has_every_question_with_its_answer_in_order(twin: Twin) -> None:
    before = len(twin.ledger())
    curp, nss = new_curp(), new_nss()
    twin.tell(curp=curp, nss=nss)
    answers = [
        twin.nss(curp, "alguien@example.mx"),
        twin.vigencia(curp, nss),
        twin.vigencia(curp, new_nss()),
        twin.ask("GET", "/api/v1/movimientos/nunca-enviada"),
        twin.ask("POST", "/api/v1/nss", b"{"),
    ]
    rows = twin.ledger(before)
    assert [(row["estatus"], row["respuesta"]) for row in rows] == answers
    assert [row["id"] for row in rows] == list(range(before + 1, before + 6))
    assert [row["operacion"] for row in rows] == [
        "solicitarNss",
        "consultarVigencia",
        "consultarVigencia",
        "consultarMovimiento",
        "solicitarNss",
    ]
    assert [row["resultado"] for row in rows] == ["LOCALIZADO", "NO", "SIN_REGISTRO", "MOVIMIENTO_DESCONOCIDO", "JSON_INVALIDO"]
    assert [row["curp"] for row in rows] == [curp, curp, curp, None, None]
    assert rows[0]["solicitud"] == {"curp": curp, "correo": "alguien@example.mx"}
    assert rows[3]["clave_idempotencia"] == "nunca-enviada"
    assert {row["fecha"] for row in rows} == {twin.today().isoformat()}


def test_the_ledger_is_read_page_by_page(twin: Twin) -> None:
    for _ in range(3):
        twin.vigencia(new_curp(), new_nss())
    page = twin.get("/control/bitacora?desde=0&limite=2")
    assert [row["id"] for row in page["registros"]] == [1, 2]
    assert page["siguiente"] == 2
    last = twin.ledger()[-1]["id"]
    assert twin.get(f"/control/bitacora?desde={last}") == {"registros": [], "siguiente": last}
