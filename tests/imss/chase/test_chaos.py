"""A few bad seconds; `benchmarks/chaos.py` makes a bad hour of them."""

from pathlib import Path

import pytest

from tests.imss.chaos import Hour, as_the_office_sees_it, go_through
from tests.processes import end_every_connection


@pytest.mark.slow
def test_a_bad_hour_in_a_few_seconds(committed: None, tmp_path: Path) -> None:
    hour = Hour(cases=240, kills=3, seconds=15, rate=25, patience=90, spoilt=5.0, beats=0, broker_restarts=0)
    with as_the_office_sees_it():
        verdict = go_through(hour, tmp_path, end_every_connection)

    assert not verdict.wrong, "\n".join([*verdict.wrong[:3], *verdict.wrong[-1:]])
    assert verdict.figures["answers about somebody else"], "nobody was mistaken for anybody"
    assert verdict.figures["outages"], "IMSS was never seen to be down"
