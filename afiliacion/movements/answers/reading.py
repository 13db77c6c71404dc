"""From the bytes of a file to what it says of movements. Files are read by processes of their own, with limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Final

from afiliacion.cases.papers.pdf_words import UnreadablePdf, words_of
from afiliacion.lotes.answers.columns import COLUMNS, HEADINGS, UnknownColumns
from afiliacion.lotes.answers.papers import read_paper
from afiliacion.lotes.answers.rows import read_rows
from afiliacion.lotes.answers.values import Acuse, Constancia, Detail
from afiliacion.lotes.line.fields import FORMAT, LENGTH
from afiliacion.lotes.refusal import DocumentRefused
from afiliacion.movements.models import AnswerColumns
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.parse.reading import ENDINGS, follow, spooled
from file_reader.words import key

#: A constancia of 5,000 movements has about 130 pages.
MOST_PAGES: Final = 600
_PICTURE: Final = (
    "Es una foto o una imagen: la respuesta no se lee de ahí. Traiga el PDF o el CSV tal como se descargó de IDSE. No se aplicó nada."
)
_THE_LOTE: Final = "Es el lote que se presentó, no la respuesta del IMSS: descargue de IDSE el acuse, la constancia o el CSV del lote."
_ENDING: Final = "No se leen archivos «{}»: traiga el PDF de IDSE, o sus renglones como .csv, .txt, .xlsx u .ods. No se aplicó nada."
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"II*\0", b"MM\0*")
_SOUGHT: Final = ", ".join([*(column.label for column in COLUMNS if column.needed), "Código o Resultado"])

Said = Acuse | Constancia | Detail


class ColumnsWanted(Exception):
    """The headings of an answer do not say which column is which: a person says it once. `headers`: as they stand in the file."""

    def __init__(self, headers: Sequence[str], unknown: UnknownColumns) -> None:
        self.headers, self.found = list(headers), unknown.found
        super().__init__(str(unknown))


def read(body: bytes, filename: str) -> Said:
    """Return what a file of IMSS says: acuse de recibo, constancia de presentación, or the rows of an answer.

    Raises:
        DocumentRefused: it is none of these, or cannot be understood, or does not add up; str() says so in Spanish.
        ColumnsWanted: it has rows, under headings not known.
    """
    if body.startswith(_PICTURES):
        raise DocumentRefused(_PICTURE)
    if body.lstrip().startswith(b"%PDF"):
        return _paper(body)
    if _is_lote(body):
        raise DocumentRefused(_THE_LOTE)
    if PurePath(filename).suffix.lower() not in ENDINGS:
        raise DocumentRefused(_ENDING.format(PurePath(filename).suffix or filename))
    return _rows(body, filename)


def _paper(body: bytes) -> Acuse | Constancia:
    try:
        pages = words_of(body, pages=MOST_PAGES)
    except UnreadablePdf as why:
        raise DocumentRefused(f"{why} No se aplicó nada.") from why
    return read_paper(pages)


def _is_lote(body: bytes) -> bool:
    first = body.split(b"\n", 1)[0].rstrip(b"\r")
    return len(first) == LENGTH and first.endswith(FORMAT.encode())


def _rows(body: bytes, filename: str) -> Detail:
    try:
        with spooled(body) as path, follow(path, filename, headings=HEADINGS, sought=_SOUGHT) as table:
            headers = table.headers
            return read_rows(headers, table.lines, given(headers))
    except UnreadableFile as why:
        raise DocumentRefused(str(why)) from why
    except UnknownColumns as unknown:
        raise ColumnsWanted(headers, unknown) from unknown


def headings_of(headers: Sequence[str]) -> str:
    """What tells the headings of one kind of answer from others."""
    return " ".join(map(key, headers))


def given(headers: Sequence[str]) -> Mapping[str, int] | None:
    """What a person said earlier of these headings; None if that was not needed yet."""
    known = AnswerColumns.objects.filter(headings=headings_of(headers)).first()
    return known.places if known else None
