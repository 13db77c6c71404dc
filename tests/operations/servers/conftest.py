"""What the tests of the embedded servers need of the machine."""

import pytest

from tests import needs


@pytest.fixture
def linux() -> None:
    needs.linux()


@pytest.fixture
def root() -> None:
    needs.root()
