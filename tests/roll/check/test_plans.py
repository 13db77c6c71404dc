"""How many rows the database visits for a list: as many as it has, a few times, while its statistics are of before the list."""

import datetime as dt
from typing import Any

import pytest

from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import ImportState
from afiliacion.roll.upload import jobs
from tests.plans import explained
from tests.roll.conftest import row

pytestmark = pytest.mark.django_db

ROWS = 300
#: The fields of a row are compared one by one, and a statement reads some tables several times.
TIMES = 20


def test_a_list_its_second_load_and_its_undoing_visit_each_row_a_few_times(own_ground: None, bring: Any, people: Any, now: Any) -> None:
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
                work.finish(job, JobClock.at(moment.date(), moment))
                assert job.state == ImportState.UNDONE
    assert len(plans) > 100
    assert [(rows, text) for rows, text in plans if rows > TIMES * ROWS] == []
