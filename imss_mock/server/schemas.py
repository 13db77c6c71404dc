"""JSON Schemas of the answers, with invented examples."""

from dataclasses import asdict

from imss_mock.protocol.answers import Codigo
from imss_mock.protocol.shapes import Schema
from imss_mock.server.idse_schemas import IDSE_SCHEMAS, REFUSED_RECORD
from imss_mock.server.schema_parts import COUNT, DAY, ID, PERSON, closed, maybe, text
from imss_mock.state import moods

FOLIO = "^[0-9]{22}$"
EXAMPLE_FOLIO = "1785772800000000000042"
RECEIPT = {
    "clave_idempotencia": "alta-0f8c2a71",
    "id_lote": "100000001",
    "recibo": "1785772800000000000",
    "fecha_trans": "2026-08-03T10:00:00-06:00",
    "estado": "RECIBIDO",
}


_CODE = {"codigo": text(enum=[code.name for code in Codigo], description="Lista cerrada de códigos de este servicio")}
_ERROR = _CODE | {"mensaje": text(description="Frase para una persona")}
_ABOUT = {
    "campo": text(description="Dato que no se aceptó"),
    "curp": maybe(description="CURP de la solicitud; nula si no pudo leerse"),
    "motivo": text(description="Solo con ACUDIR_SUBDELEGACION"),
    "documentos": {"type": "array", "items": text(), "description": "Solo con ACUDIR_SUBDELEGACION y FALTAN_DOCUMENTOS: qué llevar"},
    "renglon": COUNT | {"description": "Solo si se rechaza un lote: el renglón"},
    "rechazados": {"type": "array", "items": REFUSED_RECORD, "description": "Solo con SIN_MOVIMIENTOS_RECIBIDOS"},
    "resuelve_el": text(pattern=DAY, description="Solo con EN_PROCESO en la ventanilla: cuándo se resuelve"),
}
_NAMES = {name: maybe() for name in ("nombre", "primer_apellido", "segundo_apellido")}
_NAMES_EXAMPLE = {"nombre": "ENSAYO", "primer_apellido": "PRUEBA", "segundo_apellido": "FICTICIA"}
_RECEIPT = {
    "clave_idempotencia": text(),
    "id_lote": text(pattern="^[0-9]{9,}$"),
    "recibo": text(pattern="^[0-9]{19}$"),
    "fecha_trans": text(format="date-time"),
}
_CLOCK = {"fecha": text(pattern=DAY)}

