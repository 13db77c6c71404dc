"""The letters a lote is written with, and how a name is turned into them: nothing is lost without being told (docs/domain.md, 6.5)."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from functools import lru_cache
from typing import Final

from afiliacion.lotes.profile import Encoding, Profile

_PLAIN: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: The capitals of Windows-1252 beyond ASCII.
_ACCENTED: Final = frozenset("ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞŠŒŽŸ")
#: Signs that keyboards and programs put for others.
_ALIKE: Final = {"’": "'", "‘": "'", "´": "'", "`": "'", "ʼ": "'", "–": "-", "—": "-", "‐": "-", "‑": "-"}


class Why(StrEnum):
    """Why a name is written otherwise than the office has it."""

    ALPHABET = "el alfabeto del archivo"
    LENGTH = "las 27 posiciones"
    MISSING = "no tiene segundo apellido"


class Alphabet:
    """The letters and signs of the names of a profile's lotes."""

    def __init__(self, encoding: Encoding, signs: str, *, keeps_accents: bool) -> None:
        self.codec = encoding.value
        self.letters = _PLAIN | (frozenset() if encoding is Encoding.ASCII else _ACCENTED if keeps_accents else {"Ñ"})
        self.signs = frozenset(signs)

    def folded(self, name: str) -> tuple[str, tuple[Why, ...]]:
        """Return a name in capitals of this alphabet, and why it differs from what was given, if by more than case and blanks.

        What has no letter here is left as it is: the line refuses it and says which sign it is.
        """
        capitals = " ".join(unicodedata.normalize("NFC", name).upper().split())
        written = " ".join("".join(map(self._sign, capitals)).split())
        return written, () if written == capitals else (Why.ALPHABET,)

    def _sign(self, sign: str) -> str:
        if sign in self.letters or sign in self.signs or sign == " ":
            return sign
        if (alike := _ALIKE.get(sign, "")) in self.signs:
            return alike
        base = unicodedata.normalize("NFD", sign)[0]
        if unicodedata.combining(base):
            return ""
        return base if base in self.letters else sign

    def strange(self, name: str) -> str:
        """Return the first sign of a name that has no place in this alphabet; "" if there is none."""
        return next((sign for sign in name if not (sign in self.letters or sign in self.signs or sign == " ")), "")


@lru_cache
def alphabet(profile: Profile) -> Alphabet:
    """Return the alphabet of a profile's lotes."""
    return Alphabet(profile.alphabet, profile.signs, keeps_accents=profile.keeps_accents)
