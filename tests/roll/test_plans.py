"""How many rows the database visits for a list: as many as it has, a few times, while its statistics are of before the list."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from afiliacion.roll import jobs, work
from afiliacion.roll.clock import Clock
from afiliacion.roll.models import State
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db

ROWS = 300
#: The fields of a row are compared one by one, and a statement reads some tables several times.
TIMES = 20


@contextmanager
def explained() -> Iterator[list[tuple[int, str]]]:
    """(rows visited at the busiest place of the plan, statement) of whatever runs meanwhile, the triggers' statements too."""
    found: list[tuple[int, str]] = []

    def hear(diagnostic: Any) -> None:
        if plan := re.search(r"plan:\n(\{.*\})", diagnostic.message_primary, re.DOTALL):
            said = json.loads(plan[1])
            found.append((_visited(said["Plan"]), said["Query Text"]))

    settings = {"log_min_duration": "0", "log_analyze": "on", "log_timing": "off", "log_nested_statements": "on"}
    with connection.cursor() as cursor:
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


@pytest.fixture
def nothing_counted(db: None) -> None:
    """Tables as new, about which earlier tests have left nothing for the planner to believe."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE students_student, students_enrolment, cases_case, cases_event, roll_row, roll_change CASCADE")


def test_a_list_its_second_load_and_its_undoing_visit_each_row_a_few_times(
    nothing_counted: None, bring: Any, people: Any, now: Any
) -> None:
    crowd = [people.one() for _ in range(ROWS)]
    first = [row(person, f"26{n:06d}") for n, person in enumerate(crowd)]
    few = [{**fields, "telefono": "5500000000"} if n % 100 == 50 else fields for n, fields in enumerate(first)]
    everyone = [{**fields, "grupo": "2-B", "nss": person.nss} for fields, person in zip(first, crowd, strict=True)]
    with explained() as plans:
        for n, table in enumerate((first, first, few, everyone)):
            moment = now + dt.timedelta(minutes=n)
            job = bring(table, now=moment).preview.job
            if table is not few and n != 1:
                assert jobs.undo(job, now=moment) == []
                work.finish(job, Clock.at(moment.date(), moment))
                assert job.state == State.UNDONE
    assert len(plans) > 100
    assert [(rows, text) for rows, text in plans if rows > TIMES * ROWS] == []
