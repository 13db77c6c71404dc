"""The room of lotes: what is ready and held, a lote from its file to the acuse de recibo, by an officer in a client and in Chromium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.models import ListExport
from afiliacion.movements.models import Lote, Movement, RegistroProfile
from students.models import Plantel, Student
from tests.browser import DESK, PHONE, Watched, whole
from tests.movements.answers import acuse, constancia

MakeIn = Callable[..., Case]
READY = {"registro": "A0112345321", "tipo": "08"}


def page(browser: Client, name: str = "movements", *args: Any) -> str:
    return browser.get(reverse(name, args=args)).content.decode()


def said(**more: Any) -> dict[str, Any]:
    return {"on": timezone.localdate().isoformat(), **more}


@pytest.mark.django_db
def test_what_is_ready_and_what_is_held_back_is_told_by_registro(desk: Client, make_in: MakeIn) -> None:
    make_in(State.ACUSE_ENTREGADO)
    held = make_in(State.ACUSE_ENTREGADO)
    RegistroProfile.objects.create(registro="A0112345321", long_names="refuse", signer="Ángela Núñez", signature_until=timezone.localdate())
    Student.objects.filter(pk=held.student_id).update(nombre="María de los Ángeles Guadalupe del Socorro")
    text = page(desk, "movements-group", "A0112345321", "altas")
    assert "Altas por enviar · A01-12345-32-1" in text and "1 detenido" in text and "27" in text  # noqa: PT018
    assert reverse("case", args=[held.pk]) in text
    text = page(desk)
    assert "Altas · A01-12345-32-1" in text and reverse("movements-group", args=["A0112345321", "altas"]) in text  # noqa: PT018
    assert "La e.firma de A01-12345-32-1 (Ángela Núñez) vence el" in text


@pytest.mark.django_db
def test_a_lote_from_its_file_to_the_acuse_de_recibo(desk: Client, make_in: MakeIn) -> None:
    cases = [make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}") for n in range(3)]
    made = desk.post(reverse("lote-make"), READY)
    lote = Lote.objects.get()
    assert made.headers["Location"] == reverse("lote", args=[lote.pk])
    twice = desk.post(reverse("lote-make"), READY, follow=True)
    assert "No hay movimientos listos" in twice.content.decode() and Lote.objects.count() == 1  # noqa: PT018
    first, second = (desk.post(reverse("lote-file", args=[lote.pk])) for _ in range(2))
    assert first.content == second.content == bytes(lote.body)
    assert f'filename="{lote.filename}"' in first.headers["Content-Disposition"]
    assert ListExport.objects.filter(what="lote").count() == 2
    desk.post(reverse("lote-sent", args=[lote.pk]), said(number="118274", signed_by="Ángela Núñez"))
    assert set(Case.objects.values_list("state", flat=True)) == {State.ACUSE_ENTREGADO}
    bad = desk.post(reverse("lote-received", args=[lote.pk]), said(refused="M-2"))
    assert bad.status_code == 422 and "Escriba el motivo después de M-2" in bad.content.decode()  # noqa: PT018
    done = desk.post(reverse("lote-received", args=[lote.pk]), said(refused="m-2 NSS inexistente\n"), follow=True).content.decode()
    assert "el IMSS recibió 2 movimientos. Rechazados de entrada, que esperan su arreglo: 1." in done
    assert [case.state for case in Case.objects.order_by("pk")] == [State.ALTA_ENVIADA, State.ALTA_ENVIADA, State.ACUSE_ENTREGADO]
    assert "NSS inexistente" in page(desk, "lote", lote.pk)
    assert "118274" in page(desk, "case", cases[0].pk)


@pytest.mark.django_db
def test_a_lote_with_students_of_others_is_not_shown_to_an_officer(
    desk: Client, browsers: Callable[..., Client], make_in: MakeIn, other_plantel: Plantel
) -> None:
    other_plantel.registros.update(registro="A0112345321")
    make_in(State.ACUSE_ENTREGADO)
    make_in(State.ACUSE_ENTREGADO, plantel=other_plantel)
    desk.post(reverse("lote-make"), READY)
    assert Lote.objects.get().count == 1
    browsers("coordinator").post(reverse("lote-make"), READY)
    theirs = Lote.objects.latest("pk")
    assert desk.get(reverse("lote", args=[theirs.pk])).status_code == 404
    assert reverse("lote", args=[theirs.pk]) not in page(desk)


@pytest.mark.django_db
def test_where_imss_is_asked_by_its_service_no_lote_is_made(desk: Client, make_in: MakeIn, settings: Any) -> None:
    settings.IMSS_URL = "http://127.0.0.1:9"
    make_in(State.ACUSE_ENTREGADO)
    assert "salen por el servicio del IMSS" in page(desk)
    assert "salen por el servicio" in desk.post(reverse("lote-make"), READY, follow=True).content.decode()
    assert not Lote.objects.exists()


@pytest.mark.browser
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_in_a_browser(open_page: Callable[..., Watched], make_in: MakeIn, officer: Any, size: dict[str, int]) -> None:
    make_in(State.ACUSE_ENTREGADO)
    make_in(State.BAJA)
    pages = open_page(officer, size=size)
    window = pages.go("/movimientos/")
    whole(window)
    window.get_by_role("row", name="Altas").get_by_role("link", name="Ver y hacer el lote").press("Enter")
    expect(window.get_by_role("heading", name="Próximo lote")).to_be_visible()
    whole(window)
    window.get_by_role("button", name="Hacer un lote de altas").press("Enter")
    expect(window.get_by_text("Listo: el lote lleva 1 movimiento.")).to_be_visible()
    whole(window)
    with window.expect_download() as download:
        window.get_by_role("button", name="Descargar el archivo").press("Enter")
    assert len(download.value.path().read_bytes()) == 170
    window.get_by_label("Número de lote que dio IDSE").fill("118274")
    window.get_by_label("Quién lo firmó").fill("Ángela Núñez")
    window.get_by_role("button", name="Anotar que se presentó").press("Enter")
    expect(window.get_by_text("Listo: presentado.")).to_be_visible()
    whole(window)
    lote = Lote.objects.get()
    for body, finding, status in (
        (acuse(lote), "1 · El IMSS lo recibió", Movement.Status.RECEIVED),
        (constancia(lote, {lote.movements.get().clave: ("32", "EL NOMBRE NO COINCIDE")}), "1 · Rechazado", Movement.Status.REJECTED),
    ):
        window.get_by_label("Acuse, constancia o respuesta").set_input_files(
            {"name": "idse.pdf", "mimeType": "application/pdf", "buffer": body}
        )
        window.get_by_role("button", name="Traer y revisar").press("Enter")
        expect(window.get_by_role("heading", name=finding)).to_be_visible()
        whole(window)
        window.get_by_role("button", name="Aplicar lo que dice").press("Enter")
        expect(window.get_by_text("Listo: se aplicó lo que dice el documento.")).to_be_visible()
        whole(window)
        assert Movement.objects.get().status == status
        pages.go(f"/movimientos/lotes/{lote.pk}/")
    whole(window)
    pages.go("/movimientos/")
    whole(window)
