"""An office that uses the service, one of whose registros patronales goes by lotes: what each screen offers, and what it says."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, State
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.movements.models import Lote
from students.models import Plantel, StaffPost
from tests.dashboard.deeds import SENT, do
from tests.dashboard.worklist.test_bulk_actions import does
from tests.dashboard.worklist.test_bulk_bajas import confirms, today
from tests.planteles import add_registro

MakeIn = Callable[..., Case]
OURS, THEIRS = "A0112345321", "B0298765329"
BY_LOTES, BY_SERVICE = "va por lotes: se envía desde Movimientos", "va por el servicio del IMSS."

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _one_of_two_goes_by_lotes(settings: Any, db: None) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    LoteRegistro.objects.create(registro=OURS)


@pytest.fixture
def here(make_in: MakeIn) -> Case:
    """Of the plantel that goes by lotes."""
    return make_in(State.ACUSE_ENTREGADO)


@pytest.fixture
def there(make_in: MakeIn, other_plantel: Plantel, officer: Any) -> Case:
    """Of the plantel that goes by the service; the officer works at both."""
    StaffPost.objects.create(user=officer, plantel=other_plantel)
    return make_in(State.ACUSE_ENTREGADO, plantel=other_plantel)


def page(browser: Client, case: Case) -> str:
    return browser.get(reverse("case", args=[case.pk])).content.decode()


def offered(browser: Client, case: Case) -> set[str]:
    return set(re.findall(rf"/expedientes/{case.pk}/acciones/([\w-]+)/", page(browser, case)))


def left(case: Case) -> Case:
    verbs.leave([case.pk], BajaKind.EGRESO, on=timezone.localdate(), act=Act(NIGHT, timezone.now()))
    return case


def test_movimientos_offers_lotes_of_the_one_and_says_where_the_others_go(desk: Client, here: Case, there: Case) -> None:
    text = desk.get(reverse("movements")).content.decode()
    assert "Altas · A01-12345-32-1" in text and "Altas · B02" in text  # noqa: PT018
    lines = desk.get(reverse("movements")).context["lines"]
    assert [(each.line.registro, bool(each.url)) for each in lines] == [(OURS, True), (THEIRS, False)]
    assert "Solo van por lotes los registros patronales que dice Ajustes" in text
    assert desk.get(reverse("movements-group", args=[THEIRS, "altas"])).context["group"].candidates == []
    refused = desk.post(reverse("lote-make"), {"registro": THEIRS, "tipo": "08"}, follow=True).content.decode()
    assert "Las altas y bajas de ese registro patronal salen por el servicio del IMSS." in refused
    desk.post(reverse("lote-make"), {"registro": OURS, "tipo": "08"})
    assert [row.case_id for row in Lote.objects.get().movements.all()] == [here.pk]
    assert "Movimientos por lotes" in desk.get("/imss/").content.decode()


def test_the_page_of_a_case_says_by_which_channel_its_movements_go_and_offers_that(desk: Client, here: Case, there: Case) -> None:
    assert f"Su alta {BY_LOTES}" in page(desk, here) and f"Su alta {BY_SERVICE}" in page(desk, there)  # noqa: PT018
    assert {"alta-idse", "enviar-alta"} & offered(desk, here) == {"alta-idse"}
    assert {"alta-idse", "enviar-alta"} & offered(desk, there) == {"enviar-alta"}
    assert "haga el lote en Movimientos" in do(desk, here, "enviar-alta", {}).content.decode()
    assert "no se anotan a mano" in do(desk, there, "alta-idse", SENT).content.decode()
    assert do(desk, here, "alta-idse", SENT).status_code == do(desk, there, "enviar-alta", {}).status_code == 302
    assert [errand.case_id for errand in Errand.objects.all()] == [there.pk]
    assert {"rechazo-idse"} & offered(desk, here) == {"rechazo-idse"}


def test_the_page_of_a_case_in_a_lote_says_in_which_and_how_far_it_is(desk: Client, here: Case, browsers: Callable[..., Client]) -> None:
    desk.post(reverse("lote-make"), {"registro": OURS, "tipo": "08"})
    lote = Lote.objects.get()
    assert "Su alta va en un lote por presentar: en lote." in page(desk, here)
    said = {"on": timezone.localdate().isoformat()}
    desk.post(reverse("lote-sent", args=[lote.pk]), said | {"number": "118274", "signed_by": "Ángela Núñez"})
    text = page(desk, here)
    assert "Su alta va en el lote 118274: enviado." in text and reverse("lote", args=[lote.pk]) in text  # noqa: PT018
    desk.post(reverse("lote-received", args=[lote.pk]), said)
    assert "Su alta va en el lote 118274: recibido, sin respuesta." in page(desk, here)


def test_a_baja_goes_by_the_channel_of_the_registro_of_its_cover(desk: Client, make_in: MakeIn, plantel: Plantel) -> None:
    """The plantel has another registro by now, which goes by the service."""
    case = left(make_in(State.VIGENTE))
    add_registro(plantel, THEIRS, timezone.localdate())
    fresh = make_in(State.ACUSE_ENTREGADO)
    assert f"Su baja {BY_LOTES}" in page(desk, case) and f"Su alta {BY_SERVICE}" in page(desk, fresh)  # noqa: PT018
    assert {"baja-idse", "enviar-baja"} & offered(desk, case) == {"baja-idse"}
    assert {"alta-idse", "enviar-alta"} & offered(desk, fresh) == {"enviar-alta"}
    text = desk.get("/expedientes/").content.decode()
    assert {"baja-idse", "enviar-baja"} < set(re.search(rf'value="{case.pk}:\d+" data-actions="([^"]*)"', text)[1].split())  # type: ignore[index]


def test_the_work_list_offers_for_each_row_what_its_plantel_allows(desk: Client, here: Case, there: Case) -> None:
    text = desk.get("/expedientes/").content.decode()
    actions = {int(pk): set(slugs.split()) for pk, slugs in re.findall(r'value="(\d+):\d+" data-actions="([^"]*)"', text)}
    assert {"alta-idse", "enviar-alta"} & actions[here.pk] == {"alta-idse"}
    assert {"alta-idse", "enviar-alta"} & actions[there.pk] == {"enviar-alta"}


def test_of_many_each_goes_by_its_channel_whatever_was_chosen(desk: Client, here: Case, there: Case) -> None:
    told = does(desk, "enviar-alta", [here, there])
    assert "haga el lote en Movimientos" in told and "<strong>1</strong> hecho" in told  # noqa: PT018
    preview = does(desk, "alta-idse", [here, there], **{"alta-idse-on": today(), "alta-idse-lote": "1", "alta-idse-recibo": "R"})
    assert "no se anotan a mano" in preview
    assert "<strong>1</strong> hecho" in confirms(desk, preview)
    assert [Case.objects.get(pk=case.pk).state for case in (here, there)] == [State.ALTA_ENVIADA, State.ACUSE_ENTREGADO]


def test_where_no_registro_goes_by_lotes_nothing_is_noted_by_hand(desk: Client, here: Case) -> None:
    LoteRegistro.objects.all().delete()
    assert "Elija al menos un expediente" in does(desk, "alta-idse", [here])
    assert f"Su alta {BY_SERVICE}" in page(desk, here)
