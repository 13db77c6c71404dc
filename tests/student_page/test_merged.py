"""The page of a case that was closed because its person had another one at the plantel: the link opens the one that goes on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases.identity.merging import MergeOrder, merge
from afiliacion.cases.identity.unmerging import retract_merge
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.reminders.letters import links
from afiliacion.reminders.models import OptOut
from students.models import Student
from tests.student_page.conftest import path_of

pytestmark = pytest.mark.django_db
MakeIn = Callable[..., Case]
JOINED, DROPPED = "Tu trámite sigue aquí", "ya no estás inscrito"


def joined(case: Case, other: Case, hours: int = 2) -> None:
    now = timezone.now() - dt.timedelta(hours=hours)
    person = Case.objects.get(pk=other.pk).student_id
    order = MergeOrder(case.pk, person, right_is_other=False, on=timezone.localdate(now), reason="La misma", evidence="ab" * 32)
    assert merge(order, act=Act(NIGHT, now)).skipped == {}


@pytest.fixture
def two(make_in: MakeIn, make_student: Callable[..., Student]) -> tuple[Case, Case]:
    return make_in(State.SIN_NSS, student=make_student()), make_in(State.NSS_OBTENIDO, student=make_student())


def test_it_says_that_the_tramite_goes_on_and_not_that_they_were_dropped(page: Callable[[Case], str], two: tuple[Case, Case]) -> None:
    closed, goes_on = two
    joined(closed, goes_on)
    text = page(closed)
    assert JOINED in text and DROPPED not in text and goes_on.folio in text  # noqa: PT018
    assert JOINED not in page(goes_on)
    assert "Solo te falta entregar el acuse" in text


def test_what_is_done_there_is_done_with_the_one_that_goes_on(phone: Client, two: tuple[Case, Case]) -> None:
    closed, goes_on = two
    joined(closed, goes_on)
    sheet = SimpleUploadedFile("hoja.jpg", b"\xff\xd8\xff\xe0 una foto", "image/jpeg")
    phone.post(f"{path_of(closed)}/hoja", {"sheet": sheet})
    assert dict(Case.objects.get(pk=goes_on.pk).facts.papers) == {"acuse": "received"}
    phone.post(path_of(closed, links.Purpose.UNSUBSCRIBE))
    assert OptOut.objects.get().student_id == Case.objects.get(pk=goes_on.pk).student_id


def test_merged_again_and_taken_apart_again(
    page: Callable[[Case], str], two: tuple[Case, Case], make_in: MakeIn, make_student: Any
) -> None:
    between, _ = two
    closed, further = (make_in(state, student=make_student()) for state in (State.SIN_NSS, State.ACUSE_ENTREGADO))
    joined(closed, between, hours=3)
    joined(closed, further, hours=2)
    assert further.folio in page(closed) and further.folio in page(between)  # noqa: PT018
    now = timezone.now() - dt.timedelta(hours=1)
    assert retract_merge(closed.pk, on=timezone.localdate(now), act=Act(NIGHT, now), reason="Eran dos").skipped == {}
    assert between.folio in page(closed) and JOINED not in page(between)  # noqa: PT018
