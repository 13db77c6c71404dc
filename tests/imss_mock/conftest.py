from collections.abc import Iterator

import pytest

from tests.imss_mock.harness import StandIn


@pytest.fixture(scope="module")
def stand_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    """One process a module: its clock only goes forward, so tests use people of their own and days counted from today."""
    stand_in = StandIn(tmp_path_factory.mktemp("imss"))
    yield stand_in
    code, complaints = stand_in.stop()
    assert (code, complaints) == (0, "")
