"""The printed sheets: what they say, in the order in which IMSS' own draw it; and the desk and the clinics behind them, over HTTP."""

import base64
import io
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imss_mock.procedures.pdf import card_payload
from imss_mock.state.scenario import load
from paper_reader.document import read
from paper_reader.reading import Field
from tests.imss_mock.harness import StandIn, alta, new_curp, new_nss

HOME = {
    "codigo_postal": "40200",
    "colonia": "Taxco de Alarcón Centro",
    "calle": "Avenida Ñ",
    "numero_exterior": "330",
    "numero_interior": None,
}
PAPERS = list(load().documentos_obligatorios)
ORDER = {
    "nss": [
        "Homoclave del trámite",
        "Folio",
        "Homoclave del formato",
        "Fecha de solicitud del trámite",
        "hace constar que se asignó el siguiente:",
        "Número de Seguridad Social:",
        "CURP:",
        "Nombre(s):",
        "Primer apellido:",
        "Segundo apellido:",
        "Sexo:",
        "Fecha de nacimiento:",
        "Lugar de nacimiento:",
        "Hoja 1 de 3",
        "Aviso de privacidad",
        "Aviso importante",
        "Hoja 2 de 3",
        "Cadena original:",
        "Sello Digital:",
        "Secuencia Notarial:",
        "Número de Serie:",
        "Imprime y recorta",
        "tu Número de Seguridad Social es:",
        "Asociado a la CURP:",
        "Contacto",
        "Hoja 3 de 3",
    ],
    "vigencia": [
        "Homoclave del trámite",
        "Homoclave del formato",
        "Datos Generales",
        "NSS:",
        "CURP:",
        "Nombre(s), primer apellido y segundo apellido:",
        "Sexo:",
        "Fecha de nacimiento:",
        "Lugar de nacimiento:",
        "Datos de Aseguramiento",
        "Con derecho al servicio médico:",
        "Vigente:",
        "Delegación:",
        "UMF:",
        "Turno:",
        "Consultorio:",
        "Agregado Médico:",
        "Datos del último patrón",
        "Registro Patronal",
        "Nombre o razón social",
        "Detalle de vigencia",
        "Estado",
        "Inicio de Vigencia",
        "Fecha de Constancia",
        "Beneficiarios",
    ],
    "tarjeta": ["Folio:", "NSS:", "Nombre:", "CURP:", "Fecha de emisión:"],
    "acuse_clinica": [
        "Fecha:",
        "CURP:",
        "NOMBRE:",
        "FECHA DE NACIMIENTO:",
        "NSS:",
        "SEXO:",
        "DELEGACIÓN DE ADSCRIPCIÓN:",
        "UMF DE ADSCRIPCIÓN:",
        "CONSULTORIO:",
        "TURNO:",
        "DOMICILIO ACTUALIZADO",
        "CALLE:",
        "COLONIA:",
        "CÓDIGO POSTAL:",
        "MEDIOS DE CONTACTO",
        "Cadena original:",
        "Número de Serie:",
    ],
    "carnet": ["No. SEG. SOCIAL:", "AGREGADO MÉDICO:", "NOMBRE:", "UNIDAD MÉDICA:", "CONSULTORIO No.:", "DATOS GENERALES", "EDAD:"],
    "sav_002": ["Datos del asegurado", "NSS:", "CURP:", "Nombre:", "UMF:", "Modalidad:", "Datos del beneficiario", "(SAV-002)"],
    "semanas_cotizadas": ["Estimado(a),", "NSS:", "CURP:", "Total de semanas cotizadas", "Tu historia laboral", "Fecha de alta"],
    "no_derechohabiencia": ["Folio:", "CURP:", "Nombre:", "Fecha de emisión:", "Constancia de No Derechohabiencia"],
    "curp": ["Clave:", "Nombre:", "Entidad de registro:", "Clave Única de Registro de Población"],
}
IN_BOXES = [
    "Folio", "Fecha de Constancia", "Datos Generales", "NSS", "CURP", "Sexo", "Nombre(s), primer apellido y segundo apellido",
    "Datos de Aseguramiento", "Con derecho al servicio médico", "Vigente hasta", "UMF", "Agregado Médico", "Registro Patronal", "Estado",
    "Beneficiarios", "Cadena original:",
]  # fmt: skip
TITLES = {
    "nss": "Asignación de Número de Seguridad Social", "tarjeta": "Tarjeta de Número de Seguridad Social",
    "vigencia": "Constancia de Vigencia de Derechos", "acuse_clinica": "REGISTRO ASEGURADO", "carnet": "Carnet de citas médicas",
}  # fmt: skip


