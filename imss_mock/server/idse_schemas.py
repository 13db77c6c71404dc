"""JSON Schemas of the answers about lotes, with invented examples."""

from imss_mock.protocol.shapes import Schema
from imss_mock.server.schema_parts import COUNT, DAY, ID, PERSON, closed, maybe, text

REFUSED_RECORD = closed(
    {
        "renglon": COUNT,
        "nss": text(),
        "tipo_movimiento": text(enum=["08", "02"]),
        "fecha_movimiento": text(description="Como venía: DDMMAAAA"),
        "clave_trabajador": text(),
        "codigo_error_movimiento": text(pattern="^[0-9]+$"),
    },
    {
        "renglon": 3,
        "nss": "03230500014",
        "tipo_movimiento": "08",
        "fecha_movimiento": "03082026",
        "clave_trabajador": "A210204",
        "codigo_error_movimiento": "910",
    },
)
_LOTE = {
    "id_lote": text(pattern="^[0-9]{9}$"),
    "recibo": text(pattern="^[0-9]{19}$"),
    "tipo_movimiento": text(enum=["08", "02"]),
    "registro_patronal": text(),
    "nombre_archivo": text(),
    "fecha_trans": text(format="date-time"),
    "recibidos": COUNT,
}
_LOTE_EXAMPLE = {
    "id_lote": "900000001",
    "recibo": "1785772800000000000",
    "tipo_movimiento": "08",
    "registro_patronal": "A0112345321",
    "nombre_archivo": "lote.txt",
    "fecha_trans": "2026-08-03T10:00:00-06:00",
    "recibidos": 2,
}
_LOTE_STATE = {
    "estado": text(enum=["ENVIADO", "PROCESADO"]),
    "rechazados_de_entrada": COUNT,
    "operados": COUNT,
    "rechazados": COUNT,
    "sin_respuesta": COUNT,
    "documentos": {"type": "array", "items": text()},
}
_LOTE_STATE_EXAMPLE = {
    "estado": "PROCESADO",
    "rechazados_de_entrada": 1,
    "operados": 1,
    "rechazados": 1,
    "sin_respuesta": 0,
    "documentos": ["acuse", "constancia-1", "respuesta-1"],
}
_INSURED = {**ID, "nombre": maybe(), "fecha_alta": text(pattern=DAY), "vigente_desde": text(pattern=DAY)}
_INSURED_EXAMPLE = {**PERSON, "nombre": "ENSAYO PRUEBA FICTICIA", "fecha_alta": "2026-08-03", "vigente_desde": "2026-08-20"}
_LOTE_FILE = {"nombre": text(), "tipo": text(enum=["application/pdf", "text/csv"]), "contenido": text(contentEncoding="base64")}
_LOTE_FILE_EXAMPLE = {"nombre": "acuse_900000001.pdf", "tipo": "application/pdf", "contenido": "JVBERi0xLjQK"}

IDSE_SCHEMAS: dict[str, Schema] = {
    "Lote": closed(
        _LOTE | {"rechazados": {"type": "array", "items": REFUSED_RECORD}}, _LOTE_EXAMPLE | {"rechazados": REFUSED_RECORD["examples"]}
    ),
    "EstadoDeLote": closed(_LOTE | _LOTE_STATE, _LOTE_EXAMPLE | _LOTE_STATE_EXAMPLE),
    "DocumentoDeLote": closed(_LOTE_FILE, _LOTE_FILE_EXAMPLE),
    "Asegurados": closed(
        {"asegurados": {"type": "array", "items": closed(_INSURED, _INSURED_EXAMPLE)}, "siguiente": maybe()},
        {"asegurados": [_INSURED_EXAMPLE], "siguiente": None},
    ),
    "LotesContestados": closed({"contestados": {"type": "array", "items": text()}}, {"contestados": ["900000001"]}),
}
