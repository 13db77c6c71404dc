"""However a case comes to the subdelegación, is presented there and leaves: the room, its page, the counters and the lists say the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from afiliacion.cases import counters, verbs
from afiliacion.cases.facts import Happening, restored
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.models import Case, Event
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind, State, Turn, Verb
from afiliacion.dashboard.models import DeskErrand, DeskVisit
from tests.dashboard.deeds import do

DAY = "2026-08-12"
LATER = "2026-08-14"
GOING = {"subdelegacion": "Iguala", "day": "2026-08-12", "officer": "Begoña Ñáñez", "number": "OF-7/2026"}
WHY = {"on": LATER, "reason": "Se anotó por error"}


@dataclass
class Desk:
    """An office with some cases for the subdelegación; the first is the one the case page is used for."""

    browser: Client
    cases: list[Case]
    act: Act
    before: Any = None

    @property
    def case(self) -> Case:
        self.cases[0].refresh_from_db()
        return self.cases[0]

    def page(self, slug: str, **said: Any) -> None:
        answer = do(self.browser, self.case, slug, {"on": DAY, **said})
        assert answer.status_code == 302, answer.content.decode()

    def gather(self) -> None:
        self.browser.post("/subdelegacion/preparar/", {**GOING, "caso": [case.pk for case in self.cases]})

    def together(self) -> None:
        self.browser.post("/subdelegacion/juntar/")

    def room(self, what: str, **said: Any) -> None:
        mine = DeskErrand.objects.filter(case=self.case)
        visit = (mine.filter(result="").first() or mine.latest("pk")).visit_id
        answer = self.browser.post(f"/subdelegacion/salidas/{visit}/{what}/", said)
        assert answer.status_code == 302, answer.content.decode()

    def answer(self, result: str) -> None:
        said = {f"caso-{self.case.pk}-result": result, f"caso-{self.case.pk}-note": "Falta el acta"}
        self.room("resultados", **{"todos-on": LATER, **said})

    def told(self, verb: Callable[..., Any], *args: Any, **said: Any) -> None:
        outcome = verb(*args, **said, act=self.act)
        assert outcome.done == [self.case.pk], outcome.skipped

    def list_closes(self) -> None:
        self.before = self.case.facts
        self.told(verbs.leave, [self.case.pk], BajaKind.DEFINITIVA, on=self.before.state_since)

    def list_undone(self) -> None:
        self.told(verbs.undo_load, {self.case.pk: Happening(self.before.state_since, restored(self.before))})


def _evidence(desk: Desk) -> str:
    return Event.objects.exclude(evidence="").latest("pk").evidence


STEPS: dict[str, Callable[[Desk], None]] = {
    "se envía": lambda d: d.page("subdelegacion", reason="Otra vez"),
    "se presenta en su página": lambda d: d.page("presentado", folio="S-1"),
    "se presenta otra vez en su página": lambda d: d.page("presentado", on=LATER),
    "no se había presentado": lambda d: d.page("deshacer-presentado", **WHY),
    "faltó algo en su página": lambda d: d.page("falto-algo", on=LATER, reason="Falta el acta"),
    "no faltaba nada": lambda d: d.page("deshacer-falto-algo", **WHY),
    "regresa en su página": lambda d: d.page("regreso", on=LATER),
    "renuncia": lambda d: d.page("renuncia", on=LATER, tutor="Ángela Núñez"),
    "retira la renuncia": lambda d: d.page("retirar-renuncia", **WHY),
    "causa baja": lambda d: d.page("baja", on=LATER, kind="temporal"),
    "reingresa": lambda d: d.page("reingreso", **WHY),
    "sale en una salida": Desk.gather,
    "se juntan los presentados": Desk.together,
    "la salida se presenta": lambda d: d.room("presentado", on=DAY, folio="S-2"),
    "la salida se presenta otra vez": lambda d: d.room("presentado", on=LATER),
    "la salida no se había presentado": lambda d: d.room("presentado/deshacer"),
    "la salida se deshace": lambda d: d.room("deshacer"),
    "resuelto en la salida": lambda d: d.answer("solved"),
    "volver a enviar el alta": lambda d: d.answer("resend"),
    "faltó algo en la salida": lambda d: d.answer("again"),
    "no faltaba nada en la salida": lambda d: d.room("resultados/deshacer", caso=d.case.pk),
    "el NSS no era suyo": lambda d: d.told(verbs.disown_nss, [d.case.pk], on=d.case.state_since, reason="Es de su mamá"),
    "el IMSS dice SI": lambda d: d.told(verbs.confirm_vigencia, {d.case.pk: Happening(d.case.state_since, evidence=_evidence(d))}),
    "una lista lo da de baja": Desk.list_closes,
    "esa lista se deshace": Desk.list_undone,
}
#: Where the case is: to be taken, on a visit, presented, or elsewhere.
TAKE, VISIT, THERE, GONE = "por llevar", "en una salida", "presentado", "fuera"
_ONE_MORE_TIME = [("faltó algo en su página", TAKE), ("se presenta otra vez en su página", THERE), ("regresa en su página", GONE)]
JOURNEYS: dict[str, list[tuple[str, str]]] = {
    "page": [("se presenta en su página", THERE), ("regresa en su página", GONE), ("se envía", TAKE)],
    "page, noted by mistake": [("se presenta en su página", THERE), ("no se había presentado", TAKE), ("se presenta en su página", THERE)],
    "page, something missing": [("se presenta en su página", THERE), *_ONE_MORE_TIME],
    "page, nothing was missing": [
        ("se presenta en su página", THERE), ("faltó algo en su página", TAKE), ("no faltaba nada", THERE), *_ONE_MORE_TIME,
    ],
    "page, answered in the room": [
        ("se presenta en su página", THERE), ("se juntan los presentados", THERE), ("se juntan los presentados", THERE),
        ("la salida no se había presentado", THERE), ("faltó algo en la salida", TAKE), ("no faltaba nada en la salida", THERE),
        ("resuelto en la salida", GONE),
    ],
    "room": [("sale en una salida", VISIT), ("la salida se presenta", THERE), ("resuelto en la salida", GONE), ("se envía", TAKE)],
    "room, the alta again": [("sale en una salida", VISIT), ("la salida se presenta", THERE), ("volver a enviar el alta", GONE)],
    "room, noted by mistake": [
        ("sale en una salida", VISIT), ("la salida se presenta", THERE), ("la salida no se había presentado", VISIT),
        ("la salida se deshace", TAKE), ("sale en una salida", VISIT),
    ],
    "room, something missing": [
        ("sale en una salida", VISIT), ("la salida se presenta", THERE), ("faltó algo en la salida", TAKE), ("sale en una salida", VISIT),
        ("la salida se presenta otra vez", THERE), ("resuelto en la salida", GONE),
    ],
    "room, nothing was missing": [
        ("sale en una salida", VISIT), ("la salida se presenta", THERE), ("faltó algo en la salida", TAKE),
        ("no faltaba nada en la salida", THERE), ("resuelto en la salida", GONE),
    ],
    "nothing was missing, but gathered again": [
        ("sale en una salida", VISIT), ("la salida se presenta", THERE), ("faltó algo en la salida", TAKE), ("sale en una salida", VISIT),
        ("no faltaba nada", THERE), ("resuelto en la salida", GONE),
    ],
    "gathered, presented from its page": [
        ("sale en una salida", VISIT), ("se presenta en su página", THERE), ("la salida se presenta", THERE),
        ("resuelto en la salida", GONE),
    ],
    "gathered, presented and missing from its page": [
        ("sale en una salida", VISIT), ("se presenta en su página", THERE), ("faltó algo en su página", TAKE),
        ("sale en una salida", VISIT),
    ],
    "gathered, answered from its page": [("sale en una salida", VISIT), ("regresa en su página", GONE), ("se envía", TAKE),
                                         ("sale en una salida", VISIT)],
    "answered without a word of presenting": [("sale en una salida", VISIT), ("faltó algo en la salida", TAKE), ("no faltaba nada", VISIT)],
    "renuncia on a visit": [("sale en una salida", VISIT), ("renuncia", GONE), ("retira la renuncia", GONE), ("se envía", TAKE)],
    "renuncia once presented": [("se presenta en su página", THERE), ("renuncia", GONE), ("retira la renuncia", GONE), ("se envía", TAKE)],
    "baja on a visit": [("sale en una salida", VISIT), ("la salida se presenta", THERE), ("causa baja", GONE), ("reingresa", GONE),
                        ("se envía", TAKE)],
    "insured meanwhile": [("sale en una salida", VISIT), ("la salida se presenta", THERE), ("el IMSS dice SI", GONE)],
    "NSS disowned meanwhile": [("se presenta en su página", THERE), ("el NSS no era suyo", GONE), ("se envía", TAKE)],
    "a list undone": [("sale en una salida", VISIT), ("una lista lo da de baja", GONE), ("esa lista se deshace", VISIT)],
    "a list undone once presented": [
        ("sale en una salida", VISIT), ("la salida se presenta", THERE), ("una lista lo da de baja", GONE), ("esa lista se deshace", THERE),
        ("resuelto en la salida", GONE),
    ],
    "a list undone, presented alone": [("se presenta en su página", THERE), ("una lista lo da de baja", GONE),
                                       ("esa lista se deshace", THERE)],
}  # fmt: skip


def answered(event: Event) -> str:
    """What an event of a case is as the answer to the errand of its visit; the twin of sql/desk_errands.sql."""
    if event.verb == Verb.WANT_MORE:
        return DeskErrand.Result.AGAIN
    if event.verb != Verb.RETURN:
        return DeskErrand.Result.MOVED
    return DeskErrand.Result.RESEND if event.data.get("resend_alta") else DeskErrand.Result.SOLVED


@pytest.fixture
def office(desk: Client, make_in: Callable[..., Case], actor: Any, now: Any) -> Desk:
    """Two cases at the subdelegación, with NSS, acuse and alta, and one that is not there."""
    act = Act(actor, now)
    cases = [make_in(State.SIN_VIGENCIA) for _ in range(2)]
    make_in(State.SIN_NSS)
    verbs.escalate({case.pk: Happening(case.state_since, reason="Homonimia") for case in cases}, act=act)
    return Desk(desk, cases, act)


def test_every_step_is_walked() -> None:
    assert {step for journey in JOURNEYS.values() for step, _ in journey} == set(STEPS)


@pytest.mark.parametrize("name", JOURNEYS)
def test_room_case_page_counters_and_work_list_agree(office: Desk, name: str) -> None:
    assert place_of(office.case) == TAKE
    all_agree(office)
    for step, place in JOURNEYS[name]:
        STEPS[step](office)
        assert place_of(office.case) == place, step
        all_agree(office)


def place_of(case: Case) -> str:
    """Where a case is, by its facts and by whether an errand is open."""
    case.refresh_from_db()
    if case.state != State.EN_SUBDELEGACION:
        return GONE
    if case.filed_on:
        return THERE
    return VISIT if DeskErrand.objects.filter(case=case, result="").exists() else TAKE


def all_agree(office: Desk) -> None:
    places = {case.pk: place_of(case) for case in office.cases}
    room_agrees(office, places)
    for case in office.cases:
        page_agrees(office.browser, case, places[case.pk])
    lists_and_counters_agree(office.browser, places)
    for errand in DeskErrand.objects.exclude(answer_seq=None):
        event = errand.case.events.get(seq=errand.answer_seq or 0)
        assert (errand.result, errand.answered_on) == (answered(event), event.on)
    assert not DeskErrand.objects.filter(result="").exclude(case__state=State.EN_SUBDELEGACION).exists()
    assert [*differences(), *broken_chains(), *counters.differences()] == []


def having(places: dict[int, str], *wanted: str) -> set[int]:
    return {pk for pk, place in places.items() if place in wanted}


def room_agrees(office: Desk, places: dict[int, str]) -> None:
    room = office.browser.get("/subdelegacion/").context
    assert {case.pk for group, _ in room["groups"] for case in group.cases} == having(places, TAKE)
    assert {case.pk for case in room["presented"]} == having(places, THERE)
    said = room["counts"]
    wanted = (len(having(places, TAKE, VISIT)), len(having(places, VISIT)), len(having(places, THERE)))
    assert (said.not_presented, said.going, said.presented) == wanted
    pending, waiting = sum(visit.pending for visit in room["visits"]), sum(visit.waiting for visit in room["visits"])
    assert pending == len(having(places, VISIT))
    assert waiting == sum(1 for case in room["presented"] if case.visit)
    for visit in DeskVisit.objects.all():
        assert office.browser.get(f"/subdelegacion/salidas/{visit.pk}/").status_code == 200


def page_agrees(browser: Client, case: Case, place: str) -> None:
    page = browser.get(f"/expedientes/{case.pk}/")
    turn, missing = Case.objects.get(pk=case.pk).turn, page.context["facts"].wanted_on
    if place == GONE:
        assert "subdelegación" not in page.context["whose"].next_action or case.state == State.SIN_VIGENCIA
        return
    assert turn == (Turn.IMSS if place == THERE else Turn.ESCUELA)
    says = "Esperar la respuesta" if place == THERE else "Llevar otra vez" if missing else "Llevar el caso"
    assert page.context["whose"].next_action.startswith(says)
    assert page.context["next"].slug == ("regreso" if place == THERE else "presentado")


def lists_and_counters_agree(browser: Client, places: dict[int, str]) -> None:
    for turn, wanted in ((Turn.ESCUELA, having(places, TAKE, VISIT)), (Turn.IMSS, having(places, THERE))):
        listed = browser.get(f"/expedientes/?estado=EN_SUBDELEGACION&turno={turn}").context
        assert {row.pk for row in listed["page"].rows} == wanted
        assert listed["total"] == len(wanted)
        standing = [place for place in counters.standing(None) if (place.state, place.turn) == (State.EN_SUBDELEGACION, turn)]
        assert sum(place.n for place in standing) == len(wanted)
