"""Keys for ordering and finding people's names.

No wheel carries Spanish collation, so the order is a stored key: accents ignored, ñ after n.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache


def sort_key(primer_apellido: str, segundo_apellido: str, nombre: str) -> str:
    """Key that orders people as a Mexican list does (bytewise, collation "C"): apellidos, then nombre; ñ after n."""
    return f"{_plain(primer_apellido, 'n~')}\x1f{_plain(segundo_apellido, 'n~')}\x1f{_plain(nombre, 'n~')}"


def search_key(*parts: str) -> str:
    """Key in which any part of a name is found, whatever accents or case were typed."""
    return " ".join(" ".join([_plain(part, "n") for part in parts]).split())


def list_name(primer_apellido: str, segundo_apellido: str, nombre: str) -> str:
    """The name as a school's list has it: apellidos first."""
    return f"{primer_apellido} {segundo_apellido}".strip() + f", {nombre}"


# The same names come again and again in a list.
@lru_cache(maxsize=2**13)
def _plain(text: str, ene: str) -> str:
    kept = unicodedata.normalize("NFC", text).casefold().replace("ñ", "\x00")
    bare = "".join(c for c in unicodedata.normalize("NFD", kept) if not unicodedata.combining(c))
    return bare.replace("\x00", ene)
