"""Load what a room ships as files: the rows a new office starts with (defaults/*.toml) and triggers and long SQL (sql/*.sql).

Migrations of every room use it, so it lies in the lowest one (docs/adr/0021).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.apps import apps as installed
from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import RunPython, RunSQL
from django.db.models import Model


def sql(room: str, name: str) -> RunSQL:
    """Return the migration operation that runs sql/`name`.sql of a room (an app label). A second run changes nothing: OR REPLACE."""
    return RunSQL(Path(installed.get_app_config(room).path, "sql", f"{name}.sql").read_text())


def defaults(room: str, *names: str, then: Mapping[str, str] | None = None) -> RunPython:
    """Return the migration operation that loads defaults/`name`.toml of a room (an app label), for each of the names.

    `then`: model name -> the name it has as of that migration, for models renamed since.
    """
    known_as = then or {}

    def run(registry: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
        for name in names:
            load(_Renamed(registry, known_as), room, name)

    return RunPython(run)


class _Renamed:
    """A registry of models in which some are known by an earlier name."""

    def __init__(self, registry: Apps, known_as: Mapping[str, str]) -> None:
        self._registry, self._known_as = registry, known_as

    def get_model(self, room: str, name: str) -> type[Model]:
        return self._registry.get_model(room, self._known_as.get(name, name))


def load(registry: Apps | _Renamed, room: str, name: str, **only: Any) -> None:
    """Insert the rows of a room's defaults/`name`.toml, except into tables that have some: those rows are the office's own by now.

    `registry`: the models, as they are or as a migration sees them. `only`: the values that name a row which a later version adds
    (key="x"); then that row alone is inserted, unless there is one with these values.
    """
    for model_name, rows in read(room, name).items():
        model = registry.get_model(room, model_name)
        if not model._default_manager.filter(**only).exists():
            # A field that a later migration adds is that migration's to fill, in old offices and in new ones alike.
            known = {field.name for field in model._meta.get_fields()}
            wanted = [row for row in rows if only.items() <= row.items()]
            model._default_manager.bulk_create([model(**{field: row[field] for field in row if field in known}) for row in wanted])


def read(room: str, name: str) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of a room's defaults/`name`.toml by the name of their model."""
    return tomllib.loads(Path(installed.get_app_config(room).path, "defaults", f"{name}.toml").read_text())
