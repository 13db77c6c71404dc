"""The office as an attacker finds it: its screens, with static files without a build."""

import pytest


@pytest.fixture(autouse=True)
def _apart(plain_static_files: None) -> None:
    """Static files without a build."""
