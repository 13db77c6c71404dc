"""Screens, papers and reports say «[suprimido]» where a text of a history was erased, and show none of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.test import Client

from afiliacion.cases import acuse_review, verbs
from afiliacion.cases.facts import ERASED, Happening
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State

ON = dt.date(2026, 8, 18)


def report(desk: Client, ciclo: Any) -> str:
    return b"".join(desk.post("/informes/informe.csv", {"ciclo": ciclo.pk, "por": "grupo"})).decode("utf-8-sig")


def test_m4_the_screens_say_what_was_erased(desk: Client, make_in: Callable[..., Case], ciclo: Any, now: dt.datetime) -> None:
    act = Act(NIGHT, now)
    stuck, gone, rejected = map(make_in, (State.NSS_OBTENIDO, State.NSS_OBTENIDO, State.ALTA_ENVIADA))
    verbs.escalate({stuck.pk: Happening(ON, reason="Lo dijo su tía Rosa")}, act=act)
    verbs.renounce([gone.pk], on=ON, reason="Por su tía Rosa", tutor="Rosa Uc", act=act)
    said = Happening(ON, {"code": "F-ROSA", "text": "Se llama Rosa"}, "f" * 64, "F-ROSA: Se llama Rosa")
    verbs.reject_alta({rejected.pk: said}, act=act)

    def screens() -> list[str]:
        pages = [f"/expedientes/{case.pk}/" for case in (stuck, gone, rejected)]
        return [*(desk.get(page).content.decode() for page in [*pages, "/subdelegacion/"]), report(desk, ciclo)]

    assert all("Rosa" in text for text in screens())
    erase([stuck.pk, gone.pk, rejected.pk])
    assert [(ERASED in text, "Rosa" in text, "ROSA" in text) for text in screens()] == [(True, False, False)] * 5


def test_m4_a_refused_acuse_s_reason_is_told_as_erased(make_in: Callable[..., Case], now: dt.datetime) -> None:
    case, act = make_in(State.NSS_OBTENIDO), Act(NIGHT, now)
    verbs.receive_papers([case.pk], ["acuse"], on=ON, act=act)
    verbs.reject_papers([case.pk], ["acuse"], on=ON, reason="Es de Rosa", act=act)
    assert acuse_review.reasons([case.pk]) == {case.pk: "Es de Rosa"}
    erase([case.pk])
    assert acuse_review.reasons([case.pk]) == {case.pk: ERASED}
