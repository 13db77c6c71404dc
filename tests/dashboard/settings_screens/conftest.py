from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client


@pytest.fixture
def chief(coordinator: Any, enter: Callable[[Any], Client]) -> Client:
    return enter(coordinator)
