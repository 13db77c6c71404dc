"""The words of a PDF with their places."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.papers.pdf_process import ask
from paper_reader.page import Page, Word

_REASONS: Final = {
    "encrypted": "El PDF está protegido con contraseña: descárguelo otra vez, sin protegerlo.",
    "pages": "El PDF tiene demasiadas páginas: no es un documento de los que se leen aquí.",
    "size": "Las páginas del PDF son más grandes que las de un documento: descárguelo otra vez de donde salió.",
    "broken": "El PDF está dañado o incompleto: descárguelo otra vez de donde salió.",
}


class UnreadablePdf(ValueError):
    """The words of a PDF cannot be had; str() says why and what to do, in Spanish."""


def words_of(body: bytes, *, pages: int) -> list[Page]:
    """Return the words of each page of a PDF of at most so many pages; a page that is a picture has none.

    Raises:
        UnreadablePdf: it needs a password, is damaged, or is longer or larger than papers are.
    """
    said = ask(body, "words", str(pages))
    if "pages" not in said:
        raise UnreadablePdf(_REASONS.get(said.get("refused", ""), _REASONS["broken"]))
    return [[Word(*word) for word in page] for page in said["pages"]]