@pytest.fixture(scope="module")
def worker(stand_in: StandIn) -> dict[str, str]:
    """A person insured through a job, at a clinic."""
    who = {"curp": new_curp(), "nss": new_nss()}
    stand_in.tell(**who, nombre="ITZEL", primer_apellido="ÑÚÑEZ", segundo_apellido="UC", persona="cubierto_por_trabajo")
    assert stand_in.ask("POST", "/api/v1/clinica", HOME | who | {"tramite": "alta"})[0] == 200
    return who


def issue(stand_in: StandIn, tipo: str, who: dict[str, str]) -> dict[str, Any]:
    status, answer = stand_in.ask("POST", "/api/v1/documentos", who | {"tipo": tipo})
    assert status == 200, answer
    body = base64.b64decode(answer["pdf"])
    with pypdfium2.PdfDocument(io.BytesIO(body)) as pdf:
        answer["text"] = " ".join(" ".join(page.get_textpage().get_text_range() for page in pdf).split())
    answer["said"] = {value.field: value.text for value in reversed(read(body).values)}
    return dict(answer)


@pytest.mark.parametrize("tipo", ORDER)
def test_labels_come_in_the_order_of_the_real_ones(stand_in: StandIn, worker: dict[str, str], tipo: str) -> None:
    paper = issue(stand_in, tipo, worker)
    places, start = [], 0
    for label in IN_BOXES if "Vigente hasta" in paper["text"] else ORDER[tipo]:
        start = paper["text"].find(label, start)
        places.append((label, start >= 0))
    assert [label for label, found in places if not found] == []
    assert "SIN VALIDEZ OFICIAL" in paper["text"]
    assert worker["curp"] in paper["text"]
    assert paper["text"].find(worker["curp"]) < paper["text"].find(ORDER[tipo][0]), "values are drawn before labels"
    assert paper["text"].rfind(TITLES.get(tipo, ORDER[tipo][-1])) > paper["text"].find(ORDER[tipo][0]), "the title is drawn last"


def test_the_folio_says_the_date_of_the_sheet(stand_in: StandIn, worker: dict[str, str]) -> None:
    paper = issue(stand_in, "vigencia", worker)
    issued = datetime.fromtimestamp(int(paper["folio"][:13]) / 1000, ZoneInfo("America/Mexico_City"))
    assert (len(paper["folio"]), paper["fecha"]) == (22, issued.date().isoformat())
    assert f"{issued:%d/%m/%Y}" in paper["text"]


def test_the_constancia_says_what_the_vigencia_says(stand_in: StandIn, worker: dict[str, str]) -> None:
    told, said = stand_in.vigencia(worker["curp"], worker["nss"])[1], issue(stand_in, "vigencia", worker)["said"]
    assert said == said | {
        Field.RIGHT: told["con_derecho"], Field.UMF: told["umf"], Field.TURNO: told["turno"], Field.CONSULTORIO: told["consultorio"],
        Field.AGREGADO_MEDICO: told["agregado_medico"], Field.DELEGACION: "GUERRERO", Field.REGISTRO_PATRONAL: told["registro_patronal"],
        Field.EMPLOYER: told["razon_social"], Field.FULL_NAME: "ITZEL ÑÚÑEZ UC",
    }  # fmt: skip


