"""How many rows the database visits for a list: as many as it has, times a few, whatever its statistics say."""

import datetime as dt
import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg.conninfo import make_conninfo

from afiliacion.roll import jobs, work
from afiliacion.roll.models import State
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db

ROWS = 300
#: The fields of a row are compared one by one, and a statement reads some tables several times.
TIMES = 20
_ANALYSED = "students_student, students_enrolment, cases_case, cases_event"


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


@contextmanager
def old_statistics() -> Iterator[None]:
    """Somebody else is at the tables, as autovacuum often is, so that they are not analysed: nothing is known of what is in them."""
    with psycopg.connect(make_conninfo(os.environ["DATABASE_URL"], dbname=connection.settings_dict["NAME"])) as other:
        other.execute(f"LOCK TABLE {_ANALYSED} IN SHARE UPDATE EXCLUSIVE MODE")
        yield


def test_a_list_its_second_load_and_its_undoing_visit_each_row_a_few_times(bring: Callable[..., Any], people: Any, now: Any) -> None:
    crowd = [people.one() for _ in range(ROWS)]
    first = [row(person, f"26{n:06d}") for n, person in enumerate(crowd)]
    few = [{**fields, "telefono": "5500000000"} if n % 100 == 50 else fields for n, fields in enumerate(first)]
    everyone = [{**fields, "grupo": "2-B", "nss": person.nss} for fields, person in zip(first, crowd, strict=True)]
    with old_statistics(), explained() as plans:
        for n, table in enumerate((first, first, few, everyone)):
            moment = now + dt.timedelta(minutes=n)
            job = bring(table, now=moment).preview.job
            if table is not few and n != 1:
                assert jobs.undo(job, now=moment) == []
                work.finish(job, work.Clock.at(moment.date(), moment))
                assert job.state == State.UNDONE
    assert len(plans) > 100
    assert [(rows, text) for rows, text in plans if rows > TIMES * ROWS] == []
