"""Words of a page to its lines, and what stands beside or under a label: by position, not by the order of text (docs/domain.md, 7.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from paper_reader.page import Page, Word, bare

#: Two words are on one line if their middles are nearer than this part of the lower one's height.
_SAME_LINE: Final = 0.6


class Line(NamedTuple):
    """Words beside each other, from left to right. `page`, `number`: from 1; `bare`: its words as labels are compared, put together."""

    page: int
    number: int
    words: tuple[Word, ...]
    bare: str

    @property
    def where(self) -> str:
        """Its place, in Spanish."""
        return f"la página {self.page}, renglón {self.number}"

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    def find(self, label: str) -> tuple[int, int] | None:
        """Between which positions of its words a label (bare) stands; the leftmost. None: it does not."""
        return next((found for first in range(len(self.words)) if (found := self._from(first, label))), None)

    def _from(self, first: int, label: str) -> tuple[int, int] | None:
        seen = ""
        for after, word in enumerate(self.words[first:], first + 1):
            seen += bare(word.text)
            if seen == label:
                return first, after
            if not label.startswith(seen):
                return None
        return None


def lines_of(pages: Sequence[Page]) -> list[Line]:
    """Every line of a document, page by page from the top."""
    return [
        Line(page, number, words, "".join(bare(word.text) for word in words))
        for page, each in enumerate(pages, 1)
        for number, words in enumerate(_rows(each), 1)
    ]


def _rows(page: Page) -> Iterator[tuple[Word, ...]]:
    row: list[Word] = []
    for word in sorted(page, key=_middle):
        if row and _middle(word) - _middle(row[0]) > _SAME_LINE * min(_height(word), _height(row[0])):
            yield _in_order(row)
            row = []
        row.append(word)
    if row:
        yield _in_order(row)


def _in_order(row: list[Word]) -> tuple[Word, ...]:
    return tuple(sorted(row, key=lambda word: (word.left, word.right)))


def _middle(word: Word) -> float:
    return (word.top + word.bottom) / 2


def _height(word: Word) -> float:
    return max(word.bottom - word.top, 1.0)


def beside(lines: Sequence[Line], label: str, others: Sequence[str], value: re.Pattern[str]) -> str:
    """Return the value of a label: the words right of it, else left of it, else under it, that are together a `value`; "" if none are.

    `others`: the labels (bare) at which another value begins.
    """
    for at, line in enumerate(lines):
        if not (found := line.find(label)):
            continue
        first, after = found
        others_at = [each for other in others if other != label and (each := line.find(other))]
        begin = max((end for _, end in others_at if end <= first), default=0)
        end = min((start for start, _ in others_at if start >= after), default=len(line.words))
        under = _under(line, found, lines[at + 1] if at + 1 < len(lines) else None, end)
        for words in (line.words[after:end], line.words[begin:first], under):
            if text := _value_in(words, value):
                return text
    return ""


def _under(line: Line, label: tuple[int, int], below: Line | None, end: int) -> tuple[Word, ...]:
    """The words of the next line under a label, as far as the next label begins."""
    left, right = line.words[label[0]].left, line.words[end].left if end < len(line.words) else float("inf")
    return tuple(word for word in below.words if left - 1 <= word.left < right) if below and below.page == line.page else ()


def _value_in(words: Sequence[Word], value: re.Pattern[str]) -> str:
    text = " ".join(word.text for word in words).strip(" :|")
    return text if value.fullmatch(text) else ""
