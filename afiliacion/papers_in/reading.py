"""Have brought documents read by processes with limits (`paper_reader`), in batches."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.conf import settings

from afiliacion.papers_in.refusals import NOT_DRAWN, NOT_UNPACKED
from limited_process.limits import Limits
from limited_process.start import run, start
from paper_reader.frames import frames, put
from paper_reader.reading import Field, Kind, Reading, Source, Value

log = logging.getLogger(__name__)

#: Documents that are read by one process: starting it costs as much as reading ten. Fewer where they are heavy.
_TOGETHER: Final = 30
_HEAVY: Final = 32 * 2**20
#: How much longer than its processor time a process may take on a busy machine.
_BUSY: Final = 4
_START: Final = 5
_DIED: Final = Reading(Kind.UNKNOWN, 0, refused="died")
#: What the program of PAPER_OCR may use.
_OCR: Final = Limits(2 * 2**30, 20, programs=True)
#: How the process ends that says why it drew nothing.
_SAID_WHY: Final = 3


def read(bodies: Sequence[bytes]) -> list[Reading]:
    """Return what each document says, in the order given; a document that its process dies of is refused as "died".

    A picture in which nothing is read is given to the program of PAPER_OCR, if there is one: what that makes of it is only proposed.
    """
    readings = [reading for batch in _batches(bodies) for reading in _together(batch)]
    if not settings.PAPER_OCR:
        return readings
    return [_guessed(body, reading) if reading.refused == "no_text" else reading for body, reading in zip(bodies, readings, strict=True)]


def _guessed(body: bytes, reading: Reading) -> Reading:
    """What the program of PAPER_OCR makes of the first page of a document; `reading` if it makes nothing of it."""
    order = (settings.PAPER_OCR, "stdin", "stdout", "-l", "spa", "tsv")
    try:
        words = run("limited_process.program", *order, limits=_OCR, given=picture(body, 0), timeout=_BUSY * _OCR.seconds)
        said = run("paper_reader", "guess", limits=_limits(_BUSY), given=words, timeout=_START + _BUSY * _BUSY)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, ValueError) as error:
        log.warning("nothing was made of a picture: %s", error)
        return reading
    guessed = _reading(json.loads(said))
    return reading if guessed.refused else guessed._replace(pages=reading.pages)


def _batches(bodies: Sequence[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for body in bodies:
        if batch and (len(batch) == _TOGETHER or sum(map(len, batch)) + len(body) > _HEAVY):
            yield batch
            batch = []
        batch.append(body)
    if batch:
        yield batch


def _together(bodies: Sequence[bytes]) -> list[Reading]:
    """Read some documents in one process; after one that ends it, that one and the rest in another. One that ends two is not read."""
    done: list[Reading] = []
    while len(done) < len(bodies):
        done += _asked(bodies[len(done) :]) or [_DIED]
    return done


def _asked(bodies: Sequence[bytes]) -> list[Reading]:
    """What a process says until it ends, of its own accord or not."""
    seconds = settings.PAPER_READER_SECONDS
    limits = _limits(seconds * len(bodies))
    with tempfile.TemporaryFile() as spool:
        for body in bodies:
            put(spool, body)
        spool.seek(0)
        try:
            said = run(
                "paper_reader", "documents", str(seconds), limits=limits, given=spool, timeout=_START + _BUSY * seconds * len(bodies)
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            log.warning("the reader of brought documents ended: %s", type(error).__name__)
            said = error.output or b""
    return [_reading(json.loads(line)) for line in said.split(b"\n")[:-1]]


def _limits(seconds: int) -> Limits:
    return Limits(settings.PAPER_READER_BYTES, _START + seconds, data=settings.PAPER_READER_DATA)


def _reading(said: Sequence[Any]) -> Reading:
    kind, pages, values, warnings, refused = said
    return Reading(Kind(kind), pages, tuple(map(_value, values)), tuple(warnings), refused)


def _value(said: Sequence[Any]) -> Value:
    field, text, source, page, box = said
    return Value(Field(field), text, Source(source), page, tuple(box) if box else None)


def picture(body: bytes, page: int) -> bytes:
    """Return page `page` (from 0) as a PNG drawn anew, for a screen; a picture is decoded and encoded again.

    Raises:
        ValueError: if it cannot be drawn; str() says why, in Spanish.
    """
    try:
        return run("paper_reader", "picture", str(page), limits=_limits(_BUSY), given=body, timeout=_START + _BUSY * _BUSY)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        said_why = isinstance(error, subprocess.CalledProcessError) and error.returncode == _SAID_WHY
        raise ValueError(NOT_DRAWN.get(json.loads(error.output) if said_why else "", NOT_DRAWN[""])) from error


def unpacked(archive: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and body of each file in a ZIP, opened by a process with limits.

    Raises:
        ValueError: damaged, encrypted, a ZIP in a ZIP, too many or too large files; str() says why and what to do, in Spanish.
    """
    order = ("unpack", str(settings.PAPERS_IN_A_ZIP), str(settings.PAPER_IN_BYTES))
    with tempfile.TemporaryFile() as spool:
        spool.write(archive)
        spool.seek(0)
        with start("paper_reader", *order, limits=_limits(_UNPACKING), stdin=spool, stdout=subprocess.PIPE) as process:
            assert process.stdout  # noqa: S101 - asked for
            try:
                yield from _files(frames(process.stdout))
            finally:
                process.kill()


#: Processor time for a whole ZIP.
_UNPACKING: Final = 120


def _files(parts: Iterator[bytes]) -> Iterator[tuple[str, bytes]]:
    ended = False
    for name in parts:
        body = next(parts, None)
        if body is None:
            break
        if not name:
            why, _, file = body.decode().partition(":")
            ended = why == "end"
            if not ended:
                raise ValueError(NOT_UNPACKED[why].format(file=file))
            continue
        yield name.decode(), body
    if not ended:
        raise ValueError(NOT_UNPACKED["damaged"])
