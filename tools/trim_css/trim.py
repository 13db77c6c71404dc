"""What the office uses of Tabler: its rules without those for classes no page has. `python -m tools.trim_css.trim` writes it.

The whole sheet is eighty kilobytes over the wire, five times what is left; a test says when it has to be written again.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parent.parent
WHOLE: Final = HERE / "tabler-1.6.1.min.css"
TRIMMED: Final = ROOT / "afiliacion/dashboard/static/dashboard/vendor/tabler-1.6.1.trimmed.css"
_PAGES: Final = ("templates/dashboard/**/*.html", "templates/*.html", "afiliacion/dashboard/**/*.py", "afiliacion/dashboard/static/**/*.js")
#: Rules within rules; any other block is kept or dropped as a whole.
_NESTS: Final = ("@media", "@supports", "@layer", "@container")
#: A string, a comment, or one of the signs that part a sheet.
_SIGN: Final = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|/\*.*?\*/|[{};]", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z][\w-]*")
_CLASS: Final = re.compile(r"\.((?:[\w-]|\\.)+)")


def used() -> set[str]:
    """Every word that may be a class of some page: any of the files pages are made of. A few too many cost little."""
    return {word for glob in _PAGES for file in ROOT.glob(glob) for word in _WORD.findall(written(file))}


def written(file: Path) -> str:
    """The text of `file` that can reach a page: of Python the strings, without docstrings. A module named `pagination` uses no rule."""
    text = file.read_text()
    if file.suffix != ".py":
        return text
    nodes = list(ast.walk(ast.parse(text)))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    strings = (node for node in nodes if isinstance(node, ast.Constant) and id(node) not in docstrings)
    return " ".join(node.value for node in strings if isinstance(node.value, str))


def trim(sheet: str, words: set[str]) -> str:
    """The rules of `sheet` of which every class is among `words`, in their order."""
    return "".join(_kept(head, body, words) for head, body in _rules(sheet))


def _kept(head: str, body: str | None, words: set[str]) -> str:
    if body is None:
        return head
    if head.startswith(_NESTS):
        inside = trim(body, words)
        return f"{head}{{{inside}}}" if inside else ""
    chosen = head if head.startswith("@") else ",".join(each for each in _selectors(head) if _is_used(each, words))
    return f"{chosen}{{{body}}}" if chosen else ""


def _is_used(selector: str, words: set[str]) -> bool:
    """Whether something may match: a class within :not() or one of several within :is() need not exist."""
    needed = re.sub(r":(not|is|where)\((?:[^()]|\([^()]*\))*\)", "", selector)
    return all(name.replace("\\", "") in words for name in _CLASS.findall(needed))


def _selectors(head: str) -> list[str]:
    """Parted at the commas that are in no parenthesis."""
    return re.split(r",(?![^()]*(?:\([^()]*\)[^()]*)*\))", head)


def _rules(sheet: str) -> Iterator[tuple[str, str | None]]:
    """(what stands before the brace, what stands within) of each block; (itself, None) of a comment or a statement."""
    begin, opened, depth = 0, 0, 0
    for sign in _SIGN.finditer(sheet):
        what = sign[0]
        if what == "{":
            depth += 1
            opened = sign.start() if depth == 1 else opened
        elif what == "}":
            depth -= 1
        if not depth and (what in "};" or (what.startswith("/*") and not sheet[begin : sign.start()].strip())):
            yield (sheet[begin:opened].strip(), sheet[opened + 1 : sign.start()]) if what == "}" else (sheet[begin : sign.end()], None)
            begin = sign.end()


if __name__ == "__main__":
    TRIMMED.write_text(trim(WHOLE.read_text(), used()))
