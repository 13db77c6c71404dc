"""What stands in a cell, as text; and text on its way out, so that no spreadsheet takes it for a formula."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from typing import Final

#: What a spreadsheet evaluates when a cell begins with it (OWASP, CSV injection), full-width forms included.
_TRIGGER: Final = "=+\\-@\t\r\n＝＋－＠"
_WOULD_RUN: Final = re.compile(f"'*[{_TRIGGER}]")
_ESCAPED: Final = re.compile(f"'+[{_TRIGGER}]")
_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
#: Words that a heading may carry or not: "No. de control", "CURP del alumno".
_FILLERS: Final = frozenset({"de", "del", "la", "el", "los", "alumno", "alumna", "alumnos", "estudiante"})
#: Whole numbers up to here are exact in a spreadsheet's cell.
_EXACT: Final = 2**53


def clean(text: str) -> str:
    """A cell's text as the roll takes it: blanks around removed, our own escape undone, composed Unicode (NFC)."""
    text = text.strip()
    if text[:1] == "'" and _ESCAPED.match(text):
        text = text[1:]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def safe(text: str) -> str:
    """`text` as it may stand in an exported sheet: an apostrophe in front of what would run. `clean` takes it off again."""
    return f"'{text}" if _WOULD_RUN.match(text) else text


def key(text: str) -> str:
    """Key in which two ways of writing the same heading or word are equal: no accents, case, signs nor filler words."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return "".join(word for word in _NOT_WORD.split(bare) if word not in _FILLERS)


def as_text(value: object) -> str:
    """A spreadsheet's value as text: whole numbers without ".0", dates as ISO. A lost leading zero stays lost, and is told."""
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)
