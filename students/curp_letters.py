"""What a name shows in its CURP: initials, first inner vowel, first inner consonants, by RENAPO's instructions (docs/domain.md, 3.1).

`letters` gives those of a name as the instructions have it. `given`, `surname` and `first_surname` say whether a name can have the letters
of a CURP: registers take other words of a name, and what they make of signs and of letters that are not Spanish differs.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

from students.curp import VOWELS, decent

#: Words that names carry and the CURP passes over, and given names it passes over when another follows.
_PARTICLES: Final = frozenset(
    {"DA", "DAS", "DE", "DEL", "DER", "DI", "DIE", "DD", "EL", "LA", "LOS", "LAS", "LE", "LES", "MAC", "MC", "VAN", "VON", "Y"}
)
_PASSED_OVER: Final = frozenset({"JOSE", "J", "MARIA", "MA"})
#: Letters that are not made of a Spanish one and a mark: what they are nearest to. The register writes that, or X.
_NEAREST: Final = {"Ø": "O", "Ł": "L", "Æ": "A", "Œ": "O", "Đ": "D", "Ð": "D", "Þ": "T", "ẞ": "S", "ß": "S", "ı": "I", "ħ": "H", "Ħ": "H"}
_BETWEEN_WORDS: Final = re.compile(r"[\s.-]+")
#: Given names of which a list may leave some out.
_MANY_NAMES: Final = 5
#: A sign inside a word (O'Farrill, D/Amico).
_SIGN: Final = "/"


class _Letter(NamedTuple):
    """A letter of a name: what it is nearest to, and whether the register may write X for it."""

    plain: str
    strange: bool = False


def letters(nombre: str, primer_apellido: str, segundo_apellido: str) -> tuple[str, str]:
    """The four letters with which the CURP of that name begins, and the three consonants in positions 14 to 16."""
    first, second, word = _that_counts(primer_apellido), _that_counts(segundo_apellido), _that_counts(nombre, given=True)
    begins = f"{first[0]}{_inner(first, vowel=True)}{second[0]}{word[0]}"
    if not decent(begins):
        begins = f"{begins[0]}X{begins[2:]}"
    return begins, "".join(_inner(name, vowel=False) for name in (first, second, word))


def given(name: str, shown: str) -> bool:
    """Whether given names can show this initial and inner consonant. Any of their words may be the one that counts.

    Of very many names a list leaves some out: letters of none of them prove nothing, but one of the two beside one that fits does.
    """
    pairs = _pairs(name)
    if shown in pairs:
        return True
    return _is_long(name) and not any(pair[0] == shown[0] or pair[1] == shown[1] for pair in pairs)


def surname(name: str, shown: str) -> bool:
    """The same of an apellido; one that is empty shows XX."""
    return shown in _pairs(name)


def first_surname(name: str, shown: str, begins: str) -> bool:
    """Whether a first apellido can show this initial, inner vowel and inner consonant; `begins`: the CURP's first four letters.

    The register writes X for the vowel of a word that is rude.
    """
    known = _triples(name)
    return shown in known or (
        shown[1] == "X"
        and any(f"{shown[0]}{vowel}{shown[2]}" in known and not decent(f"{begins[0]}{vowel}{begins[2:4]}") for vowel in VOWELS)
    )


@lru_cache(maxsize=2**13)
def _triples(name: str) -> frozenset[str]:
    return frozenset(shown for word in _words(name) for shown in _shows(word)) or frozenset({"XXX"})


@lru_cache(maxsize=2**13)
def _pairs(name: str) -> frozenset[str]:
    return frozenset(f"{shown[0]}{shown[2]}" for shown in _triples(name))


def _is_long(name: str) -> bool:
    return sum(word not in _PARTICLES for word in _BETWEEN_WORDS.split(name.upper())) >= _MANY_NAMES


def _words(name: str) -> list[list[_Letter]]:
    """The words of a name, also as they are when signs inside them part words or are left out."""
    written = [_SIGN if not (sign.isalpha() or sign in " .-") else sign for sign in " ".join(name.split())]
    text = "".join(written).upper()
    ways = {text, text.replace(_SIGN, " "), text.replace(_SIGN, ""), text.replace(".", _SIGN).replace("-", _SIGN)}
    words = {word.strip(_SIGN) for way in ways for word in _BETWEEN_WORDS.split(way)}
    return [_spelled(word) for word in sorted(words) if word]


def _spelled(word: str) -> list[_Letter]:
    """The letters of a word in capitals: without their marks, but for Ñ."""
    spelled = []
    for sign in unicodedata.normalize("NFC", word):
        if sign in _NEAREST:
            spelled.append(_Letter(_NEAREST[sign], strange=True))
        elif sign in ("Ñ", _SIGN):
            spelled.append(_Letter("X", strange=sign == _SIGN))
        else:
            bare = unicodedata.normalize("NFD", sign)[0]
            spelled.append(_Letter(bare) if "A" <= bare <= "Z" else _Letter("X", strange=True))
    return spelled


def _shows(word: list[_Letter]) -> set[str]:
    """Initial, inner vowel and inner consonant that a word can show."""
    first = {word[0].plain, "X"} if word[0].strange else {word[0].plain}
    return {"".join(shown) for shown in product(first, _can_be(word[1:], vowel=True), _can_be(word[1:], vowel=False))}


def _can_be(inner: list[_Letter], *, vowel: bool) -> set[str]:
    """The first vowel, or first consonant, among these letters; X for a strange letter before it, and where there is none."""
    found = set()
    for letter in inner:
        if letter.strange:
            found.add("X")
        # A sign between letters (X in `plain`) may have been left out.
        if (letter.plain in VOWELS) == vowel and not (letter.strange and letter.plain == "X"):
            return found | {letter.plain}
    return found | {"X"}


def _that_counts(name: str, *, given: bool = False) -> str:
    """The word of a name that the CURP shows, as the instructions have it; X without name."""
    words = ["".join(letter.plain for letter in _spelled(word)) for word in _BETWEEN_WORDS.split(_as_one(name)) if word]
    counted = [word for word in words if word not in _PARTICLES]
    if given and len(counted) > 1 and counted[0] in _PASSED_OVER:
        counted = counted[1:]
    return (counted or words[-1:] or ["X"])[0]


def _as_one(name: str) -> str:
    return "".join(sign if sign.isalpha() or sign in " .-" else _SIGN for sign in name.upper())


def _inner(word: str, *, vowel: bool) -> str:
    """First inner vowel of `word`, or first inner consonant; X if there is none."""
    return next((c for c in word[1:] if (c in VOWELS) == vowel), "X")
