"""Try a migration on data: a scratch database as it was before it, with rows; then upgraded; then looked at.

def test_a_hold_keeps_its_reason(scratch):
    case = scratch.before("cases", "0004_reason_of_hold").get_model("cases", "Case").objects.create(...)
    now = scratch.upgrade()
    assert now.get_model("cases", "Case").objects.get(pk=case.pk).reason == "Pausa"
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from django.apps.registry import Apps
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from tests import roles

_NAME: Final = "scratch_of_{}"


class Scratch:
    """The scratch database, empty at first. While it is there, it is this thread's default database."""

    def before(self, app: str, name: str) -> Apps:
        """Migrate to the state just before a migration: everything that does not depend on it is applied. Returns the models of then."""
        return self.before_all((app, name))

    def before_all(self, *migrations: tuple[str, str]) -> Apps:
        """Migrate to the state in which none of these (app, name), and nothing that depends on one, is applied."""
        executor = MigrationExecutor(connection)
        graph = executor.loader.graph
        leaves, later = graph.leaf_nodes(), {node for migration in migrations for node in graph.backwards_plan(migration)}
        plan = [step for step in executor.migration_plan(leaves) if (step[0].app_label, step[0].name) not in later]
        with _no_collections():
            state = executor.migrate(leaves, plan)
        # Drawn anew: models that a migration touched on the way would be other classes than those that refer to them.
        state.clear_delayed_apps_cache()
        return state.apps

    def upgrade(self) -> Apps:
        """Migrate to the newest state, as an office does with a new version. Returns the models of now."""
        executor = MigrationExecutor(connection)
        with _no_collections():
            return executor.migrate(executor.loader.graph.leaf_nodes()).apps

    def to_do(self) -> list[str]:
        """Return the migrations `upgrade` would run, as app.name."""
        executor = MigrationExecutor(connection)
        return [str(migration) for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]

    def note_as_applied(self, names: Iterable[tuple[str, str]]) -> None:
        """Write into the table of migrations that these (app, name) were run, without running them."""
        for app, name in names:
            MigrationRecorder(connection).record_applied(app, name)

    def applied(self) -> set[tuple[str, str]]:
        """Return what the table of migrations says was run, as (app, name)."""
        return set(MigrationRecorder(connection).applied_migrations())


@contextmanager
def _no_collections() -> Iterator[None]:
    """No garbage collections: Django draws thousands of model classes for a migration, and looking through them costs a fifth of it."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def scratch_database() -> Iterator[Scratch]:
    """Make an empty database on the tests' server the default one until the end of the block, and drop it then."""
    tests = connections[DEFAULT_DB_ALIAS]
    name = tests.ops.quote_name(_NAME.format(tests.settings_dict["NAME"]))
    scratch = tests.copy()
    scratch.settings_dict = roles.owners(scratch.settings_dict)
    with scratch._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name}")
    scratch.settings_dict["NAME"] = _NAME.format(tests.settings_dict["NAME"])
    connections[DEFAULT_DB_ALIAS] = scratch
    try:
        yield Scratch()
    finally:
        connections[DEFAULT_DB_ALIAS] = tests
        scratch.close()
        with scratch._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
