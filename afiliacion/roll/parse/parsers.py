"""From a cell's text to a value. Each parser takes text that is not blank and returns the value, or raises CellError:
the reason in Spanish, with what to do. Nothing is padded, cut, recased or guessed."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from afiliacion.cases.models import WithoutCurp
from afiliacion.roll.parse.tidy import CellError, UnknownWord, code
from file_reader.facts import ColumnFacts
from file_reader.words import key
from students.curp import ENTITIES, SEXES, is_generic
from students.models import Enrolment

Parse = Callable[[str], Any]


#: Control signs, invisible and direction marks, and the sign a program writes for a letter it lost.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]")

_EMAIL: Final = EmailValidator()
_STATUS_WORDS: Final = {
    Enrolment.Status.ACTIVO: (
        "activo activa inscrito inscrita reinscrito reinscrita regular irregular nuevoingreso reingreso vigente cursando"
    ),
    Enrolment.Status.LICENCIA: "licencia conlicencia",
    Enrolment.Status.BAJA_TEMPORAL: "bajatemporal",
    Enrolment.Status.BAJA_DEFINITIVA: "bajadefinitiva baja bajaacademica",
    Enrolment.Status.EGRESADO: "egresado egresada egreso bajaporegreso titulado titulada",
    Enrolment.Status.DESERTOR: "desertor desertora desercion bajapordesercion",
    Enrolment.Status.DEFUNCION: "defuncion fallecido fallecida finado finada bajapordefuncion",
}
_SEX_WORDS: Final = {
    "H": "h hombre hombres masculino masculina masc varon v", "M": "m mujer mujeres femenino femenina fem f hembra",
    "X": "x nobinario nobinaria",
}  # fmt: skip
_ENTITY_WORDS: Final = {
    "AS": "ags", "BC": "bajacalifornianorte", "BS": "bcs", "CC": "camp", "CL": "coahuiladezaragoza coahuilazaragoza coah", "CM": "col",
    "CS": "chis", "CH": "chih", "DF": "cdmx distritofederal mexicodf", "DG": "dgo", "GT": "gto", "GR": "gro", "HG": "hgo", "JC": "jal",
    "MC": "mexico edomex estadomexico mex edomexico", "MN": "michoacanocampo mich", "MS": "mor", "NT": "nay", "NL": "", "OC": "oax",
    "PL": "pue", "QT": "queretaroarteaga qro", "QR": "qroo", "SP": "slp", "SL": "sin", "SR": "son", "TC": "tab", "TS": "tamps",
    "TL": "tlax", "VZ": "veracruzignaciollave veracruzllave ver", "YN": "yuc", "ZS": "zac",
    "NE": "extranjero extranjera nacidaextranjero nacidaenextranjero nacidoextranjero",
}  # fmt: skip


def _by_word(words: dict[str, str], labels: dict[str, str]) -> dict[str, str]:
    """Every accepted way of writing a choice, by its key: the code itself, its label, and its other words."""
    known = {key(code): code for code in labels} | {key(label): code for code, label in labels.items()}
    return known | {word: code for code, spellings in words.items() for word in spellings.split()}


_STATUSES: Final = _by_word({k.value: v for k, v in _STATUS_WORDS.items()}, dict(Enrolment.Status.choices))
_SEXES: Final = _by_word(_SEX_WORDS, SEXES)
_ENTITIES: Final = _by_word(_ENTITY_WORDS, ENTITIES)


def text(limit: int) -> Parse:
    """Text kept as it is, up to `limit` characters; nothing that cannot be seen."""

    def parse(written: str) -> str:
        if unseen := _UNSEEN.search(written):
            raise CellError(f"Tiene un salto de línea o un signo que no se ve (U+{ord(unseen[0]):04X}): escríbalo de nuevo a mano.")
        if len(written) > limit:
            raise CellError(f"Tiene {len(written)} caracteres y caben {limit}: revise si se juntaron dos datos.")
        return written

    return parse


def number(limit: int) -> Parse:
    """Text that may be a number or code: not as a spreadsheet damages it."""
    as_text = text(limit)
    return lambda written: as_text(code(written))


def name(limit: int) -> Parse:
    """Part of a person's name: text with at least one letter."""
    as_text = text(limit)

    def parse(written: str) -> str:
        if not any(c.isalpha() for c in written):
            raise CellError("No es un nombre: si el alumno no lo tiene, deje la celda vacía.")
        return str(as_text(written))

    return parse


_SEEN_IN_NAMES: Final = frozenset(" '’´`.,-–/()")


