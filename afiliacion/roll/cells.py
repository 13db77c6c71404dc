"""A cell's text on its way in; and on its way out, so that no spreadsheet takes it for a formula."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

#: What a spreadsheet evaluates when a cell begins with it (OWASP, CSV injection), full-width forms included.
_TRIGGER: Final = "=+\\-@\t\r\n＝＋－＠"
_WOULD_RUN: Final = re.compile(f"'*[{_TRIGGER}]")
_ESCAPED: Final = re.compile(f"'+[{_TRIGGER}]")


def clean(text: str) -> str:
    """A cell's text as the roll takes it: blanks around removed, our own escape undone, composed Unicode (NFC)."""
    text = text.strip()
    if text[:1] == "'" and _ESCAPED.match(text):
        text = text[1:]
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def safe(text: str) -> str:
    """`text` as it may stand in an exported sheet: an apostrophe in front of what would run. `clean` takes it off again."""
    return f"'{text}" if _WOULD_RUN.match(text) else text
