"""Documents of IMSS on the screen: brought, looked at, applied, taken back."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.states import State
from afiliacion.dashboard.shared.access import Scope
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.models import AnswerDocument, Lote
from tests.movements.answers import acuse, as_csv, constancia, rows
from tests.movements.lotes import a_lote, an_answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def lote(make_in: Any, officer: Any, plantel: Any) -> Lote:
    act = Scope(officer, (plantel,)).act(timezone.now())
    made = a_lote(make_in(State.ACUSE_ENTREGADO, matricula="M-1"), act)
    return sending.mark_sent(made.pk, number="118274", signed_by="Ángela Núñez", on=timezone.localdate(), act=act)


def files(*bodies: bytes) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile("constancia.pdf", body) for body in bodies]


def test_an_officer_brings_looks_applies_and_takes_back(desk: Client, lote: Lote) -> None:
    page = desk.post("/movimientos/documentos/", {"file": files(constancia(lote)), "lote": lote.pk}, follow=True)
    document = AnswerDocument.objects.get()
    assert page.redirect_chain == [(f"/movimientos/documentos/{document.pk}/", 302)]
    assert "1 · Operado" in page.content.decode()
    assert Case.objects.get().state == State.ACUSE_ENTREGADO
    page = desk.post(f"/movimientos/documentos/{document.pk}/aplicar/", follow=True)
    assert "Listo: se aplicó" in page.content.decode()
    assert Case.objects.get().state == State.ALTA_ENVIADA
    assert "Operado: <b>1</b>" in desk.get(f"/movimientos/lotes/{lote.pk}/").content.decode()
    assert desk.post(f"/movimientos/documentos/{document.pk}/deshacer/", {"reason": ""}).status_code == 422
    desk.post(f"/movimientos/documentos/{document.pk}/deshacer/", {"reason": "Era de otro lote"})
    assert Case.objects.get().state == State.ACUSE_ENTREGADO


def test_several_files_at_once_and_the_same_again(desk: Client, lote: Lote) -> None:
    sent = {"file": files(acuse(lote), constancia(lote), b"nada"), "lote": lote.pk}
    page = desk.post("/movimientos/documentos/", sent, follow=True).content.decode()
    assert "Se trajeron 3 archivos; 2 esperan que los revise" in page
    page = desk.post("/movimientos/documentos/", {"file": files(constancia(lote))}, follow=True).content.decode()
    assert "Ese archivo ya se trajo" in page
    assert AnswerDocument.objects.count() == 3


def test_a_form_without_a_file_says_so(desk: Client, lote: Lote) -> None:
    page = desk.post("/movimientos/documentos/", {"lote": lote.pk}, follow=True).content.decode()
    assert "Elija al menos un archivo" in page


def test_columns_are_told_on_the_screen(desk: Client, officer: Any, plantel: Any, make_in: Any) -> None:
    document = an_answer(make_in(State.ACUSE_ENTREGADO), Scope(officer, (plantel,)).act(timezone.now()), strange=True)
    where = f"/movimientos/documentos/{document.pk}/columnas/"
    assert "Columna A" in desk.get(f"/movimientos/documentos/{document.pk}/").content.decode()
    assert "Diga qué columna trae el código" in desk.post(where, {"nss": 0, "type": 1, "fecha": 2}).content.decode()
    twice = desk.post(where, {"nss": 0, "type": 1, "fecha": 2, "codigo": 2}).content.decode()
    assert "no puede ser dos cosas" in twice
    page = desk.post(where, {"nss": 0, "type": 1, "fecha": 2, "clave": 3, "codigo": 5}, follow=True).content.decode()
    assert "1 · Operado" in page


def test_the_page_of_a_document_costs_as_much_with_many_rows(
    desk: Client, officer: Any, plantel: Any, make_in: Any, django_assert_max_num_queries: Any
) -> None:
    act = Scope(officer, (plantel,)).act(timezone.now())
    for n in range(40):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    made = sending.make(Case.objects.all(), "A0112345321", MovementType.ALTA, act=act)
    lote = sending.mark_sent(made.pk, number="118274", signed_by="Ángela", on=timezone.localdate(), act=act)
    desk.post("/movimientos/documentos/", {"file": SimpleUploadedFile("r.csv", as_csv(rows(lote, {"M-7": ("9", "NO")})))})
    with django_assert_max_num_queries(12):
        page = desk.get(f"/movimientos/documentos/{AnswerDocument.objects.get().pk}/").content.decode()
    assert "39 · Operado" in page


def test_a_document_leaves_as_a_download_of_its_own_bytes(desk: Client, lote: Lote) -> None:
    body = constancia(lote)
    desk.post("/movimientos/documentos/", {"file": files(body)})
    answer = desk.post(f"/movimientos/documentos/{AnswerDocument.objects.get().pk}/archivo/")
    assert (answer.content, answer.headers["Content-Type"]) == (body, "application/octet-stream")
    assert "attachment" in answer.headers["Content-Disposition"]
