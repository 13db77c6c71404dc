"""Templates and style sheets are written so that a person can read them and a linter can vouch for them."""

from __future__ import annotations

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
