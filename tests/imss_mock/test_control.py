from datetime import timedelta

import pytest

from tests.imss_mock.harness import StandIn, new_curp, new_nss


def test_the_clock_only_goes_forward(stand_in: StandIn) -> None:
    today = stand_in.today()
    stand_in.days_later(1)
    status, answer = stand_in.ask("PUT", "/control/reloj", {"fecha": today.isoformat()})
    assert (status, answer["codigo"]) == (409, "RELOJ_SOLO_AVANZA")
    assert stand_in.today() == today + timedelta(days=1)
    assert stand_in.get("/health") == {"estado": "en línea", "fecha": stand_in.today().isoformat()}


@pytest.mark.parametrize(
    ("day", "code"), [("2026-02-30", "FECHA_INVALIDA"), ("2100-01-01", "RELOJ_SOLO_AVANZA"), ("9999-12-31", "RELOJ_SOLO_AVANZA")]
)
def test_the_clock_stays_within_the_calendar(stand_in: StandIn, day: str, code: str) -> None:
    assert stand_in.ask("PUT", "/control/reloj", {"fecha": day})[1]["codigo"] == code


def test_people_are_told_in_bulk_with_an_outcome_for_each(stand_in: StandIn) -> None:
    known, taken = new_curp(), new_nss()
    stand_in.tell(curp=known, nss=taken)
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
    status, answer = stand_in.ask("POST", "/control/personas", people)
    refused = ["CURP_INVALIDA", "NSS_INVALIDO", "SIN_REGISTRO", "SIN_REGISTRO", "SOLICITUD_INVALIDA", "SOLICITUD_INVALIDA"]
    assert status == 200
    assert answer == {
        "nuevas": 1,
        "actualizadas": 1,
        "rechazadas": [{"indice": place, "codigo": code} for place, code in enumerate(refused, start=2)],
    }


def test_five_thousand_people_fit_in_one_call(stand_in: StandIn) -> None:
    people = [{"curp": new_curp(), "nombre": "Ensayo", "primer_apellido": "Ñúñez", "segundo_apellido": "Ficticia"} for _ in range(5000)]
    assert stand_in.ask("POST", "/control/personas", people)[1] == {"nuevas": 5000, "actualizadas": 0, "rechazadas": []}


def test_the_ledger_has_every_question_with_its_answer_in_order(stand_in: StandIn) -> None:
    before = len(stand_in.ledger())
    curp, nss = new_curp(), new_nss()
    stand_in.tell(curp=curp, nss=nss)
    answers = [
        stand_in.nss(curp, "alguien@example.mx"),
        stand_in.vigencia(curp, nss),
        stand_in.vigencia(curp, new_nss()),
        stand_in.ask("GET", "/api/v1/movimientos/nunca-enviada"),
        stand_in.ask("POST", "/api/v1/nss", b"{"),
    ]
    rows = stand_in.ledger(before)
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
    assert {row["fecha"] for row in rows} == {stand_in.today().isoformat()}


def test_the_ledger_is_read_page_by_page(stand_in: StandIn) -> None:
    for _ in range(3):
        stand_in.vigencia(new_curp(), new_nss())
    page = stand_in.get("/control/bitacora?desde=0&limite=2")
    assert [row["id"] for row in page["registros"]] == [1, 2]
    assert page["siguiente"] == 2
    last = stand_in.ledger()[-1]["id"]
    assert stand_in.get(f"/control/bitacora?desde={last}") == {"registros": [], "siguiente": last}
