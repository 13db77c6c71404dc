"""What the database does for a statement: how many rows it visits."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.roles import as_owner


@contextmanager
def explained() -> Iterator[list[tuple[int, str]]]:
    """(rows visited at the busiest place of the plan, statement) of whatever runs meanwhile, the triggers' statements too."""
    found: list[tuple[int, str]] = []

    def hear(diagnostic: Any) -> None:
        if plan := re.search(r"plan:\n(\{.*\})", diagnostic.message_primary, re.DOTALL):
            said = json.loads(plan[1])
            found.append((_visited(said["Plan"]), said["Query Text"]))

    settings = {"log_min_duration": "0", "log_analyze": "on", "log_timing": "off", "log_nested_statements": "on"}
    with as_owner() as cursor:
        # The embedded server has it loaded for the owner's sessions (tests/cluster.py); on another, the owner is its superuser.
        cursor.execute("SELECT count(*) FROM pg_settings WHERE name = 'auto_explain.log_min_duration'")
        if not cursor.fetchone()[0]:
            cursor.execute("LOAD 'auto_explain'")
        for name, value in {**settings, "log_format": "json", "log_level": "notice"}.items():
            cursor.execute(f"SET LOCAL auto_explain.{name} = {value}")
        # Tables as small as these are best read whole; a lookup is to cost here what it costs beside a large one.
        cursor.execute("SET LOCAL random_page_cost = 1")
    connection.connection.add_notice_handler(hear)
    yield found
    connection.connection.remove_notice_handler(hear)


def _visited(node: dict[str, Any]) -> int:
    rows: float = node["Actual Rows"] + sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    return max([int(node["Actual Loops"] * rows), *(_visited(child) for child in node.get("Plans", ()))])
