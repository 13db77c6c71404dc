"""The values of a page: to each label the words that stand beside or under it, whatever the order in which they were drawn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from paper_reader.blocks import Block, Segment, blocks_of, segments_of
from paper_reader.drawn import Drawn, Piece, box_of
from paper_reader.labels import Label, labels_of
from paper_reader.reading import Source, Value
from paper_reader.shapes import LONG, spellings

#: How far under its label a value may begin, in heights.
_UNDER: Final = 2.6
_ALIGNED: Final = 3.0
#: How far left of its heading a value under it may begin, in points.
_SLACK: Final = 4.0
_FAR: Final = 1e9


class Found(NamedTuple):
    """A value and the pieces it is written with."""

    value: Value
    pieces: tuple[Piece, ...]


def values_of(page: Drawn, aside: frozenset[int] = frozenset()) -> list[Found]:
    """Return the values of a page with their places. `aside`: positions of pieces that are read otherwise (the cadena original)."""
    labels = labels_of(page.pieces)
    segments = segments_of(page.pieces, [(label.first, label.after) for label in labels], aside)
    found = (_found(page, label, labels, segments) for label in labels if label.field)
    return [each for each in found if each]


def _found(page: Drawn, label: Label, labels: Sequence[Label], segments: Sequence[Segment]) -> Found | None:
    assert label.field  # noqa: S101 - of those that are read
    for block in _candidates(page, label, labels, segments):
        for text, lines in spellings(label.field, [line.text for line in block.lines]):
            pieces = tuple(piece for line in block.lines[:lines] for piece in line.pieces)
            return Found(Value(label.field, text, Source.TEXT, page.number, page.place(box_of(pieces))), pieces)
    return None


def _candidates(page: Drawn, label: Label, labels: Sequence[Label], segments: Sequence[Segment]) -> Iterator[Block]:
    """What may be the value of a label: the words right of it, else those under it; of a heading without colon first those under it."""
    end = _end(label, labels)
    right = blocks_of([each for each in segments if label.left + 1 < each.left < end], labels)
    beside = min((block for block in right if block.is_level_with(label)), key=lambda each: each.left, default=None)
    under = _under(label, blocks_of([each for each in segments if label.left - _SLACK <= each.left < end], labels), labels)
    if under and not label.colon:
        yield under
    if beside:
        yield _gone_on(page, label, beside, labels, segments) or beside
    elif under and label.colon:
        yield under


def _end(label: Label, labels: Sequence[Label]) -> float:
    """Where the next label begins, in the line of this one."""
    return min((each.left for each in labels if each.left > label.left + 1 and label.top < each.middle < label.bottom), default=_FAR)


def _gone_on(page: Drawn, label: Label, block: Block, labels: Sequence[Label], segments: Sequence[Segment]) -> Block | None:
    """A value in one line with its label that goes on in the next line, under the label: where the next word had no room."""
    last = block.lines[-1]
    if label.field not in LONG or len(block.lines) > 1 or last.pieces[0].chain != page.pieces[label.after - 1].chain:
        return None
    edge = max(piece.right for piece in page.pieces)
    for each in segments:
        word = each.pieces[0]
        if (
            last.is_followed_by(each, label.left)
            and not any(other.top < each.middle < other.bottom for other in labels)
            and last.right + word.height / 4 + word.right - word.left > edge - 1
        ):
            return Block((last, each))
    return None


def _under(label: Label, blocks: Sequence[Block], labels: Sequence[Label]) -> Block | None:
    """The words under a heading, as far as the next heading begins; under a label with a colon only if no label stands in their line."""
    below = [each for each in blocks if 0 < each.middle - label.bottom < _UNDER * each.height and each.is_over_or_under(label)]
    block = min(below, key=lambda each: each.middle, default=None)
    if not block:
        return None
    level = [each for each in labels if each.top < block.middle < each.bottom]
    if any(each.colon and each.left < block.left for each in level) or (label.colon and (level or abs(block.left - label.left) > _ALIGNED)):
        return None
    return block
