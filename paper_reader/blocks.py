"""Words that are no label, put together: those of a line, and lines that stand closely one under the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from paper_reader.drawn import Piece
from paper_reader.labels import Label

#: How near the words of one value follow each other, in heights; how near its lines; how far aside these may begin, in points.
_NEXT: Final = 1.6
_NEXT_LINE: Final = 1.5
_ALIGNED: Final = 3.0
#: More lines than this are no value.
_LINES: Final = 4
#: How far two words of one line may lie apart in height, in heights.
_SAME_LINE: Final = 0.4


class Segment(NamedTuple):
    """Words beside each other in one line."""

    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

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

    def is_followed_by(self, other: Segment, left: float) -> bool:
        """Whether another stands closely under this one and begins at `left`."""
        return abs(other.left - left) < _ALIGNED and _SAME_LINE < (other.middle - self.middle) / self.height < _NEXT_LINE


class Block(NamedTuple):
    """Lines of one value, from the top."""

    lines: tuple[Segment, ...]

    @property
    def left(self) -> float:
        return self.lines[0].left

    @property
    def middle(self) -> float:
        """Of its first line."""
        return self.lines[0].middle

    @property
    def height(self) -> float:
        return self.lines[0].height

    def is_over_or_under(self, label: Label) -> bool:
        """Whether some of this stands over or under some of a label."""
        return self.left < label.right and max(line.right for line in self.lines) > label.left

    def is_level_with(self, label: Label) -> bool:
        """Whether this stands in the line of a label: the middle of one within the height of the other."""
        top, bottom = self.lines[0].pieces[0].top, self.lines[-1].pieces[0].bottom
        slack = self.lines[0].height / 5
        return top + slack < label.middle < bottom - slack or label.top + slack < (top + bottom) / 2 < label.bottom - slack


def segments_of(pieces: Sequence[Piece], labels: Sequence[tuple[int, int]], aside: frozenset[int]) -> list[Segment]:
    """The pieces that are no label and not `aside`, each chain by itself."""
    taken = aside.union(*(range(first, after) for first, after in labels))
    found: list[Segment] = []
    part: list[Piece] = []
    for at, piece in enumerate(pieces):
        if part and (at in taken or piece.chain != part[-1].chain):
            found.append(Segment(tuple(part)))
            part = []
        if at not in taken and piece.text != ":":
            part.append(piece)
    return [*found, Segment(tuple(part))] if part else found


def together(segments: Sequence[Segment]) -> Segment:
    """The leftmost words of some, and those that follow them closely."""
    first, *rest = sorted(segments, key=lambda each: each.left)
    near = first
    for each in rest:
        if each.left - near.right > _NEXT * each.height or each.left < near.right - each.height:
            break
        near = Segment((*near.pieces, *each.pieces))
    return near


def blocks_of(segments: Sequence[Segment], labels: Sequence[Label]) -> list[Block]:
    """Put lines together that stand closely under each other, begin alike, and have no other label between or beside them."""
    lines = _lines(segments)
    blocks: list[Block] = []
    for line in lines:
        above = next((block for block in blocks if _goes_on(block, line, labels)), None)
        if above:
            blocks[blocks.index(above)] = Block((*above.lines, line))
        else:
            blocks.append(Block((line,)))
    return blocks


def _lines(segments: Sequence[Segment]) -> list[Segment]:
    left = sorted(segments, key=lambda each: (each.middle, each.left))
    lines = []
    while left:
        level = [each for each in left if abs(each.middle - left[0].middle) < _SAME_LINE * left[0].height]
        line = together(level)
        lines.append(line)
        left = [each for each in left if each.pieces[0] not in line.pieces]
    return lines


def _goes_on(block: Block, line: Segment, labels: Sequence[Label]) -> bool:
    last = block.lines[-1]
    if len(block.lines) == _LINES or not last.is_followed_by(line, block.left):
        return False
    own = [label for label in labels if label.top < line.middle < label.bottom]
    return all(label.top < last.middle < label.bottom or _is_over(label, last, line) for label in own)


def _is_over(label: Label, last: Segment, line: Segment) -> bool:
    """Whether a label stands between two lines, as one does whose value has two."""
    return last.middle < label.middle < line.middle
