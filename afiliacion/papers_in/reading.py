"""Have brought documents read by processes with limits (`paper_reader`), in batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from paper_reader.reading import Reading


def read(bodies: Sequence[bytes]) -> list[Reading]:
    """Return what each document says, in the order given; a document that its process dies of is refused as "died"."""
    raise NotImplementedError


def picture(body: bytes, page: int) -> bytes:
    """Return page `page` (from 0) as a PNG drawn anew, for a screen; a picture is decoded and encoded again.

    Raises:
        ValueError: if it cannot be drawn; str() says why, in Spanish.
    """
    raise NotImplementedError


def unpacked(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and body of each file in a ZIP, opened by a process with limits.

    Raises:
        ValueError: damaged, encrypted, a ZIP in a ZIP, too many or too large files; str() says why and what to do, in Spanish.
    """
    raise NotImplementedError
