"""The variables of an installation: what is refused, what is told, and that one table says it all."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from afiliacion.environment import example, reading
from afiliacion.environment.variables import GROUPS, VARIABLES, Variable, VariableKind

ROOT = Path(__file__).parents[2]
NEEDED = {
    "DATABASE_URL": "postgresql://app@/x",
    "REDIS_URL": "redis://localhost",
    "SECRET_KEY": "una clave larga, y de muchas letras distintas 0123456789",
}
NUMBERS = [variable for variable in VARIABLES.values() if variable.kind in {VariableKind.INTEGER, VariableKind.NUMBER}]


def found(**given: str) -> list[str]:
    return list(reading.start_problems({**NEEDED, **given}))


def test_the_defaults_are_good() -> None:
    assert found() == []
    environment = reading.Environment(NEEDED)
    assert (environment.integer("NIGHT_HOUR"), environment.flag("HTTPS"), environment.text("OFFICE_URL")) == (
        2,
        False,
        "http://localhost:8000",
    )
    assert environment.list("ALLOWED_HOSTS") == ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("NIGHT_HOUR", "27", "NIGHT_HOUR=27: debe estar entre 0 y 23"),
        ("IMSS_CONCURRENCY", "0", "debe estar entre 1 y 200"),
        ("NIGHT_HOUR", "dos", "debe ser un número entero"),
        ("SWEEP_SECONDS", "nan", "debe estar entre"),
        ("SECRET_KEY", "", "SECRET_KEY: falta"),
        ("SECRET_KEY", "corta", "demasiado fácil de adivinar"),
        ("SECRET_KEY", "a" * 60, "demasiado fácil de adivinar"),
        ("SECRET_KEY", "django-insecure-" + "abcdefghijklmn" * 4, "demasiado fácil de adivinar"),
        ("OFFICE_URL", "nonsense", "debe ser como https://"),
        ("OFFICE_URL", "https://escuela.mx/", "sin diagonal"),
        ("OFFICE_URL", "https://escuela.mx:noventa", "no es una dirección"),
        ("IMSS_URL", "ftp://imss", "debe ser como https://"),
        ("DATABASE_URL", "mysql://x", "debe empezar con postgresql://"),
        ("DATABASE_URL", "", "DATABASE_URL: falta"),
        ("REDIS_URL", "localhost:6379", "debe empezar con redis://"),
        ("HTTPS", "quizá", "debe ser 1 o 0"),
        ("TIME_ZONE", "Mexico", "no es una zona horaria"),
        ("LOG_LEVEL", "LOUD", "debe ser DEBUG"),
        ("DEFAULT_FROM_EMAIL", "escuela", "debe ser una dirección de correo"),
        ("TRUSTED_PROXIES", "-1", "debe estar entre 0 y 9"),
        ("ROLL_AGE_TO", "9", "no puede ser mayor que ROLL_AGE_TO"),
    ],
)
def test_what_no_office_can_work_with_is_told_with_what_to_do(name: str, value: str, says: str) -> None:
    (line,) = found(**{name: value})
    assert says in line
    assert line.startswith(name[:8])


@pytest.mark.parametrize("variable", NUMBERS, ids=lambda variable: variable.name)
def test_every_number_has_bounds_that_hold(variable: Variable) -> None:
    assert variable.least is not None
    assert variable.most is not None
    for value in (variable.least - 1, variable.most + 1):
        assert any(line.startswith(f"{variable.name}=") for line in found(**{variable.name: f"{value:.0f}"}))


def test_what_is_secret_is_not_shown() -> None:
    lines = found(DATABASE_URL="mysql://u:secreta@h/x", REDIS_URL="secreta", SECRET_KEY="secreta")  # noqa: S106 - a bad one
    assert len(lines) == 3
    assert not [line for line in lines if "secreta@" in line or "=secreta" in line]


def test_an_unknown_name_is_told() -> None:
    given = {
        "NIGTH_HOUR": "2",
        "AFILIACION_DATOS": "/x",
        "TIMEZONE": "America/Mexico_City",
        "PATH": "/bin",
        "HOME": "/",
        "LANG": "C",
        "SHELL": "sh",
    }
    assert [line.partition(" ")[0] for line in reading.notices(given)] == ["AFILIACION_DATOS", "NIGTH_HOUR", "TIMEZONE"]
    assert "¿quiso decir NIGHT_HOUR?" in list(reading.notices(given))[1]


def test_the_old_name_of_the_proxies_is_read_and_told() -> None:
    assert reading.Environment({**NEEDED, "BEHIND_PROXY": "1"}).integer("TRUSTED_PROXIES") == 1
    assert reading.Environment({**NEEDED, "BEHIND_PROXY": "1", "TRUSTED_PROXIES": "2"}).integer("TRUSTED_PROXIES") == 2
    assert "se llama ahora TRUSTED_PROXIES" in next(reading.notices({"BEHIND_PROXY": "1"}))


def test_settings_take_their_values_from_the_table_and_each_variable_is_used() -> None:
    used = set(re.findall(r'env\.\w+\("(\w+)"\)', (ROOT / "afiliacion" / "settings.py").read_text()))
    assert used == VARIABLES.keys() - {"DATABASE_OWNER_URL"}


def test_the_example_is_of_this_table() -> None:
    assert example.main("--check") == 0, "python -m afiliacion.environment.example"
    assert all(f"{name}=" in example.text() for group in GROUPS.values() for name in (variable.name for variable in group))


@pytest.mark.parametrize("command", [("manage.py", "check"), ("-m", "gunicorn", "--check-config", "afiliacion.wsgi")])
def test_a_process_does_not_start_with_them(command: tuple[str, ...]) -> None:
    environment = {**NEEDED, "PATH": "/bin", "NIGHT_HOUR": "27"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    assert done.returncode == 1
    assert done.stderr.startswith("NIGHT_HOUR=27: debe estar entre 0 y 23. La hora del proceso nocturno.\n")
    assert "Traceback" not in done.stderr
