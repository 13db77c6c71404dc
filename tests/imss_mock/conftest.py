from collections.abc import Iterator

import pytest

from tests.imss_mock.harness import Twin


@pytest.fixture(scope="module")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """One process a module: its clock only goes forward, so tests use people of their own and days counted from today."""
    twin = Twin(tmp_path_factory.mktemp("imss"))
    yield twin
    code, complaints = twin.stop()
    assert (code, complaints) == (0, "")
