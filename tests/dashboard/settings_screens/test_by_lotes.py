"""«Envío por lotes»: whether the movements of a registro go by lotes, what that does told before, and what is under way stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.dashboard.models import SettingChange
from afiliacion.imss.models import Errand, LoteRegistro
from afiliacion.imss.queue.movements import request_altas
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.models import RegistroProfile
from tests.dashboard.settings_screens.test_settings import post, seen

pytestmark = pytest.mark.django_db

OURS = "A0112345321"
NEW = "/ajustes/lotes/nuevo/"


@pytest.fixture(autouse=True)
def _with_a_service(settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"


def said(chief: Client, path: str = NEW, **more: Any) -> dict[str, Any]:
    initial = chief.get(path).context["form"].initial
    return {name: value for name, value in initial.items() if value is not None and value is not False} | {"registro": OURS, **more}


def test_it_is_switched_on_with_what_it_does_and_what_stays_told_before(chief: Client, make_in: Callable[..., Case]) -> None:
    under_way, refused = make_in(State.ACUSE_ENTREGADO), make_in(State.ACUSE_ENTREGADO)
    request_altas([under_way.pk, refused.pk], act=Act(NIGHT, timezone.now()))
    Errand.objects.filter(case=refused).update(status=Errand.Status.PARKED)
    told = post(chief, NEW, said(chief, by_lote="on")).content.decode()
    assert "Desde ahora las altas y bajas de A01-12345-32-1 se hacen en Movimientos y se presentan en IDSE." in told
    assert "1 movimiento ya va por el servicio y sigue ahí." in told
    assert not LoteRegistro.objects.exists()
    post(chief, NEW, said(chief, by_lote="on"), confirmado="1")
    assert [row.registro for row in LoteRegistro.objects.all()] == [OURS]
    assert SettingChange.objects.latest("pk").after["sus altas y bajas van"] == "por lotes"
    assert "por lotes" in chief.get("/ajustes/lotes/").content.decode()


def test_it_is_switched_off_and_what_is_in_lotes_stays_there(chief: Client, make_in: Callable[..., Case]) -> None:
    LoteRegistro.objects.create(registro=OURS)
    profile = RegistroProfile.objects.create(registro=OURS)
    make_in(State.ACUSE_ENTREGADO)
    sending.make(Case.objects.all(), OURS, MovementType.ALTA, act=Act(NIGHT, timezone.now()))
    path = f"/ajustes/lotes/{profile.pk}/"
    form = said(chief, path)
    assert form.pop("by_lote")
    told = post(chief, path, form).content.decode()
    assert "salen por el servicio del IMSS: se piden con «Enviar al IMSS»." in told
    assert "1 movimiento va en un lote y sigue ahí hasta su acuse de recibo." in told
    post(chief, path, form, confirmado="1")
    assert not LoteRegistro.objects.exists()
    change = SettingChange.objects.latest("pk")
    assert (change.before, change.after) == ({"sus altas y bajas van": "por lotes"}, {"sus altas y bajas van": "por el servicio"})


def test_another_change_of_the_same_row_tells_nothing_and_leaves_it(chief: Client) -> None:
    LoteRegistro.objects.create(registro=OURS)
    profile = RegistroProfile.objects.create(registro=OURS)
    path = f"/ajustes/lotes/{profile.pk}/"
    assert "Guardado." in post(chief, path, said(chief, path, signer="Ángela Núñez")).content.decode()
    assert LoteRegistro.objects.exists()


def test_a_form_seen_before_another_person_switched_it_does_nothing(chief: Client) -> None:
    profile = RegistroProfile.objects.create(registro=OURS)
    path = f"/ajustes/lotes/{profile.pk}/"
    form = said(chief, path) | {"visto": seen(chief, path)}
    LoteRegistro.objects.create(registro=OURS)
    assert "Alguien más lo cambió mientras usted lo veía." in chief.post(path, form, follow=True).content.decode()
    assert LoteRegistro.objects.exists()


def test_a_row_whose_movements_go_by_lotes_is_not_removed(chief: Client) -> None:
    LoteRegistro.objects.create(registro=OURS)
    profile = RegistroProfile.objects.create(registro=OURS)
    told = chief.post(f"/ajustes/lotes/{profile.pk}/quitar/", {"confirmado": "1"}, follow=True).content.decode()
    assert "Sus altas y bajas van por lotes: quite primero esa marca." in told
    LoteRegistro.objects.all().delete()
    chief.post(f"/ajustes/lotes/{profile.pk}/quitar/", {"confirmado": "1"})
    assert not RegistroProfile.objects.exists()


def test_without_the_service_all_go_by_lotes_and_there_is_nothing_to_tell(chief: Client, settings: Any) -> None:
    settings.IMSS_URL = ""
    assert "Guardado." in post(chief, NEW, said(chief, by_lote="on")).content.decode()
    assert "por lotes" in chief.get("/ajustes/lotes/").content.decode()