#: What a letter becomes that a program took for another encoding: a typographic sign or capital within small letters, Ã before what is no
#: vowel of Portuguese. An apostrophe may stand after the first letters (D’Amico).
_LOST_LETTER: Final = re.compile(
    "[^\\W\\d_]{3}([’‘])[^\\W\\d_]|[^\\W\\d_]([–—])[^\\W\\d_]|[a-zà-ÿ]([À-ÞŽŸŠŒ])|(Ã)(?![OEoe])|(Â)[^A-Za-zÀ-ÿ]"
)


@lru_cache(maxsize=2**13)
def odd_in_name(written: str) -> str:
    """A sign that names do not carry, if `written` has one: usually a letter lost between two programs."""
    if written.isascii():
        return next((c for c in written if not (c.isalpha() or c in _SEEN_IN_NAMES)), "")
    lost = _LOST_LETTER.search(written)
    return next(filter(None, lost.groups())) if lost else next((c for c in written if not (c.isalpha() or c in _SEEN_IN_NAMES)), "")


def email(limit: int) -> Parse:
    as_text = text(limit)

    def parse(written: str) -> str:
        as_text(written)
        user, _, domain = written.rpartition("@")
        if not (_EMAIL.user_regex.match(user) and _takes_mail(domain)):
            raise CellError("No es una dirección de correo: corríjala o deje la celda vacía.")
        return written

    return parse


@lru_cache(maxsize=2**10)
def _takes_mail(domain: str) -> bool:
    """Whether an address may have this domain: a school's students have one or two between them."""
    try:
        _EMAIL(f"a@{domain}")
    except ValidationError:
        return False
    return True


#: Words that say, where a CURP goes, that there is none; by their key, which signs alone do not have.
_NO_CURP_WORDS: Final = (
    "0 n na nd sd sc no null nan ninguna ninguno nohay sincurp sindato sindatos notiene nocuenta nocuentaconcurp notienecurp",
    "aunno aunnotiene todaviano todavianotiene nodisponible noaplica entramite curpentramite tramite tramitando enproceso pendiente falta",
    "pendientecurp curppendiente porentregar extranjero extranjera esextranjero esextranjera",
)
_NO_CURP: Final = frozenset({"", *" ".join(_NO_CURP_WORDS).split()})


def why_no_curp(written: str) -> str:
    """Why a cell has no CURP, as WithoutCurp.Why has it: it is empty, says so, or has a generic one. Empty: none of these."""
    if not written.strip():
        return WithoutCurp.Why.EMPTY.value
    if is_generic(written):
        return WithoutCurp.Why.GENERIC.value
    return WithoutCurp.Why.WORD.value if key(written) in _NO_CURP else ""


#: What words of a school mean, as its officers said: pairs of key and value. A value may be empty: nothing is taken from such a cell.
Words = tuple[tuple[str, str], ...]


def status(said: Words) -> Parse:
    """The parser for a status column, with the words of the school."""
    words = _STATUSES | dict(said)

    def parse(written: str) -> str:
        found = words.get(key(written))
        if found is None:
            raise UnknownWord(f"No se conoce esa situación. Use una de estas: {', '.join(Enrolment.Status.labels)}.")
        return found or Enrolment.Status.ACTIVO.value

    return parse


def entity(written: str) -> str:
    found = _ENTITIES.get(key(written))
    if found is None:
        raise CellError("No es una entidad federativa ni su clave. Querétaro es QT; nacido en el extranjero es NE.")
    return found


@dataclass(frozen=True, slots=True)
class SexLetters:
    """What single letters mean in a sex column: `men`, `women`; `alone`: an M by itself may be mujer or masculino, and the CURP says."""

    men: str = "h"
    women: str = "mf"
    alone: bool = False
    said: Words = ()


def sex(letters: SexLetters) -> Parse:
    """The parser for a sex column, by what its letters mean; None where an officer said that a word means nothing."""
    words = {**_SEXES, **dict.fromkeys(letters.men, "H"), **dict.fromkeys(letters.women, "M"), **dict(letters.said)}

    def parse(text_: str) -> str | None:
        word = key(text_)
        if word not in words:
            raise UnknownWord("No se entiende: use H (hombre), M (mujer) o X (no binario).")
        return words[word] or None

    return parse


def sex_letters(column: ColumnFacts) -> SexLetters:
    """What the letters of a sex column mean: H and M (hombre, mujer), F and M (femenino, masculino), V and H (varón, hembra).

    A column of M alone does not say which of the first two it speaks.
    """
    words = {key(word) for word in column.words}
    if "f" in words and "h" not in words:
        return SexLetters(men="hm", women="f")
    if "v" in words and "m" not in words:
        return SexLetters(men="v", women="h")
    return SexLetters(alone=words == {"m"})
