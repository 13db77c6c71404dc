"""What IMSS corrects of a person, and the register as a whole."""

from datetime import timedelta

import pytest

from tests.imss_mock.harness import StandIn, alta, baja, new_curp, new_nss

Person = tuple[str, str]


@pytest.fixture
def insured(stand_in: StandIn) -> Person:
    """The CURP and NSS of a person with an alta that was operated."""
    curp, nss = new_curp(), new_nss()
    stand_in.tell(curp=curp, nss=nss, persona="localizado")
    stand_in.move(alta(curp, nss, stand_in.today().isoformat()))
    stand_in.days_later(30)
    assert stand_in.vigencia(curp, nss)[1]["con_derecho"] == "SI"
    return curp, nss


def correct(stand_in: StandIn, curp: str, **corrected: object) -> None:
    assert stand_in.ask("PUT", "/control/personas", {"curp": curp, **corrected})[0] == 200


def register_of(stand_in: StandIn, *numbers: str) -> list[tuple[str, str, str]]:
    rows = stand_in.get("/control/registro?limite=5000")["movimientos"]
    return [(row["nss"], row["tipo_movimiento"], row["estado"]) for row in rows if row["nss"] in numbers]


def test_another_curp_is_the_same_person(stand_in: StandIn, insured: Person) -> None:
    (curp, nss), right = insured, new_curp()
    correct(stand_in, curp, curp_nueva=right)
    assert stand_in.vigencia(right, nss)[1]["con_derecho"] == "SI"
    assert stand_in.vigencia(curp, nss)[1]["codigo"] == "SIN_REGISTRO"
    again = alta(right, nss, stand_in.today().isoformat())
    stand_in.move(again)
    stand_in.days_later(5)
    assert stand_in.fate(again["clave_idempotencia"])["codigo_error_movimiento"] == "F-DUPLICADO"


def test_another_number_leaves_the_cover_under_the_former_one_until_its_baja(stand_in: StandIn, insured: Person) -> None:
    (curp, former), right = insured, new_nss()
    correct(stand_in, curp, nss_nuevo=right)
    assert stand_in.vigencia(curp, right)[1]["con_derecho"] == "NO"
    for movement in (alta(curp, right, stand_in.today().isoformat()), baja(curp, former, stand_in.today().isoformat())):
        stand_in.move(movement)
    stand_in.days_later(30)
    assert register_of(stand_in, former, right) == [(former, "08", "OPERADO"), (right, "08", "OPERADO"), (former, "02", "OPERADO")]
    assert stand_in.vigencia(curp, right)[1]["con_derecho"] == "SI"


def test_two_numbers_unified_are_one_and_each_movement_says_what_was_sent(stand_in: StandIn) -> None:
    curp, given_up, kept = new_curp(), new_nss(), new_nss()
    stand_in.tell(curp=curp, nss=given_up, persona="localizado")
    sent = alta(curp, given_up, stand_in.today().isoformat())
    stand_in.move(sent)
    stand_in.days_later(30)
    correct(stand_in, curp, nss_nuevo=kept, unifica=True)
    assert stand_in.vigencia(curp, kept)[1]["con_derecho"] == "SI"
    assert register_of(stand_in, given_up, kept) == [(kept, "08", "OPERADO")]
    assert stand_in.fate(sent["clave_idempotencia"])["nss"] == given_up


@pytest.mark.parametrize("data", [{"nss_nuevo": "taken"}, {"curp_nueva": "known"}])
def test_what_is_another_persons_is_refused(stand_in: StandIn, insured: Person, data: dict[str, str]) -> None:
    known, taken = new_curp(), new_nss()
    stand_in.tell(curp=known, nss=taken)
    status, _ = stand_in.ask(
        "PUT", "/control/personas", {"curp": insured[0], **{name: {"taken": taken, "known": known}[v] for name, v in data.items()}}
    )
    assert status == 422


def test_who_is_not_known_cannot_be_corrected(stand_in: StandIn) -> None:
    assert stand_in.ask("PUT", "/control/personas", {"curp": new_curp()})[1]["codigo"] == "SIN_REGISTRO"


def test_the_register_is_read_page_by_page(stand_in: StandIn) -> None:
    for _ in range(2):
        stand_in.move(alta(new_curp(), new_nss(), (stand_in.today() - timedelta(days=1)).isoformat()))
    page = stand_in.get("/control/registro?limite=1")
    following = stand_in.get(f"/control/registro?limite=1&desde={page['siguiente']}")
    assert page["movimientos"][0]["id"] < following["movimientos"][0]["id"]
    assert stand_in.get("/control/registro?desde=999999") == {"movimientos": [], "siguiente": 999999}