_VIGENCIA = {
    "folio": text(pattern=FOLIO),
    "fecha_constancia": text(pattern=DAY),
    "con_derecho": text(enum=["SI", "NO"]),
    **ID,
    "nombre": maybe(description="Nombre o nombres, primer y segundo apellido en una sola cadena"),
    "estado": text(enum=["VIGENTE", "BAJA", "NO VIGENTE"]),
    "registro_patronal": maybe(description="El último; nulo si nunca hubo"),
    "razon_social": maybe(),
    "inicio_vigencia": maybe(pattern=DAY),
    "vigente_hasta": maybe(pattern=DAY),
    "delegacion": maybe(),
    "umf": maybe(pattern="^[0-9]{3}$"),
    "turno": maybe(enum=["MATUTINO", "VESPERTINO", None]),
    "consultorio": maybe(),
    "agregado_medico": maybe(pattern="^1[FMX][0-9]{4}(ES|OR)$", description="ES estudiante, OR trabajador"),
}
_VIGENCIA_EXAMPLE = {
    "folio": EXAMPLE_FOLIO,
    "fecha_constancia": "2026-08-31",
    "con_derecho": "SI",
    **PERSON,
    "nombre": "ENSAYO PRUEBA FICTICIA",
    "estado": "VIGENTE",
    "registro_patronal": "A0112345321",
    "razon_social": "INSTITUCIÓN EDUCATIVA DE PRÁCTICA",
    "inicio_vigencia": "2026-08-03",
    "vigente_hasta": "2026-10-26",
    "delegacion": "14 JALISCO",
    "umf": "005",
    "turno": "MATUTINO",
    "consultorio": "4",
    "agregado_medico": "1M2005ES",
}
_FATE = {
    "estado": text(enum=["RECIBIDO", "OPERADO", "RECHAZADO"]),
    "tipo_movimiento": text(enum=["08", "02"]),
    "registro_patronal": text(),
    **ID,
    "fecha_movimiento": text(pattern=DAY),
    "umf": maybe(),
    "clave_trabajador": text(),
    "causa_baja": maybe(),
    "fecha_resolucion": maybe(pattern=DAY),
    "codigo_error_movimiento": maybe(description="Nulo mientras está RECIBIDO; 0 es aceptado; los demás son ficticios"),
    "mensaje_error_movimiento": maybe(),
    "nombre_sindo": maybe(description="Nombre en el registro del Instituto"),
}
_FATE_EXAMPLE = {
    "tipo_movimiento": "08",
    "registro_patronal": "A0112345321",
    **PERSON,
    "fecha_movimiento": "2026-08-03",
    "umf": "005",
    "clave_trabajador": "A210204",
    "causa_baja": None,
    "fecha_resolucion": "2026-08-05",
    "codigo_error_movimiento": "F-NOMBRE",
    "mensaje_error_movimiento": "El nombre no coincide con el registrado en el Instituto.",
    "nombre_sindo": "ENSAYO PRUEBA FICTICIO",
}
_MOOD = {field.name: field.schema() for field in moods.FIELDS}
_MOOD_EXAMPLE = asdict(moods.Mood(latencia_ms=50, falla_503=0.2, tope_por_segundo=200))
_TALLY: Schema = {"type": "object", "additionalProperties": {"type": "integer"}}
_COUNTS = {
    "solicitudes": COUNT,
    "rechazadas_por_tope": COUNT,
    "por_estatus": _TALLY,
    "por_animo": _TALLY,
    "pico_por_segundo": COUNT | {"description": "Lo más que llegó en un segundo cualquiera"},
    "pico_atendido_por_segundo": COUNT | {"description": "Lo más que el tope dejó pasar en un segundo cualquiera"},
    "pico_simultaneas": COUNT,
}
_COUNTS_EXAMPLE = {
    "solicitudes": 1200,
    "rechazadas_por_tope": 1,
    "por_estatus": {"200": 1199, "429": 1},
    "por_animo": {"tope_por_segundo": 1},
    "pico_por_segundo": 201,
    "pico_atendido_por_segundo": 200,
    "pico_simultaneas": 12,
}
_ROW = {
    "id": {"type": "integer"},
    "momento": text(format="date-time", description="Hora real, UTC"),
    "fecha": text(pattern=DAY, description="Fecha simulada"),
    "operacion": text(),
    "curp": maybe(),
    "clave_idempotencia": maybe(),
    "estatus": {"type": "integer"},
    "resultado": text(),
    "animo": maybe(description="El ánimo que torció la respuesta; nulo si es la verdad"),
    "solicitud": {"type": ["object", "null"]},
    "respuesta": {"type": "object", "description": "Lo que se dijo; el resultado dice lo que era verdad"},
}
_ROW_EXAMPLE = {
    "id": 1,
    "momento": "2026-11-21T16:00:00.000+00:00",
    "fecha": "2026-08-03",
    "operacion": "consultarVigencia",
    "curp": PERSON["curp"],
    "clave_idempotencia": None,
    "estatus": 422,
    "resultado": "SIN_REGISTRO",
    "animo": None,
    "solicitud": PERSON,
    "respuesta": {"codigo": "SIN_REGISTRO", "mensaje": Codigo.SIN_REGISTRO.mensaje, "curp": PERSON["curp"]},
}
_CLINIC = {
    "delegacion": text(),
    "subdelegacion": text(),
    "umf": text(pattern="^[0-9]{3}$"),
    "direccion": text(),
}
_CLINIC_EXAMPLE = {
    "delegacion": "12 GUERRERO",
    "subdelegacion": "3 TAXCO DE ALARCÓN",
    "umf": "005",
    "direccion": "AV. DE LA PRÁCTICA NO. 50 COL. CENTRO TAXCO DE ALARCÓN GUERRERO",
}
_AREA = {
    "codigo_postal": text(pattern="^[0-9]{5}$"),
    "estado": text(),
    "municipio": text(),
    "colonias": {"type": "array", "items": text()},
    "clinicas": {"type": "array", "items": closed(_CLINIC, _CLINIC_EXAMPLE)},
}
_AREA_EXAMPLE = {
    "codigo_postal": "40200",
    "estado": "Guerrero",
    "municipio": "Taxco de Alarcón",
    "colonias": ["Taxco de Alarcón Centro"],
    "clinicas": [_CLINIC_EXAMPLE],
}
_ENROLMENT = {
    "tramite": text(enum=["alta", "cambio"]),
    "fecha": text(pattern=DAY),
    "folio": text(pattern=FOLIO),
    **ID,
    "nombre": maybe(),
    "turno": text(),
    "consultorio": text(),
    "agregado_medico": text(),
    **_CLINIC,
}
_ENROLMENT_EXAMPLE = {
    "tramite": "alta",
    "fecha": "2026-08-31",
    "folio": EXAMPLE_FOLIO,
    **PERSON,
    "nombre": "ENSAYO PRUEBA FICTICIA",
    "turno": "MATUTINO",
    "consultorio": "4",
    "agregado_medico": "1M2005ES",
    **_CLINIC_EXAMPLE,
}
_PAPER = {
    "folio": text(pattern=FOLIO),
    "fecha": text(pattern=DAY),
    "tipo": text(),
    "titulo": text(),
    "curp": text(),
    "pdf": text(contentEncoding="base64", contentMediaType="application/pdf"),
}
_PAPER_EXAMPLE = {
    "folio": EXAMPLE_FOLIO,
    "fecha": "2026-08-31",
    "tipo": "nss",
    "titulo": "Número de Seguridad Social",
    "curp": PERSON["curp"],
    "pdf": "JVBERi0xLjQK",
}
_LODGED = {
    "id": COUNT,
    "estado": text(enum=["RECIBIDO", "OPERADO", "RECHAZADO"]),
    "clave_idempotencia": text(),
    "tipo_movimiento": text(enum=["08", "02"]),
    "registro_patronal": text(),
    **ID,
    "fecha_movimiento": text(pattern=DAY),
    "fecha_trans": text(format="date-time"),
}
_LODGED_EXAMPLE = {
    "id": 1,
    "estado": "OPERADO",
    "clave_idempotencia": RECEIPT["clave_idempotencia"],
    "tipo_movimiento": "08",
    "registro_patronal": "A0112345321",
    **PERSON,
    "fecha_movimiento": "2026-08-03",
    "fecha_trans": RECEIPT["fecha_trans"],
}
_REFUSED_ROW = closed({"indice": {"type": "integer"}, "codigo": _CODE["codigo"]}, {"indice": 2, "codigo": "CURP_INVALIDA"})

