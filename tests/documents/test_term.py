"""The report of a ciclo: its figures are those of the cases, and it is whole for many groups of any name."""

from __future__ import annotations

import datetime as dt

import pytest

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import BajaKind
from afiliacion.documents.kinds.term_report import informe
from afiliacion.documents.layout.pdf import print_papers
from afiliacion.documents.register import issue

pytestmark = pytest.mark.django_db

LONG_GROUP = "Enfermería-y-Urgencias-Méd-4.ºB"[:30]


@pytest.fixture
def report(desk, plantel, actor, now, read):
    def make(ciclo):
        paper = informe(plantel, ciclo, desk())
        return read(print_papers(zip([paper], issue([paper], by=actor, now=now), strict=True), paper.title))

    return make


def test_it_counts_each_state_and_speaks_of_one_as_of_one(delivered, report, actor, now):
    cases = [delivered() for _ in range(4)]
    verbs.leave([cases[0].pk], BajaKind.DEFINITIVA, on=dt.date(2026, 8, 12), act=Act(actor, now))
    verbs.renounce([cases[1].pk], on=dt.date(2026, 8, 12), tutor="Rosa Ek", act=Act(actor, now))
    text = report(cases[0].ciclo).text
    assert "Por afiliar 2 (sin contar 1 renuncia y 1 baja)" in text
    assert "Entregaron su acuse 4 (100 %)" in text
    assert "Bajas ante el IMSS 0 por enviar, 0 sin respuesta y 0 operadas" in text
    assert "Todos 4 0 0 2 0 0 0 0 1 1" in text


def test_it_is_whole_for_sixty_groups_and_the_longest_name(all_delivered, report):
    cases = all_delivered(60)
    for n, case in enumerate(cases):
        Case.objects.filter(pk=case.pk).update(grupo=LONG_GROUP if n == 0 else "" if n == 1 else f"{n}-B")
    page = report(cases[0].ciclo)
    assert page.faults() == []
    assert page.text.count("Subdel.") == 2, "the heads come again where the table goes on"
    for said in ("Sin grupo", "59-B", "Todos 60"):
        assert said in page.text


def test_it_counts_the_bajas_that_imss_is_owed_sent_and_operated(delivered, report, actor, now):
    act, day = Act(actor, now), dt.date(2026, 8, 12)
    cases = [delivered() for _ in range(5)]
    verbs.send_alta({case.pk: {} for case in cases[:4]}, on=day, act=act)
    verbs.leave([case.pk for case in cases], BajaKind.EGRESO, on=day, act=act)
    verbs.send_baja({case.pk: {} for case in cases[1:4]}, on=day, act=act)
    verbs.operate_baja({cases[3].pk: Happening(day)}, act=act)
    assert "Bajas ante el IMSS 1 por enviar, 2 sin respuesta y 1 operada" in report(cases[0].ciclo).text
