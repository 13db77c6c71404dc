"""`./run check` ends as its steps do, and says what they found."""

import sys
from pathlib import Path

import pytest

from students.models import Plantel
from tools import check, check_django


@pytest.fixture(autouse=True)
def _steps(monkeypatch: pytest.MonkeyPatch) -> None:
    fault = "print('line 7: a fault'); raise SystemExit(2)"
    monkeypatch.setattr(check, "STEPS", {"well": (sys.executable, "-c", "print('nothing')"), "ill": (sys.executable, "-c", fault)})


def test_it_fails_with_any_step_and_tells_what_that_one_said(capfd: pytest.CaptureFixture[str]) -> None:
    assert check.main([]) == 1
    said = capfd.readouterr().out
    assert "line 7: a fault" in said
    assert "nothing" not in said


def test_it_is_well_when_all_are() -> None:
    assert check.main(["well"]) == 0


def test_a_step_nobody_knows_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert check.main(["nada"]) == 2
    assert "well, ill" in capfd.readouterr().err


def test_a_template_that_does_not_compile_is_found(tmp_path: Path) -> None:
    (tmp_path / "good.html").write_text("{% if a %}{{ a }}{% endif %}")
    (tmp_path / "bad.html").write_text("{% if a %}{{ a }}")
    [found] = check_django.broken_templates(tmp_path)
    assert found.startswith(f"{tmp_path / 'bad.html'}: Unclosed tag")


def test_a_model_without_its_migration_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(check_django.missing_migrations()) == []
    monkeypatch.setattr(Plantel._meta.get_field("clave"), "max_length", 7)
    assert list(check_django.missing_migrations()) == ["students: Alter field clave on plantel"]
