"""The variables of an installation (variables.toml): the one table of settings.py, its checks and .env.example. No Django."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Final


class VariableKind(Enum):
    """How the text of a variable is read (afiliacion/environment/reading.py)."""

    TEXT = auto()
    FLAG = auto()
    INTEGER = auto()
    NUMBER = auto()
    LIST = auto()
    WEB_ADDRESS = auto()
    POSTGRES = auto()
    REDIS = auto()
    EMAIL = auto()
    TIME_ZONE = auto()
    LOG_LEVEL = auto()
    SECRET_KEY = auto()


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: its default as text (None: it must be given), the least and most a number may be, its meaning in Spanish."""

    name: str
    kind: VariableKind
    default: str | None
    meaning: str
    least: float | None = None
    most: float | None = None
    #: Never shown in a message.
    secret: bool = False


def _load() -> dict[str, tuple[Variable, ...]]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return {
        title: tuple(
            Variable(
                name,
                VariableKind[row["kind"]],
                row.get("default"),
                row["meaning"],
                row.get("least"),
                row.get("most"),
                row.get("secret", False),
            )
            for name, row in group.items()
        )
        for title, group in table.items()
    }


#: The table, by the titles of its groups.
GROUPS: Final = _load()
VARIABLES: Final = {variable.name: variable for group in GROUPS.values() for variable in group}
#: Names that begin like ours and are no settings: of ./run and of the tests.
OTHERS: Final = frozenset({"AFILIACION_DEMO_OF", "AFILIACION_TEST_SERVERS"})
#: What a variable of earlier versions is called now.
RENAMED: Final = {"BEHIND_PROXY": "TRUSTED_PROXIES"}
