"""A lote from its upload to the vigencia, over HTTP; its papers are read by the office's own readers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from afiliacion.lotes.answers.checks import Ours, must_be_ours
from afiliacion.lotes.answers.values import Verdict
from afiliacion.lotes.profile import Profile
from tests.imss_mock.harness import StandIn, new_curp, new_nss
from tests.imss_mock.harness import alta as sent_alone
from tests.imss_mock.idse.made import (
    INTERMEDIARIO,
    LOTES,
    OTHER,
    PORTAL,
    REGISTRO,
    Lote,
    alta,
    altas,
    baja,
    people,
    taken,
    upload,
    written,
)  # fmt: skip

ACCENTED = replace(PORTAL, trailer=True, alphabet=type(PORTAL.alphabet)("cp1252"), keeps_accents=True)


@pytest.mark.parametrize("profile", [PORTAL, INTERMEDIARIO, ACCENTED], ids=["portal", "intermediario", "con_acentos"])
def test_every_profile_of_the_office_is_taken_and_operated(stand_in: StandIn, profile: Profile) -> None:
    everybody = people(stand_in, 60)
    lote = taken(stand_in, altas(stand_in, everybody), profile)
    acuse = lote.acuse()
    assert (acuse.heading.lote, acuse.heading.folio, acuse.refused) == (lote.reception["id_lote"], lote.reception["recibo"], ())
    found = lote.answered().constancia()
    assert (found.operated.total, found.rejected.total) == (60, 0)
    assert {row.nss for row in found.results} == {one.nss for one in everybody}
    must_be_ours(found.heading, found.results, Ours([REGISTRO], "IEP850101AB1"))


def test_an_answer_says_of_each_movement_the_same_in_the_constancia_and_in_the_detail(stand_in: StandIn) -> None:
    good, wrong = people(stand_in, 3), people(stand_in, 2, "otro_nombre")
    lote = taken(stand_in, altas(stand_in, [*good, *wrong])).answered()
    printed, rows = lote.constancia(), lote.detail()
    assert rows.restored == ()
    by_nss = {row.nss: row for row in rows.results}
    assert len(printed.results) == len(by_nss) == 5
    for row in printed.results:
        same = by_nss[row.nss]
        assert (row.type, row.fecha, row.verdict, row.registro_patronal) == (same.type, same.fecha, same.verdict, same.registro_patronal)
        assert row.codigo == same.codigo.removeprefix("0")
        assert (row.mensaje, row.nombre) == (same.mensaje, same.nombre)
    for one in wrong:
        row = by_nss[one.nss]
        assert (row.verdict, row.clave, row.curp) == (Verdict.RECHAZADO, f"M{one.nss[-7:]}", one.curp)
        assert row.nombre_sindo not in ("", row.nombre)


def test_what_the_register_calls_somebody_goes_through_when_it_is_sent_again(stand_in: StandIn) -> None:
    (one,) = people(stand_in, 1, "otro_nombre")
    first = taken(stand_in, altas(stand_in, [one])).answered().detail().results[0]
    assert first.verdict is Verdict.RECHAZADO
    assert taken(stand_in, altas(stand_in, [one])).answered().detail().results[0].verdict is Verdict.RECHAZADO
    surname = first.nombre_sindo.removesuffix(f" {one.segundo_apellido} {one.nombre}".upper())
    again = alta(one, stand_in.today())._replace(primer_apellido=surname)
    assert taken(stand_in, [again]).answered().detail().results[0].verdict is Verdict.OPERADO


def test_the_answer_comes_when_its_hours_are_over(stand_in: StandIn) -> None:
    stand_in.mood(idse_horas=30)
    lote = taken(stand_in, altas(stand_in, people(stand_in, 2)))
    stand_in.mood()
    where = f"{LOTES}/{lote.reception['recibo']}"
    assert (lote.state["estado"], lote.state["sin_respuesta"], lote.state["documentos"]) == ("ENVIADO", 2, ["acuse"])
    status, answer = stand_in.ask("GET", f"{where}/constancia-1")
    assert (status, answer["codigo"]) == (202, "EN_PROCESO")
    assert stand_in.ask("GET", f"{where}/constancia-2")[0] == 404
    stand_in.days_later(2)
    assert (lote.state["estado"], lote.state["operados"]) == ("PROCESADO", 2)
    assert lote.state["documentos"] == ["acuse", "constancia-1", "respuesta-1"]
    assert lote.document("constancia-1") == lote.document("constancia-1")


def test_vigencia_follows_what_was_operated_and_nothing_else(stand_in: StandIn) -> None:
    good, wrong = people(stand_in, 2), people(stand_in, 1, "rechazado")
    taken(stand_in, altas(stand_in, [*good, *wrong])).answered()
    stand_in.days_later(25)
    assert [stand_in.vigencia(one.curp, one.nss)[1]["con_derecho"] for one in (*good, *wrong)] == ["SI", "SI", "NO"]
    ended = good[0]
    lote = taken(stand_in, [baja(ended, stand_in.today())]).answered()
    assert (lote.constancia().operated.bajas, lote.constancia().results[0].causa) == (1, "6")
    answer = stand_in.vigencia(ended.curp, ended.nss)[1]
    assert (answer["con_derecho"], answer["estado"], answer["registro_patronal"]) == ("NO", "BAJA", REGISTRO)


def reasons(lote: Lote) -> list[str]:
    return [row.codigo for row in lote.answered().constancia().results]


DUPLICATE, NO_ALTA, DATE, OTHER_NSS = "904", "905", "906", "901"


def test_the_same_lote_twice_is_all_duplicates_and_so_is_what_was_sent_alone(stand_in: StandIn) -> None:
    both = people(stand_in, 2)
    first = taken(stand_in, altas(stand_in, both))
    second = taken(stand_in, altas(stand_in, both))
    assert reasons(second) == [DUPLICATE, DUPLICATE]
    assert reasons(first) == ["", ""]
    (alone,) = people(stand_in, 1)
    names = {name: getattr(alone, name) for name in ("nombre", "primer_apellido", "segundo_apellido")}
    assert stand_in.move(sent_alone(alone.curp, alone.nss, stand_in.today().isoformat(), **names))[0] == 200
    assert reasons(taken(stand_in, altas(stand_in, [alone]))) == [DUPLICATE]
    assert reasons(taken(stand_in, altas(stand_in, [alone], OTHER))) == [""]


def test_the_registers_rules_reject_a_movement(stand_in: StandIn) -> None:
    today = stand_in.today()
    known, stranger, old, tomorrow = people(stand_in, 4)
    theft = alta(known, today)._replace(curp=new_curp(), clave="OTRA")
    assert reasons(taken(stand_in, [theft])) == [OTHER_NSS]
    assert reasons(taken(stand_in, [baja(known, today)])) == [NO_ALTA]
    nowhere = baja(stranger, today)._replace(nss=new_nss())
    assert reasons(taken(stand_in, [nowhere])) == [OTHER_NSS]
    assert reasons(taken(stand_in, [alta(old, today - timedelta(days=181))])) == [DATE]
    assert reasons(taken(stand_in, [alta(tomorrow, today + timedelta(days=1))])) == [""]


def test_a_late_movement_is_operated_and_marked(stand_in: StandIn) -> None:
    late, due = people(stand_in, 2)
    lote = taken(stand_in, [alta(late, stand_in.today() - timedelta(days=20)), alta(due, stand_in.today())]).answered()
    assert [row.extemporaneo for row in lote.constancia().results] == [True, False]
    assert [row.extemporaneo for row in lote.detail().results] == [True, False]


def test_a_name_over_27_letters_is_the_registers_name_cut(stand_in: StandIn) -> None:
    (one,) = people(stand_in, 1)
    long = replace(one, nombre="María Guadalupe del Perpetuo Socorro")
    stand_in.tell(curp=one.curp, nombre=long.nombre, primer_apellido=one.primer_apellido, segundo_apellido="")
    lote = taken(stand_in, [alta(long, stand_in.today())._replace(segundo_apellido="")], INTERMEDIARIO).answered()
    assert lote.constancia().results[0].verdict is Verdict.OPERADO
    assert lote.detail().results[0].nombre_sindo.endswith("PERPETUO SOCORRO")


def test_names_wider_than_their_column_are_read_whole_over_many_pages(stand_in: StandIn) -> None:
    first, second, given = "Montes de Oca y Fernández", "Gutiérrez de la Concha", "María Guadalupe Esperanza"
    everybody = people(stand_in, 90)
    for place, one in enumerate(everybody[::2]):
        everybody[2 * place] = replace(one, primer_apellido=first, segundo_apellido=second, nombre=given)
        stand_in.tell(curp=one.curp, primer_apellido=first, segundo_apellido=second, nombre=given)
    movements = altas(stand_in, everybody)
    lote = taken(stand_in, movements).answered()
    names = {row.nss: row.nombre for row in lote.detail().results}
    assert {row.nss: row.nombre for row in lote.constancia().results} == names
    assert names[everybody[0].nss] == "MONTES DE OCA Y FERNANDEZ GUTIERREZ DE LA CONCHA MARIA GUADALUPE ESPERANZA"


def spoilt(body: bytes, line: int, at: int, text: str) -> bytes:
    """A lote with other signs at a position (both from 1) of a line."""
    start = (line - 1) * 170 + at - 1
    return body[:start] + text.encode() + body[start + len(text) :]


def test_records_are_refused_at_once_with_a_code_and_the_rest_is_taken(stand_in: StandIn) -> None:
    everybody = people(stand_in, 6)
    body = written(stand_in, altas(stand_in, everybody))
    wrong = str((int(everybody[1].nss[-1]) + 1) % 10)
    body = spoilt(spoilt(body, 2, 22, wrong), 3, 119, "31022026")
    body = spoilt(spoilt(body, 4, 23, "minusculas"), 5, 12, everybody[0].nss)
    status, answer = upload(stand_in, body)
    assert (status, answer["recibidos"]) == (200, 2)
    codes = [(row["renglon"], row["codigo_error_movimiento"]) for row in answer["rechazados"]]
    assert codes == [(2, "910"), (3, "906"), (4, "909"), (5, "912")]
    lote = Lote(stand_in, answer)
    assert "mensaje" not in answer["rechazados"][0]
    assert lote.answered().constancia().received.total == 2
    assert (lote.state["rechazados_de_entrada"], lote.state["operados"]) == (4, 2)


def test_the_acuse_lists_what_was_refused_at_once(stand_in: StandIn) -> None:
    one, other = people(stand_in, 1), people(stand_in, 1, "rechazado_de_entrada")
    acuse = taken(stand_in, altas(stand_in, [*one, *other])).acuse()
    assert [(row.nss, row.codigo, row.mensaje, row.registro_patronal) for row in acuse.refused] == [(other[0].nss, "901", "", REGISTRO)]


def test_a_record_of_any_signs_is_refused_and_printed(stand_in: StandIn) -> None:
    (one,) = people(stand_in, 1)
    good = written(stand_in, altas(stand_in, [one]))
    strange = bytes(range(1, 256)).translate(None, b"\n\x81\x8d\x8f\x90\x9d")
    wild = [good[:22] + strange[at : at + 81].ljust(81) + good[103:] for at in range(0, len(strange), 81)]
    status, answer = upload(stand_in, b"".join([*wild, good]), nombre_archivo="学校 🏫 lote.txt")
    assert (status, {row["codigo_error_movimiento"] for row in answer["rechazados"]}) == (200, {"909"})
    lote = Lote(stand_in, answer)
    assert lote.document("acuse").startswith(b"%PDF")
    assert lote.answered().constancia().operated.total == 1


def test_when_all_are_refused_at_once_there_is_no_lote_and_they_may_come_again(stand_in: StandIn) -> None:
    persons = people(stand_in, 2, "rechazado_de_entrada")
    status, answer = upload(stand_in, written(stand_in, altas(stand_in, persons)))
    assert (status, answer["codigo"], [row["renglon"] for row in answer["rechazados"]]) == (422, "SIN_MOVIMIENTOS_RECIBIDOS", [1, 2])
    assert reasons(taken(stand_in, altas(stand_in, persons))) == ["", ""]


@pytest.mark.parametrize(
    ("also", "code"),
    [
        ({"firma": "otra"}, "FIRMA_INVALIDA"),
        ({"archivo": "no es base64"}, "ARCHIVO_INVALIDO"),
        ({"archivo": "QQ="}, "ARCHIVO_INVALIDO"),
        ({"archivo": ""}, "ARCHIVO_INVALIDO"),
        ({"registro_patronal": OTHER}, "REGISTRO_DISTINTO"),
        ({"registro_patronal": "A0112345101"}, "REGISTRO_PATRONAL_INVALIDO"),
        ({"nombre_archivo": 7}, "SOLICITUD_INVALIDA"),
    ],
)
def test_a_lote_is_refused_whole_and_nothing_of_it_is_kept(stand_in: StandIn, also: dict[str, object], code: str) -> None:
    (one,) = people(stand_in, 1)
    body = written(stand_in, altas(stand_in, [one]))
    status, answer = upload(stand_in, body, **also)
    assert (status, answer["codigo"]) == (422, code)
    assert reasons(taken(stand_in, altas(stand_in, [one]))) == [""]


def test_another_modality_and_a_registro_that_has_ended_are_refused(tmp_path: Path) -> None:
    text = Path("imss_mock/scenarios/default.toml").read_text(encoding="utf-8")
    (tmp_path / "otro.toml").write_text(
        text.replace("registros_no_vigentes = []", f'registros_no_vigentes = ["{OTHER}"]'), encoding="utf-8"
    )
    stand_in = StandIn(tmp_path / "datos", "--scenario", str(tmp_path / "otro.toml"))
    (one,) = people(stand_in, 1)
    ended = upload(stand_in, written(stand_in, altas(stand_in, [one], OTHER)))[1]
    worker = upload(stand_in, spoilt(written(stand_in, altas(stand_in, [one])), 1, 9, "10"))[1]
    assert (ended["codigo"], worker["codigo"]) == ("REGISTRO_NO_VIGENTE", "REGISTRO_PATRONAL_INVALIDO")
    assert stand_in.stop() == (0, "")


def test_an_unknown_lote_is_not_found(stand_in: StandIn) -> None:
    for path in ("1" * 19, "x", f"{'1' * 19}/acuse", f"{'1' * 19}/otra"):
        status, answer = stand_in.ask("GET", f"{LOTES}/{path}")
        assert (status, answer["codigo"]) == (404, "LOTE_DESCONOCIDO")


def test_the_ledger_keeps_neither_the_file_nor_the_signature_nor_a_document(stand_in: StandIn) -> None:
    before = stand_in.ledger()[-1]["id"] if stand_in.ledger() else 0
    lote = taken(stand_in, altas(stand_in, people(stand_in, 1)))
    lote.document("acuse")
    sent, fetched = stand_in.ledger(before)
    assert sent["solicitud"] == {"nombre_archivo": "lote.txt"}
    assert sent["respuesta"] == lote.reception
    assert fetched["respuesta"] == {"nombre": f"acuse_{lote.reception['id_lote']}.pdf", "tipo": "application/pdf"}


def test_who_is_insured_under_a_registro_is_handed_out_page_by_page(stand_in: StandIn) -> None:
    registro = "C0112345328"
    everybody = people(stand_in, 5)
    taken(stand_in, altas(stand_in, everybody, registro)).answered()
    asked = {"registro_patronal": registro, "firma": "practica", "limite": 2}
    assert stand_in.ask("POST", "/api/v1/idse/asegurados", asked)[1]["asegurados"] == []
    stand_in.days_later(25)
    taken(stand_in, [baja(everybody[0], stand_in.today(), registro)]).answered()
    found: list[str] = []
    after: str | None = ""
    while after is not None:
        answer = stand_in.ask("POST", "/api/v1/idse/asegurados", {**asked, "desde": after})[1]
        found += [one["nss"] for one in answer["asegurados"]]
        after = answer["siguiente"]
    assert sorted(found) == sorted(one.nss for one in everybody[1:])
    assert stand_in.ask("POST", "/api/v1/idse/asegurados", asked | {"firma": "x"})[1]["codigo"] == "FIRMA_INVALIDA"


def test_a_lote_that_was_received_survives_a_kill(tmp_path: Path) -> None:
    stand_in = StandIn(tmp_path)
    lote = taken(stand_in, altas(stand_in, people(stand_in, 2)))
    acuse = lote.document("acuse")
    stand_in.kill()
    again = StandIn(tmp_path, day=None)
    lote = Lote(again, lote.reception)
    assert lote.document("acuse") == acuse
    assert lote.answered().constancia().operated.total == 2
    assert again.stop() == (0, "")
