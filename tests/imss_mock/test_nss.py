from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from imss_mock.people.identifiers import is_nss
from tests.imss_mock.harness import StandIn, new_curp, new_nss


def test_a_new_number_is_assigned_once_and_then_located(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="nuevo")
    status, first = stand_in.nss(curp)
    again = stand_in.nss(curp)[1]
    assert (status, first["resultado"], again["resultado"]) == (200, "ASIGNADO", "LOCALIZADO")
    assert first["nss"] == again["nss"]
    assert first["folio"] != again["folio"]
    assert is_nss(first["nss"])
    assert first["nss"][2:6] == f"{stand_in.today():%y}05"  # registered this year, born in 2005


def test_somebody_registered_before_is_located_with_an_earlier_year(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="localizado")
    answer = stand_in.nss(curp)[1]
    assert answer["resultado"] == "LOCALIZADO"
    assert 20 <= int(answer["nss"][2:4]) <= stand_in.today().year % 100


def test_the_folio_begins_with_the_moment_of_issue_on_the_simulated_date(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="nuevo")
    answer = stand_in.nss(curp)[1]
    issued = datetime.fromtimestamp(int(answer["folio"][:13]) / 1000, ZoneInfo("America/Mexico_City"))
    assert len(answer["folio"]) == 22
    assert issued.date().isoformat() == answer["fecha"]


def test_names_are_those_told_and_never_invented(stand_in: StandIn) -> None:
    known, unknown = new_curp(), new_curp()
    stand_in.tell(curp=known, nombre="Ensayo", primer_apellido="De la O", segundo_apellido="", persona="nuevo", nss=new_nss())
    stand_in.tell(curp=unknown, persona="nuevo")
    names = ("nombre", "primer_apellido", "segundo_apellido")
    assert [stand_in.nss(known)[1][name] for name in names] == ["Ensayo", "De la O", ""]
    assert [stand_in.nss(unknown)[1][name] for name in names] == [None, None, None]


def test_a_number_told_by_the_control_side_is_the_one_located(stand_in: StandIn) -> None:
    curp, nss = new_curp(), new_nss()
    stand_in.tell(curp=curp, nss=nss)
    assert stand_in.nss(curp)[1]["nss"] == nss


def test_an_address_serves_one_curp_only(stand_in: StandIn) -> None:
    one, other = new_curp(), new_curp()
    for curp in (one, other):
        stand_in.tell(curp=curp, persona="localizado")
    assert stand_in.nss(one, "familia@example.mx")[0] == 200
    assert stand_in.nss(one, "Familia@example.mx")[0] == 200
    status, answer = stand_in.nss(other, "FAMILIA@example.mx")
    assert (status, answer["codigo"], answer["curp"]) == (422, "CORREO_DE_OTRA_CURP", other)
    assert stand_in.nss(other, "")[0] == 200
    assert stand_in.nss(other, None)[0] == 200


@pytest.mark.parametrize("persona", ["subdelegacion", "homonimo", "inconsistente"])
def test_the_desk_of_the_subdelegacion_resolves_after_days(stand_in: StandIn, persona: str) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona=persona)
    status, answer = stand_in.nss(curp)
    assert (status, answer["codigo"], answer["curp"]) == (422, "ACUDIR_SUBDELEGACION", curp)
    assert "Acta de nacimiento" in answer["documentos"]
    assert answer["motivo"]
    stand_in.days_later(7)
    assert stand_in.nss(curp)[0] == 422
    stand_in.days_later(18)
    status, answer = stand_in.nss(curp)
    assert (status, answer["resultado"]) == (200, "ASIGNADO" if persona == "subdelegacion" else "LOCALIZADO")


def test_a_request_in_process_is_answered_later(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="en_proceso")
    status, answer = stand_in.nss(curp)
    assert (status, answer["codigo"]) == (202, "EN_PROCESO")
    stand_in.days_later(2)
    assert stand_in.nss(curp)[0] == 200


def test_a_wrong_curp_is_refused_and_repeated(stand_in: StandIn) -> None:
    assert stand_in.nss("PUFE050315HNERCNA5") == (
        422,
        {
            "codigo": "CURP_INVALIDA",
            "mensaje": "La CURP no es válida. Verifica sus 18 caracteres.",
            "campo": "curp",
            "curp": "PUFE050315HNERCNA5",
        },
    )


def test_many_strangers_get_different_valid_numbers_and_every_kind_of_answer(stand_in: StandIn) -> None:
    answers = [stand_in.nss(new_curp()) for _ in range(400)]
    numbers = [answer["nss"] for status, answer in answers if status == 200]
    assert len(set(numbers)) == len(numbers)
    assert all(is_nss(number) for number in numbers)
    words = {answer.get("resultado") or answer["codigo"] for _, answer in answers}
    assert words == {"LOCALIZADO", "ASIGNADO", "EN_PROCESO", "ACUDIR_SUBDELEGACION"}


def test_asked_twenty_times_at_once_it_is_one_number(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="nuevo")
    lines = [stand_in.another_line() for _ in range(20)]
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda line: line.nss(curp)[1], lines))
    for line in lines:
        line.close()
    assert len({answer["nss"] for answer in answers}) == 1
    assert sorted(answer["resultado"] for answer in answers) == ["ASIGNADO"] + ["LOCALIZADO"] * 19
