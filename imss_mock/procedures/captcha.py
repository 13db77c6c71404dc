"""Letters in a picture to copy, or a sum for who cannot see it. Each is asked once and forgotten after a while; none survives a restart."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"  # none that look alike
LENGTH = 5
KEPT = 2_000
WIDTH, HEIGHT = 200, 64
WINE = "#611232"


@dataclass(frozen=True, slots=True)
class Captcha:
    """`letters` are in the picture; `first` + `second` is the sum asked of who cannot see it."""

    id: str
    letters: str
    first: int
    second: int

    def solved_by(self, answer: str) -> bool:
        """The letters as they are, capitals and all, or the sum."""
        return answer.strip() in (self.letters, str(self.first + self.second))

    def picture(self) -> str:
        """SVG of the letters, tilted, over lines."""
        draw = secrets.SystemRandom()
        lines = "".join(
            f'<path d="M0 {draw.randint(0, HEIGHT)} Q{WIDTH // 2} {draw.randint(0, HEIGHT)} {WIDTH} {draw.randint(0, HEIGHT)}"/>'
            for _ in range(6)
        )
        marks = "".join(_mark(letter, place, draw.randint(-25, 25), draw.randint(38, 50)) for place, letter in enumerate(self.letters))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#f6efe0"/><g fill="none" stroke="#b38e5d">{lines}</g>'
            f'<g font-family="monospace" font-size="36" font-weight="bold" fill="{WINE}">{marks}</g></svg>'
        )


def _mark(letter: str, place: int, tilt: int, y: int) -> str:
    x = 14 + place * 36
    return f'<text x="{x}" y="{y}" transform="rotate({tilt} {x + 10} {y - 12})">{letter}</text>'


class Captchas:
    """Those waiting for an answer, the oldest dropped first."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[str, Captcha] = OrderedDict()

    def new(self) -> Captcha:
        """Another one."""
        letters = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
        made = Captcha(secrets.token_urlsafe(12), letters, 2 + secrets.randbelow(8), 2 + secrets.randbelow(8))
        self._waiting[made.id] = made
        if len(self._waiting) > KEPT:
            self._waiting.popitem(last=False)
        return made

    def look(self, captcha_id: str) -> Captcha | None:
        """One that waits, to draw it."""
        return self._waiting.get(captcha_id)

    def solve(self, captcha_id: str, answer: str) -> bool:
        """Whether this is its answer. Right or wrong, it cannot be tried again."""
        made = self._waiting.pop(captcha_id, None)
        return made is not None and made.solved_by(answer)