def test_somebody_not_insured_has_a_constancia_that_says_no(stand_in: StandIn) -> None:
    who = {"curp": new_curp(), "nss": new_nss()}
    paper = issue(stand_in, "vigencia", who)
    assert paper["said"][Field.RIGHT] == "NO"
    assert not paper["said"].keys() & {Field.VIGENCIA_UNTIL, Field.DELEGACION, Field.UMF, Field.REGISTRO_PATRONAL, Field.EMPLOYER}
    assert "NO VIGENTE" in paper["text"]


@given(
    nss=st.from_regex("[0-9]{11}", fullmatch=True),
    nombre_completo=st.text(st.characters(whitelist_categories=["Lu", "Zs"], blacklist_characters="|"), min_size=1, max_size=60),
    curp=st.from_regex("[A-Z]{4}[0-9]{6}[HM][A-Z]{5}[0-9A-Z][0-9]", fullmatch=True),
)
def test_the_qr_of_the_card_is_read_by_its_places(**facts: str) -> None:
    parts = card_payload(facts | {"folio": "1785772800000000000042"}).split("|")
    assert parts[2:5] == [f"NSS: {facts['nss']}", f"Nombre: {facts['nombre_completo']}", f"CURP: {facts['curp']}"]


def test_only_the_insured_choose_a_clinic_once_and_then_change_it(stand_in: StandIn) -> None:
    who = {"curp": new_curp(), "nss": new_nss()}

    def ask(**changes: str) -> tuple[int, str]:
        status, answer = stand_in.ask("POST", "/api/v1/clinica", HOME | who | {"tramite": "alta"} | changes)
        return status, answer.get("codigo") or answer["umf"]

    assert ask() == (422, "SIN_VIGENCIA")
    stand_in.move(alta(**who, day=stand_in.today().isoformat()))
    stand_in.days_later(90)
    assert ask(tramite="cambio") == (422, "SIN_CLINICA")
    assert ask(codigo_postal="00000") == (404, "CODIGO_POSTAL_DESCONOCIDO")
    assert ask(colonia="Ninguna") == (422, "COLONIA_DESCONOCIDA")
    near = [clinic["umf"] for clinic in stand_in.get("/api/v1/codigos-postales/40200")["clinicas"]]
    assert ask(umf="999") == (422, "UMF_FUERA_DE_ZONA")
    assert ask(umf=near[1]) == (200, near[1])
    assert ask() == (409, "CLINICA_YA_REGISTRADA")
    assert ask(tramite="cambio") == (200, near[0])
    assert stand_in.vigencia(**who)[1]["umf"] == near[0]


def test_the_desk_wants_a_case_all_the_papers_and_some_days(stand_in: StandIn) -> None:
    curp = new_curp()
    stand_in.tell(curp=curp, persona="homonimo")

    def present(papers: list[str]) -> tuple[int, Any]:
        return stand_in.ask("POST", "/api/v1/subdelegacion", {"curp": curp, "documentos": papers})

    assert present(PAPERS)[1]["codigo"] == "SIN_CASO_EN_SUBDELEGACION"
    assert stand_in.nss(curp)[1]["codigo"] == "ACUDIR_SUBDELEGACION"
    status, answer = present(PAPERS[:-1])
    assert (status, answer["codigo"], answer["documentos"]) == (422, "FALTAN_DOCUMENTOS", PAPERS[-1:])
    status, answer = present(PAPERS)
    assert (status, answer["codigo"]) == (202, "EN_PROCESO")
    stand_in.days_later((datetime.fromisoformat(answer["resuelve_el"]).date() - stand_in.today()).days)
    status, answer = present(PAPERS)
    assert (status, answer["nss"]) == (200, stand_in.nss(curp)[1]["nss"])
