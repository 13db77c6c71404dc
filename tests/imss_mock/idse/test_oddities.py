"""What goes wrong with lotes on purpose: moods and stories (docs/imss-mock.md, IDSE)."""

from __future__ import annotations

from collections import Counter

import pytest

from afiliacion.lotes.answers.checks import Ours, must_be_ours
from afiliacion.lotes.answers.values import Verdict
from afiliacion.lotes.refusal import DocumentRefused
from imss_mock.state.idse_moods import FAMILIES
from imss_mock.state.scenario import load
from tests.imss_mock.harness import StandIn
from tests.imss_mock.idse.made import OTHER, REGISTRO, Lote, altas, people, taken, upload, written

NUMBERS = load().idse.numeros


def under(stand_in: StandIn, lote_of: int, persona: str = "localizado", **mood: object) -> Lote:
    """A lote of so many altas, sent in a mood."""
    everybody = people(stand_in, lote_of, persona)
    stand_in.mood(**mood)
    lote = taken(stand_in, altas(stand_in, everybody))
    stand_in.mood()
    return lote


def test_a_share_is_rejected_by_every_family(stand_in: StandIn) -> None:
    lote = under(stand_in, 400, idse_rechazos=0.3).answered()
    found = Counter(row.codigo for row in lote.constancia().results)
    assert 80 <= 400 - found[""] <= 160
    assert found.keys() == {"", *(NUMBERS[family] for family in FAMILIES)}


@pytest.mark.parametrize("family", FAMILIES)
def test_all_may_be_rejected_by_one_family_and_go_through_the_second_time(stand_in: StandIn, family: str) -> None:
    everybody = people(stand_in, 3)
    stand_in.mood(idse_rechazos=1, idse_familia=family)
    movements = altas(stand_in, everybody)
    first = taken(stand_in, movements).answered().detail().results
    assert {row.codigo for row in first} == {NUMBERS[family]}
    if family == "F-NOMBRE":
        for place, row in enumerate(first):
            apart = f" {everybody[place].segundo_apellido} {everybody[place].nombre}".upper()
            movements[place] = movements[place]._replace(primer_apellido=row.nombre_sindo.removesuffix(apart))
    second = taken(stand_in, movements).answered().constancia()
    stand_in.mood()
    assert second.operated.total == 3


def test_a_share_is_refused_at_once(stand_in: StandIn) -> None:
    lote = under(stand_in, 200, idse_rechazos_de_entrada=0.2)
    assert 20 <= len(lote.acuse().refused) <= 60
    assert lote.answered().constancia().received.total == 200 - len(lote.acuse().refused)


def test_what_the_first_answer_leaves_out_comes_in_a_later_one(stand_in: StandIn) -> None:
    lote = under(stand_in, 100, idse_tarde=0.2, idse_tarde_dias=4, idse_horas=1)
    stand_in.days_later(1)
    told = lote.state
    assert (told["documentos"], told["operados"] + told["sin_respuesta"]) == (["acuse", "constancia-1", "respuesta-1"], 100)
    assert 8 <= told["sin_respuesta"] <= 35
    stand_in.days_later(4)
    assert (lote.state["sin_respuesta"], lote.state["documentos"][3:]) == (0, ["constancia-2", "respuesta-2"])
    first, later = lote.constancia(1).results, lote.constancia(2).results
    assert len({row.nss for row in (*first, *later)}) == len(first) + len(later) == 100


def test_what_is_never_answered_is_not_in_force_and_may_be_sent_again(stand_in: StandIn) -> None:
    everybody = people(stand_in, 2)
    stand_in.mood(idse_tarde=1, idse_tarde_dias=0)
    lote = taken(stand_in, altas(stand_in, everybody))
    stand_in.mood()
    stand_in.days_later(40)
    assert (lote.state["estado"], lote.state["sin_respuesta"], lote.state["documentos"]) == ("ENVIADO", 2, ["acuse"])
    assert [stand_in.vigencia(one.curp, one.nss)[1]["con_derecho"] for one in everybody] == ["NO", "NO"]
    assert taken(stand_in, altas(stand_in, everybody)).answered().constancia().operated.total == 2


