"""A cell as people see it: invisible signs, doubled blanks and marks that only say "text" are no part of it; words for none are none."""

from __future__ import annotations

import re
from typing import Final

from afiliacion.cell_text import clean
from file_reader.values import NO_RESULT
from file_reader.words import key


class CellError(ValueError):
    """A cell cannot be taken; str() says why and what to do, in Spanish."""


class SaysNone(CellError):
    """A cell says in a word that there is nothing to say ("N/A", "NO TIENE")."""


class ProgramError(CellError):
    """A program wrote an error, or nothing, where a formula's result should be."""


class UnknownWord(CellError):
    """A word of the school's own, that an officer can say the meaning of."""


#: Signs without width, and marks of left-to-right text, which change nothing that is seen.
_NO_WIDTH: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u202a\u202c\u2060\u2066\u2069\ufeff"))
_BLANKS: Final = re.compile(r"[^\S\r\n]{2,}|[^\S\r\n ]")
#: Hyphens of every length, and blanks, between the parts of a number.
_BETWEEN: Final = re.compile(r"[\s\-‐‑‒–—]+")
#: ="00123", '00123 and 00123.0 are 00123. The apostrophe of 't Hooft is its own.
_AS_TEXT: Final = re.compile(r"""=\s*"([^"]*)"|['’`´](?!.{1,2}[\s-])([\w(].*?)['’]?""", re.DOTALL)
_FLOAT: Final = re.compile(r"(\d+)\.0+")
_ERRORS: Final = re.compile(
    r"#(?:N/[AD]|[¡¿]?(?:REF|VALUE|VALOR|DIV/0|NAME|NOMBRE|NULL|NULO|NUM|SPILL|DESBORDAMIENTO|CALC|CAMPO|FIELD)[!?])|Err:\d{3}",
    re.IGNORECASE,
)
_SCIENTIFIC: Final = re.compile(r"\d+(?:[.,]\d+)?E\+\d+", re.IGNORECASE)
#: A spreadsheet writes zeros for the digits of a number after its fifteenth.
_LOST_DIGITS: Final = re.compile(r"\d{15}0{2,}")

_SAY_NONE: Final = (
    "na nd sd sc nc no null nan none nil ninguna ninguno nohay sindato sindatos notiene nocuenta nocuentacon noaplica nodisponible aunno"
    " aunnotiene todaviano todavianotiene sininformacion sininfo noproporciono noproporcionado noespecificado noespecifica notengo"
    " entramite tramite tramitando enproceso pendiente porentregar porasignar sinasignar vacio sn sincorreo sintelefono sinnss sinnumero"
    " sinsegundoapellido sinapellido sinapellidomaterno sinmaterno sinmatricula singrupo norefiere nodio"
)
_NONE_WORDS: Final = frozenset(_SAY_NONE.split())
_LONGEST_WORD: Final = 30
#: Words that say so but are names, too.
_ALSO_NAMES: Final = frozenset({"sn", "na", "no", "nan", "nil", "null", "none", "nc", "nd", "sd", "sc", "pendiente", "vacio"})
_NAMES: Final = ("nombre", "primer_apellido")
#: Words that say so for one thing alone, where something else could be meant.
NONE_WORDS_OF: Final = {
    "nss": frozenset({"0", "noimss", "sinseguro", "noseguro"}), "telefono": frozenset({"0", "0000000000"}),
    "segundo_apellido": frozenset({"x", "xx", "xxx"}),
}  # fmt: skip


def tidy(cell: str) -> str:
    """A cell's text without what is not seen; blanks inside are one."""
    text = clean(cell)
    if not text.isascii():
        text = text.translate(_NO_WIDTH)
    if _BLANKS.search(text):
        text = _BLANKS.sub(" ", text)
    if text[:1] in "=’'`´" and (found := _AS_TEXT.fullmatch(text.strip())):
        text = found[1] if found[1] is not None else found[2]
    return text.strip()


def code(text: str) -> str:
    """The text of a number or code that a program wrote as a number with decimals (00123.0).

    Raises:
        CellError: if a spreadsheet has lost digits of it.
    """
    if text[-2:] == ".0" or text[-3:] == ".00":
        found = _FLOAT.fullmatch(text)
        return found[1] if found else text
    if _SCIENTIFIC.fullmatch(text):
        raise CellError(
            f"Excel lo convirtió en {text} y se perdieron dígitos. Dé formato de Texto a la columna y vuelva a traerlo de su sistema."
        )
    if _LOST_DIGITS.fullmatch(text):
        raise CellError(
            "Un número de más de 15 dígitos pierde los últimos en Excel, que escribe ceros: tráigalo de su sistema con formato de Texto."
        )
    return text


def joined(text: str) -> str:
    """A number or key without the blanks and hyphens that people write between its parts."""
    return text if text.isalnum() else _BETWEEN.sub("", text)


def refuse_error(text: str) -> None:
    """Raises ProgramError if a program wrote an error where data should be."""
    if text == NO_RESULT:
        raise ProgramError(
            "Es una fórmula sin resultado guardado: abra el libro en Excel, guárdelo y cárguelo otra vez, o copie y pegue valores."
        )
    if text[:1] in "#E" and _ERRORS.fullmatch(text):
        raise ProgramError(f"Es un error de Excel ({text}), no un dato: corrija la fórmula o escriba el dato.")


def says_none(text: str, name: str) -> bool:
    """Whether a cell of a column says that there is none."""
    if len(text) > _LONGEST_WORD or "@" in text or (text[0].isdigit() and text.strip("0")):
        return False
    bare = key(text)
    if not bare or bare == "n":  # signs alone; "N/A", of which the key has no more
        return not text.isalnum() and "?" not in text
    return (bare in _NONE_WORDS and not (bare in _ALSO_NAMES and name in _NAMES)) or bare in NONE_WORDS_OF.get(name, ())
