"""What a brought document says: its kind and the values read from it, each with where it stands and how it was read."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a document is, by its title and layout (docs/domain.md; those from SEMANAS_COTIZADAS on are brought by mistake)."""

    NSS_SHEET = "nss_sheet"
    NSS_CARD = "nss_card"
    VIGENCIA = "vigencia"
    CLINIC = "clinic"
    SAV_002 = "sav_002"
    SEMANAS_COTIZADAS = "semanas_cotizadas"
    NO_DERECHOHABIENCIA = "no_derechohabiencia"
    CURP_SHEET = "curp_sheet"
    EMPLOYER_CONSTANCIA = "employer_constancia"
    ALTA_PATRONAL = "alta_patronal"
    WEB_PAGE = "web_page"
    UNKNOWN = "unknown"


class Field(StrEnum):
    """A value a document may have. Dates are ISO; the names stand as printed; SEX is H or M; RIGHT is SI or NO."""

    NSS = "nss"
    CURP = "curp"
    FULL_NAME = "full_name"
    FIRST_NAMES = "first_names"
    FIRST_SURNAME = "first_surname"
    SECOND_SURNAME = "second_surname"
    SEX = "sex"
    BIRTH_DATE = "birth_date"
    BIRTH_PLACE = "birth_place"
    FOLIO = "folio"
    ISSUED_ON = "issued_on"
    RIGHT = "right"
    VIGENCIA_UNTIL = "vigencia_until"
    REGISTRO_PATRONAL = "registro_patronal"
    EMPLOYER = "employer"
    DELEGACION = "delegacion"
    UMF = "umf"
    TURNO = "turno"
    CONSULTORIO = "consultorio"
    AGREGADO_MEDICO = "agregado_medico"


class Source(StrEnum):
    """How a value was read. OCR only proposes: it is never certain."""

    TEXT = "text"
    QR = "qr"
    CADENA = "cadena"
    OCR = "ocr"


class Value(NamedTuple):
    """A value of a document. `box` is left, top, right, bottom as parts (0 to 1) of page `page` (from 0), or None where it has no place."""

    field: Field
    text: str
    source: Source
    page: int
    box: tuple[float, float, float, float] | None


class Reading(NamedTuple):
    """What was read from one document.

    `refused` is a short English word for why nothing was read (a REFUSALS key), else empty. `warnings` are short English words for what
    makes the document less credible: "changed", "editor", "fonts", "covered", "text_over_picture", "several_documents".
    The same field may have several values: one a source, and more where a document contradicts itself.
    """

    kind: Kind
    pages: int
    values: tuple[Value, ...] = ()
    warnings: tuple[str, ...] = ()
    refused: str = ""
