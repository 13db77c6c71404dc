"""What a scanned or typed text says: a folio, the address of a student's page, a CURP, an NSS, or just a text.

A scanner types with the layout it was set up for, seldom the computer's: hyphens, bars and colons arrive as other signs, and only
letters and digits can be trusted. IMSS' sheet carries NSS, name and CURP in one code (docs/domain.md, 8.3); its exact form is not
published, so what is looked for is what holds together by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from students.curp import Curp, CurpError
from students.nss import Nss, NssError

LONGEST: Final = 2_000
#: Our own code, as the receipt prints it; a matrícula may look like one without its hyphen.
_FOLIO: Final = re.compile(r"(?<![A-Z0-9])E([^A-Z0-9]?)(\d{7,12})(?![A-Z0-9])")
#: The end of the address of a student's page (reminders/letters/links.py): case, last day and signature.
_TOKEN: Final = re.compile(r"(?<![A-Z0-9])A[^A-Z0-9]([0-9A-Z]{1,13}\.[0-9A-Z]{1,8}(?:\.[0-9A-Z]{1,13})?\.[0-9A-Z]{16})$")
_CURP: Final = re.compile(r"(?<![A-Z0-9])[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z\d]\d(?![A-Z0-9])")
_NSS: Final = re.compile(r"(?<![A-Z0-9])\d{11}(?![A-Z0-9])")


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; empty where nothing of the kind was. `folio` is a case's id, `sure` that it can be nothing else."""

    text: str
    folio: int | None = None
    sure: bool = False
    curp: str = ""
    nss: str = ""
    token: str = ""


def read(text: str) -> Reading:
    """The well-formed codes in `text`; digits that do not hold together are just text."""
    plain = " ".join(text[:LONGEST].split())
    code = plain.upper()
    found, page = _FOLIO.search(code), _TOKEN.search(code)
    return Reading(
        plain,
        folio=int(found[2]) if found else None,
        sure=bool(found and found[1]),
        curp=next(filter(None, map(_curp, _CURP.findall(code))), ""),
        nss=next(filter(None, map(_nss, _NSS.findall(code))), "") or _nss(code),
        token=page[1] if page else "",
    )


def _curp(text: str) -> str:
    try:
        return Curp.parse(text)
    except CurpError:
        return ""


def _nss(text: str) -> str:
    try:
        return Nss.parse(text)
    except NssError:
        return ""
