"""The document is right about the service: it is valid, it is complete, and every answer of every operation fits it."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from imss_mock.protocol.answers import Codigo
from imss_mock.state.scenario import load
from tests.imss_mock.harness import StandIn, alta, new_curp, new_nss

Document = dict[str, Any]
PAPERS = load().documentos_obligatorios
LOTES = "/api/v1/idse/lotes"
LINE = f"A011234532103230500013{'PRUEBA':27}{'FICTICIA':27}{'ENSAYO':27}000000      10003082026000  0800000A210204    PUFE050315HNERCNA49"
HOME = {"codigo_postal": "40200", "colonia": "Taxco de Alarcón Centro", "calle": "Calle Uno", "numero_exterior": "12"}
NOT_OF_AN_OPERATION = {Codigo.RUTA_DESCONOCIDA, Codigo.METODO_NO_PERMITIDO, Codigo.ERROR_INTERNO}


@pytest.fixture(scope="module")
def document(stand_in: StandIn) -> Document:
    loaded: Document = stand_in.get("/openapi.json")
    return loaded


def check(document: Document, method: str, path: str, answer: tuple[int, Any]) -> None:
    """The answer fits the schema of its status in the document."""
    status, body = answer
    content = document["paths"][path][method.lower()]["responses"][str(status)]["content"]["application/json"]
    validator(document, content["schema"]).validate(body)


def validator(document: Document, schema: Document) -> OAS31Validator:
    return OAS31Validator(schema | {"components": document["components"]})


def operations(document: Document) -> Iterator[Document]:
    for path in document["paths"].values():
        yield from path.values()


def test_the_document_is_valid(document: Document) -> None:
    OpenAPIV31SpecValidator(document).validate()


def test_every_example_fits_its_schema(document: Document) -> None:
    shown = 0
    for operation in operations(document):
        for part in [operation.get("requestBody", {"content": {}}), *operation["responses"].values()]:
            for media in part["content"].values():
                for example in media["examples"].values():
                    validator(document, media["schema"]).validate(example["value"])
                    shown += 1
    assert shown > len(document["paths"])


def test_every_code_is_documented_where_it_can_be_said(document: Document) -> None:
    shown = {
        name
        for operation in operations(document)
        for response in operation["responses"].values()
        for name in response["content"]["application/json"]["examples"]
    }
    assert shown - {"ejemplo"} == {code.name for code in set(Codigo) - NOT_OF_AN_OPERATION}


def test_every_operation_answers_as_documented(stand_in: StandIn, document: Document) -> None:
    curp, nss, desk, worker, worker_nss = new_curp(), new_nss(), new_curp(), new_curp(), new_nss()
    stand_in.tell(curp=worker, nss=worker_nss, persona="cubierto_por_trabajo")
    stand_in.tell(curp=desk, persona="subdelegacion")
    movement = alta(curp, nss, stand_in.today().isoformat())
    sent = f"/api/v1/movimientos/{movement['clave_idempotencia']}"
    known = "/api/v1/movimientos/{clave_idempotencia}"
    lote = {"archivo": b64encode(LINE.encode()).decode(), "firma": "practica"}
    reception = stand_in.ask("POST", LOTES, lote)
    check(document, "POST", LOTES, reception)
    receipt, own = f"{LOTES}/{reception[1]['recibo']}", LOTES + "/{recibo}"
    file, insured = own + "/{documento}", "/api/v1/idse/asegurados"
    calls: list[tuple[str, str, str, object]] = [
        ("GET", "/health", "/health", None),
        ("POST", "/api/v1/nss", "/api/v1/nss", {"curp": curp}),
        ("POST", "/api/v1/nss", "/api/v1/nss", {"curp": desk, "correo": "una@example.mx"}),
        ("POST", "/api/v1/nss", "/api/v1/nss", {"curp": curp, "correo": "una@example.mx"}),
        ("POST", "/api/v1/nss", "/api/v1/nss", {"curp": "x"}),
        ("POST", "/api/v1/nss", "/api/v1/nss", {"curp": 7}),
        ("POST", "/api/v1/nss", "/api/v1/nss", b"{"),
        ("POST", "/api/v1/nss", "/api/v1/nss", b" " * 70_000),
        ("POST", "/api/v1/vigencia", "/api/v1/vigencia", {"curp": new_curp(), "nss": new_nss()}),
        ("POST", "/api/v1/vigencia", "/api/v1/vigencia", {"curp": new_curp(), "nss": "1"}),
        ("POST", "/api/v1/subdelegacion", "/api/v1/subdelegacion", {"curp": desk, "documentos": list(PAPERS)}),
        ("POST", "/api/v1/subdelegacion", "/api/v1/subdelegacion", {"curp": desk, "documentos": ["CURP"]}),
        ("POST", "/api/v1/subdelegacion", "/api/v1/subdelegacion", {"curp": curp, "documentos": []}),
        ("GET", "/api/v1/codigos-postales/{codigo_postal}", "/api/v1/codigos-postales/40200", None),
        ("GET", "/api/v1/codigos-postales/{codigo_postal}", "/api/v1/codigos-postales/00000", None),
        ("POST", "/api/v1/clinica", "/api/v1/clinica", HOME | {"tramite": "alta", "curp": worker, "nss": worker_nss}),
        ("POST", "/api/v1/clinica", "/api/v1/clinica", HOME | {"tramite": "alta", "curp": worker, "nss": worker_nss}),
        ("POST", "/api/v1/clinica", "/api/v1/clinica", HOME | {"tramite": "cambio", "curp": worker, "nss": worker_nss, "umf": "999"}),
        ("POST", "/api/v1/documentos", "/api/v1/documentos", {"tipo": "carnet", "curp": worker, "nss": worker_nss}),
        ("POST", "/api/v1/documentos", "/api/v1/documentos", {"tipo": "carnet", "curp": curp, "nss": nss}),
        ("POST", "/api/v1/movimientos", "/api/v1/movimientos", movement),
        ("POST", "/api/v1/movimientos", "/api/v1/movimientos", movement),
        ("POST", "/api/v1/movimientos", "/api/v1/movimientos", movement | {"umf": "001"}),
        ("GET", known, sent, None),
        ("GET", known, "/api/v1/movimientos/nunca-enviada", None),
        ("POST", LOTES, LOTES, lote | {"firma": "otra"}),
        ("POST", LOTES, LOTES, lote | {"archivo": b64encode(LINE[1:].encode()).decode()}),
        ("POST", LOTES, LOTES, lote | {"archivo": b64encode(LINE.replace("PRUEBA", "prueba").encode()).decode()}),
        ("GET", own, receipt, None),
        ("GET", own, f"{LOTES}/1", None),
        ("GET", file, f"{receipt}/acuse", None),
        ("GET", file, f"{receipt}/constancia-1", None),
        ("GET", file, f"{receipt}/constancia-9", None),
        ("POST", insured, insured, {"registro_patronal": "A0112345321", "firma": "practica"}),
        ("POST", insured, insured, {"registro_patronal": "A0112345321", "firma": ""}),
        ("POST", "/control/idse/respuestas", "/control/idse/respuestas", {}),
        ("GET", "/control/reloj", "/control/reloj", None),
        ("PUT", "/control/reloj", "/control/reloj", {"fecha": stand_in.today().isoformat()}),
        ("PUT", "/control/reloj", "/control/reloj", {"fecha": "2002-01-01"}),
        ("GET", "/control/animo", "/control/animo", None),
        ("PUT", "/control/animo", "/control/animo", {"falla_503": 0.0}),
        ("GET", "/control/cuentas", "/control/cuentas", None),
        ("DELETE", "/control/cuentas", "/control/cuentas", None),
        ("POST", "/control/personas", "/control/personas", [{"curp": new_curp()}, {"curp": "x" * 18}]),
        ("POST", "/control/personas", "/control/personas", {}),
        ("PUT", "/control/personas", "/control/personas", {"curp": curp}),
        ("PUT", "/control/personas", "/control/personas", {"curp": new_curp()}),
        ("GET", "/control/registro", "/control/registro?limite=5000", None),
        ("GET", "/control/bitacora", "/control/bitacora?limite=5000", None),
        ("GET", "/control/bitacora", "/control/bitacora?limite=0", None),
    ]
    for method, path, address, body in calls:
        check(document, method, path, stand_in.ask(method, address, body))
    stand_in.days_later(90)
    check(
        document, "POST", "/api/v1/subdelegacion", stand_in.ask("POST", "/api/v1/subdelegacion", {"curp": desk, "documentos": list(PAPERS)})
    )
    check(document, "GET", known, stand_in.ask("GET", sent))
    check(document, "POST", "/api/v1/vigencia", stand_in.vigencia(curp, stand_in.nss(curp)[1]["nss"]))
    check(document, "GET", file, stand_in.ask("GET", f"{receipt}/respuesta-1"))
    check(document, "POST", insured, stand_in.ask("POST", insured, {"registro_patronal": "A0112345321", "firma": "practica"}))
    called = {(method.lower(), path) for method, path, _, _ in calls}
    assert called == {(method, path) for path, methods in document["paths"].items() for method in methods}


def test_moods_answer_as_documented(stand_in: StandIn, document: Document) -> None:
    stand_in.mood(caido=True)
    check(document, "POST", "/api/v1/nss", stand_in.nss(new_curp()))
    stand_in.mood(tope_por_segundo=1)
    answers = [stand_in.nss(new_curp()) for _ in range(3)]
    stand_in.mood()
    assert 429 in [status for status, _ in answers]
    for answer in answers:
        check(document, "POST", "/api/v1/nss", answer)
