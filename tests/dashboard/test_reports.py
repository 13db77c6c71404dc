"""The reports: sums of one term, of one's own planteles only."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT
from afiliacion.cases.states import State
from afiliacion.dashboard.access import Scope
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.reports import Line, Rejection, report
from afiliacion.imss.models import KnownRefusal


def test_a_term_is_summed_by_group(
    make_in: Callable[..., Case], make_case: Callable[..., Case], officer: Any, plantel: Any, other_plantel: Any, ciclo: Any
) -> None:
    make_in(State.VIGENTE, grupo="1-A")
    late = make_in(State.NSS_OBTENIDO, grupo="1-A")
    assert late.due_on is not None
    verbs.deliver_acuse([late.pk], on=late.due_on + dt.timedelta(days=1), papers=["acuse"], actor=NIGHT, now=timezone.now())
    renounced, rejected = make_case(grupo="2-B"), make_in(State.ALTA_ENVIADA, grupo="2-B")
    verbs.renounce([renounced.pk], on=late.due_on, reason="ISSSTE de su mamá", tutor="Su mamá", actor=NIGHT, now=timezone.now())
    answer = Happening(late.due_on, {"code": "03", "message": "NSS inexistente"}, "f" * 64)
    verbs.reject_alta({rejected.pk: answer}, actor=NIGHT, now=timezone.now())
    make_in(State.RENUNCIA, plantel=other_plantel)
    found = report(ciclo.pk, "grupo", None, Scope(officer, (plantel,)))
    assert found.lines == [Line("1-A", 2, 2, 1, 1, 4, 4, 0), Line("2-B", 2, 1, 1, 0, None, None, 1)]
    assert found.renuncias == [("ISSSTE de su mamá", 1)]
    assert found.rejections == [Rejection("03", "NSS inexistente", 1)]


def test_a_rejection_is_told_in_imss_words_else_in_the_catalogue_s_and_never_guessed(
    desk: Client, make_in: Callable[..., Case], ciclo: Any
) -> None:
    for data in ({"code": "03", "text": "NSS inexistente"}, {"code": "NSS_INVALIDO", "text": ""}, {"code": "Z9"}, {"code": ""}):
        rejected = make_in(State.ALTA_ENVIADA)
        verbs.reject_alta({rejected.pk: Happening(timezone.localdate(), data, "f" * 64)}, actor=NIGHT, now=timezone.now())
    asked = {"ciclo": ciclo.pk, "por": "grupo"}
    meaning = KnownRefusal.objects.get(code="NSS_INVALIDO").meaning
    lines = b"".join(desk.post("/informes/informe.csv", asked)).decode("utf-8-sig")
    told = {
        "NSS inexistente (código 03)",
        f"{meaning.rstrip('.')} (código NSS_INVALIDO)",
        "código Z9, sin explicación todavía",
        "sin código, sin explicación todavía",
    }
    assert {row[0] for row in csv.reader(io.StringIO(lines))} >= told
    page = desk.get("/informes/", asked).content.decode()
    assert all(said in page for said in ("NSS inexistente<", f"{meaning}<", "código Z9, sin explicación todavía"))


def test_the_page_and_its_file_say_the_same_and_the_file_is_written_down(desk: Client, make_in: Callable[..., Case], ciclo: Any) -> None:
    make_in(State.VIGENTE, grupo="=1+1")
    asked = {"ciclo": ciclo.pk, "por": "grupo"}
    assert "1 <span" in desk.get("/informes/", asked).content.decode()
    rows = list(csv.reader(io.StringIO(b"".join(desk.post("/informes/informe.csv", asked)).decode("utf-8-sig"))))
    assert rows[1][:3] == ["'=1+1", "1", "1"]
    book = load_workbook(io.BytesIO(b"".join(desk.post("/informes/informe.xlsx", asked))))
    assert [cell.value for cell in book.active[2]][:3] == ["'=1+1", 1, 1]
    assert list(ListExport.objects.values_list("what", flat=True)) == ["informe", "informe"]
    assert desk.post("/informes/informe.pdf", asked).status_code == 404


def test_a_report_that_does_not_exist_is_told(desk: Client, other_plantel: Any, make_case: Callable[..., Case]) -> None:
    make_case()
    for wrong in ({"por": "sexo"}, {"plantel": str(other_plantel.pk)}, {"ciclo": "999"}):
        answer = desk.get("/informes/", wrong)
        assert (answer.status_code, "Ese informe no existe" in answer.content.decode()) == (422, True), wrong
