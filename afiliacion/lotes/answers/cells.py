"""From a cell of an answer, as text, to its value; ValueError with the reason in Spanish."""

from __future__ import annotations

import datetime as dt
import re
from typing import Final

from afiliacion.lotes.answers.values import ANSWERED_TYPES, Verdict
from file_reader.words import key
from students import nss as nss_values
from students.registro_patronal import plain

_TIME: Final = r"(?:[ T]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_DATES: Final = tuple(
    re.compile(written + _TIME, re.ASCII)
    for written in (
        r"(?P<day>\d{1,2})[/-](?P<month>\d{1,2})[/-](?P<year>\d{4})",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})",
    )
)
_MOMENTS: Final = ("%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
_TYPE_WORDS: Final = {"reingreso": "08", "reingresos": "08", "alta": "08", "altas": "08", "baja": "02", "bajas": "02", "modificacion": "07"}
_OPERATED: Final = frozenset({"operado", "operada", "aceptado", "aceptada"})
_REJECTED: Final = frozenset({"rechazado", "rechazada", "noaceptado", "noaceptada", "nooperado", "nooperada"})
#: Neither one nor the other: the movement is still under way.
_WAITING: Final = frozenset(
    {"pendiente", "enproceso", "recibido", "recibida", "enviado", "enviada", "enespera", "sinrespuesta", "sinconexion"}
)
_CODE: Final = re.compile("[0-9]{1,9}")
_YES: Final = frozenset({"s", "si", "1", "x", "e", "ext", "extemporaneo", "verdadero", "true"})
_NO: Final = frozenset({"n", "no", "0", "falso", "false"})
_LONGEST: Final = 500


def text(written: str) -> str:
    """A text as it came, on one line."""
    found = " ".join(written.split())
    if len(found) > _LONGEST:
        raise ValueError(f"tiene {len(found)} signos: no es un dato de un movimiento.")
    return found


def nss(written: str) -> tuple[str, bool]:
    """The NSS in a cell, and whether a leading zero was put back: only where its check digit then holds (docs/domain.md, 7.7)."""
    digits = re.sub(r"[\s-]", "", written)
    lost = re.fullmatch(r"[0-9]{10}", digits) is not None and nss_values.all_valid([f"0{digits}"])
    return str(nss_values.Nss.parse(f"0{digits}" if lost else digits)), lost


def movement_type(written: str) -> str:
    """A type of movement, with its zero or without, or its word."""
    found = _TYPE_WORDS.get(key(written), written.strip().zfill(2))
    if found not in ANSWERED_TYPES:
        raise ValueError(f"«{text(written)}» no es un tipo de movimiento (08, 07 o 02).")
    return found


def day(written: str) -> dt.date:
    """A date as IMSS' papers and files write it, with its time or without: DD/MM/AAAA, AAAA-MM-DD, DDMMAAAA."""
    found = next((found for form in _DATES if (found := form.fullmatch(written.strip()))), None)
    if not found:
        raise ValueError(f"«{text(written)}» no es una fecha.")
    try:
        return dt.date(**{part: int(digits) for part, digits in found.groupdict().items()})
    except ValueError:
        raise ValueError(f"«{text(written)}» no es una fecha del calendario.") from None


def moment(written: str) -> dt.datetime:
    """The moment of reception, AAAA-MM-DD HH:MM, without zone: as printed, in IMSS' local time."""
    for form in _MOMENTS:
        try:
            return dt.datetime.strptime(" ".join(written.split()), form)  # noqa: DTZ007
        except ValueError:
            continue
    raise ValueError(f"«{text(written)}» no es una fecha con hora.")


def yes_or_no(written: str) -> bool | None:
    """A mark; None if it is none that is known."""
    found = key(written)
    return True if found in _YES else False if found in _NO else None


def registro(written: str) -> str:
    """A registro patronal, of any length: what IMSS prints is never refused for its form (docs/domain.md, 1.4)."""
    return plain(written)[:20]


def verdict(code: str, state: str) -> Verdict | None:
    """What a row says, by its code and by its word; None where neither says anything (docs/domain.md, 7.8).

    Raises:
        ValueError: if they contradict each other, the code is no number, or the word is not known.
    """
    if code and not _CODE.fullmatch(code):
        raise ValueError(f"«{code}» no es un código de error (es un número; 0 si se aceptó).")
    word = key(state)
    by_code = None if not code else Verdict.OPERADO if not code.strip("0") else Verdict.RECHAZADO
    by_word = Verdict.OPERADO if word in _OPERATED else Verdict.RECHAZADO if word in _REJECTED else None
    if word in _WAITING:
        return None
    if word and by_word is None:
        raise ValueError(f"«{text(state)}» no dice si el movimiento se operó o se rechazó.")
    if by_code and by_word and by_code != by_word:
        raise ValueError(f"el código «{text(code)}» y la palabra «{text(state)}» se contradicen.")
    return by_word or by_code
