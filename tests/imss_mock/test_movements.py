from typing import Any

import pytest

from tests.imss_mock.harness import StandIn, alta, baja, new_curp, new_nss


def told(stand_in: StandIn, persona: str = "localizado", **names: str) -> tuple[str, str]:
    """A person with an NSS and a story."""
    curp, nss = new_curp(), new_nss()
    stand_in.tell(curp=curp, nss=nss, persona=persona, **names)
    return curp, nss


def sent(stand_in: StandIn, movement: dict[str, Any]) -> str:
    """Send a movement that is received; its key."""
    status, answer = stand_in.move(movement)
    assert (status, answer["estado"]) == (200, "RECIBIDO"), answer
    return str(movement["clave_idempotencia"])


def test_an_alta_is_received_first_and_operated_days_later(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    key = sent(stand_in, alta(curp, nss, stand_in.today().isoformat()))
    fate = stand_in.fate(key)
    assert (fate["estado"], fate["codigo_error_movimiento"], fate["fecha_resolucion"]) == ("RECIBIDO", None, None)
    stand_in.days_later(3)
    fate = stand_in.fate(key)
    assert (fate["estado"], fate["codigo_error_movimiento"], fate["clave_trabajador"]) == ("OPERADO", "0", "A210204")
    assert fate["fecha_resolucion"] <= stand_in.today().isoformat()


def test_the_same_key_gets_the_same_answer_and_does_nothing_again(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    movement = alta(curp, nss, stand_in.today().isoformat())
    first = stand_in.move(movement)
    stand_in.days_later(4)
    assert stand_in.move(movement) == first
    assert stand_in.fate(movement["clave_idempotencia"])["estado"] == "OPERADO"


def test_other_data_under_a_used_key_are_refused(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    movement = alta(curp, nss, stand_in.today().isoformat())
    sent(stand_in, movement)
    status, answer = stand_in.move(movement | {"umf": "006"})
    assert (status, answer["codigo"]) == (409, "CLAVE_REUTILIZADA")


def test_an_unknown_key_is_not_found(stand_in: StandIn) -> None:
    status, answer = stand_in.ask("GET", "/api/v1/movimientos/nunca-enviada")
    assert (status, answer["codigo"]) == (404, "MOVIMIENTO_DESCONOCIDO")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"curp": "PUFE050315HNERCNA5"}, "CURP_INVALIDA"),
        ({"nss": "03230500014"}, "NSS_INVALIDO"),
        ({"registro_patronal": "A0112345101"}, "REGISTRO_PATRONAL_INVALIDO"),
        ({"fecha_movimiento": "2026-02-30"}, "FECHA_INVALIDA"),
        ({"fecha_movimiento": "03/08/2026"}, "FECHA_INVALIDA"),
        ({"causa_baja": "2"}, "CAUSA_BAJA_INVALIDA"),
        ({"tipo_movimiento": "02"}, "CAUSA_BAJA_INVALIDA"),
        ({"tipo_movimiento": "07"}, "SOLICITUD_INVALIDA"),
        ({"nombre": ""}, "SOLICITUD_INVALIDA"),
        ({"sobra": "1"}, "SOLICITUD_INVALIDA"),
        ({"clave_idempotencia": "alta-PUFE050315HNERCNA4"}, "CLAVE_CON_DATOS_PERSONALES"),
    ],
)
def test_what_is_wrong_is_refused_at_once_and_not_kept(stand_in: StandIn, change: dict[str, Any], code: str) -> None:
    movement = alta("PUFE050315HNERCNA4", "03230500013") | change
    status, answer = stand_in.move(movement)
    assert (status, answer["codigo"]) == (422, code)
    assert stand_in.ask("GET", f"/api/v1/movimientos/{movement['clave_idempotencia']}")[0] == 404


def rejected(stand_in: StandIn, movement: dict[str, Any]) -> tuple[str, str | None]:
    """Code and register's name once the movement is resolved."""
    key = sent(stand_in, movement)
    stand_in.days_later(3)
    fate = stand_in.fate(key)
    assert fate["estado"] == "RECHAZADO", fate
    assert fate["mensaje_error_movimiento"]
    return fate["codigo_error_movimiento"], fate["nombre_sindo"]


def test_an_nss_of_somebody_else_is_rejected_without_telling_whose(stand_in: StandIn) -> None:
    _, nss = told(stand_in, nombre="Otra", primer_apellido="Persona")
    assert rejected(stand_in, alta(new_curp(), nss, stand_in.today().isoformat())) == ("F-NSS", None)


def test_another_name_is_rejected_with_the_registers_name(stand_in: StandIn) -> None:
    curp, nss = told(stand_in, nombre="Ensayo", primer_apellido="Nuñes", segundo_apellido="Ficticia")
    assert rejected(stand_in, alta(curp, nss, stand_in.today().isoformat())) == ("F-NOMBRE", "Ensayo Nuñes Ficticia")


def test_accents_and_capitals_are_not_another_name(stand_in: StandIn) -> None:
    curp, nss = told(stand_in, nombre="ENSAYO", primer_apellido="NUNEZ", segundo_apellido="FICTICIA")
    key = sent(stand_in, alta(curp, nss, stand_in.today().isoformat()))
    stand_in.days_later(3)
    assert stand_in.fate(key)["estado"] == "OPERADO"


@pytest.mark.parametrize("offset", [1, -181])
def test_a_date_out_of_range_is_rejected(stand_in: StandIn, offset: int) -> None:
    curp, nss = told(stand_in)
    day = stand_in.today().fromordinal(stand_in.today().toordinal() + offset).isoformat()
    assert rejected(stand_in, alta(curp, nss, day))[0] == "F-FECHA"


def test_a_second_alta_under_the_same_registro_is_rejected_and_under_another_is_not(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    day = stand_in.today().isoformat()
    sent(stand_in, alta(curp, nss, day))
    other = sent(stand_in, alta(curp, nss, day, registro_patronal="B0212345329"))
    assert rejected(stand_in, alta(curp, nss, day))[0] == "F-DUPLICADO"
    assert stand_in.fate(other)["estado"] == "OPERADO"


def test_a_baja_needs_its_alta_and_no_earlier_date(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    day = stand_in.today().isoformat()
    assert rejected(stand_in, baja(curp, nss, day))[0] == "F-BAJA-SIN-ALTA"
    sent(stand_in, alta(curp, nss, stand_in.today().isoformat()))
    assert rejected(stand_in, baja(curp, nss, day))[0] == "F-FECHA"


def test_after_a_baja_there_may_be_another_alta(stand_in: StandIn) -> None:
    curp, nss = told(stand_in)
    keys = [sent(stand_in, build(curp, nss, stand_in.today().isoformat())) for build in (alta, baja, alta)]
    stand_in.days_later(4)
    assert [stand_in.fate(key)["estado"] for key in keys] == ["OPERADO"] * 3


def test_the_rejected_persona_is_rejected_once(stand_in: StandIn) -> None:
    curp, nss = told(stand_in, "rechazado")
    assert rejected(stand_in, alta(curp, nss, stand_in.today().isoformat()))[0] == "F-CURP"
    key = sent(stand_in, alta(curp, nss, stand_in.today().isoformat()))
    stand_in.days_later(3)
    assert stand_in.fate(key)["estado"] == "OPERADO"
