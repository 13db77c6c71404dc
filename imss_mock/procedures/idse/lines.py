"""The file of 168 positions as IDSE reads it: refused whole, or cut into its records.

The office has its own writer and reader. The duplication is deliberate: each finds what the other has wrong.
"""

import codecs
import re
from collections.abc import Sequence
from typing import Final

from imss_mock.procedures.movements import ALTA, BAJA
from imss_mock.protocol.answers import Codigo, RefusedError

LENGTH: Final = 168
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TRAILER: Final = re.compile(r"\*{13} {43}(?P<count>[0-9]{6}) {71}(?P<guia>[0-9]{5}| {5}) {29}9")
_TYPE: Final = slice(131, 133)
_REGISTRO: Final = slice(0, 11)
_GUIA: Final = slice(133, 138)
#: First position (from 1) and length of what a record of any type says; `resto_*` is what must be blank, zero or fixed.
_PERSON: Final = {
    "registro_patronal": (1, 11), "nss": (12, 11), "primer_apellido": (23, 27), "segundo_apellido": (50, 27), "nombre": (77, 27),
    "fecha": (119, 8), "tipo_movimiento": (132, 2), "guia": (134, 5), "clave_trabajador": (139, 10), "formato": (168, 1),
}  # fmt: skip
_FIELDS: Final = {
    ALTA: _PERSON | {
        "salario_base": (104, 6), "relleno": (110, 6), "tipo_trabajador": (116, 1), "tipo_salario": (117, 1), "jornada": (118, 1),
        "umf": (127, 3), "blancos": (130, 2), "blanco": (149, 1), "curp": (150, 18),
    },
    BAJA: _PERSON | {"ceros": (104, 15), "blancos": (127, 5), "causa_baja": (149, 1), "sin_curp": (150, 18)},
}  # fmt: skip
_LETTERS: Final = "A-ZÀ-ÖØ-ÞŠŒŽŸ"  # the capitals of Windows-1252
_NAME: Final = f"[{_LETTERS}][{_LETTERS} .,'&/()-]*"
#: What may stand there, its padding at the right taken off.
_FORMS: Final = {
    "nss": "[0-9]{11}", "primer_apellido": _NAME, "segundo_apellido": f"({_NAME})?", "nombre": _NAME, "fecha": "[0-9]{8}",
    "guia": "([0-9]{5})?", "clave_trabajador": "[A-Z0-9][A-Z0-9./ -]*", "formato": "9", "salario_base": "[0-9]{6}", "relleno": "(0{6})?",
    "tipo_trabajador": "[1-4]", "tipo_salario": "[0-2]", "jornada": "[0-6]", "umf": "([0-9]{3})?", "blancos": "", "blanco": "",
    "curp": "[A-Z0-9]{18}", "ceros": "0{15}", "causa_baja": "[1-9A]", "sin_curp": "",
}  # fmt: skip
Record = dict[str, str]


def read(body: bytes) -> list[str]:
    """The records of a file, 168 positions each, its trailer checked and taken off; raises RefusedError for the file as a whole."""
    lines = _text(body).replace("\r\n", "\n").removesuffix("\n").split("\n")
    wrong = next((number for number, line in enumerate(lines, 1) if len(line) != LENGTH), None)
    if wrong:
        raise RefusedError(Codigo.LONGITUD_INVALIDA, renglon=wrong)
    records = _without_trailer(lines)
    _check_alike(records)
    return records


def cut(line: str) -> Record:
    """What a record says, by field, without padding."""
    fields = _FIELDS[line[_TYPE]]
    return {name: line[first - 1 : first - 1 + length].rstrip(" ") for name, (first, length) in fields.items()}


def is_well_formed(record: Record) -> bool:
    """Whether each of its fields holds something possible; check digits and dates are for others to say."""
    return all(re.fullmatch(_FORMS[name], value) for name, value in record.items() if name in _FORMS)


def registro_of(lines: Sequence[str]) -> str:
    """The registro patronal of a file that was read."""
    return lines[0][_REGISTRO]


def type_of(lines: Sequence[str]) -> str:
    """The type of movement of a file that was read."""
    return lines[0][_TYPE]


def _text(body: bytes) -> str:
    """The file as text; one in UTF-8 has lines that are too long."""
    if not body.strip() or b"\0" in body or body.startswith(_BOMS):
        raise RefusedError(Codigo.ARCHIVO_INVALIDO)
    try:
        return body.decode("cp1252")
    except UnicodeDecodeError as error:
        raise RefusedError(Codigo.ARCHIVO_INVALIDO, renglon=body.count(b"\n", 0, error.start) + 1) from error


def _without_trailer(lines: list[str]) -> list[str]:
    """The records; a trailer may be left out, but one that is there is right, and the last line."""
    place = next((number for number, line in enumerate(lines, 1) if line.startswith("*")), None)
    if place is None:
        return lines
    found = _TRAILER.fullmatch(lines[-1])
    records = lines[:-1]
    if place != len(lines) or not records or not found or int(found["count"]) != len(records) or found["guia"] != records[0][_GUIA]:
        raise RefusedError(Codigo.CIFRAS_INVALIDAS, renglon=place)
    return records


def _check_alike(records: list[str]) -> None:
    for number, line in enumerate(records, 1):
        if line[_TYPE] not in _FIELDS or line[_TYPE] != type_of(records):
            raise RefusedError(Codigo.TIPOS_MEZCLADOS, renglon=number)
        if line[_REGISTRO] != registro_of(records):
            raise RefusedError(Codigo.REGISTRO_DISTINTO, renglon=number)
