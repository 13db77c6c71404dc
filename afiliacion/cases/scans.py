"""Papers on their way in: what a file is, its first bytes say."""

from __future__ import annotations

from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile

LARGEST_BYTES: Final = 5 * 1024 * 1024
_KINDS: Final = ((b"%PDF-", "application/pdf"), (b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"))


class PaperError(ValueError):
    """A file is not a paper we keep; str() says why in Spanish."""


def read_paper(upload: UploadedFile[Any], largest: int = LARGEST_BYTES) -> tuple[bytes, str]:
    """The body and media type of an uploaded paper of at most `largest` bytes.

    Raises:
        PaperError: too large, or neither PDF nor JPEG nor PNG, whatever its name says.
    """
    if (upload.size or 0) > largest:
        raise PaperError(f"El archivo pesa más de {largest // 2**20} MB: vuelva a escanearlo con menor resolución.")
    body = upload.read()
    for start, media_type in _KINDS:
        if body.startswith(start):
            return body, media_type
    raise PaperError("El archivo no es un PDF ni una foto JPG o PNG.")
