"""The same papers as pages of HTML, to be printed by programs that know nothing of ours: other fonts, widths, orders and tables."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable, Sequence
from html import escape
from typing import Final

import segno

from imss_mock.procedures.pdf import card_payload
from imss_mock.procedures.sheet import Facts

Pairs = Sequence[tuple[str, str]]
_TITLES: Final = {
    "tarjeta": "Tarjeta de Número de Seguridad Social", "vigencia": "Constancia de Vigencia de Derechos",
    "acuse_clinica": "REGISTRO ASEGURADO", "carnet": "Carnet de citas médicas",
    "sav_002": "Solicitud de registro o aviso de baja de beneficiario (SAV-002)",
    "semanas_cotizadas": "Constancia de Semanas Cotizadas en el IMSS", "no_derechohabiencia": "Constancia de No Derechohabiencia",
    "curp": "Clave Única de Registro de Población", "patronal": "Constancia de presentación de movimientos afiliatorios",
    "alta_patronal": "Alta patronal", "pagina": "Trámite concluido",
}  # fmt: skip
_BIRTH: Final = (("Sexo:", "sexo"), ("Fecha de nacimiento:", "nacimiento"), ("Lugar de nacimiento:", "lugar"))
_WHOLE_NAME: Final = ("Nombre(s), primer apellido y segundo apellido:", "nombre_completo")
#: Label and fact of every pair, section by section.
_PAIRS: Final[dict[str, tuple[tuple[tuple[str, str], ...], ...]]] = {
    "nss": (
        (("Folio:", "folio"), ("Fecha de solicitud del trámite:", "fecha")),
        (
            ("Número de Seguridad Social:", "nss"), ("CURP:", "curp"), ("Nombre(s):", "nombre"), ("Primer apellido:", "primer_apellido"),
            ("Segundo apellido:", "segundo_apellido"), *_BIRTH,
        ),
    ),
    "tarjeta": ((("Folio:", "folio"), ("NSS:", "nss"), ("Nombre:", "nombre_completo"), ("CURP:", "curp"), ("Fecha de emisión:", "fecha")),),
    "vigencia": (
        (("Folio:", "folio"),),
        (("NSS:", "nss"), ("CURP:", "curp"), _WHOLE_NAME, *_BIRTH),
        (
            ("Con derecho al servicio médico:", "con_derecho"), ("Vigente:", "vigente"), ("Delegación:", "delegacion"), ("UMF:", "umf"),
            ("Turno:", "turno"), ("Consultorio:", "consultorio"), ("Agregado Médico:", "agregado_medico"),
        ),
        (("Registro Patronal:", "registro_patronal"), ("Nombre o razón social:", "razon_social")),
        (("Estado:", "estado"), ("Inicio de Vigencia:", "inicio"), ("Fecha de Constancia:", "fecha")),
    ),
    "acuse_clinica": (
        (
            ("Folio:", "folio"), ("Fecha:", "fecha"), ("CURP:", "curp"), ("NOMBRE:", "nombre_completo"),
            ("FECHA DE NACIMIENTO:", "nacimiento"),
            ("NSS:", "nss"), ("SEXO:", "sexo"), ("DELEGACIÓN DE ADSCRIPCIÓN:", "delegacion"), ("UMF DE ADSCRIPCIÓN:", "umf"),
            ("CONSULTORIO:", "consultorio"), ("TURNO:", "turno"),
        ),
        (("CALLE:", "calle"), ("COLONIA:", "colonia"), ("CÓDIGO POSTAL:", "codigo_postal")),
    ),
    "carnet": (
        (
            ("No. SEG. SOCIAL:", "nss"), ("AGREGADO MÉDICO:", "agregado_medico"), ("NOMBRE:", "nombre_completo"), ("UNIDAD MÉDICA:", "umf"),
            ("TURNO:", "turno"), ("CONSULTORIO No.:", "consultorio"),
        ),
        (("CURP:", "curp"), ("EDAD:", "edad")),
    ),
    "sav_002": ((("NSS:", "nss"), ("CURP:", "curp"), ("Nombre:", "nombre_completo"), ("UMF:", "umf")),),
    "semanas_cotizadas": ((("NSS:", "nss"), ("CURP:", "curp"), ("Fecha de emisión del reporte:", "fecha")),),
    "no_derechohabiencia": ((("Folio:", "folio"), ("CURP:", "curp"), ("Nombre:", "nombre_completo")),),
    "curp": ((("Clave:", "curp"), ("Nombre:", "nombre_completo")),),
    "patronal": ((("Número de folio:", "folio"), ("Registro Patronal:", "registro_patronal"), ("Razón Social:", "razon_social")),),
    "alta_patronal": ((("Registro Patronal:", "registro_patronal"), ("Nombre o razón social:", "razon_social")),),
    "pagina": ((("Folio:", "folio"), ("Fecha:", "fecha"), ("Tu NSS es:", "nss")),),
}  # fmt: skip
KINDS: Final = tuple(_PAIRS)


def _title(kind: str, facts: Facts) -> str:
    deed = "Localización" if facts["resultado"] == "LOCALIZADO" else "Asignación"
    return _TITLES.get(kind, f"{deed} de Número de Seguridad Social")


def _sections(kind: str, facts: Facts) -> list[list[tuple[str, str]]]:
    return [[(label, facts[name]) for label, name in section] for section in _PAIRS[kind]]


def _code(kind: str, facts: Facts) -> str:
    if kind != "tarjeta":
        return ""
    out = io.BytesIO()
    segno.make(card_payload(facts), error="m", micro=False).save(out, kind="png", scale=6)
    return f'<img width="150" height="150" src="data:image/png;base64,{base64.b64encode(out.getvalue()).decode()}">'


def _page(style: str, title: str, body: str) -> str:
    head = f"<meta charset=utf-8><title>{title}</title><style>body {{ margin: 1cm; }} {style}</style>"
    return f"<!doctype html><html lang=es>{head}<p>Instituto Mexicano del Seguro Social</p><h1>{title}</h1>{body}</html>"


def table(kind: str, facts: Facts) -> str:
    """Label and value in two cells of a row."""
    row = "<tr><td width=45%>{}</td><td width=55%><b>{}</b></td></tr>"
    tables = ("".join(row.format(escape(label), escape(value)) for label, value in section) for section in _sections(kind, facts))
    body = "".join(f"<table width=100%>{rows}</table><hr>" for rows in tables)
    style = "body { font: 11pt Arial } td { padding: 3pt 14pt 3pt 0; white-space: nowrap }"
    return _page(style, _title(kind, facts), body + _code(kind, facts))


def lines(kind: str, facts: Facts) -> str:
    """Label and value in one line, a blank between them."""
    body = "".join(f"<p>{escape(label)} <b>{escape(value)}</b></p>" for section in _sections(kind, facts) for label, value in section)
    return _page("body { font: 12pt 'DejaVu Serif', serif } p { margin: 4pt 0 }", _title(kind, facts), body + _code(kind, facts))


def boxes(kind: str, facts: Facts) -> str:
    """Three boxes a row, the value under its heading, without colons."""
    # «Vigente» alone is a value there: that a person is insured.
    cells = [
        (label.rstrip(":").replace("Vigente", "Vigente hasta"), value) for section in _sections(kind, facts) for label, value in section
    ]
    shown = [f"<td width=33%><small>{escape(label)}</small><br>{escape(value)}</td>" for label, value in cells]
    rows = "".join(f"<tr>{''.join(shown[at : at + 3])}</tr>" for at in range(0, len(shown), 3))
    style = "body { font: 11pt 'Liberation Sans', sans-serif } td { width: 6cm; padding: 6pt; border: 1px solid #999; vertical-align: top }"
    return _page(style, _title(kind, facts), f"<table width=100%>{rows}</table>{_code(kind, facts)}")


def scattered(kind: str, facts: Facts) -> str:
    """As IMSS draws: every text at its own place, values first and in no order, then labels; the longest lies over its value."""
    rng, top = random.Random(facts["folio"]), 90
    values, labels = [], []
    for section in _sections(kind, facts):
        for label, value in section:
            values.append(f'<div style="left:210px;top:{top}px"><b>{escape(value)}</b></div>')
            labels.append(f'<div style="left:30px;top:{top}px">{escape(label)}</div>')
            top += 21
        top += 14
    rng.shuffle(values)
    style = "body { font: 12px Arial } div { position: absolute; white-space: nowrap } h1 { font-size: 18px }"
    code = f'<div style="left:430px;top:60px">{_code(kind, facts)}</div>' if _code(kind, facts) else ""
    return _page(style, _title(kind, facts), "".join((*values, code, *labels)))


LAYOUTS: Final[dict[str, Callable[[str, Facts], str]]] = {"table": table, "lines": lines, "boxes": boxes, "scattered": scattered}
