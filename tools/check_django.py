"""What Django says of the office without a database: checks as of a server, migrations that are missing, templates that do not compile."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.template import TemplateSyntaxError, engines

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"


def missing_migrations() -> Iterator[str]:
    """Changes of our models that no migration makes."""
    loader = MigrationLoader(None)
    ours = {config.label for config in apps.get_app_configs() if config.name.startswith(("afiliacion", "students"))}
    found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph, trim_to_apps=ours)
    for label, migrations in found.items():
        yield from (f"{label}: {operation.describe()}" for migration in migrations for operation in migration.operations)


def broken_templates(folder: Path = TEMPLATES) -> Iterator[str]:
    """Templates that do not compile, and why."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        try:
            engines["django"].from_string(path.read_text())
        except TemplateSyntaxError as error:
            yield f"{path}: {error}"


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "afiliacion.settings")
    django.setup()
    try:
        call_command("check", deploy=True, fail_level="WARNING")
    except SystemCheckError as error:
        print(error)
        return 1
    found = [*missing_migrations(), *broken_templates()]
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
