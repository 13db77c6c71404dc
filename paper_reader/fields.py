"""The values of a page: to each label the words that stand beside or under it, whatever the order in which they were drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from paper_reader.drawn import Drawn, Piece, box_of
from paper_reader.labels import Label, labels_of
from paper_reader.reading import Field, Source, Value
from paper_reader.shapes import LONG, read_as

#: How far a value may stand above or under the middle of its label's line, in heights; how near the words of one value follow each other.
_LEVEL: Final = 0.55
_NEXT: Final = 1.6
#: How far under its label a value may stand, in heights; how far a second line under the first.
_UNDER: Final = 2.6
_SECOND_LINE: Final = 1.7
_ALIGNED: Final = 3.0
#: How far left of its heading a value under it may begin, in points.
_SLACK: Final = 4.0


class Segment(NamedTuple):
    """Words of one chain that are no label: a value, or a part of one."""

    pieces: tuple[Piece, ...]
    first: int

    @property
    def left(self) -> float:
        return self.pieces[0].left

    @property
    def right(self) -> float:
        return max(piece.right for piece in self.pieces)

    @property
    def middle(self) -> float:
        return self.pieces[0].middle

    @property
    def height(self) -> float:
        return self.pieces[0].height


class Found(NamedTuple):
    """A value and the pieces it is written with."""

    value: Value
    pieces: tuple[Piece, ...]


def values_of(page: Drawn, aside: frozenset[int] = frozenset()) -> list[Found]:
    """Return the values of a page with their places. `aside`: positions of pieces that are read otherwise (the cadena original)."""
    labels = labels_of(page.pieces)
    segments = list(_segments(page.pieces, labels, aside))
    found = (_found(page, label, labels, segments) for label in labels if label.field)
    return [each for each in found if each]


def _segments(pieces: Sequence[Piece], labels: Iterable[Label], aside: frozenset[int]) -> Iterator[Segment]:
    taken = aside.union(*(range(label.first, label.after) for label in labels))
    part: list[Piece] = []
    for at, piece in enumerate(pieces):
        if part and (at in taken or piece.chain != part[-1].chain):
            yield Segment(tuple(part), at - len(part))
            part = []
        if at not in taken and piece.text != ":":
            part.append(piece)
    if part:
        yield Segment(tuple(part), len(pieces) - len(part))


def _found(page: Drawn, label: Label, labels: Sequence[Label], segments: Sequence[Segment]) -> Found | None:
    assert label.field  # noqa: S101 - of those that are read
    for near in (_beside(label, labels, segments), _under(label, labels, segments)):
        for several in _longest_first(label.field, near, labels, segments):
            pieces = tuple(piece for each in several for piece in each.pieces)
            if text := read_as(label.field, " ".join(piece.text for piece in pieces)):
                return Found(Value(label.field, text, Source.TEXT, page.number, page.place(box_of(pieces))), pieces)
    return None


def _longest_first(field: Field, near: list[Segment], labels: Sequence[Label], segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """The words found, with their second line if there may be one."""
    if near and field in LONG and (more := _second_line(near, labels, segments)):
        yield [*near, *more]
    if near:
        yield near


def _beside(label: Label, labels: Sequence[Label], segments: Sequence[Segment]) -> list[Segment]:
    """The words right of a label, until the next label; in one line."""
    right = [each for each in segments if _is_level(label, each.middle) and each.left > label.left + 1]
    right.sort(key=lambda each: each.left)
    end = min((each.left for each in labels if each.left > label.left + 1 and _is_level(label, (each.top + each.bottom) / 2)), default=1e9)
    return _together([each for each in right if each.left < end])


def _is_level(label: Label, middle: float) -> bool:
    """Whether something stands in the line of a label; in one of its lines, if it has two."""
    slack = _LEVEL * min(label.height, 12.0) * 0.5
    return label.top + slack * 0.5 <= middle <= label.bottom - slack * 0.5


def _together(segments: Sequence[Segment]) -> list[Segment]:
    """The first words and those that follow them closely."""
    near = list(segments[:1])
    for each in segments[1:]:
        if each.left - near[-1].right > _NEXT * each.height or each.left < near[-1].right - each.height:
            break
        near.append(each)
    return near


def _under(label: Label, labels: Sequence[Label], segments: Sequence[Segment]) -> list[Segment]:
    """The words under a heading, as far as the next heading begins; under a label with a colon only if no label stands in their line."""
    end = min((each.left for each in labels if each.left > label.left + 1 and _is_level(label, (each.top + each.bottom) / 2)), default=1e9)
    below = [
        each for each in segments
        if 0 < each.middle - label.bottom < _UNDER * each.height and label.left - _SLACK <= each.left < end
    ]  # fmt: skip
    if not below:
        return []
    first = min(below, key=lambda each: (round(each.middle), each.left))
    line = sorted((each for each in below if abs(each.middle - first.middle) < each.height / 2), key=lambda each: each.left)
    if label.colon and (abs(line[0].left - label.left) > _ALIGNED or _labelled(line[0], labels)):
        return []
    return [] if _labelled(line[0], labels, left_only=True) else _together(line)


def _labelled(segment: Segment, labels: Sequence[Label], *, left_only: bool = False) -> bool:
    """Whether a label stands in the line of some words (left of them)."""
    return any(each.top < segment.middle < each.bottom and (not left_only or each.left < segment.left) for each in labels)


def _second_line(near: Sequence[Segment], labels: Sequence[Label], segments: Sequence[Segment]) -> list[Segment]:
    first = near[0]
    below = [
        each for each in segments
        if 0 < each.middle - first.middle < _SECOND_LINE * first.height and abs(each.left - first.left) < _ALIGNED
        and not _labelled(each, labels)
    ]  # fmt: skip
    return below[:1]
