"""When two ways of writing a heading or a word are the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_NOT_WORD: Final = re.compile(r"[^a-z0-9]+")
#: Words that a heading may carry or not: "No. de control", "CURP del alumno".
_FILLERS: Final = frozenset({"de", "del", "la", "el", "los", "alumno", "alumna", "alumnos", "estudiante", "a"})


def key(text: str) -> str:
    """Key in which two ways of writing the same heading or word are equal: no accents, case, signs nor filler words.

    Where nothing but fillers is left ("Alumno"), they are the key.
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    words = _NOT_WORD.split(bare)
    return "".join(word for word in words if word not in _FILLERS) or "".join(words)
