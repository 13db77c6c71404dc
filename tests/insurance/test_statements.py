"""What a step asks of the database: each thing once, however many cases it is about."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.insurance.log import broken
from afiliacion.insurance.models import Cover
from tests.insurance.conftest import PROOF, D, by_imss

DAY = D(2026, 8, 20)
#: The rules; the locks of persons and cases; the registros; the step's event, its text and the case; what is known of the persons; the
#: cover's key, row and event.
MOST = 11


def told(cases: list[int]) -> dict[str, Callable[[], Any]]:
    act = by_imss(DAY)
    return {
        "send_alta": lambda: verbs.send_alta({pk: {"lote": "1"} for pk in cases}, on=DAY, act=act),
        "confirm_vigencia": lambda: verbs.confirm_vigencia(dict.fromkeys(cases, Happening(DAY, {}, PROOF)), act=act),
    }


@pytest.mark.parametrize("n", [1, 5])
def test_an_alta_and_its_vigencia_ask_for_each_thing_once(case_in: Callable[..., Case], n: int) -> None:
    cases = [case_in(State.ACUSE_ENTREGADO).pk for _ in range(n)]
    for name, step in told(cases).items():
        with CaptureQueriesContext(connection) as sent:
            assert sorted(step().done) == cases
        asked = Counter(re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in sent if "SAVEPOINT" not in query["sql"])
        assert [sql for sql, times in asked.items() if times > 1] == [], name
        assert len(asked) <= MOST, name
    assert Cover.objects.filter(status="proved", version=2).count() == n
    assert list(broken()) == []
