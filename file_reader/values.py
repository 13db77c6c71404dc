"""What a spreadsheet's cell holds, as text: whole numbers without ".0", dates as ISO. A lost leading zero stays lost, and is told."""

from __future__ import annotations

import datetime as dt
import math
import re
from typing import Final

#: Whole numbers up to here are exact in a spreadsheet's cell.
_EXACT: Final = 2**53
#: Day 0 of a workbook's count, by whether it counts from 1904 as old Macs did.
_DAY_ZERO: Final = {False: dt.datetime(1899, 12, 30), True: dt.datetime(1904, 1, 1)}  # noqa: DTZ001 - a cell has no time zone
_DATE_FORMATS: Final = frozenset(map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59))))
_DATE_LETTER: Final = re.compile("[dmyhs]", re.IGNORECASE)
_NOT_SHOWN: Final = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]|General', re.IGNORECASE)
#: A spreadsheet keeps no more digits of a number.
_KNOWN_DIGITS: Final = 15
#: What stands for a formula whose result is not in the file.
NO_RESULT: Final = "#SIN_RESULTADO"
#: A format that shows a whole number digit by digit (00000000, 00-00-00): its digits, and the signs between them.
_DIGIT: Final = "0#?"
_LITERAL: Final = re.compile(r'"([^"]*)"|\\(.)')
_ESCAPE: Final = re.compile(r"_x([0-9A-Fa-f]{4})_")


def as_text(value: object) -> str:
    """A value as text."""
    if isinstance(value, bool):
        return "VERDADERO" if value else "FALSO"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def number(written: str) -> str:
    """A number as a workbook writes it, as text; in powers of ten where a spreadsheet no longer knows its last digits."""
    if written.isdigit():
        return written if len(written) <= _KNOWN_DIGITS else f"{float(written):.{_KNOWN_DIGITS - 1}E}"
    try:
        return as_text(float(written))
    except ValueError:
        return written


def day(written: str, *, since_1904: bool) -> str:
    """A workbook's serial day (and time), as ISO text."""
    try:
        serial = float(written)
        moment = _DAY_ZERO[since_1904] + dt.timedelta(seconds=round(serial * 86_400)) if math.isfinite(serial) else None
    except (ValueError, OverflowError):
        moment = None
    return written if moment is None else as_text(moment)


def is_date_format(identifier: str, code: str) -> bool:
    """Whether a number format (its code, if the workbook defines it) shows a date."""
    return bool(_DATE_LETTER.search(_NOT_SHOWN.sub("", code.partition(";")[0]))) if code else identifier in _DATE_FORMATS


def unescaped(text: str) -> str:
    """`text` with the signs a workbook writes by number (_x000D_); what is no sign at all stays as it is written."""
    return _ESCAPE.sub(_sign, text) if "_x" in text else text


def _sign(found: re.Match[str]) -> str:
    sign = chr(int(found[1], 16))
    return sign if sign.isprintable() or sign in "\t\n\r" else found[0]


def digits_format(code: str) -> str:
    """The format of a whole number that shows zeros or signs of its own, its digits as 0 or #; empty for any other."""
    first = _LITERAL.sub(lambda found: (found[1] or found[2] or "").replace("0", "O"), code.partition(";")[0])
    plain = first.strip()
    shows = plain.count("0") > 1 and set(plain) <= set(f"{_DIGIT} -/()")
    return plain if shows else ""


def shown_by(form: str, digits: str) -> str:
    """A whole number's digits as a format of `digits_format` shows them."""
    out, left = [], list(digits)
    for sign in reversed(form):
        if sign not in _DIGIT:
            out.append(sign)
        elif left:
            out.append(left.pop())
        elif sign == "0":
            out.append("0")
    return "".join([*left, *reversed(out)]).strip()
