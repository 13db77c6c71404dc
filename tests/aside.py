"""One ground for many cases of a law: what each does to the database is undone before the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.cache import cache
from django.db import transaction


@contextmanager
def aside() -> Iterator[None]:
    """Undo at the end of the block what was written in it; what the cache counts (who asked how often) begins anew."""
    cache.clear()
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
