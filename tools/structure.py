"""Draw which room imports which, from the code itself: `./run structure` writes docs/structure.md, `--check` fails if it is stale.

One picture of the whole, in the layers of pyproject.toml, and one of each room that has sub-packages. Needs the standard library only.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "structure.md"
BEGIN: Final = "<!-- written by ./run structure -->"
END: Final = "<!-- end of what ./run structure writes -->"
OFFICE: Final = "afiliacion"
#: Parts of a room that are Django's doors, not its structure.
DOORS: Final = {"migrations", "management", "templatetags", "admin", "apps", "tasks", "urls"}

Arrows = Mapping[str, set[str]]


def main(arguments: list[str]) -> int:
    """Write the page, or with `--check` compare it. Return 1 if it is stale."""
    before = PAGE.read_text(encoding="utf-8")
    after = page(before, ROOT)
    if "--check" in arguments:
        if before != after:
            sys.stderr.write("docs/structure.md is stale: ./run structure\n")
        return int(before != after)
    PAGE.write_text(after, encoding="utf-8")
    return 0


def page(before: str, root: Path) -> str:
    """Return the text `before` with the part between its markers drawn anew from the code in `root`."""
    head, _, rest = before.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n\n{chr(10).join(pictures(root))}\n{END}{tail}"


def pictures(root: Path) -> Iterator[str]:
    """Yield the lines of all pictures."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    imports = read_imports(root, settings["root_packages"])
    whole = rooms(imports)
    yield from ("## The whole", "", *drawing(whole, floors(settings["contracts"], whole)), "", *table(whole), "")
    for room in sorted(whole):
        if _has_packages(room, imports):
            parts = arrows(imports, _part_of(room))
            yield from (f"## {room}", "", *drawing(parts, floors(settings["contracts"], parts, room)), "")


def read_imports(root: Path, packages: Iterable[str]) -> dict[str, set[str]]:
    """Return, for each module of the packages, the modules of the packages that it imports anywhere in its text."""
    files = {_module(path.relative_to(root)): path for package in packages for path in (root / package).rglob("*.py")}
    files = {name: path for name, path in files.items() if "migrations" not in path.parts}
    return {name: set(_imported(ast.parse(path.read_bytes()), files)) for name, path in files.items()}


def rooms(imports: Arrows) -> dict[str, set[str]]:
    """Return which room imports which. A module beside the rooms counts as one if a room imports it."""
    full = arrows(imports, _room)
    packages = {_room(module) or "" for module in imports if _parts(module)[1:]}
    shown = packages.union(*(full.get(package, set()) for package in packages))
    return {unit: full.get(unit, set()) & shown for unit in shown}


def arrows(imports: Arrows, unit_of: Callable[[str], str | None]) -> dict[str, set[str]]:
    """Join modules into units (None: left out) and return which unit imports which others."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, targets in imports.items():
        if unit := unit_of(module):
            found[unit] |= {other for other in map(unit_of, targets) if other and other != unit}
    return dict(found)


def reduced(full: Arrows) -> dict[str, set[str]]:
    """Return the arrows without those that a chain of others already says."""
    kept = {unit: set(others) for unit, others in full.items()}
    for unit in sorted(kept):
        for other in sorted(kept[unit]):
            kept[unit].discard(other)
            if other not in _reach(kept, unit):
                kept[unit].add(other)
    return kept


def drawing(full: Arrows, by_floor: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield a Mermaid flowchart: the rooms of a floor side by side, only arrows that no chain of others says."""
    yield from ("```mermaid", "flowchart TD")
    placed: set[str] = set()
    for number, floor in enumerate(by_floor, 1):
        yield f'  subgraph floor{number}[" "]'
        yield from (f"    {_node(room)}" for room in floor)
        yield "  end"
        placed |= set(floor)
    yield from (f"  {_node(unit)}" for unit in sorted(full.keys() - placed))
    yield from (f"  {_id(unit)} --> {_id(other)}" for unit, others in sorted(reduced(full).items()) for other in sorted(others))
    yield "```"


def table(full: Arrows) -> Iterator[str]:
    """Yield a table of all imports between rooms, also those the picture leaves out."""
    yield from ("| Room | Imports |", "|---|---|")
    for unit, others in sorted(full.items()):
        yield f"| `{unit}` | {', '.join(f'`{other}`' for other in sorted(others)) or 'nothing of ours'} |"


def floors(contracts: Iterable[Mapping[str, Any]], shown: Iterable[str], room: str = "") -> list[tuple[str, ...]]:
    """Return the layers of the import contract of `room` (of the whole without it), top first; none if there is no contract.

    Of a part whose modules are of several layers, the highest.
    """
    layers = next((each["layers"] for each in contracts if each["type"] == "layers" and _container(each) == room), ())
    named = [[_room(name.strip(" ()")) or "" for name in re.split(r"[|:]", layer)] for layer in layers]
    highest = {name: floor for floor, names in reversed(list(enumerate(named))) for name in names}
    placed = [tuple(dict.fromkeys(name for name in names if name in shown and highest[name] == n)) for n, names in enumerate(named)]
    return [floor for floor in placed if floor]


def _container(contract: Mapping[str, Any]) -> str:
    return "".join(_parts(name)[-1] for name in contract.get("containers", ()))


def _module(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.AST, files: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in files)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module in files:
            inner = {f"{node.module}.{name.name}" for name in node.names}
            yield from (name if name in files else node.module for name in inner)


def _parts(module: str) -> list[str]:
    """Return the name of a module below its room: cases, verbs for `afiliacion.cases.verbs`; students, models for `students.models`."""
    return [part for part in module.split(".") if part != OFFICE]


def _room(module: str) -> str | None:
    return next(iter(_parts(module)), None)


def _part_of(room: str) -> Callable[[str], str | None]:
    """Return what names the part of `room` in which a module is: its sub-package, or the module itself."""

    def part(module: str) -> str | None:
        own, *rest = [*_parts(module), ""]
        return rest[0] if own == room and rest[0] not in {"", *DOORS} else None

    return part


def _has_packages(room: str, imports: Iterable[str]) -> bool:
    """Return whether the room has a sub-package other than Django's doors."""
    return any(parts[0] == room and parts[1] not in DOORS for parts in map(_parts, imports) if len(parts) > 2)


def _reach(full: Arrows, start: str) -> set[str]:
    seen: set[str] = set()
    queue = [start]
    while queue:
        for other in full.get(queue.pop(), ()):
            if other not in seen:
                seen.add(other)
                queue.append(other)
    return seen


def _id(unit: str) -> str:
    return f"{unit}_"  # "end" and the like are words of Mermaid


def _node(unit: str) -> str:
    return f"{_id(unit)}[{unit}]"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
