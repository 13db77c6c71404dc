"""Clean a cell's text on import, and escape it on export so that no spreadsheet takes it for a formula."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_SIGNS: Final = "=+\\-@＝＋－＠"
#: What a spreadsheet evaluates when a cell begins with it (OWASP, CSV injection), full-width forms included.
_TRIGGER: Final = f"{_SIGNS}\t\r\n"
#: What else than the comma may separate the cells of a CSV where it is opened (`;` with some regional settings), as it stands before one.
_SEPARATED: Final = r"([;|\t\r\n][ \"]*)"
_WOULD_RUN: Final = re.compile(f"'*[{_TRIGGER}]")
_ESCAPED: Final = re.compile(f"'+[{_TRIGGER}]")
_WOULD_RUN_INSIDE: Final = re.compile(f"{_SEPARATED}(?='*[{_SIGNS}])")
_ESCAPED_INSIDE: Final = re.compile(f"{_SEPARATED}'(?='*[{_SIGNS}])")


def clean(text: str) -> str:
    """A cell's text as the roll takes it: blanks around removed, our own escape undone, composed Unicode (NFC)."""
    text = text.strip()
    if text[:1] == "'" and _ESCAPED.match(text):
        text = text[1:]
    if "'" in text:
        text = _ESCAPED_INSIDE.sub(r"\1", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def safe(text: str) -> str:
    """`text` as it may stand in an exported sheet: an apostrophe in front of what would run. `clean` takes it off again."""
    return f"'{text}" if _WOULD_RUN.match(text) else text


def safe_in_csv(text: str) -> str:
    """`text` as it may stand in a CSV: also what would run where another sign than the comma separates the cells. `clean` undoes it."""
    return _WOULD_RUN_INSIDE.sub(r"\1'", safe(text))
