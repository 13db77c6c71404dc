"""`python -m paper_reader ORDER [NUMBER …]`, run by `limited_process`, which sets its limits. What it is given is its standard input.

- `check`: a PDF. Says {"found": what it carries besides pages, or ""}.
- `words PAGES`: a PDF of at most so many pages. Says {"pages": [[[word, left, top, right, bottom], …], …]} or {"refused": why}.
- `documents SECONDS`: documents, each after its length (paper_reader/frames.py). Says each reading in a line of JSON; ends at one that
  takes more processor time.
- `picture NUMBER`: a document. Writes that page as PNG, or ends with 3 and says why not.
- `guess`: the words a program made of a picture, as tesseract's TSV. Says the reading in a line of JSON.
- `unpack FILES BYTES`: a ZIP of at most so many files of at most so many bytes each. Writes names and bodies by turns, each after its
  length; at last, in place of a name, nothing, and then "end" or why it ends before.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from typing import Final

from paper_reader.frames import frames, put


def _say(said: object) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def _check() -> None:
    from paper_reader.check import BROKEN, finding

    try:
        _say({"found": finding(sys.stdin.buffer.read())})
    except (MemoryError, RecursionError):
        _say({"found": BROKEN})


def _words(most: int) -> None:
    from paper_reader.text import NoPaper, pages_of

    try:
        _say({"pages": pages_of(sys.stdin.buffer.read(), most)})
    except (NoPaper, MemoryError) as refused:
        _say({"refused": str(refused) or "broken"})


def _documents(seconds: int) -> None:
    from paper_reader.document import read

    for body in frames(sys.stdin.buffer):
        # No handler: a library in C would not let it run.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        _say(read(body))


def _picture(number: int) -> None:
    from paper_reader.document import PAGES
    from paper_reader.pictures import NoPicture, png
    from paper_reader.text import NoPaper

    try:
        sys.stdout.buffer.write(png(sys.stdin.buffer.read(), number, PAGES))
    except (NoPaper, NoPicture, MemoryError) as refused:
        _say(str(refused) or "too_large")
        sys.exit(3)


def _guess() -> None:
    from paper_reader.guessed import guessed

    _say(guessed(sys.stdin.buffer.read().decode("utf-8", "replace")))


def _unpack(most: int, largest: int) -> None:
    from paper_reader.packed import NoArchive, files_of

    out = sys.stdout.buffer
    try:
        for name, body in files_of(sys.stdin.buffer, most, largest):
            put(out, name.encode("utf-8", "replace"))
            put(out, body)
        put(out, b"")
        put(out, b"end")
    except (NoArchive, MemoryError) as refused:
        put(out, b"")
        put(out, (str(refused) or "too_large").encode())


_ORDERS: Final[dict[str, Callable[..., None]]] = {
    "check": _check, "words": _words, "documents": _documents, "picture": _picture, "guess": _guess, "unpack": _unpack,
}  # fmt: skip

if __name__ == "__main__":
    _ORDERS[sys.argv[1]](*map(int, sys.argv[2:]))
