"""What a machine lacks is told: a test is skipped with NOT TESTED, and fails where the tool was promised or on a machine that checks."""

import pytest

from tests import needs


@pytest.fixture(autouse=True)
def _unpromised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.delenv(needs.PROMISED, raising=False)


def test_a_lacking_tool_skips_the_test_and_says_what_to_install() -> None:
    with pytest.raises(pytest.skip.Exception, match="NOT TESTED, no no-such-tool: install the package no-such-package"):
        needs.tool("no-such-tool", "no-such-package")


@pytest.mark.parametrize(("name", "value"), [("CI", "true"), (needs.PROMISED, "nginx no-such-tool")])
def test_where_the_tool_is_promised_its_lack_is_a_failure(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(pytest.fail.Exception, match="NOT TESTED"):
        needs.tool("no-such-tool", "no-such-package")


def test_a_tool_of_the_machine_is_named_by_its_path() -> None:
    assert needs.tool("sh", "dash").endswith("/sh")
