"""The words of each kind: a file of parts with $placeholders, any of which a school may replace by its own (PaperText)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import Final

from django.conf import settings

FOLDER: Final = Path(settings.BASE_DIR) / "templates" / "papers"

#: What the words may name; PrintContext.values fills them.
PLACEHOLDERS: Final = frozenset({
    "nombre", "curp", "nss", "matricula", "grupo", "ciclo", "folio", "vence", "umf",
    "plantel", "cct", "institucion", "lugar", "responsable", "domicilio", "telefono", "correo", "horario", "subdelegacion",
    "registro_patronal", "fecha", "cuantos",
})  # fmt: skip


@cache
def defaults(kind: str) -> Mapping[str, tuple[str, ...]]:
    """The parts of a kind with their paragraphs, as they come with the product; a kind may have none."""
    path = FOLDER / f"{kind}.toml"
    parts = tomllib.loads(path.read_text()) if path.is_file() else {}
    return {name: (part,) if isinstance(part, str) else tuple(part) for name, part in parts.items()}


def objection(kind: str, part: str, text: str) -> str:
    """Why these words cannot stand for that part, in Spanish; empty if they can."""
    if not defaults(kind):
        return "Ese documento no tiene textos que se puedan cambiar."
    if part not in defaults(kind):
        return f"Ese documento no tiene la parte «{part}». Tiene: {', '.join(sorted(defaults(kind)))}."
    template = Template(text)
    if not template.is_valid():
        return "Hay un signo $ suelto: escriba $$ si quiere un signo de pesos."
    unknown = set(template.get_identifiers()) - PLACEHOLDERS
    if not unknown:
        return ""
    return f"Nadie llena ${min(unknown)}. Puede usar: {', '.join(f'${name}' for name in sorted(PLACEHOLDERS))}."
