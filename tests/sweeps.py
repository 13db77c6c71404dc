"""A pytest plugin: which of the large sweeps (marker `slow`) run. Without a path they are left out; `--sweeps all`, or `--sweeps only`."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--sweeps", choices=["all", "none", "only"], help="large sweeps too, or none, or only those; with a path: all")


def wanted(config: pytest.Config) -> str:
    """Which sweeps a run has: of tests that are named, all."""
    named = config.args_source == pytest.Config.ArgsSource.ARGS or config.option.keyword or config.option.markexpr
    return str(config.option.sweeps or ("all" if named else "none"))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    which = wanted(config)
    if which == "all":
        return
    left_out = [item for item in items if bool(item.get_closest_marker("slow")) != (which == "only")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in set(left_out)]


def pytest_report_header(config: pytest.Config) -> str | None:
    return "without the large sweeps: --sweeps all" if wanted(config) == "none" else None
