"""The files in a ZIP, one by one, its sizes looked at before anything is unpacked."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, Final

_BEGINNING: Final = b"PK"
#: What programs add and no person packed.
_HIDDEN: Final = ("__MACOSX", ".", "Thumbs.db", "desktop.ini")
_WAYS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: PDFs and photos are packed already: what shrinks to less than this part is a trap. Small ones may.
_MOST_SHRUNK: Final = 200
_SMALL: Final = 2**20
_ENCRYPTED: Final = 1
#: How many entries may be listed, folders and hidden files too: a list of a million takes minutes to look through.
_LISTED: Final = 4
_LONGEST_NAME: Final = 200


class NoArchive(ValueError):
    """The ZIP is not unpacked; str() is a short English word for why, and after a colon the name of the file, if it is one's fault."""


def files_of(stream: IO[bytes], most: int, largest: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name (without folders) and body of each file of a ZIP.

    Raises:
        NoArchive: "damaged", "encrypted", "nested" (a ZIP in it), "many" (more than `most`), "large" (more than `largest` bytes), "bomb".
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            chosen = _chosen(archive, most)
            for each in chosen:
                _check(each, largest)
            for each in chosen:
                yield _name(each), _body(archive, each)
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError, NotImplementedError) as error:
        if isinstance(error, NoArchive):
            raise
        raise NoArchive("damaged") from error


def _chosen(archive: zipfile.ZipFile, most: int) -> list[zipfile.ZipInfo]:
    listed = archive.infolist()
    chosen = [each for each in listed if not each.is_dir() and not _is_hidden(each.filename)]
    if len(chosen) > most or len(listed) > _LISTED * most:
        raise NoArchive("many")
    if not chosen:
        raise NoArchive("empty")
    return chosen


def _is_hidden(name: str) -> bool:
    return any(part.startswith(_HIDDEN) for part in PurePosixPath(name.replace("\\", "/")).parts if part not in {".", ".."})


def _check(each: zipfile.ZipInfo, largest: int) -> None:
    if each.flag_bits & _ENCRYPTED:
        raise NoArchive(f"encrypted:{_name(each)}")
    if each.file_size > largest:
        raise NoArchive(f"large:{_name(each)}")
    if each.compress_type not in _WAYS:
        raise NoArchive("damaged")
    if each.file_size > _SMALL and each.file_size > _MOST_SHRUNK * each.compress_size:
        raise NoArchive(f"bomb:{_name(each)}")


def _body(archive: zipfile.ZipFile, each: zipfile.ZipInfo) -> bytes:
    with archive.open(each) as file:
        body = file.read(each.file_size + 1)
    if len(body) > each.file_size:
        raise NoArchive(f"bomb:{_name(each)}")
    if body.startswith(_BEGINNING) and zipfile.is_zipfile(BytesIO(body)):
        raise NoArchive(f"nested:{_name(each)}")
    return body


def _name(each: zipfile.ZipInfo) -> str:
    """The name without folders: it is a label, never a path."""
    name = PurePosixPath(each.filename.replace("\\", "/")).name or "documento"
    return "".join(sign if sign.isprintable() else "_" for sign in name)[-_LONGEST_NAME:]
