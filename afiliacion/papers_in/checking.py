"""What speaks against a document: in itself, and as this student's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from afiliacion.papers_in.judged import KnownStudent
from afiliacion.papers_in.reasons import NAMES
from afiliacion.papers_in.saying import Doubt, Said, is_same_name
from paper_reader.reading import Field, Kind, Source
from students.curp import Curp, CurpError
from students.nss import Nss, NssError

#: What a paper must say to be clear.
_NEEDED: Final = {
    Kind.NSS_SHEET: (Field.NSS, Field.CURP, Field.FIRST_NAMES, Field.BIRTH_DATE, Field.FOLIO, Field.ISSUED_ON),
    Kind.NSS_CARD: (Field.NSS, Field.CURP, Field.FULL_NAME),
    Kind.VIGENCIA: (Field.NSS, Field.CURP, Field.FULL_NAME, Field.BIRTH_DATE, Field.RIGHT, Field.ISSUED_ON),
    Kind.CLINIC: (Field.NSS, Field.CURP, Field.FULL_NAME, Field.UMF),
    Kind.SAV_002: (Field.NSS, Field.CURP, Field.FULL_NAME, Field.UMF),
}
#: The folio begins with the moment of issue in milliseconds (docs/domain.md, 8.5), as the capital's clocks show it.
_MOMENT: Final = 13
_CLOCK: Final = ZoneInfo("America/Mexico_City")
#: The first two digits of an NSS after which no birth year stands, as some programs have it: no doubt is drawn from it.
_NO_BIRTH_YEAR: Final = "97"
#: Why a paper of before the ciclo is doubted; any other: old_sheet.
_OLD: Final = {Kind.VIGENCIA: "old_constancia", Kind.CLINIC: "old_clinic"}
_SEX_IN_AGREGADO: Final = {"H": "M", "M": "F", "X": "X"}


def about_the_paper(said: Said, today: dt.date, known: KnownStudent | None) -> Iterator[Doubt]:
    """What speaks against a document, no matter who brings it."""
    yield from (Doubt(warning) for warning in said.reading.warnings)
    yield from (Doubt("disagree", {"field": NAMES[field], "said": ", ".join(texts)}) for field, texts in said.contradictions())
    for field in _NEEDED.get(said.reading.kind, ()):
        if not said[field]:
            yield Doubt("missing", {"field": NAMES[field]})
        elif said.values[field].source is Source.OCR:
            yield Doubt("ocr")
    yield from _digits(said)
    yield from _dates(said, today, known)


def _digits(said: Said) -> Iterator[Doubt]:
    if said[Field.NSS]:
        try:
            Nss.parse(said[Field.NSS])
        except NssError as error:
            yield Doubt("nss_digit", {"said": said[Field.NSS], "why": str(error)})
    if said[Field.CURP]:
        try:
            Curp.parse(said[Field.CURP])
        except CurpError as error:
            yield Doubt("curp_digit", {"said": said[Field.CURP], "why": str(error)})


def _dates(said: Said, today: dt.date, known: KnownStudent | None) -> Iterator[Doubt]:
    issued = said.day(Field.ISSUED_ON)
    made = _made_on(said[Field.FOLIO])
    if said[Field.FOLIO] and issued and made != issued:
        yield Doubt("folio_date", {"ours": f"{made:%d/%m/%Y}" if made else "ningún día", "said": f"{issued:%d/%m/%Y}"})
    latest = max(filter(None, (issued, made)), default=None)
    if latest and latest > today:
        yield Doubt("future", {"said": f"{latest:%d/%m/%Y}"})
    if issued and known and issued < known.ciclo_starts:
        yield Doubt(_OLD.get(said.reading.kind, "old_sheet"), {"said": f"{issued:%d/%m/%Y}"})


def _made_on(folio: str) -> dt.date | None:
    """The day on which a document with this folio was made; None if its first digits are no moment of these years."""
    try:
        moment = dt.datetime.fromtimestamp(int(folio[:_MOMENT]) / 1000, _CLOCK) if folio else None
    except (ValueError, OverflowError, OSError):
        return None
    return moment.date() if moment else None


def about_student(said: Said, known: KnownStudent) -> Iterator[Doubt]:
    """What speaks against a document as this student's."""
    yield from _person(said, known)
    yield from _number(said, known)
    if known.nss_of_another:
        yield Doubt("nss_of_another")
    if known.brought_by_another:
        yield Doubt("brought_by_another")


def _person(said: Said, known: KnownStudent) -> Iterator[Doubt]:
    ours = f"{known.first_names} {known.first_surname} {known.second_surname}"
    turned = f"{known.first_surname} {known.second_surname} {known.first_names}"
    named = not said.name or is_same_name(said.name, ours) or (not said[Field.FIRST_NAMES] and is_same_name(said.name, turned))
    if said[Field.CURP] and said[Field.CURP] != known.curp:
        code = "curp_former" if said[Field.CURP] in known.former_curps else "curp_differs" if named else "of_another"
        yield Doubt(code, {"said": said[Field.CURP]})
    if not named:
        yield Doubt("name_differs", {"said": said.name, "ours": ours.strip()})
    elif said[Field.FIRST_NAMES] and not _is_parted_alike(said, known):
        yield Doubt("name_differs", {"said": f"{said.name} ({said[Field.FIRST_SURNAME]})", "ours": ours.strip()})
    born = said.day(Field.BIRTH_DATE)
    if born and born != known.birth_date:
        yield Doubt("birth_differs", {"said": f"{born:%d/%m/%Y}", "ours": f"{known.birth_date:%d/%m/%Y}"})
    if said[Field.SEX] and known.curp and said[Field.SEX] != known.curp[10]:
        yield Doubt("sex_differs")


def _is_parted_alike(said: Said, known: KnownStudent) -> bool:
    return is_same_name(said[Field.FIRST_NAMES], known.first_names) and is_same_name(said[Field.FIRST_SURNAME], known.first_surname)


def _number(said: Said, known: KnownStudent) -> Iterator[Doubt]:
    nss, agregado = said[Field.NSS], said[Field.AGREGADO_MEDICO]
    born = f"{known.birth_date:%Y}"
    if nss and known.nss and nss != known.nss:
        yield Doubt("nss_differs", {"said": nss})
    if nss and not nss.startswith(_NO_BIRTH_YEAR) and nss[4:6] != born[2:]:
        yield Doubt("birth_year", {"said": nss[4:6], "ours": born})
    if agregado and agregado[0] != "1":
        yield Doubt("beneficiary", {"said": agregado})
    if agregado and known.curp and agregado[1:6] != f"{_SEX_IN_AGREGADO[known.curp[10]]}{born}":
        yield Doubt("agregado_differs", {"said": agregado})
