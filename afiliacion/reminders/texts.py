"""The words of each kind: a file of sentences with $placeholders, one for the plain and the HTML layout alike.

A sentence that names something unknown (a plantel without office hours) is left out.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, Final

from django.conf import settings

FOLDER: Final = Path(settings.BASE_DIR) / "templates" / "mail"
LAYOUT: Final = "layout.html"


class BadTexts(ValueError):
    """A file of texts lacks a part or names a placeholder nobody fills; str() says which, for the maintainer."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The parts of a letter. `action` is the one thing to do and `by` until when; the rest helps to do it."""

    subject: str
    title: str
    action: str
    by: str
    steps: tuple[str, ...]
    notes: tuple[str, ...]
    link_text: str
    link_url: str

    def filled(self, values: Mapping[str, str]) -> Texts:
        """The same parts with their placeholders replaced.

        Raises:
            BadTexts: a sentence names a placeholder that is not in `values`.
        """
        return Texts(
            subject=_sentence(self.subject, values),
            title=_sentence(self.title, values),
            action=_sentence(self.action, values),
            by=_sentence(self.by, values),
            steps=tuple(filter(None, (_sentence(step, values) for step in self.steps))),
            notes=tuple(filter(None, (_sentence(note, values) for note in self.notes))),
            link_text=_sentence(self.link_text, values) if _sentence(self.link_url, values) else "",
            link_url=_sentence(self.link_url, values),
        )

    def placeholders(self) -> set[str]:
        """Every placeholder its sentences name."""
        return {name for sentence in self._sentences() for name in Template(sentence).get_identifiers()}

    def _sentences(self) -> Iterator[str]:
        for field in fields(self):
            part = getattr(self, field.name)
            yield from (part,) if isinstance(part, str) else part


@lru_cache(maxsize=64)
def texts(name: str) -> Texts:
    """The texts kept as `name`.

    Raises:
        BadTexts: there are none, or a part is missing.
    """
    try:
        parts: dict[str, Any] = tomllib.loads(_source(f"{name}.toml").decode())
        return Texts(**{**parts, "steps": tuple(parts["steps"]), "notes": tuple(parts["notes"])})
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise BadTexts(f"textos «{name}»: {error}") from error


@lru_cache(maxsize=64)
def version(*names: str) -> str:
    """Twelve hex digits that change when the words or the layout of these names change: kept with each mail sent."""
    sources = sorted(path for name in names for path in FOLDER.glob(f"{name}.*"))
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in (*sources, FOLDER / LAYOUT))).hexdigest()[:12]


def _source(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def _sentence(sentence: str, values: Mapping[str, str]) -> str:
    template = Template(sentence)
    try:
        if not all(values[name] for name in template.get_identifiers()):
            return ""
    except KeyError as error:
        raise BadTexts(f"nadie llena ${error.args[0]} en «{sentence}»") from error
    return template.substitute(values)
