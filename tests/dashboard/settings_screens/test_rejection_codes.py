"""The codes with which IMSS rejects movements: those that came and were not told stand first, and are told once for all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import State
from afiliacion.dashboard.models import SettingChange
from afiliacion.movements.models import RejectionCode
from afiliacion.movements.rejections.families import families
from tests.dashboard.settings_screens.test_settings import post
from tests.movements.lotes import turn_down

LIST, NEW = "/ajustes/codigos-rechazo/", "/ajustes/codigos-rechazo/nuevo/"


def came(make_in: Callable[..., Case], code: str, message: str) -> None:
    case = make_in(State.ACUSE_ENTREGADO)
    turn_down(Case.objects.filter(pk=case.pk), Act(NIGHT, timezone.now()), code=code, message=message)


def test_a_code_that_came_is_told_once_and_holds_for_those_that_came_before(
    chief: Client, desk: Client, make_in: Callable[..., Case]
) -> None:
    assert "Llegaron" not in chief.get(LIST).content.decode()
    for text in ("NSS INEXISTENTE", "NSS NO LOCALIZADO"):
        came(make_in, "107", text)
    came(make_in, "23&a=<b>", "")
    page = chief.get(LIST).content.decode()
    assert "2 movimientos: «NSS INEXISTENTE»; «NSS NO LOCALIZADO»" in page
    assert "1 movimiento: sin explicación del IMSS" in page
    assert f"{NEW}?code=107" in page and f"{NEW}?code=23%26a%3D%3Cb%3E" in page  # noqa: PT018
    form = chief.get(NEW, {"code": "107"}).context["form"]
    assert (form["code"].value(), form["code"].help_text) == ("107", "2 movimientos: «NSS INEXISTENTE»; «NSS NO LOCALIZADO».")
    assert [key for key, _ in form.fields["family"].choices] == ["", *families()]
    said = {"code": "107", "family": "NSS_NO_REGISTRADO", "meaning": "No existe"}
    assert "Vale también para 2 movimientos que ya vinieron con este código." in post(chief, NEW, said).content.decode()
    assert not RejectionCode.objects.exists()
    assert "Guardado." in post(chief, NEW, said, confirmado="1").content.decode()
    page = chief.get(LIST).content.decode()
    assert "«NSS INEXISTENTE»" not in page and "NSS que el IMSS no encuentra" in page  # noqa: PT018
    assert SettingChange.objects.get().after == {
        "código": "107", "de qué clase es": "NSS que el IMSS no encuentra", "qué significa": "No existe",
    }  # fmt: skip
    (part, unknown) = desk.get("/movimientos/por-enviar/A0112345321/altas/").context["rejected"]
    assert ([each.told.meaning for each in part.rows], unknown.family.key) == (["No existe"] * 2, "DESCONOCIDO")


def test_what_was_told_can_be_told_otherwise_or_be_taken_away(chief: Client, make_in: Callable[..., Case]) -> None:
    came(make_in, "107", "NSS INEXISTENTE")
    row = RejectionCode.objects.create(code="107", family="NSS_DV")
    path = f"{LIST}{row.pk}/"
    post(chief, path, {"code": "999", "family": "CURP", "meaning": ""}, confirmado="1")
    row.refresh_from_db()
    assert (row.code, row.family) == ("107", "CURP")
    assert "1 movimiento rechazado queda otra vez sin explicación." in chief.post(f"{path}quitar/").content.decode()
    chief.post(f"{path}quitar/", {"confirmado": "1"})
    assert "«NSS INEXISTENTE»" in chief.get(LIST).content.decode()


def test_a_code_is_told_once_and_of_a_family_that_exists(chief: Client, db: Any) -> None:
    RejectionCode.objects.create(code="107", family="CURP")
    for said in ({"code": "107", "family": "CURP"}, {"code": "108", "family": "OTRA"}, {"code": "", "family": "CURP"}, {"code": "108"}):
        assert post(chief, NEW, said).status_code == 422, said
    assert "Guardado." in post(chief, NEW, {"code": "108", "family": "SISTEMA"}).content.decode(), "nothing came with it: nothing is asked"
