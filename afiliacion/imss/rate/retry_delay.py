"""Pure: how long an errand waits before IMSS is asked about it again."""

from __future__ import annotations

import random
from typing import Final

_DOUBLINGS: Final = 16


def delay(misses: int, *, base: float, most: float, dice: random.Random) -> float:
    """Return the seconds to wait after `misses` consecutive attempts without an answer: `base`, doubling up to `most`, with jitter."""
    return min(most, base * 2.0 ** min(max(misses - 1, 0), _DOUBLINGS)) * dice.uniform(0.5, 1.0)
