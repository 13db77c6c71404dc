"""The words of each kind: a file of sentences with $placeholders, one for the plain and the HTML layout alike.

A sentence that names something unknown (a plantel without office hours) is left out.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from pathlib import Path
from string import Template
from typing import Any, Final

from django.conf import settings

FOLDER: Final = Path(settings.BASE_DIR) / "templates" / "mail"
LAYOUT: Final = "layout.html"


class BadTexts(ValueError):
    """A file of texts lacks a part or names an unknown placeholder; str() says which, for the maintainer."""


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


def from_parts(parts: Mapping[str, Any]) -> Texts:
    """Texts from a file's or a row's own shape. Raises KeyError or TypeError if a part is missing or unknown."""
    return Texts(**{**parts, "steps": tuple(parts["steps"]), "notes": tuple(parts["notes"])})


@lru_cache(maxsize=64)
def texts(name: str) -> Texts:
    """The texts kept as `name`.

    Raises:
        BadTexts: there are none, or a part is missing.
    """
    try:
        return from_parts(tomllib.loads(_source(f"{name}.toml").decode()))
    except (OSError, KeyError, TypeError, tomllib.TOMLDecodeError) as error:
        raise BadTexts(f"textos «{name}»: {error}") from error


@lru_cache(maxsize=256)
def version(*used: Texts, layouts: tuple[str, ...]) -> str:
    """Twelve hex digits that change when these words or one of these layouts change: kept with each mail sent."""
    words = json.dumps([asdict(text) for text in used], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(b"\0".join([words.encode(), *map(_layout, layouts)])).hexdigest()[:12]


@lru_cache(maxsize=64)
def _layout(name: str) -> bytes:
    """The files that lay out `name`, and what they all stand in."""
    return b"\0".join(path.read_bytes() for path in (*sorted(FOLDER.glob(f"{name}.*")), FOLDER / LAYOUT))


def _source(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@lru_cache(maxsize=1024)
def _template(sentence: str) -> tuple[Template, tuple[str, ...]]:
    """A sentence, and the placeholders it names."""
    template = Template(sentence)
    return template, tuple(template.get_identifiers())


def _sentence(sentence: str, values: Mapping[str, str]) -> str:
    template, names = _template(sentence)
    try:
        if not all(values[name] for name in names):
            return ""
    except KeyError as error:
        raise BadTexts(f"nadie llena ${error.args[0]} en «{sentence}»") from error
    return template.substitute(values) if names or "$" in sentence else sentence
