"""A pytest plugin: `--shuffle SEED` runs the files, and the tests in each, in an order drawn by the seed (`any`: drawn too, and told)."""

import random
from collections import defaultdict
from typing import Any

import pytest

MOST = 10_000


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", metavar="SEED", help="run the tests in an order drawn by SEED, a text; any: a new one")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Draw the seed once: the workers of pytest-xdist are told it."""
    if config.option.shuffle == "any":
        told = getattr(config, "workerinput", {})
        config.option.shuffle = told.get("shuffle") or str(random.randrange(MOST))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["shuffle"] = node.config.option.shuffle


def pytest_report_header(config: pytest.Config) -> str | None:
    return None if config.option.shuffle is None else f"shuffled: --shuffle {config.option.shuffle}"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.option.shuffle is None:
        return
    draw = random.Random(config.option.shuffle)
    files: defaultdict[str, float] = defaultdict(draw.random)
    drawn = {item: (files[str(item.path)], draw.random()) for item in items}
    items.sort(key=lambda item: drawn[item])
