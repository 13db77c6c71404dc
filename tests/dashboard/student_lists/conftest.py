"""Lists brought, checked and loaded by the office's own doors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from students.models import Ciclo, Plantel
from tests.dashboard.lists import a_worker_looks


@pytest.fixture
def send(desk: Client, plantel: Plantel, ciclo: Ciclo) -> Callable[..., Any]:
    def send(content: bytes, name: str = "lista.csv", browser: Client | None = None, **fields: Any) -> Any:
        said = {"plantel": plantel.pk, "ciclo": ciclo.pk, "file": SimpleUploadedFile(name, content), **fields}
        return (browser or desk).post("/listas/", said)

    return send


@pytest.fixture
def bring(send: Callable[..., Any]) -> Callable[..., Any]:
    """A list brought and checked."""

    def bring(content: bytes, name: str = "lista.csv", **fields: Any) -> Any:
        answer = send(content, name, **fields)
        a_worker_looks()
        return answer

    return bring


@pytest.fixture
def load_it(bring: Callable[..., Any], desk: Client) -> Callable[..., str]:
    """A list brought, confirmed and loaded; its address."""

    def load_it(content: bytes, name: str = "lista.csv") -> str:
        address: str = bring(content, name).headers["Location"]
        desk.post(f"{address}cargar/")
        a_worker_looks()
        return address

    return load_it
