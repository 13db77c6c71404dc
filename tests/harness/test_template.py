"""The kept database: what it is made from decides its name, and what a test commits does not stay in a run's copy."""

from pathlib import Path

import pytest
from django.db import connection

from afiliacion.cases.models import PaperKind
from afiliacion.reminders.models import ReminderKind
from students.models import Plantel
from tests import template
from tests.sown import Sown


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project of one package whose migration imports a module, which imports another."""
    files = {
        "students/migrations/0001_initial.py": "from students.checks import (\n    check,\n)\nfrom students import names\n",
        "students/checks.py": "import students.deeper\n",
        "students/names.py": "",
        "students/deeper.py": "",
        "students/views.py": "",
        "students/defaults/rows.toml": "",
        "students/sql/triggers.sql": "",
        "afiliacion/operations/database_rights.py": "",
        "tests/cluster.py": "",
        "tests/template.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(template, "ROOT", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("migrations/0001_initial.py", True),
        ("migrations/0002_new.py", True),
        ("defaults/rows.toml", True),
        ("sql/triggers.sql", True),
        ("checks.py", True),
        ("names.py", True),
        ("deeper.py", True),
        ("views.py", False),
    ],
)
def test_it_is_made_anew_when_what_makes_it_changes(tree: Path, name: str, counts: bool) -> None:
    before = template.key()
    with (tree / "students" / name).open("a") as file:
        file.write("# changed\n")
    assert (template.key() != before) is counts


def test_after_a_test_that_committed_the_rows_of_the_migrations_are_there_and_no_others(sown: Sown, committed: None) -> None:
    def everything() -> dict[str, list[tuple[object, ...]]]:
        with connection.cursor() as cursor:
            return {table: cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall() for table in tables}  # noqa: S608 - ours

    tables = connection.introspection.django_table_names(only_existing=True)
    before = everything()
    Plantel.objects.create(clave="PREPA7")
    ReminderKind.objects.update(name="Otro")
    PaperKind.objects.all().delete()
    assert everything() != before
    sown.restore()
    assert everything() == before
