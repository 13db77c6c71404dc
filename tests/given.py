"""The database of a run on a PostgreSQL server that was named in the environment.

The migrated one is kept there as `test_NAME_KEY`; each run has a copy of its own, `test_NAME_1`, `_2`…, by the first number that is free.
The session that holds the number keeps an advisory lock on it: of a run that was killed the next one takes the number and drops the copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier

from afiliacion.operations.servers.roles import APP
from tests import template

# The first of the two numbers of our advisory locks; the second is 0 to make databases, otherwise a run's own.
LOCK = 1_457_300_411


class Given:
    """A run's own database on the server at `url`."""

    def __init__(self, url: str) -> None:
        self._parts = {name: str(value) for name, value in conninfo_to_dict(url).items()}
        self._family = f"test_{self._parts.get('dbname', 'afiliacion')}"
        self._name = ""

    @property
    def url(self) -> str:
        return self._url_of(self._name)

    def _url_of(self, name: str) -> str:
        return f"postgresql:///?{urlencode({**self._parts, 'dbname': name})}"

    def take(self) -> None:
        """Make the run's own database, whose `url` is known afterwards."""
        self._session = psycopg.connect(self._url_of("postgres"), autocommit=True)
        number = next(number for number in count(1) if self._answer("SELECT pg_try_advisory_lock(%s, %s)", LOCK, number))
        self._name = f"{self._family}_{number}"
        with self._alone():
            self._make_role()
            self._drop(self._name)
            self._create(self._name, self._template())

    def give_back(self) -> None:
        if self._name:
            self._drop(self._name)
            self._session.close()
            self._name = ""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        self._session.execute("SELECT pg_advisory_lock(%s, 0)", [LOCK])
        yield
        self._session.execute("SELECT pg_advisory_unlock(%s, 0)", [LOCK])

    def _template(self) -> str:
        """The name of the kept database. It gets its name when it is whole; those of other migrations go."""
        wanted, draft = f"{self._family}_{template.key()}", f"{self._family}_draft"
        if self._answer("SELECT count(*) FROM pg_database WHERE datname = %s", wanted):
            return wanted
        of_ours = f"^{self._family}_([0-9a-f]{{16}}|draft)$"
        for [old] in self._session.execute("SELECT datname FROM pg_database WHERE datname ~ %s", [of_ours]):
            self._drop(old)
        self._create(draft, "template1")
        template.migrate(self._url_of(draft))
        self._session.execute(SQL("ALTER DATABASE {} RENAME TO {}").format(Identifier(draft), Identifier(wanted)))
        return wanted

    def _make_role(self) -> None:
        """The application's role, whose rights the tests have (tests/roles.py)."""
        if not self._answer("SELECT count(*) FROM pg_roles WHERE rolname = %s", APP):
            self._session.execute(SQL("CREATE ROLE {}").format(Identifier(APP)))

    def _create(self, name: str, source: str) -> None:
        self._session.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source)))

    def _drop(self, name: str) -> None:
        self._session.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))

    def _answer(self, question: str, *values: object) -> object:
        found = self._session.execute(question.encode(), values).fetchone()
        return found and found[0]
