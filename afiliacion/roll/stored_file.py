"""The bytes of a list, kept by hash in the database: every machine of the office reads them there, and one backup has them."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from afiliacion.database.bulk_writes import copy_in
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.models import File, Import, Part

_PART: Final = 2**20


def keep(file: IO[bytes]) -> File:
    """Keep a file, once however often it comes; read from its beginning, a part at a time. Inside the caller's transaction."""
    digest, size = hashlib.sha256(), 0
    for part in _parts(file):
        digest.update(part)
        size += len(part)
    kept, new = File.objects.get_or_create(sha256=digest.hexdigest(), defaults={"size": size})
    if new:
        copy_in("roll_part", ("file_id", "number", "body"), ((kept.pk, number, part) for number, part in enumerate(_parts(file))))
    return kept


@contextmanager
def on_disk(job: Import) -> Iterator[Path]:
    """The list of an import as a file of this machine, while the context lasts.

    Raises:
        UnreadableFile: if its bytes were deleted.
    """
    with tempfile.NamedTemporaryFile(prefix="lista-") as copy:
        for (body,) in Part.objects.filter(file=job.sha256).order_by("number").values_list("body").iterator(chunk_size=1):
            copy.write(body)
        copy.flush()
        if copy.tell() != job.size:
            raise UnreadableFile("El archivo de esta lista ya se borró: vuelva a subirla.")
        yield Path(copy.name)


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(_PART):
        yield part
