"""A pytest plugin: which of the large sweeps run, and in full or not. Without a path: `--sweeps none`, and `all` or `only` when asked.

Left out of a plain run are tests marked `slow` or `upgrade`; a property that is `sampled` tries few of its examples there. `--sweeps only`
runs all three in full, and what is named by a path, `-k` or `-m` (`-m upgrade`) is run in full too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import hypothesis
import pytest

Test = TypeVar("Test", bound=Callable[..., Any])
_IN_FULL = True


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sweeps", choices=["all", "none", "only"], help="large sweeps too, or none, or only those; with a path: all")


def wanted(config: pytest.Config) -> str:
    """Which sweeps a run has: of tests that are named, all."""
    named = config.args_source == pytest.Config.ArgsSource.ARGS or config.option.keyword or config.option.markexpr
    return str(config.option.sweeps or ("all" if named else "none"))


def pytest_configure(config: pytest.Config) -> None:
    global _IN_FULL  # noqa: PLW0603 - decorators are called when a test module is imported: no fixture reaches them
    _IN_FULL = wanted(config) != "none"


def sampled(full: int, few: int, **settings: Any) -> Callable[[Test], Test]:
    """Decorate a property that takes seconds: `full` examples in a sweep, the first `few` in a plain run; more settings of hypothesis."""
    examples = hypothesis.settings(max_examples=full if _IN_FULL else few, **settings)
    return lambda test: pytest.mark.sampled(examples(test))


def _has(item: pytest.Item, *markers: str) -> bool:
    return any(item.get_closest_marker(marker) for marker in markers)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    which = wanted(config)
    if which == "all":
        return
    if which == "only":
        left_out = [item for item in items if not _has(item, "slow", "upgrade", "sampled")]
    else:
        left_out = [item for item in items if _has(item, "slow", "upgrade")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_report_header(config: pytest.Config) -> str | None:
    return "without the large sweeps: --sweeps all" if wanted(config) == "none" else None
