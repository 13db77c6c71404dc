from typing import Any

import pytest

from tests.imss_mock.harness import Twin, alta, baja, new_curp, new_nss


def told(twin: Twin, persona: str = "localizado", **names: str) -> tuple[str, str]:
    """A person with an NSS and a story."""
    curp, nss = new_curp(), new_nss()
    twin.tell(curp=curp, nss=nss, persona=persona, **names)
    return curp, nss


def sent(twin: Twin, movement: dict[str, Any]) -> str:
    """Send a movement that is received; its key."""
    status, answer = twin.move(movement)
    assert (status, answer["estado"]) == (200, "RECIBIDO"), answer
    return str(movement["clave_idempotencia"])


def test_an_alta_is_received_first_and_operated_days_later(twin: Twin) -> None:
    curp, nss = told(twin)
    key = sent(twin, alta(curp, nss, twin.today().isoformat()))
    fate = twin.fate(key)
    assert (fate["estado"], fate["codigo_error_movimiento"], fate["fecha_resolucion"]) == ("RECIBIDO", None, None)
    twin.days_later(3)
    fate = twin.fate(key)
    assert (fate["estado"], fate["codigo_error_movimiento"], fate["clave_trabajador"]) == ("OPERADO", "0", "A210204")
    assert fate["fecha_resolucion"] <= twin.today().isoformat()


def test_the_same_key_gets_the_same_answer_and_does_nothing_again(twin: Twin) -> None:
    curp, nss = told(twin)
    movement = alta(curp, nss, twin.today().isoformat())
    first = twin.move(movement)
    twin.days_later(4)
    assert twin.move(movement) == first
    assert twin.fate(movement["clave_idempotencia"])["estado"] == "OPERADO"


def test_other_data_under_a_used_key_are_refused(twin: Twin) -> None:
    curp, nss = told(twin)
    movement = alta(curp, nss, twin.today().isoformat())
    sent(twin, movement)
    status, answer = twin.move(movement | {"umf": "006"})
    assert (status, answer["codigo"]) == (409, "CLAVE_REUTILIZADA")


def test_an_unknown_key_is_not_found(twin: Twin) -> None:
    status, answer = twin.ask("GET", "/api/v1/movimientos/nunca-enviada")
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
def test_what_is_wrong_is_refused_at_once_and_not_kept(twin: Twin, change: dict[str, Any], code: str) -> None:
    movement = alta("PUFE050315HNERCNA4", "03230500013") | change
    status, answer = twin.move(movement)
    assert (status, answer["codigo"]) == (422, code)
    assert twin.ask("GET", f"/api/v1/movimientos/{movement['clave_idempotencia']}")[0] == 404


def rejected(twin: Twin, movement: dict[str, Any]) -> tuple[str, str | None]:
    """Code and register's name once the movement is resolved."""
    key = sent(twin, movement)
    twin.days_later(3)
    fate = twin.fate(key)
    assert fate["estado"] == "RECHAZADO", fate
    assert fate["mensaje_error_movimiento"]
    return fate["codigo_error_movimiento"], fate["nombre_sindo"]


def test_an_nss_of_somebody_else_is_rejected_without_telling_whose(twin: Twin) -> None:
    _, nss = told(twin, nombre="Otra", primer_apellido="Persona")
    assert rejected(twin, alta(new_curp(), nss, twin.today().isoformat())) == ("F-NSS", None)


def test_another_name_is_rejected_with_the_registers_name(twin: Twin) -> None:
    curp, nss = told(twin, nombre="Ensayo", primer_apellido="Nuñes", segundo_apellido="Ficticia")
    assert rejected(twin, alta(curp, nss, twin.today().isoformat())) == ("F-NOMBRE", "Ensayo Nuñes Ficticia")


def test_accents_and_capitals_are_not_another_name(twin: Twin) -> None:
    curp, nss = told(twin, nombre="ENSAYO", primer_apellido="NUNEZ", segundo_apellido="FICTICIA")
    key = sent(twin, alta(curp, nss, twin.today().isoformat()))
    twin.days_later(3)
    assert twin.fate(key)["estado"] == "OPERADO"


@pytest.mark.parametrize("offset", [1, -181])
def test_a_date_out_of_range_is_rejected(twin: Twin, offset: int) -> None:
    curp, nss = told(twin)
    day = twin.today().fromordinal(twin.today().toordinal() + offset).isoformat()
    assert rejected(twin, alta(curp, nss, day))[0] == "F-FECHA"


def test_a_second_alta_under_the_same_registro_is_rejected_and_under_another_is_not(twin: Twin) -> None:
    curp, nss = told(twin)
    day = twin.today().isoformat()
    sent(twin, alta(curp, nss, day))
    other = sent(twin, alta(curp, nss, day, registro_patronal="B0212345329"))
    assert rejected(twin, alta(curp, nss, day))[0] == "F-DUPLICADO"
    assert twin.fate(other)["estado"] == "OPERADO"


def test_a_baja_needs_its_alta_and_no_earlier_date(twin: Twin) -> None:
    curp, nss = told(twin)
    day = twin.today().isoformat()
    assert rejected(twin, baja(curp, nss, day))[0] == "F-BAJA-SIN-ALTA"
    sent(twin, alta(curp, nss, twin.today().isoformat()))
    assert rejected(twin, baja(curp, nss, day))[0] == "F-FECHA"


def test_after_a_baja_there_may_be_another_alta(twin: Twin) -> None:
    curp, nss = told(twin)
    keys = [sent(twin, build(curp, nss, twin.today().isoformat())) for build in (alta, baja, alta)]
    twin.days_later(4)
    assert [twin.fate(key)["estado"] for key in keys] == ["OPERADO"] * 3


def test_the_rejected_persona_is_rejected_once(twin: Twin) -> None:
    curp, nss = told(twin, "rechazado")
    assert rejected(twin, alta(curp, nss, twin.today().isoformat()))[0] == "F-CURP"
    key = sent(twin, alta(curp, nss, twin.today().isoformat()))
    twin.days_later(3)
    assert twin.fate(key)["estado"] == "OPERADO"
