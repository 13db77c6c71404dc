"""Bytes one after the other in a stream, each after its length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

_LENGTH: Final = 8


def put(stream: IO[bytes], body: bytes) -> None:
    """Write a body."""
    stream.write(len(body).to_bytes(_LENGTH))
    stream.write(body)


def frames(stream: IO[bytes]) -> Iterator[bytes]:
    """The bodies in a stream, to its end; one that is cut off is left out."""
    while len(length := stream.read(_LENGTH)) == _LENGTH:
        body = stream.read(int.from_bytes(length))
        if len(body) < int.from_bytes(length):
            return
        yield body
