"""Check uploaded papers: the first bytes decide what a file is."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile

from afiliacion.cases.papers.pdf_check import pdf_objection

UNKNOWN: Final = "application/octet-stream"
LARGEST_BYTES: Final = 5 * 1024 * 1024
_KINDS: Final = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


class PaperError(ValueError):
    """A file is not accepted as a paper; str() says why in Spanish."""


class UnsafePdf(PaperError):
    """A PDF carries what acts by itself, or cannot be looked into."""


def read_paper(upload: UploadedFile[Any], largest: int = LARGEST_BYTES) -> tuple[bytes, str]:
    """The body and media type of an uploaded paper of at most `largest` bytes.

    Raises:
        PaperError: too large, or neither PDF nor JPEG nor PNG, whatever its name says.
        UnsafePdf: a PDF that carries programs or files, or that cannot be looked into.
    """
    if (upload.size or 0) > largest:
        raise PaperError(f"El archivo pesa más de {largest // 2**20} MB: vuelva a escanearlo con menor resolución.")
    body = upload.read()
    media_type = media_type_of(body)
    if media_type == UNKNOWN:
        raise PaperError("El archivo no es un PDF ni una foto JPG o PNG.")
    _check(body, media_type)
    return body, media_type


def media_type_of(body: bytes) -> str:
    """What the first bytes say a file is; UNKNOWN if it is none of the kinds that papers come in."""
    return next((media_type for start, media_type in _KINDS if body.startswith(start)), UNKNOWN)


def _check(body: bytes, media_type: str) -> None:
    if media_type == "application/pdf" and (why := pdf_objection(body)):
        raise UnsafePdf(why)
