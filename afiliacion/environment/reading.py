"""Read the variables of an installation, and say in Spanish what is wrong with them and what to do. No Django."""

from __future__ import annotations

import difflib
import math
import sys
import zoneinfo
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from afiliacion.environment.variables import OTHERS, RENAMED, VARIABLES, Variable, VariableKind

#: A key that protects anything: so many characters, and so many different ones (Django asks the same of `check --deploy`).
KEY_LENGTH, KEY_VARIETY = 50, 5
_TRUE, _FALSE = frozenset({"1", "true", "yes", "on", "sí", "si"}), frozenset({"", "0", "false", "no", "off"})
#: How alike an unknown name must be to one of ours to be taken for a slip of the pen.
_ALIKE: Final = 0.87


class Unreadable(Exception):
    """A value that cannot be read; str() says in Spanish what it should be."""


class Environment:
    """The values of the variables. Raises ValueError, with a line for each that is wrong, when made."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = _with_new_names(given)
        if found := list(problems(given)):
            raise ValueError("\n".join(found))

    def _read(self, name: str) -> Any:
        return _READERS[VARIABLES[name].kind](VARIABLES[name], _text(VARIABLES[name], self._given))

    def text(self, name: str) -> str:
        """A text, an address or a name."""
        return str(self._read(name))

    def flag(self, name: str) -> bool:
        return bool(self._read(name))

    def integer(self, name: str) -> int:
        return int(self._read(name))

    def number(self, name: str) -> float:
        return float(self._read(name))

    def list(self, name: str) -> list[str]:
        return list(self._read(name))


def problems(given: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each variable that is missing or cannot be what it says."""
    known, values = _with_new_names(given), dict[str, Any]()
    for variable in VARIABLES.values():
        text = _text(variable, known)
        try:
            values[variable.name] = _READERS[variable.kind](variable, _given(text))
        except Unreadable as wrong:
            shown = variable.name if variable.secret or text is None else f"{variable.name}={text}"
            yield f"{shown}: {wrong}. {variable.meaning}"
    if values.get("ROLL_AGE_FROM", 0) > values.get("ROLL_AGE_TO", math.inf):
        yield "ROLL_AGE_FROM: no puede ser mayor que ROLL_AGE_TO."


def start_problems(given: Mapping[str, str]) -> Iterator[str]:
    """Yield `problems`, and what only a process that serves an office must not have: a key that can be guessed."""
    yield from problems(given)
    key = given.get("SECRET_KEY", "")
    if key and (len(key) < KEY_LENGTH or len(set(key)) < KEY_VARIETY or key.startswith("django-insecure-")):
        yield f"SECRET_KEY: es demasiado fácil de adivinar; debe tener {KEY_LENGTH} caracteres o más. {VARIABLES['SECRET_KEY'].meaning}"


def notices(given: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each variable that looks like one of ours and is not: a slip of the pen, or a name of an earlier version."""
    names = [*VARIABLES, *OTHERS]
    for name in sorted(given):
        if name in RENAMED:
            yield f"{name} se llama ahora {RENAMED[name]}: cámbielo, la próxima versión no lo lee."
        elif name not in names and name.isupper():
            alike = difflib.get_close_matches(name, VARIABLES, 1, _ALIKE)
            if alike or name.startswith("AFILIACION_"):
                yield f"{name} no es una variable de este programa{f': ¿quiso decir {alike[0]}?' if alike else '.'} Vea .env.example."


def require(given: Mapping[str, str]) -> None:
    """Write the problems and notices to the terminal; end the process with exit code 1 if there are problems."""
    found = list(start_problems(given))
    for line in [*found, *notices(given)]:
        print(line, file=sys.stderr)
    if found:
        sys.exit(1)


def _with_new_names(given: Mapping[str, str]) -> dict[str, str]:
    """The environment, with the values of old names under the new ones."""
    return {**{RENAMED[name]: value for name, value in given.items() if name in RENAMED}, **given}


def _text(variable: Variable, given: Mapping[str, str]) -> str | None:
    """A variable that is given empty has its default; None if it has none."""
    text = given.get(variable.name, "").strip()
    return text or variable.default


def _given(text: str | None) -> str:
    if text is None:
        raise Unreadable("falta")
    return text


def _flag(_variable: Variable, text: str) -> bool:
    if text.lower() not in _TRUE | _FALSE:
        raise Unreadable("debe ser 1 o 0")
    return text.lower() in _TRUE


def _number(variable: Variable, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise Unreadable("debe ser un número") from None
    return _within(variable, value)


def _integer(variable: Variable, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise Unreadable("debe ser un número entero") from None
    return int(_within(variable, value))


def _within(variable: Variable, value: float) -> float:
    least, most = variable.least or 0, variable.most or math.inf
    if not least <= value <= most:
        raise Unreadable(f"debe estar entre {least:g} y {most:.10g}")
    return value


def _list(_variable: Variable, text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]


def _web_address(_variable: Variable, text: str) -> str:
    parts = _split(text)
    if text and (parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.fragment):
        raise Unreadable("debe ser como https://nombre.escuela.mx, sin diagonal ni nada más al final")
    return text


def _postgres(variable: Variable, text: str) -> str:
    if (text or variable.default is None) and not text.startswith(("postgresql://", "postgres://")):
        raise Unreadable("debe empezar con postgresql://")
    return text


def _redis(_variable: Variable, text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "redis+socket://")):
        raise Unreadable("debe empezar con redis://, rediss:// o redis+socket://")
    return text


def _split(text: str) -> Any:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        raise Unreadable("no es una dirección") from None
    return parts


def _email(_variable: Variable, text: str) -> str:
    address = text.rpartition("<")[2].removesuffix(">")
    name, at, domain = address.partition("@")
    if text and not (name and at and domain and " " not in address):
        raise Unreadable("debe ser una dirección de correo")
    return text


def _time_zone(_variable: Variable, text: str) -> str:
    if text not in zoneinfo.available_timezones():
        raise Unreadable("no es una zona horaria conocida, como America/Mexico_City")
    return text


def _log_level(_variable: Variable, text: str) -> str:
    if text not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        raise Unreadable("debe ser DEBUG, INFO, WARNING o ERROR")
    return text


def _plain(_variable: Variable, text: str) -> str:
    return text


_READERS: Final[dict[VariableKind, Callable[[Variable, Any], Any]]] = {
    VariableKind.TEXT: _plain,
    VariableKind.SECRET_KEY: _plain,
    VariableKind.FLAG: _flag,
    VariableKind.INTEGER: _integer,
    VariableKind.NUMBER: _number,
    VariableKind.LIST: _list,
    VariableKind.WEB_ADDRESS: _web_address,
    VariableKind.POSTGRES: _postgres,
    VariableKind.REDIS: _redis,
    VariableKind.EMAIL: _email,
    VariableKind.TIME_ZONE: _time_zone,
    VariableKind.LOG_LEVEL: _log_level,
}
