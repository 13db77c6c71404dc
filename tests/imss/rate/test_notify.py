"""The listening connection is opened as Django's is, with every option of the settings."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection

from afiliacion.database.connections import connection_parameters
from afiliacion.imss.rate import notify

OPTIONS = {"sslmode": "prefer", "sslrootcert": "/etc/ssl/ca.pem", "target_session_attrs": "read-write", "application_name": "oficina"}


@pytest.fixture
def options() -> Iterator[dict[str, Any]]:
    """The options of the settings, to be changed for the time of the test, not of its fixtures' end."""
    usual = connection.settings_dict["OPTIONS"]
    connection.settings_dict["OPTIONS"] = changed = {**usual}
    yield changed
    connection.settings_dict["OPTIONS"] = usual


def test_every_option_of_the_settings_is_passed_on(options: dict[str, Any]) -> None:
    options |= OPTIONS
    parameters = connection_parameters()
    assert {name: parameters[name] for name in OPTIONS} == OPTIONS
    assert parameters["dbname"] == connection.settings_dict["NAME"]


def listen_until(condition: Any) -> None:
    async def listen() -> None:
        async with notify.listening(pytest.fail, pytest.fail):
            while not condition():
                await asyncio.sleep(0)

    asyncio.run(listen())


def test_who_listens_is_connected_with_them(committed: None, options: dict[str, Any]) -> None:
    options["application_name"] = "oficina"
    statement = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'oficina' AND query = 'LISTEN imss'"
    # As the role that logs in: only it sees what its connections do.
    with psycopg.connect(**{**connection_parameters(), "options": "", "application_name": "otra"}, autocommit=True) as watcher:
        listen_until(lambda: watcher.execute(statement).fetchone() == (1,))


def test_a_server_that_is_not_the_one_asked_for_is_not_listened_to(
    committed: None, options: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    options["target_session_attrs"] = "standby"
    listen_until(lambda: "no notifications are received: OperationalError" in caplog.text)
