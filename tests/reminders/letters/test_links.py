"""Links without a password: each opens one case for one purpose and a while, and says nothing of the person."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afiliacion.reminders.letters import links
from afiliacion.reminders.letters.links import BadLink, Purpose

pytestmark = pytest.mark.django_db

TODAY = dt.date(2026, 8, 20)


def _token(url: str) -> str:
    return url.rpartition("/")[2]


def test_it_opens_its_case_until_its_last_day(make_case, settings):
    settings.OFFICE_URL, settings.STUDENT_LINK_DAYS = "https://afiliacion.example.mx", 30
    case = make_case()
    url = links.page_url(case, TODAY)
    assert url.startswith("https://afiliacion.example.mx/a/")
    assert len(url) < 60
    assert links.case_of(_token(url), TODAY + dt.timedelta(days=30)) == case.pk
    with pytest.raises(BadLink) as refused:
        links.case_of(_token(url), TODAY + dt.timedelta(days=31))
    assert refused.value.expired


def test_what_a_hand_types_is_forgiven(make_case):
    case = make_case()
    token = _token(links.page_url(case, TODAY))
    assert links.case_of(token.upper().replace("0", "O").replace("1", "l") + "-", TODAY) == case.pk


def test_it_is_for_one_purpose_and_one_case(make_case):
    first, second = make_case(), make_case()
    tokens = [_token(url) for url in links.urls([first.pk, second.pk], TODAY).values()]
    case, last_day, origin, signature = tokens[0].split(".")
    other = tokens[1].split(".")[3]
    forged = [
        f"{case}.{last_day}.{origin}.{other}", f"{case}.zzzzzz.{origin}.{signature}", f"{case}.{last_day}.zz.{signature}",
        f"{case}.{last_day}.{signature}",
    ]  # fmt: skip
    for token in forged:
        with pytest.raises(BadLink):
            links.case_of(token, TODAY)
    with pytest.raises(BadLink):
        links.case_of(tokens[0], TODAY, Purpose.UNSUBSCRIBE)


@pytest.mark.parametrize("origin", [links.Origin(channel, issuer) for channel in links.LinkChannel for issuer in (None, 1, 2**31 - 1)])
def test_it_says_how_it_was_handed_out_and_by_whom(make_case, origin):
    case = make_case()
    token = _token(links.page_url(case, TODAY, origin))
    assert links.opened(token, TODAY) == links.OpenedLink(case.pk, origin)
    assert len(token) <= 60


def test_revoked_it_opens_nothing_and_the_next_one_does(make_case):
    case = make_case()
    old = _token(links.page_url(case, TODAY))
    links.revoke(case, 0)
    links.revoke(case, 1)
    with pytest.raises(BadLink) as refused:
        links.case_of(old, TODAY)
    assert not refused.value.expired
    assert links.case_of(_token(links.page_url(case, TODAY)), TODAY) == case.pk


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(token=st.text(max_size=80) | st.from_regex(r"[0-9a-z]{1,14}\.[0-9a-z]{1,9}(\.[0-9a-z]{1,9})?\.[0-9a-z]{16}", fullmatch=True))
def test_nothing_made_up_opens_anything(token):
    with pytest.raises(BadLink):
        links.case_of(token, TODAY)
