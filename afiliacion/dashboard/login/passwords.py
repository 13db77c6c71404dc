"""Refuse long passwords that are guessed at once: digits only, few different signs, runs of the keyboard, the school's own words."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

from django.core.exceptions import ValidationError

from students.models import Plantel

#: A password needs this many different signs, and this many beyond the words and runs it is made of.
DIFFERENT: Final = 6
LEFT: Final = 6
_RUNS: Final = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjklñ", "zxcvbnm")
_OWN: Final = (
    "afiliacion",
    "imss",
    "contrasena",
    "password",
    "seguro",
    "social",
    "escuela",
    "plantel",
    "servicios escolares",
    "control escolar",
)
_WORD: Final = re.compile(r"[^\W\d_]{4,}")


class GuessablePasswordValidator:
    """A validator for AUTH_PASSWORD_VALIDATORS (NIST SP 800-63B-4, 3.1.1.2: blocklist with context-specific words)."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError, in Spanish, if `password` is made of digits, repetitions, runs or the school's words."""
        plain = _plain(password)
        if len(set(plain)) < DIFFERENT:
            raise ValidationError("Esa contraseña repite muy pocos signos: use una frase de varias palabras.", code="password_repeats")
        if plain.isdigit():
            raise ValidationError("Esa contraseña tiene solo números: use una frase de varias palabras.", code="password_digits")
        if len(_beyond(plain, _words())) < LEFT:
            raise ValidationError(
                "Esa contraseña se adivina pronto: está hecha de secuencias o de palabras de la escuela. Use una frase de varias palabras.",
                code="password_guessable",
            )

    def get_help_text(self) -> str:
        return "No use solo números, secuencias ni palabras de la escuela: una frase de varias palabras sirve."


def _plain(text: str) -> str:
    """`text` in lower case, without accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def _words() -> list[str]:
    """The words an attacker of this school tries first, longest first."""
    rows = Plantel.objects.values_list("clave", "name", "cct", "subdelegacion")
    own = {word for row in rows for text in row for word in [*_WORD.findall(_plain(text)), _plain(text)] if len(word) > 3}
    return sorted(own.union(_OWN), key=len, reverse=True)


def _beyond(password: str, words: list[str]) -> str:
    """Return what is left of `password` without these words, runs of four signs or more, and repetitions of what was seen."""
    for word in words:
        password = password.replace(word, "")
    for run in (*_RUNS, *(run[::-1] for run in _RUNS)):
        for length in range(len(run), 3, -1):
            for start in range(len(run) - length + 1):
                password = password.replace(run[start : start + length], "")
    return re.sub(r"(.{1,8}?)\1{2,}", r"\1", password)