def test_stories_strike_one_person_each(stand_in: StandIn) -> None:
    usual, late, never = people(stand_in, 1), people(stand_in, 1, "contestado_tarde"), people(stand_in, 1, "sin_respuesta")
    lote = taken(stand_in, altas(stand_in, [*usual, *late, *never])).answered()
    assert [row.nss for row in lote.constancia(1).results] == [usual[0].nss]
    assert [row.nss for row in lote.constancia(2).results] == [late[0].nss]
    assert lote.state["sin_respuesta"] == 1


def test_an_answer_may_be_issued_twice_under_two_folios(stand_in: StandIn) -> None:
    lote = under(stand_in, 3, idse_repetida=True).answered()
    first, again = lote.constancia(1), lote.constancia(3)
    assert first.heading.folio != again.heading.folio
    assert first.results == again.results
    assert lote.document("constancia-1") != lote.document("constancia-3")


def test_a_constancia_may_have_movements_of_another_registro_patronal(stand_in: StandIn) -> None:
    invented = under(stand_in, 2, idse_otro_registro=OTHER).answered().constancia()
    assert [row.registro_patronal for row in invented.results] == [REGISTRO, REGISTRO, OTHER]
    theirs = people(stand_in, 2)
    taken(stand_in, altas(stand_in, theirs, OTHER)).answered()
    lote = under(stand_in, 2, idse_otro_registro=OTHER).answered()
    found = lote.constancia()
    assert [row.nss for row in found.results if row.registro_patronal == OTHER] == [one.nss for one in theirs]
    must_be_ours(found.heading, found.results, Ours([REGISTRO, OTHER]))
    with pytest.raises(DocumentRefused, match=f"registro patronal {OTHER}, que no es de la oficina"):
        must_be_ours(found.heading, found.results, Ours([REGISTRO]))
    assert {row.registro_patronal for row in lote.detail().results} == {REGISTRO}


def test_a_constancia_may_not_add_up_and_the_office_refuses_it(stand_in: StandIn) -> None:
    lote = under(stand_in, 3, idse_no_cuadra=True).answered()
    with pytest.raises(DocumentRefused, match="No cuadra: dice 4 reingresos recibidos, y 3 operados más 0 rechazados"):
        lote.constancia()
    assert {row.verdict for row in lote.detail().results} == {Verdict.OPERADO}


def test_a_certificate_that_has_expired_lets_nothing_in(stand_in: StandIn) -> None:
    body = written(stand_in, altas(stand_in, people(stand_in, 1)))
    stand_in.mood(idse_certificado_vencido=True)
    assert upload(stand_in, body)[1]["codigo"] == "CERTIFICADO_VENCIDO"
    stand_in.mood()
    assert upload(stand_in, body)[0] == 200


def test_a_later_mood_changes_no_document(stand_in: StandIn) -> None:
    lote = under(stand_in, 2).answered()
    before = lote.document("constancia-1")
    stand_in.mood(idse_no_cuadra=True, idse_otro_registro=OTHER, idse_rechazos=1)
    after = lote.document("constancia-1")
    stand_in.mood()
    assert before == after


def test_a_setting_out_of_place_is_refused_and_the_scenario_names_a_mood(stand_in: StandIn) -> None:
    assert stand_in.ask("PUT", "/control/animo", {"idse_rechazos": 1.5})[0] == 422
    assert stand_in.ask("PUT", "/control/animo", {"idse_familia": "F-OTRA"})[0] == 422
    assert stand_in.ask("PUT", "/control/animo", {"nombre": "idse_con_rechazos"})[1]["idse_rechazos"] == 0.1
    stand_in.mood()
