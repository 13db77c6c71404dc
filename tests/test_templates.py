"""Templates and style sheets are written so that a person can read them and a linter can vouch for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

COLUMNS: Final = 160
#: What is written by hand: neither Tabler nor drawings.
WRITTEN: Final = ("templates/**/*.*", "imss_mock/web/templates/*.*", "afiliacion/*/static/*/*.css", "afiliacion/*/static/*/*.js")


def _files(glob: str) -> Iterator[Path]:
    return Path(settings.BASE_DIR).glob(glob)


@pytest.mark.parametrize("glob", WRITTEN)
def test_no_line_is_over_160_columns(glob: str) -> None:
    files = list(_files(glob))
    assert files
    lines = ((file, n, line) for file in files for n, line in enumerate(file.read_text().splitlines(), 1))
    assert [f"{file}:{n}" for file, n, line in lines if len(line) > COLUMNS] == []


#: A row's number as it stands in a template, with no filter but a default: from 1,000 on it is written with a comma.
_NUMBER: Final = re.compile(r"\{\{ *(?:[\w.]*\.)?(?:pk|(?!auto_id)\w+_id|version)(?:\|default\w*:[^}|]*)? *\}\}")


def test_no_number_of_a_row_is_written_with_a_comma() -> None:
    """Numbers for people have one, those of rows stand in addresses and forms: `|stringformat:'d'`."""
    assert [(file.name, found) for file in _files("templates/**/*.html") for found in _NUMBER.findall(file.read_text())] == []
