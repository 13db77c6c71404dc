"""From a cell's text to a value. Each parser takes text that is not blank and returns the value, or raises CellError:
the reason in Spanish, with what to do. Nothing is padded, cut, recased or guessed."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from afiliacion.cases.models import WithoutCurp
from file_reader.facts import SLASHED, ColumnFacts
from file_reader.words import key
from students.curp import ENTITIES, SEXES, is_generic
from students.models import Enrolment

Parse = Callable[[str], Any]


class CellError(ValueError):
    """A cell cannot be taken; str() says why and what to do, in Spanish."""


#: Control signs, invisible and direction marks, and the sign a program writes for a letter it lost.
_UNSEEN: Final = re.compile("[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffd]")
_ISO: Final = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T]00:00(?::00)?(?:\.0+)?)?")
_TWO_DIGIT_YEAR: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")
_SERIAL: Final = re.compile(r"\d{5}")
#: Day 0 of Excel's count, as every day after February 1900 has it.
_EXCEL_ZERO: Final = dt.date(1899, 12, 30)

_EMAIL: Final = EmailValidator()
_STATUS_WORDS: Final = {
    Enrolment.Status.ACTIVO: "activo activa inscrito inscrita",
    Enrolment.Status.LICENCIA: "licencia conlicencia",
    Enrolment.Status.BAJA_TEMPORAL: "bajatemporal",
    Enrolment.Status.BAJA_DEFINITIVA: "bajadefinitiva baja bajaacademica",
    Enrolment.Status.EGRESADO: "egresado egresada egreso bajaporegreso titulado titulada",
    Enrolment.Status.DESERTOR: "desertor desertora desercion bajapordesercion",
    Enrolment.Status.DEFUNCION: "defuncion fallecido fallecida finado finada bajapordefuncion",
}
_SEX_WORDS: Final = {"H": "h hombre masculino masc", "M": "m mujer femenino fem f", "X": "x nobinario nobinaria"}
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


def name(limit: int) -> Parse:
    """Part of a person's name: text with at least one letter."""
    as_text = text(limit)

    def parse(written: str) -> str:
        if not any(c.isalpha() for c in written):
            raise CellError("No es un nombre: si el alumno no lo tiene, deje la celda vacía.")
        return str(as_text(written))

    return parse


_SEEN_IN_NAMES: Final = frozenset(" '’´`.,-–/()")


@lru_cache(maxsize=2**13)
def odd_in_name(written: str) -> str:
    """A sign that names do not carry, if `written` has one: usually a letter lost between two programs."""
    return next((c for c in written if not (c.isalpha() or c in _SEEN_IN_NAMES)), "")


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


def status(written: str) -> str:
    found = _STATUSES.get(key(written))
    if found is None:
        raise CellError(f"No se conoce esa situación. Use una de estas: {', '.join(Enrolment.Status.labels)}.")
    return found


def entity(written: str) -> str:
    found = _ENTITIES.get(key(written))
    if found is None:
        raise CellError("No es una entidad federativa ni su clave. Querétaro es QT; nacido en el extranjero es NE.")
    return found


def sex(f_and_m: bool) -> Parse:
    """The parser for a sex column: M means Mujer, unless the column speaks F and M."""
    words = _SEXES | {"m": "H"} if f_and_m else _SEXES

    def parse(text_: str) -> str:
        found = words.get(key(text_))
        if found is None:
            raise CellError("No se entiende: use H (hombre), M (mujer) o X (no binario).")
        return found

    return parse


def speaks_f_and_m(column: ColumnFacts) -> bool:
    """Whether a sex column uses F/M (femenino, masculino) instead of H/M (hombre, mujer)."""
    words = {word.upper() for word in column.words}
    return "F" in words and "H" not in words


def date(american: str) -> Parse:
    """The parser for a date column; `american`: a cell of it that can only be month/day, if one is.

    ISO, dd/mm/aaaa and Excel's serial day. No slashed date of a column that has the month first is believed.
    """

    def parse(written: str) -> dt.date:
        if american and SLASHED.fullmatch(written):
            raise CellError(f"La columna trae fechas con el mes primero (como «{american}»): escríbalas como dd/mm/aaaa o AAAA-MM-DD.")
        return _date(written)

    return parse


def _date(written: str) -> dt.date:
    try:
        if found := _ISO.fullmatch(written):
            return dt.date(*map(int, found.groups()))
        if found := SLASHED.fullmatch(written):
            day, month, year = map(int, found.groups())
            return dt.date(year, month, day)
    except ValueError as error:
        raise CellError("Esa fecha no existe en el calendario.") from error
    if _SERIAL.fullmatch(written):
        return _EXCEL_ZERO + dt.timedelta(days=int(written))
    if _TWO_DIGIT_YEAR.fullmatch(written):
        raise CellError("Escriba el año con cuatro dígitos.")
    raise CellError("No es una fecha: escríbala como dd/mm/aaaa o AAAA-MM-DD.")
