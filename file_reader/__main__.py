"""`python -m file_reader ORDER FD`: the rows of a list into the open file FD. Run by `limited_process`, which sets its limits.

Standard output has a line of JSON after every batch: what the list is as its first rows have it, then the number of rows so far;
at last, what the whole list is.
"""

from __future__ import annotations

import json
import sys
from typing import Any, Final

from file_reader.answers import look
from file_reader.order import FileRefused, ReadOrder

_TOO_BIG: Final = "El archivo no cabe en la memoria que se le da a una lista: divídala en varias o guárdela como CSV."


def say(what: object) -> None:
    """One line of the answer."""
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def answer(written: str, rows: int) -> dict[str, Any]:
    """Answer one order; what is refused is an answer too."""
    said = json.loads(written)
    order = ReadOrder(**{**said, "headings": frozenset(said["headings"])})
    try:
        with open(rows, "w", encoding="utf-8") as out:
            return look(order, out, say)
    except FileRefused as refused:
        return {"refused": str(refused)}
    except MemoryError:
        return {"refused": _TOO_BIG}


if __name__ == "__main__":
    say(answer(sys.argv[1], int(sys.argv[2])))
