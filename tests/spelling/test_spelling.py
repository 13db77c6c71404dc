"""Every word people read is Spanish: pages, mails, manual, and the sentences in the code."""

from __future__ import annotations

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from simplemma import is_known

ROOT = Path(__file__).parents[2]
#: Words of the trade, names and addresses that no dictionary has.
OURS = frozenset((Path(__file__).parent / "words.txt").read_text().split())
_WORD = re.compile(r"[a-záéíóúüñ]{3,}", re.IGNORECASE)
_NOT_TEXT = re.compile(
    r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<!--.*?-->|<(script|style|svg)\b.*?</\1>|<span class=\"code\">.*?</span>|<[^>]*>|\$\w+|\]\([^)]*\)"
    r"|`[^`]*`|https?://\S+|\S+@\S+|&\w+;|\{[^{}]*\}|--[\w-]+|\./run \w+",
    re.DOTALL,
)
_CLITICS = re.compile(r"(me|te|se|nos)?(lo|la|los|las|le|les)?$")
#: Modules that list what schools write, mistakes included.
HEARD = {"columns.py", "parsers.py"}
#: SQL, names of columns, headers of HTTP.
_FOR_PROGRAMS = re.compile(r"_|filename=|\b(SELECT|JOIN|WHERE|BETWEEN|LIKE|coalesce)\b")
#: A sentence, not a name for programs: at least so many words, most of them Spanish.
FEWEST, MOSTLY = 3, 0.6


@cache
def known(word: str) -> bool:
    """Whether a word is Spanish, ours, or a verb with pronouns behind it (revíselo, entregárselas)."""
    word = word.lower()
    if word in OURS or is_known(word, lang="es"):
        return True
    return any(is_known(stem, lang="es") for stem in _stems(word))


def _stems(word: str) -> Iterator[str]:
    for length in range(2, 7):
        stem, tail = word[:-length], word[-length:]
        if len(stem) > 2 and _CLITICS.fullmatch(tail):
            yield stem
            yield "".join(c for c in unicodedata.normalize("NFD", stem) if not unicodedata.combining(c))


def wrong(text: str) -> list[str]:
    return [word for word in _WORD.findall(unicodedata.normalize("NFC", _NOT_TEXT.sub(" ", text))) if not known(word)]


def sentences(source: str) -> Iterator[str]:
    """The strings of a module that are Spanish sentences, docstrings aside."""
    tree = ast.parse(source)
    docs = {id(node.body[0].value) for node in ast.walk(tree) if _has_docstring(node)}  # type: ignore[attr-defined]  # it has a body
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs and _is_spanish(node.value):
            yield node.value


def _has_docstring(node: ast.AST) -> bool:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    return (
        isinstance(node, kinds) and bool(node.body) and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant)
    )


def _is_spanish(text: str) -> bool:
    words = _WORD.findall(text)
    return len(words) >= FEWEST and not _FOR_PROGRAMS.search(text) and sum(map(known, words)) >= MOSTLY * len(words)


def files(*patterns: str) -> Iterable[Path]:
    return sorted(path for pattern in patterns for path in ROOT.glob(pattern))


@pytest.mark.parametrize("folder", ["templates/**/*.html", "templates/**/*.txt", "docs/manual/*.md"])
def test_what_is_written_for_people_is_spelled_right(folder: str) -> None:
    assert {path.name: found for path in files(folder) if (found := wrong(path.read_text()))} == {}


def test_the_sentences_in_the_code_are_spelled_right() -> None:
    found: dict[str, list[str]] = {}
    for path in files("afiliacion/**/*.py", "students/**/*.py"):
        if "migrations" not in path.parts and path.name not in HEARD:
            found[str(path.relative_to(ROOT))] = [word for text in sentences(path.read_text()) for word in wrong(text)]
    assert {path: words for path, words in found.items() if words} == {}


def test_the_default_rows_are_spelled_right() -> None:
    found: dict[str, list[str]] = {}
    for path in files("afiliacion/*/defaults/*.toml"):
        tables: dict[str, list[dict[str, object]]] = tomllib.loads(path.read_text())
        texts = [value for rows in tables.values() for row in rows for value in row.values() if isinstance(value, str)]
        found[path.name] = [word for text in texts if _is_spanish(text) for word in wrong(text)]
    assert {name: words for name, words in found.items() if words} == {}


@pytest.mark.parametrize("word", ["revise", "entrégaselo", "vencimientos", "inscríbete", "averígüelo", "regístralas"])
def test_spanish_is_known(word: str) -> None:
    assert known(word)


@pytest.mark.parametrize("word", ["vencimeinto", "espediente", "rebise", "expidiente", "afiliasión"])
def test_a_slip_is_found(word: str) -> None:
    assert not known(word)
