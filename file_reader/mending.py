"""UTF-8 that a program took for another encoding and wrote again ("MuÃ±oz", "Mu√±oz"): known by its pairs of signs, and put right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

from file_reader.order import NumberedRow

#: What such programs took UTF-8 for. What Windows-1252 has no sign for was kept as a control sign.
_TAKEN_FOR: Final = ("cp1252", "mac_roman", "cp850")
#: How a letter of Spanish begins in UTF-8 (C3; C2 for ª º ¿ ¡ and the like), and typographic signs (E2 80); and the mark of UTF-8.
_LEADS: Final = (b"\xc3", b"\xc2", b"\xe2\x80")
_MARK: Final = b"\xef\xbb"
_AGAIN: Final = 3


def _signs(encoding: str) -> dict[str, int]:
    """The byte behind each sign of an encoding, from 80 on."""
    found = {chr(byte): byte for byte in range(0x80, 0xA0)} if encoding == "cp1252" else {}
    for byte in range(0x80, 0x100):
        sign = bytes([byte]).decode(encoding, "ignore")
        if sign:
            found[sign] = byte
    return found


_SIGNS: Final = {encoding: _signs(encoding) for encoding in _TAKEN_FOR}
#: Every sign that damage leaves: of what was damaged twice they were taken for others once more, by Windows-1252.
_LEFT: Final = frozenset(sign for signs in _SIGNS.values() for sign in signs)
_LEADS_AGAIN: Final = {"cp1252": sorted({_MARK, *(sign.encode()[:-1] for sign in _LEFT)} - {*_LEADS, b""})}


def _leads(encoding: str) -> list[bytes]:
    return [*_LEADS, *_LEADS_AGAIN.get(encoding, ())]


def _pair(encoding: str) -> str:
    """A pattern for a letter that was taken for several of an encoding."""
    leads = "|".join("".join(_any_of(encoding, byte) for byte in lead) for lead in _leads(encoding))
    trails = "".join(map(re.escape, (sign for sign, byte in _SIGNS[encoding].items() if byte < 0xC0)))
    return f"(?:(?:{leads})[{trails}])"


def _any_of(encoding: str, byte: int) -> str:
    return f"[{''.join(sign for sign, known in _SIGNS[encoding].items() if known == byte)}]"


#: What may come of it: the signs of Windows-1252, the mark of UTF-8, and signs that do not show; of what was damaged twice, those left.
_UNSEEN: Final = frozenset(map(chr, range(0x2000, 0x2070))) | {"\ufeff"}
_WRITTEN: Final = frozenset(_SIGNS["cp1252"]) - {chr(byte) for byte in range(0x80, 0xA0)} | _UNSEEN
_MADE: Final = {encoding: _LEFT | _WRITTEN if encoding == "cp1252" else _WRITTEN for encoding in _TAKEN_FOR}
_DAMAGED: Final = {encoding: re.compile(_pair(encoding)) for encoding in _TAKEN_FOR}
#: A sign with which one begins: no letter of Spanish is among them, so that a sound row is known by one look.
_BEGINS: Final = re.compile(
    f"[{''.join({sign for each in _TAKEN_FOR for sign, byte in _SIGNS[each].items() if byte in {lead[0] for lead in _leads(each)}})}]"
)


@dataclass(slots=True)
class Mended:
    """How many cells were put right, and the first as it came and as it is now."""

    cells: int = 0
    before: str = ""
    after: str = ""

    def lines(self, rows: Iterator[NumberedRow]) -> Iterator[NumberedRow]:
        """The rows, their damaged cells put right."""
        for line, cells in rows:
            together = "".join(cells)
            yield line, (cells if together.isascii() or not _BEGINS.search(together) else [self._cell(cell) for cell in cells])

    def _cell(self, cell: str) -> str:
        mended = put_right(cell)
        if mended != cell:
            self.cells += 1
            if not self.before:
                self.before, self.after = cell.strip()[:80], mended.strip()[:80]
        return mended


def put_right(text: str) -> str:
    """`text` with its damaged letters as they were, also if that happened more than once; anything else as it is."""
    for _ in range(_AGAIN):
        before = text
        for encoding in _TAKEN_FOR:
            text = _DAMAGED[encoding].sub(partial(_letter, encoding), text)
        if text == before:
            break
    return text


def _letter(encoding: str, found: re.Match[str]) -> str:
    """The sign that was taken for several of an encoding; these as they are, if they make none of those that lists have."""
    try:
        sign = bytes(_SIGNS[encoding][each] for each in found[0]).decode()
    except UnicodeDecodeError:
        return found[0]
    return sign if sign in _MADE[encoding] else found[0]
