"""What a page weighs on its way over a slow line, and that its style sheet has all that pages use."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from afiliacion.cases.models import Case
from tools.trim_css.trim import TRIMMED, WHOLE, trim, used, written

LIMIT = 100_000
FILE = re.compile(r'(?:href|src)="/static/([^"]+)"')


@pytest.mark.parametrize("path", ["/", "/expedientes/", "/ventanilla/"])
def test_a_first_page_with_all_it_needs_weighs_less_than_a_hundred_kilobytes(
    desk: Client, make_case: Callable[..., Case], path: str
) -> None:
    for _ in range(50):
        make_case()
    answer = desk.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    files = FILE.findall(gzip.decompress(answer.content).decode())
    assert len(files) >= 4
    found: list[Any] = [finders.find(name) for name in files]
    assert len(answer.content) + sum(len(gzip.compress(Path(file).read_bytes())) for file in found) < LIMIT


def test_the_style_sheet_has_the_rules_of_every_class_in_use() -> None:
    words = used()
    assert trim(TRIMMED.read_text(), words) == trim(WHOLE.read_text(), words), "run: python -m tools.trim_css.trim"


def test_of_python_only_strings_may_name_a_class(tmp_path: Path) -> None:
    code = tmp_path / "views.py"
    code.write_text('"""Show what is visible."""\n\nfrom somewhere import pagination\n\nLINK = f"<a class=btn {pagination}>"\n')
    assert written(code).split() == ["<a", "class=btn", ">"]


def test_trimming_keeps_what_may_match_and_drops_the_rest() -> None:
    sheet = '@charset "x;}";a{b:c}.x,.y:not(.z,.w){d:"}"}.z{e:f}@media print{.z{g:h}}@media all{.x .y{i:j}.z{k:l}}@keyframes m{to{n:o}}'
    assert trim(sheet, {"y"}) == '@charset "x;}";a{b:c}.y:not(.z,.w){d:"}"}@keyframes m{to{n:o}}'
    assert trim(sheet, {"x", "y", "z", "w"}) == sheet
