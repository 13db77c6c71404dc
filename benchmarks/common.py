"""What every benchmark stands on: the office in a database of its own, and medians of interleaved runs."""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from afiliacion.operations.office import Office, opened


@contextmanager
def office() -> Iterator[None]:
    """Django, migrated, in a database that goes when the benchmark ends: on the embedded servers, or on DATABASE_URL's."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, opened(Office(Path(folder), dict(os.environ))) as environment:
        os.environ.update(environment, DJANGO_SETTINGS_MODULE="afiliacion.settings", LOG_LEVEL="ERROR")
        import django
        from django.test.utils import setup_databases, teardown_databases

        django.setup()
        made = setup_databases(verbosity=0, interactive=False)
        try:
            yield
        finally:
            teardown_databases(made, verbosity=0)


def median_seconds(runs: int, *works: Callable[[], object]) -> list[float]:
    """Median seconds of each work over `runs` rounds, A B A B …"""
    taken: list[list[float]] = [[] for _ in works]
    for _ in range(runs):
        for place, work in enumerate(works):
            began = time.perf_counter()
            work()
            taken[place].append(time.perf_counter() - began)
    return [statistics.median(times) for times in taken]
