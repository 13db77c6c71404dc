"""Whether long work was told to stop: a function that the work asks again and again."""

from __future__ import annotations


def never() -> bool:
    """Return False: the work goes on until it is done."""
    return False