SCHEMAS: dict[str, Schema] = {
    "Salud": closed({"estado": text(const="en línea"), **_CLOCK}, {"estado": "en línea", "fecha": "2026-08-03"}),
    "Error": closed(
        _ERROR | _ABOUT,
        {"codigo": "CURP_INVALIDA", "mensaje": Codigo.CURP_INVALIDA.mensaje, "campo": "curp", "curp": "PUFE050315HNERCNA5"},
        tuple(_ABOUT),
    ),
    "Nss": closed(
        {"resultado": text(enum=["LOCALIZADO", "ASIGNADO"]), "folio": text(pattern=FOLIO), "fecha": text(pattern=DAY), **ID, **_NAMES},
        {"resultado": "ASIGNADO", "folio": EXAMPLE_FOLIO, "fecha": "2026-08-03", **PERSON, **_NAMES_EXAMPLE},
    ),
    "Vigencia": closed(_VIGENCIA, _VIGENCIA_EXAMPLE),
    "CodigoPostal": closed(_AREA, _AREA_EXAMPLE),
    "Clinica": closed(_ENROLMENT, _ENROLMENT_EXAMPLE),
    "Documento": closed(_PAPER, _PAPER_EXAMPLE),
    "Recibo": closed(_RECEIPT | {"estado": text(const="RECIBIDO")}, RECEIPT),
    "Movimiento": closed(_RECEIPT | _FATE, RECEIPT | _FATE_EXAMPLE | {"estado": "RECHAZADO"}),
    **IDSE_SCHEMAS,
    "Reloj": closed(_CLOCK, {"fecha": "2026-08-31"}),
    "Animo": closed(_MOOD, _MOOD_EXAMPLE),
    "Cuentas": closed(_COUNTS, _COUNTS_EXAMPLE),
    "Personas": closed(
        {"nuevas": COUNT, "actualizadas": COUNT, "rechazadas": {"type": "array", "items": _REFUSED_ROW}},
        {"nuevas": 2, "actualizadas": 0, "rechazadas": [{"indice": 2, "codigo": "CURP_INVALIDA"}]},
    ),
    "Corregida": closed({"curp": ID["curp"], "nss": maybe(pattern="^[0-9]{11}$")}, PERSON),
    "Registro": closed(
        {"movimientos": {"type": "array", "items": closed(_LODGED, _LODGED_EXAMPLE)}, "siguiente": COUNT},
        {"movimientos": [_LODGED_EXAMPLE], "siguiente": 1},
    ),
    "Bitacora": closed(
        {"registros": {"type": "array", "items": closed(_ROW, _ROW_EXAMPLE)}, "siguiente": COUNT},
        {"registros": [_ROW_EXAMPLE], "siguiente": 1},
    ),
}
