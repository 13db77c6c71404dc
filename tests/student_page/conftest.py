"""The page as its student opens it: from a link, without a password."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.reminders.letters import links


def path_of(case: Case, purpose: links.Purpose = links.Purpose.PAGE) -> str:
    """The path of a case's page, as its mail would have it today."""
    url = links.urls([case.pk], timezone.localdate(), purpose)[case.pk]
    return "/" + url.split("/", 3)[3]


@pytest.fixture(autouse=True)
def _apart(plain_static_files: None, data_dir: Path) -> None:
    """Static files without a build, and files kept where no other test looks."""


@pytest.fixture
def phone() -> Client:
    """A browser without a login."""
    return Client()


@pytest.fixture
def page(phone: Client) -> Callable[[Case], str]:
    """What the page of a case says."""

    def read(case: Case) -> str:
        response = phone.get(path_of(case))
        assert response.status_code == 200
        return response.content.decode()

    return read
