"""Lists of who IMSS says is insured: read by their headings, refused whole where a number cannot be read, one a registro patronal."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from afiliacion.reconciliation.insured import keeping
from afiliacion.reconciliation.insured.keeping import NotKept
from afiliacion.reconciliation.models import InsuredList, InsuredRow
from afiliacion.roll.findings import UnreadableFile
from tests.at_once import at_once
from tests.reconciliation.deeds import act
from tests.reconciliation.documents import OURS, STRANGERS, list_of

DAY = dt.date(2026, 10, 20)
FIRST, SECOND, _ = STRANGERS


def bring(content: bytes, on: dt.date = DAY, name: str = "asegurados.csv") -> InsuredList:
    return keeping.bring(io.BytesIO(content), name, registro=OURS, on=on, act=act(DAY))


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_it_is_read_by_its_headings_whatever_else_it_has(encoding: str) -> None:
    text = (
        "Reporte de asegurados\r\n\r\n"
        "No. de seguridad social;Apellido paterno;Apellido materno;Nombre(s);CURP;Fecha de alta;Salario\r\n"
        f"{FIRST};Ñáñez;;Begoña;PECB080503MGRXRGA5;05/02/2026;0\r\n"
        f"1596-76-0001-4;Uc;Ek;Ángel;no es una CURP;no es un día;0\r\n"
    )
    kept = bring(text.encode(encoding))
    rows = [(row.nss, row.name, row.curp, row.since) for row in kept.rows.order_by("line")]
    assert rows == [(FIRST, "Ñáñez Begoña", "PECB080503MGRXRGA5", dt.date(2026, 2, 5)), (SECOND, "Uc Ek Ángel", "", None)]
    assert (kept.count, kept.notes, kept.brought_name) == (2, [], "Begoña Ñáñez")


@pytest.mark.django_db
def test_a_lost_zero_is_put_back_and_who_is_named_twice_is_one() -> None:
    kept = bring(f"NSS,Nombre\n{FIRST[1:]},Uno\n{SECOND},Dos\n{SECOND},Dos\n".encode())
    assert set(kept.rows.values_list("nss", flat=True)) == {FIRST, SECOND}
    assert kept.notes == ["1 filas repetían a alguien de la misma lista.", "A 1 NSS se les repuso el cero inicial que Excel quitó."]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (f"CURP,Nombre\nPECB080503MGRXRGA5,{FIRST}\n", "Falta la columna NSS"),
        (f"NSS,Seguro social\n{FIRST},{SECOND}\n", "Más de una columna dice ser «NSS»"),
        (f"NSS,Nombre\n{FIRST},Uno\n123,Dos\n99999999999,Tres\n,Cuatro\n1,Cinco\n2,Seis\n", "Y 2 filas más."),
        (f"NSS\n{FIRST}\n", "NSS y al menos otra columna"),
        ("NSS,Nombre\n", "solo tiene encabezados"),
        ("", "vac"),
        ("%PDF-1.7", "PDF"),
    ],
)
def test_what_cannot_be_compared_is_refused_whole(content: str, why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        bring(content.encode())
    assert not InsuredList.objects.exists()


@pytest.mark.django_db
def test_a_later_list_replaces_the_one_that_stands_and_the_same_one_is_that_one() -> None:
    first = bring(list_of(FIRST), DAY - dt.timedelta(days=5))
    assert bring(list_of(FIRST), DAY - dt.timedelta(days=5)).pk == first.pk
    second = bring(list_of(SECOND))
    first.refresh_from_db()
    assert (first.get_ended_display(), first.ended_name, first.rows.count()) == ("Reemplazada por otra", "Begoña Ñáñez", 0)
    assert list(InsuredRow.objects.values_list("list", "nss")) == [(second.pk, SECOND)]
    with pytest.raises(NotKept, match="Ya hay una lista de una fecha posterior, del 20/10/2026"):
        bring(list_of(FIRST), DAY - dt.timedelta(days=1))
    with pytest.raises(NotKept, match="aún no llega"):
        bring(list_of(FIRST), DAY + dt.timedelta(days=1))
    assert (keeping.discard(second.pk, act=act(DAY)), keeping.discard(second.pk, act=act(DAY))) == (True, False)
    assert bring(list_of(FIRST), DAY - dt.timedelta(days=1)).count == 1


@pytest.mark.django_db
def test_the_database_keeps_one_standing_list_a_registro() -> None:
    bring(list_of(FIRST))
    with pytest.raises(IntegrityError, match="insuredlist_one_standing"), transaction.atomic():
        InsuredList.objects.create(registro=OURS, on=DAY, count=0, brought_at=timezone.now())
    with pytest.raises(IntegrityError, match="insuredlist_ended_at_a_time"), transaction.atomic():
        InsuredList.objects.filter(registro=OURS).update(ended="descartada")
    with pytest.raises(IntegrityError, match="insuredrow_once"), transaction.atomic():
        InsuredRow.objects.create(list=InsuredList.objects.get(), nss=FIRST, line=9)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed")
def test_of_two_who_bring_a_list_at_once_one_stands() -> None:
    at_once(*[lambda number=number: bring(list_of(number)) for number in STRANGERS])
    assert InsuredList.objects.filter(ended="").count() == 1
    assert InsuredRow.objects.count() == 1
