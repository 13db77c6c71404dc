from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from file_reader.answers import look
from file_reader.order import NumberedRow, ReadOrder

HEADINGS = frozenset({"matricula", "curp", "nombre", "primerapellido", "segundoapellido", "fechainscripcion"})


class Read(NamedTuple):
    headers: list[str]
    lines: list[NumberedRow]
    origin: str
    header_line: int
    columns: list[Any]
    hidden: int


@pytest.fixture(scope="session")
def read(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Read]:
    """Reads the bytes of a list in this process; what the process around it adds is tested with the roll."""
    folder = tmp_path_factory.mktemp("lists")

    def read_bytes(content: bytes, name: str = "lista.csv", **limits: int) -> Read:
        path: Path = folder / f"list{Path(name).suffix}"
        path.write_bytes(content)
        usual: dict[str, Any] = {"max_rows": 5_000, "max_columns": 250, "max_cell": 32_767, "unpacked": 2**26}
        rows = io.StringIO()
        said = look(ReadOrder(path=str(path), filename=name, headings=HEADINGS, **{**usual, **limits}), rows, bool)
        lines = [(line, cells) for batch in rows.getvalue().splitlines() for line, cells in json.loads(batch)]
        assert len(lines) == said["count"]
        return Read(said["headers"], lines, said["origin"], said["header_line"], said["columns"], said["hidden"])

    return read_bytes
