"""The OpenAPI 3.1 document, put together from the operations themselves: their fields are the same that read the requests."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from imss_mock.protocol.answers import Codigo, refuse
from imss_mock.protocol.shapes import Field, Schema, object_schema
from imss_mock.server.schema_parts import PERSON
from imss_mock.server.schemas import SCHEMAS
from imss_mock.state.stand_in import Operation, Source


@dataclass(frozen=True)
class Described:
    """What the document adds to an operation: a line, the schema of its 200, the codes of its own refusals."""

    summary: str
    answer: str
    codes: tuple[Codigo, ...] = ()


_C = Codigo
DESCRIBED = {
    "solicitarNss": Described(
        "Asignación o localización de NSS; la misma CURP recibe siempre el mismo NSS",
        "Nss",
        (_C.EN_PROCESO, _C.CURP_INVALIDA, _C.CORREO_INVALIDO, _C.CORREO_DE_OTRA_CURP, _C.ACUDIR_SUBDELEGACION),
    ),
    "consultarVigencia": Described("Vigencia de derechos al día de hoy", "Vigencia", (_C.CURP_INVALIDA, _C.NSS_INVALIDO, _C.SIN_REGISTRO)),
    "presentarDocumentos": Described(
        "Ventanilla de la subdelegación: presentar documentos y, el día que se resuelve, recoger el NSS",
        "Nss",
        (_C.EN_PROCESO, _C.CURP_INVALIDA, _C.FALTAN_DOCUMENTOS, _C.SIN_CASO_EN_SUBDELEGACION),
    ),
    "consultarCodigoPostal": Described(
        "Estado, municipio y colonias de un código postal, y las clínicas que lo atienden", "CodigoPostal", (_C.CODIGO_POSTAL_DESCONOCIDO,)
    ),
    "registrarClinica": Described(
        "Alta en clínica o cambio de clínica",
        "Clinica",
        (
            _C.CURP_INVALIDA,
            _C.NSS_INVALIDO,
            _C.SIN_REGISTRO,
            _C.SIN_VIGENCIA,
            _C.SIN_CLINICA,
            _C.CLINICA_YA_REGISTRADA,
            _C.CODIGO_POSTAL_DESCONOCIDO,
            _C.COLONIA_DESCONOCIDA,
            _C.UMF_FUERA_DE_ZONA,
        ),
    ),
    "emitirDocumento": Described(
        "Un documento en PDF: hoja y tarjeta de NSS, constancia de vigencia, acuse de clínica, carnet",
        "Documento",
        (_C.CURP_INVALIDA, _C.NSS_INVALIDO, _C.SIN_REGISTRO, _C.SIN_CLINICA),
    ),
    "enviarMovimiento": Described(
        "Alta o baja; la misma clave con los mismos datos recibe otra vez la misma respuesta",
        "Recibo",
        (
            _C.CURP_INVALIDA,
            _C.NSS_INVALIDO,
            _C.REGISTRO_PATRONAL_INVALIDO,
            _C.FECHA_INVALIDA,
            _C.CAUSA_BAJA_INVALIDA,
            _C.CLAVE_CON_DATOS_PERSONALES,
            _C.CLAVE_REUTILIZADA,
        ),
    ),
    "consultarMovimiento": Described("Qué fue de un movimiento", "Movimiento", (_C.MOVIMIENTO_DESCONOCIDO,)),
    "enviarLote": Described(
        "IDSE: un lote de movimientos; se rechaza entero, o se recibe y dice qué renglones rechazó de entrada",
        "Lote",
        (
            _C.ARCHIVO_INVALIDO,
            _C.LONGITUD_INVALIDA,
            _C.TIPOS_MEZCLADOS,
            _C.REGISTRO_PATRONAL_INVALIDO,
            _C.REGISTRO_DISTINTO,
            _C.REGISTRO_NO_VIGENTE,
            _C.CIFRAS_INVALIDAS,
            _C.FIRMA_INVALIDA,
            _C.CERTIFICADO_VENCIDO,
            _C.SIN_MOVIMIENTOS_RECIBIDOS,
        ),
    ),
    "consultarLote": Described("IDSE: cómo va un lote y qué documentos tiene", "EstadoDeLote", (_C.LOTE_DESCONOCIDO,)),
    "obtenerDocumentoDeLote": Described(
        "IDSE: el acuse, o la constancia (PDF) o el detalle (CSV) de una respuesta", "DocumentoDeLote", (_C.EN_PROCESO, _C.LOTE_DESCONOCIDO)
    ),
    "consultarAsegurados": Described(
        "IDSE: quiénes están vigentes hoy con un registro patronal, por páginas",
        "Asegurados",
        (_C.REGISTRO_PATRONAL_INVALIDO, _C.FIRMA_INVALIDA, _C.CERTIFICADO_VENCIDO),
    ),
    "contestarLotes": Described("Contestar enseguida los lotes que esperan", "LotesContestados"),
    "consultarReloj": Described("Fecha simulada", "Reloj"),
    "moverReloj": Described("Adelantar la fecha simulada", "Reloj", (_C.FECHA_INVALIDA, _C.RELOJ_SOLO_AVANZA)),
    "consultarAnimo": Described("Cómo se porta el servicio", "Animo"),
    "cambiarAnimo": Described("Cambiar cómo se porta; lo que no se dice vuelve a la normalidad", "Animo"),
    "consultarCuentas": Described("Cuánto se preguntó y qué tan rápido, desde el último reinicio", "Cuentas"),
    "reiniciarCuentas": Described("Lo mismo, y volver a contar desde cero", "Cuentas"),
    "registrarPersonas": Described("Dar a conocer personas", "Personas", (_C.CURP_INVALIDA,)),
    "corregirPersona": Described(
        "Lo que el instituto corrige de una persona: su CURP, su NSS, o que dos números eran suyos",
        "Corregida",
        (_C.CURP_INVALIDA, _C.NSS_INVALIDO, _C.SIN_REGISTRO),
    ),
    "leerRegistro": Described("Los movimientos recibidos y cómo está hoy cada uno", "Registro"),
    "leerBitacora": Described("Todo lo que se preguntó y se respondió", "Bitacora"),
}
BODY_CODES = (_C.JSON_INVALIDO, _C.SOLICITUD_DEMASIADO_GRANDE, _C.TIPO_DE_CONTENIDO_INVALIDO, _C.SOLICITUD_INVALIDA)
MOOD_CODES = (_C.DEMASIADAS_SOLICITUDES, _C.SERVICIO_NO_DISPONIBLE)


def document(api: Sequence[Operation], control: Sequence[Operation]) -> Schema:
    """The whole document as a JSON-ready dict."""
    paths: dict[str, Schema] = {"/health": {"get": _health()}}
    for tag, operations in (("IMSS", api), ("Control", control)):
        for operation in operations:
            paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation, tag)
    return {
        "openapi": "3.1.0",
        "info": {"title": "IMSS de práctica", "version": "1.0.0", "description": _ABOUT},
        "servers": [{"url": "/"}],
        "tags": [
            {"name": "IMSS", "description": "Lo que se le pregunta al instituto"},
            {"name": "Control", "description": "Solo para pruebas y demostraciones"},
        ],
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


_ABOUT = "Doble del IMSS para ensayar: nadie en él es real y sus códigos de rechazo son ficticios. No es un servicio del IMSS."


def _health() -> Schema:
    responses = {"200": _content("Salud", "En línea"), **_refusals(MOOD_CODES)}
    return {"operationId": "salud", "summary": "Si está en línea, y su fecha simulada", "tags": ["IMSS"], "responses": responses}


def _operation(operation: Operation, tag: str) -> Schema:
    described = DESCRIBED[operation.id]
    has_body = operation.source in (Source.BODY, Source.BODY_LIST)
    codes = (*described.codes, *_reading_codes(operation), *(MOOD_CODES if tag == "IMSS" else MOOD_CODES[1:]))
    responses = {"200": _content(described.answer, "Respuesta"), **_refusals(codes)}
    entry: Schema = {"operationId": operation.id, "summary": described.summary, "tags": [tag], "responses": responses}
    if has_body:
        return entry | {"requestBody": _request_body(operation)}
    return entry | {"parameters": [_parameter(operation, field) for field in operation.fields]}


def _reading_codes(operation: Operation) -> tuple[Codigo, ...]:
    if operation.source is Source.QUERY:
        return (_C.SOLICITUD_INVALIDA,)
    return () if operation.source is Source.PATH else BODY_CODES


def _request_body(operation: Operation) -> Schema:
    schema = object_schema(operation.fields)
    example: object = {field.name: _example(field) for field in operation.fields}
    if operation.source is Source.BODY_LIST:
        schema, example = {"type": "array", "items": schema}, [example]
    return {"required": True, "content": {"application/json": {"schema": schema, "examples": {"sintetico": {"value": example}}}}}


def _example(field: Field) -> object:
    return getattr(field, "example", field.default)


def _parameter(operation: Operation, field: Field) -> Schema:
    place = "path" if operation.source is Source.PATH else "query"
    return {"name": field.name, "in": place, "required": field.required, "schema": field.schema()}


def _refusals(codes: Iterable[Codigo]) -> dict[str, Schema]:
    """One response a status, with an example for each code it can carry."""
    by_status: dict[str, Schema] = {}
    for code in codes:
        response = by_status.setdefault(str(code.status), _content("Error", "Rechazo", {}))
        response["content"]["application/json"]["examples"][code.name] = {"value": _refusal_example(code)}
        if code is _C.DEMASIADAS_SOLICITUDES:
            response["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Segundos"}}
    return dict(sorted(by_status.items()))


def _refusal_example(code: Codigo) -> object:
    extra: Schema = {}
    if code in (_C.ACUDIR_SUBDELEGACION, _C.SIN_REGISTRO, _C.EN_PROCESO, _C.CORREO_DE_OTRA_CURP):
        extra = {"curp": PERSON["curp"]}
    if code is _C.FALTAN_DOCUMENTOS:
        extra["documentos"] = ["CURP"]
    if code is _C.ACUDIR_SUBDELEGACION:
        extra |= {"motivo": "Se encontraron datos inconsistentes en el registro.", "documentos": ["Acta de nacimiento", "CURP"]}
    return refuse(code, **extra).body


def _content(schema: str, description: str, examples: Schema | None = None) -> Schema:
    shown = {"ejemplo": {"value": SCHEMAS[schema]["examples"][0]}} if examples is None else examples
    media = {"schema": {"$ref": f"#/components/schemas/{schema}"}, "examples": shown}
    return {"description": description, "content": {"application/json": media}}
