"""`python -m afiliacion.environment.example`: write .env.example from the table of variables. `--check`: exit code 1 if it is old."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

from afiliacion.environment.variables import GROUPS, Variable

FILE = Path(__file__).resolve().parents[2] / ".env.example"
_HEAD = """\
# Las variables de una instalación. No edite este archivo: lo hace el programa con su tabla de variables.
# Copie las que necesite a un archivo que solo lea el usuario de la oficina (docs/operations.md); las demás tienen el valor que se ve.
"""


def text() -> str:
    """Return what .env.example should be."""
    return _HEAD + "".join(f"\n## {title}\n\n{chr(10).join(map(_entry, variables))}" for title, variables in GROUPS.items())


def _entry(variable: Variable) -> str:
    bounds = f" Entre {variable.least:g} y {variable.most:.10g}." if variable.most is not None else ""
    comment = textwrap.wrap(f"{variable.meaning}{bounds}", 130)
    given = f"{variable.name}=" if variable.default is None else f"#{variable.name}={variable.default}"
    return "".join(f"# {line}\n" for line in comment) + f"{given}\n"


def main(*options: str) -> int:
    if "--check" in options:
        return int(not FILE.exists() or FILE.read_text(encoding="utf-8") != text())
    FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
