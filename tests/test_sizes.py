"""A module that is read in one go, a folder that is seen at one glance, docstrings that say who is meant."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
LINES, MODULES = 300, 20
#: Where the office, its stand-in, its readers and their tools are; a benchmark is a script, of any length.
OURS = ("afiliacion", "students", "imss_mock", "file_reader", "paper_reader", "limited_process", "tools", "benchmarks")


def modules() -> list[Path]:
    return [path for top in OURS for path in (ROOT / top).rglob("*.py") if "migrations" not in path.parts]


def test_no_module_is_longer_than_is_read_in_one_go() -> None:
    ours = [path for path in modules() if "benchmarks" not in path.parts]
    assert [str(path) for path in ours if len(path.read_text().splitlines()) > LINES] == []


def test_no_folder_has_more_modules_than_are_seen_at_one_glance() -> None:
    folders = {path.parent for path in modules()}
    assert [str(folder) for folder in folders if len([*folder.glob("[!_]*.py")]) > MODULES] == []


#: The user `nobody` of Unix, whose name it is.
NAMED = {"afiliacion/operations/servers/identity.py"}
_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def test_a_docstring_says_who_is_meant() -> None:
    """The officer, the student, the user: not whoever, nobody or somebody."""
    vague = re.compile(r"\b(whoever|nobody|somebody)\b", re.IGNORECASE)
    texts = (
        (str(path.relative_to(ROOT)), ast.get_docstring(node) or "")
        for path in modules()
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, _DOCUMENTED)
    )
    assert [(name, text) for name, text in texts if vague.search(text) and name not in NAMED] == []
