"""Every paper has a folio; a stranger learns of it whether it is genuine, altered or never issued, and nothing else."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import zxingcpp
from django.db import DatabaseError, transaction

from afiliacion.cases.outcome import Actor, ActorKind
from afiliacion.documents.layout.blocks import Head, Paper, Text
from afiliacion.documents.models import DocumentKind, Issued
from afiliacion.documents.register import FolioStatus, issue, verify
from tests.roles import as_owner

pytestmark = pytest.mark.django_db
CLERK = Actor(ActorKind.PERSON, "Begoña Ñáñez")
PAPER = Paper(DocumentKind.RENUNCIA.value, None, None, Head(("Plantel",)), "Carta", (Text("Hola"),))


@pytest.fixture
def folio(now) -> str:
    return issue([PAPER], by=CLERK, now=now)[0].folio


def test_a_genuine_folio_is_known_as_people_type_it(folio):
    for typed in (folio, folio.lower(), folio.replace("-", ""), f" {folio[2:]} ", folio.replace("0", "O").replace("1", "l")):
        verdict = verify(typed)
        assert (typed, verdict.status) == (typed, FolioStatus.GENUINE)
        assert str(verdict.issued) == folio


def test_any_other_sign_makes_it_not_genuine(folio):
    """No single sign can be changed: in the number it is another paper's, in the rest it does not hold."""
    for place, sign in enumerate(folio):
        if sign != "-" and place:
            changed = f"{folio[:place]}{'7' if sign != '7' else '8'}{folio[place + 1 :]}"
            assert (changed, verify(changed).status) == (changed, FolioStatus.NOT_GENUINE)


def test_another_paper_s_number_with_this_one_s_rest_is_not_genuine(folio, now):
    other = issue([replace(PAPER, title="Otra")], by=CLERK, now=now)[0].folio
    assert verify(other[:9] + folio[9:]).status is FolioStatus.NOT_GENUINE


@pytest.mark.parametrize("text", ["", "D", "hola", "D-0000001", "'; DROP TABLE", "D-" + "9" * 60, "١٢٣-0000-0000-0000", "E-0000001"])
def test_what_is_no_folio_is_told_so(text):
    assert verify(text).status in {FolioStatus.NOT_A_FOLIO, FolioStatus.NOT_GENUINE}
    assert verify(text).issued is None


def test_the_same_paper_keeps_its_folio_and_another_has_its_own(folio, now):
    again, other = issue([PAPER, replace(PAPER, blocks=(Text("Hola."),))], by=CLERK, now=now)
    assert again.folio == folio
    assert other.folio != folio
    assert Issued.objects.count() == 2


def test_the_register_is_append_only(folio):
    for change in (lambda: Issued.objects.update(kind=DocumentKind.ACUSE), lambda: Issued.objects.all().delete()):
        with as_owner(), pytest.raises(DatabaseError, match="append"), transaction.atomic():
            change()


def test_the_register_names_nobody(delivered, printed):
    case = delivered()
    printed(DocumentKind.RENUNCIA, case)
    row = Issued.objects.values().get()
    for said in (case.student.curp, case.student.nss, case.student.nombre):
        assert said not in str(row)


def test_a_phone_reads_the_address_that_vouches_for_the_paper(make_case, printed, read, settings):
    settings.OFFICE_URL = "https://afiliacion.escuela.example.mx"
    page = read(printed(DocumentKind.INSTRUCCIONES, make_case()))
    seen = sorted(code.text for code in zxingcpp.read_barcodes(page.pages[0].render(scale=2).to_pil()))
    own, vouching = seen
    assert re.fullmatch(r"https://afiliacion\.escuela\.example\.mx/a/[0-9a-z.]+", own)
    folio = vouching.removeprefix("https://afiliacion.escuela.example.mx/v/")
    assert folio in page.text
    assert verify(folio).status is FolioStatus.GENUINE


def test_a_paper_is_tagged_and_says_its_language_and_title(make_case, printed, read):
    content = printed(DocumentKind.RENUNCIA, make_case())
    for said in (
        b"/Lang (es-MX)",
        b"/Title",
        b"/DisplayDocTitle true",
        b"/Marked true",
        b"/StructTreeRoot",
        b"/ParentTree",
        b"/S /H1",
        b"/Alt",
    ):
        assert said in content
    assert read(content).document.is_tagged()
