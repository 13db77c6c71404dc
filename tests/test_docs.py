"""What the documentation says is there: sections, faults, files, links and decisions that code or docs cite exist."""

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
CODE = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".") and path != DOCS]
FILES = sorted(path for path in [*ROOT.glob("*.*"), *(path for folder in [DOCS, *CODE] for path in folder.rglob("*.*"))])
NAMES = ["/" + path.relative_to(ROOT).as_posix() for path in FILES]
SOURCES = [path for path in FILES if path.suffix in {".py", ".sql", ".toml"}]
PROSE = [path for path in FILES if path.suffix == ".md" and path.name != "CHANGELOG.md" and "static" not in path.parts]

SECTIONS = re.compile(r"(\w[\w-]*\.md), (\d+(?:\.\d+)?(?:(?:, | and )\d+(?:\.\d+)?)*)")
FAULT = re.compile(r"\b[SF][0-9]{1,2}\b|(?<=test_)[sf][0-9]{1,2}(?=_)|(?<=_)[sf][0-9]{1,2}(?=_)")
#: A file in code style, or a module in a picture.
FILE = re.compile(r"`((?:[\w.-]+/)*[\w.-]+\.(?:sql|toml|md|css|html))`|(?<![\w/.$-])((?:[\w.-]+/)*[\w-]+\.py)\b")
#: Names of Django's, of a library's, and one put together at run time.
OTHERS = {"bulk_update()", "full_clean()", "Resource", "IMSS_MOCK_HOST"}
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def sections(page: Path) -> frozenset[str]:
    """The numbers of the headings of a page, and of the rows it numbers by an anchor."""
    return frozenset(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", read(page), re.MULTILINE) + re.findall(r'<a id="(\d+)">', read(page)))


@cache
def anchors(page: Path) -> frozenset[str]:
    """What a link to the page can point at, as the hosts that show Markdown make it from a heading."""
    headings = re.findall(r"^#+ (.+)$", read(page), re.MULTILINE)
    slugs = [re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings]
    return frozenset([*slugs, *re.findall(r'<a id="([^"]+)">', read(page))])


def test_every_section_cited_exists() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}, {number}"
        for path in [*SOURCES, *PROSE]
        for name, numbers in SECTIONS.findall(read(path))
        for number in re.split(", | and ", numbers)
        if number not in sections(DOCS / name)
    ]
    assert wrong == []


def test_every_section_of_the_domain_cited_in_it_exists() -> None:
    page = DOCS / "domain.md"
    cited = {number for group in re.findall(r"\((\d+\.\d+(?:, \d+\.\d+)*)\)", read(page)) for number in group.split(", ")}
    assert cited
    assert cited - sections(page) == set()


def test_the_numbers_of_the_domain_are_in_order() -> None:
    found = [tuple(map(int, number.split("."))) for number in re.findall(r"^### (\d+\.\d+) ", read(DOCS / "domain.md"), re.MULTILINE)]
    assert found == sorted(set(found))


def test_every_fault_and_abuse_cited_exists() -> None:
    known = set(re.findall(r"^\| ([SF]\d+) \|", read(DOCS / "faults.md"), re.MULTILINE))
    assert {f"F{n}" for n in range(1, 26)} | {f"S{n}" for n in range(1, 35)} <= known
    cited = {(path.name, number.upper()) for path in [*SOURCES, *PROSE] if path != Path(__file__) for number in FAULT.findall(read(path))}
    assert ("test_database_faults.py", "F9") in cited
    assert {each for each in cited if each[1] not in known} == set()


def test_every_invariant_tested_is_written_down_and_the_reverse() -> None:
    tests = "".join(read(path) for path in SOURCES if path.is_relative_to(ROOT / "tests"))
    numbers = re.findall(r"def test_invariants?_((?:\d+_)(?:and_\d+_)?)", tests)
    tested = {number for each in numbers for number in re.findall(r"\d+", each)}
    page = read(DOCS / "invariants.md")
    assert tested == set(re.findall(r"`test_invariant_(\d+)_", page))
    assert tested <= sections(DOCS / "invariants.md")


def test_every_file_named_in_the_documentation_exists() -> None:
    wrong = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in PROSE
        for name in map("".join, FILE.findall(read(page)))
        if not any(path.endswith("/" + name) for path in NAMES)
    ]
    assert wrong == []


def test_every_class_setting_and_function_named_in_the_documentation_exists() -> None:
    words = set(re.findall(r"\w+", "".join(read(path) for path in SOURCES if path != Path(__file__))))
    wrong = [
        f"{page.relative_to(ROOT)}: {name}"
        for page in PROSE
        for name in re.findall(r"`([A-Z][a-z]\w+(?:\.\w+)*|[A-Z]+_[A-Z_]+|\w+(?:\.\w+)*\([^`\n]*\))`", read(page))
        if name not in OTHERS and not {*re.findall(r"\w+", name.split("(")[0])} <= words
    ]
    assert wrong == []


def test_every_link_leads_somewhere() -> None:
    wrong = [f"{page.relative_to(ROOT)}: {link}" for page in PROSE for link in LINK.findall(read(page)) if not leads(page, link)]
    assert wrong == []


def leads(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    return target.exists() and (not anchor or anchor in anchors(target))


def test_every_decision_cited_exists() -> None:
    known = {path.name[:4] for path in (DOCS / "adr").glob("[0-9]*.md")}
    cited = {(path.name, number) for path in [*SOURCES, *PROSE] for number in re.findall(r"(?:adr/|ADR )(\d{4})", read(path))}
    assert {each for each in cited if each[1] not in known} == set()


def test_the_index_of_decisions_has_every_number_once() -> None:
    index = read(DOCS / "adr" / "README.md")
    rows = re.findall(r"^\| (?:\[)?(\d{4})", index, re.MULTILINE)
    assert rows == [f"{n:04d}" for n in range(1, len(rows) + 1)]
    named = re.findall(r"^\| \[\d{4}\]\(([^)]+)\)", index, re.MULTILINE)
    assert named == sorted(path.name for path in (DOCS / "adr").glob("[0-9]*.md"))


def test_the_pictures_show_the_code_as_it_is() -> None:
    command = [sys.executable, "-I", str(ROOT / "tools" / "structure.py"), "--check"]
    said = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own script
    assert (said.returncode, said.stderr) == (0, "")
