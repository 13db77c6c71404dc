"""`python -m pdf_reader MEMORY SECONDS [PAGES] < FILE`: one line of JSON about a PDF.

Without PAGES, {"found": what it carries besides pages, or ""}. With PAGES, the most it may have: {"pages": [[[word, left, top, right,
bottom], …], …]}, or {"refused": why}. Limits: address space (bytes), processor time (seconds), no file written.
"""

from __future__ import annotations

import json
import resource
import sys


def limit(memory: int, seconds: int) -> None:
    """Give this process no more than these."""
    for what, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CPU, seconds), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    limit(int(sys.argv[1]), int(sys.argv[2]))
    said: dict[str, object]
    if sys.argv[3:]:
        from pdf_reader.text import NoPaper, pages_of

        try:
            said = {"pages": pages_of(sys.stdin.buffer.read(), int(sys.argv[3]))}
        except (NoPaper, MemoryError) as refused:
            said = {"refused": str(refused) or "broken"}
    else:
        from pdf_reader.check import BROKEN, finding

        try:
            said = {"found": finding(sys.stdin.buffer.read())}
        except (MemoryError, RecursionError):
            said = {"found": BROKEN}
    sys.stdout.write(json.dumps(said) + "\n")
