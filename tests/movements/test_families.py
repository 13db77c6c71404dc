"""The families of rejections that are shipped: each says what it means, who puts it right, how and where; none has a code number."""

from __future__ import annotations

import re

import pytest

from afiliacion.dashboard.case.remedies import _CLOSES, _OF_THE_OFFICE, _STEPS
from afiliacion.movements.models import RejectionCode
from afiliacion.movements.rejections.families import SYSTEM, UNKNOWN, Again, Codes, Remedy, families
from tests.spelling.test_spelling import wrong

KEYS = {
    "FORMATO", "ARCHIVO_COMPLETO", "NSS_DV", "NSS_NO_REGISTRADO", "NSS_DE_OTRO", "NOMBRE", "CURP", "YA_VIGENTE", "SIN_ALTA", "FECHA",
    "REGISTRO", "CERTIFICADO", "UMF_GUIA", "SISTEMA", "DESCONOCIDO",
}  # fmt: skip


def test_the_fifteen_families_are_shipped_and_what_is_not_known_comes_last() -> None:
    assert set(families()) == KEYS
    assert list(families())[-1] == UNKNOWN


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_family_has_every_item_in_plain_spanish(key: str) -> None:
    family = families()[key]
    assert all((family.name, family.meaning, family.who, family.how, family.remedies, family.fixed_by))
    for sentence in (family.meaning, *family.how):
        assert sentence.endswith("."), sentence
        assert wrong(sentence) == []
    assert wrong(family.name) == []
    assert len(key) <= (RejectionCode._meta.get_field("family").max_length or 0)
    texts = " ".join((family.name, family.meaning, *family.how)).replace("IMSS-02-008", "").replace("IMSS-02-012", "")
    assert re.findall(r"\d+", texts) in ([], ["32"]), "no public source has a code"


def test_what_is_sent_again_by_itself_is_what_was_not_wrong() -> None:
    assert {key for key, each in families().items() if each.again is Again.AS_IT_IS} == {"ARCHIVO_COMPLETO", SYSTEM}
    assert {key for key, each in families().items() if not each.in_bulk} == {"ARCHIVO_COMPLETO", SYSTEM, "YA_VIGENTE", UNKNOWN}


def test_every_remedy_leads_somewhere_and_is_one_of_some_family() -> None:
    assert {*_STEPS, *_OF_THE_OFFICE, Remedy.CLOSE} == set(Remedy)
    assert len(_CLOSES) == 2
    assert {remedy for each in families().values() for remedy in each.remedies} == set(Remedy)


@pytest.mark.django_db
def test_a_code_belongs_to_the_family_the_office_says_and_is_never_guessed() -> None:
    RejectionCode.objects.create(code="107", family="NOMBRE", meaning="El nombre no es el del IMSS.")
    RejectionCode.objects.create(code="108", family="DE_ANTES")
    codes = Codes()
    assert (codes.family("107").key, codes.meaning("107")) == ("NOMBRE", "El nombre no es el del IMSS.")
    assert [codes.family(code).key for code in ("0107", "108", "", "NOMBRE")] == [UNKNOWN] * 4
    assert codes.meaning("999") == ""
