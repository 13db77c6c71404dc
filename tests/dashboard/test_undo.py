"""Every order that can be taken back, given and taken back through the browser's own door, on a connection that really commits.

A savepoint around a test hides what needs a transaction of its own: undoing a reminder by hand answered 500 in the office, and then
said that it was undone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Assignment, BulkRun
from afiliacion.dashboard.worklist.bulk_actions import MANY_BY_SLUG
from afiliacion.reminders.models import Reminder
from tests.dashboard.orders import ORDERS
from tests.dashboard.worklist.test_bulk_actions import LONG_AGO
from tests.planteles import add_registro

Ready = Callable[[str], tuple[Case, dict[str, Any]]]
MakeIn = Callable[..., Case]
Given = tuple[Case, dict[str, Any]]

#: Each thing the list offers to do to many: a case it suits, and what its form says.
GIVEN: dict[str, Callable[[Ready, MakeIn], Given]] = {
    "acuse": lambda bring, make_in: _with(bring("acuse"), complete="on"),
    "enviar-alta": lambda bring, make_in: bring("enviar-alta"),
    "alta-idse": lambda bring, make_in: bring("alta-idse"),
    "nuevo-registro": lambda bring, make_in: (_under_a_former_one(make_in(State.VIGENTE)), {}),
    "baja": lambda bring, make_in: bring("baja"),
    "enviar-baja": lambda bring, make_in: bring("enviar-baja"),
    "baja-idse": lambda bring, make_in: bring("baja-idse"),
    "baja-operada": lambda bring, make_in: bring("baja-operada"),
    "recordar": lambda bring, make_in: (make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO), {}),
    "asignar": lambda bring, make_in: (make_in(State.NSS_OBTENIDO), {"quien": "yo"}),
    "subdelegacion": lambda bring, make_in: bring("subdelegacion"),
    "reingreso": lambda bring, make_in: _today(bring("reingreso")),
    "pausa": lambda bring, make_in: _today(bring("pausa")),
    "reanudar": lambda bring, make_in: _today(bring("reanudar")),
}
#: Addresses that undo, and the order each takes back.
UNDOES = {"bulk-undo": "bulk", "correction-undo": "act", "counter-undo": "counter-take",
          "merge-undo": "act", "lote-undo": "lote-make", "answer-undo": "answer-apply", "strange-undo": "strange-attend",
          "rejection-clear-undo": "rejection-clear", "brought-undo": "brought-accept",
          "opening-undo": "opening-confirm", "upload-undo": "upload-confirm", "without-curp-undo": "without-curp-close",
          "visit-filed-undo": "visit-filed", "visit-results-undo": "visit-results"}  # fmt: skip


def _with(given: Given, **more: Any) -> Given:
    return given[0], {**given[1], **more}


def _under_a_former_one(case: Case) -> Case:
    add_registro(case.plantel, "C0355512321", timezone.localdate())
    return case


def _today(given: Given) -> Given:
    return _with(given, on=timezone.localdate().isoformat())


def test_every_thing_done_to_many_is_walked_here() -> None:
    assert set(GIVEN) == set(MANY_BY_SLUG)


def test_every_address_that_undoes_takes_back_an_order_that_is_walked() -> None:
    names = {name for name in get_resolver().reverse_dict if isinstance(name, str) and "undo" in name}
    assert names == set(UNDOES) == names & set(ORDERS)
    assert set(UNDOES.values()) <= set(ORDERS)


def as_it_stands(case: Case) -> dict[str, Any]:
    """What doing and undoing may change of a case; its history only grows."""
    kept = Case.objects.get(pk=case.pk)
    mails = Reminder.objects.filter(case=case).exclude(status=Reminder.Status.DROPPED)
    return {
        "state": kept.state, "held": kept.held_since is not None, "turn": kept.turn, "papers": kept.papers, "mails": mails.count(),
        "owner": Assignment.objects.filter(case=case).values_list("user_id", flat=True).first(),
    }  # fmt: skip


def gives(browser: Client, slug: str, case: Case, typed: dict[str, Any]) -> BulkRun:
    case.refresh_from_db()
    form = {f"{slug}-{name}": value for name, value in typed.items()}
    said = {"accion": slug, "caso": [f"{case.pk}:{case.version}"], "lista": "", "confirmado": "1", **form}
    assert browser.post("/expedientes/acciones/", said).status_code == 302
    run = BulkRun.objects.latest("pk")
    assert run.action == slug
    return run


@pytest.mark.parametrize("slug", GIVEN)
def test_what_is_done_to_many_is_taken_back_or_says_that_it_cannot(
    committed: None,
    slug: str,
    ready: Ready,
    make_in: MakeIn,
    desk: Client,
) -> None:
    case, typed = GIVEN[slug](ready, make_in)
    before = as_it_stands(case)
    run = gives(desk, slug, case, typed)
    assert run.result["done"] == [case.pk], run.result
    undo = f"/expedientes/resultado/{run.pk}/deshacer/"
    assert ("Deshacer</button>" in desk.get(f"/expedientes/resultado/{run.pk}/").content.decode()) == bool(MANY_BY_SLUG[slug].undo)
    if not MANY_BY_SLUG[slug].undo:
        assert desk.post(undo).status_code == 404
        return
    assert as_it_stands(case) != before
    assert desk.post(undo).status_code == 302
    assert as_it_stands(case) == before
    run.refresh_from_db()
    assert run.undone_at
    assert BulkRun.objects.latest("pk").result["done"] == [case.pk]
    assert "Ya estaba deshecho" in desk.post(undo, follow=True).content.decode()


def test_an_undoing_that_fails_is_not_told_as_done(committed: None, make_in: MakeIn, desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_in(State.NSS_OBTENIDO, enrolled_on=LONG_AGO)
    run = gives(desk, "recordar", case, {})

    def fails(queued: Any) -> list[int]:
        Reminder.objects.update(status=Reminder.Status.DROPPED)
        raise RuntimeError("the process died here")

    with monkeypatch.context() as patched:
        patched.setattr("afiliacion.reminders.decide.by_hand.withdraw", fails)
        with pytest.raises(RuntimeError):
            desk.post(f"/expedientes/resultado/{run.pk}/deshacer/")
    run.refresh_from_db()
    assert (run.undone_at, BulkRun.objects.count(), Reminder.objects.get().status) == (None, 1, Reminder.Status.QUEUED)
    assert "Se deshizo" not in desk.get(f"/expedientes/resultado/{run.pk}/").content.decode()
    assert desk.post(f"/expedientes/resultado/{run.pk}/deshacer/").status_code == 302
    assert Reminder.objects.get().status == Reminder.Status.DROPPED
