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
from afiliacion.cases.enrol import enrol
from afiliacion.cases.facts import Details, Happening
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import NIGHT, Act
from afiliacion.cases.states import BajaKind, State
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.reports.views import Rejection, ReportLine, report
from afiliacion.dashboard.shared.access import Scope
from afiliacion.imss.models import KnownRefusal
from afiliacion.movements.models import RejectionCode
from students.models import Ciclo
from tests.movements.lotes import BAJA, turn_down


def test_a_term_is_summed_by_group(
    make_in: Callable[..., Case], make_case: Callable[..., Case], officer: Any, plantel: Any, other_plantel: Any, ciclo: Any
) -> None:
    make_in(State.VIGENTE, grupo="1-A")
    late = make_in(State.NSS_OBTENIDO, grupo="1-A")
    assert late.due_on is not None
    verbs.deliver_acuse([late.pk], on=late.due_on + dt.timedelta(days=1), papers=["acuse"], act=Act(NIGHT, timezone.now()))
    renounced, rejected = make_case(grupo="2-B"), make_in(State.ALTA_ENVIADA, grupo="2-B")
    verbs.renounce([renounced.pk], on=late.due_on, reason="ISSSTE de su mamá", tutor="Su mamá", act=Act(NIGHT, timezone.now()))
    answer = Happening(late.due_on, {"code": "03", "message": "NSS inexistente"}, "f" * 64)
    verbs.reject_alta({rejected.pk: answer}, act=Act(NIGHT, timezone.now()))
    make_in(State.RENUNCIA, plantel=other_plantel)
    found = report(ciclo.pk, "grupo", None, Scope(officer, (plantel,)))
    assert found.lines == [ReportLine("1-A", 2, 2, 1, 1, 4, 4, 0), ReportLine("2-B", 2, 1, 1, 0, None, None, 1)]
    assert found.renuncias == [("ISSSTE de su mamá", 1)]
    assert found.rejections == [Rejection("03", "NSS inexistente", 1)]


def test_who_was_insured_before_the_enrolment_waited_for_no_vigencia(
    make_in: Callable[..., Case], make_enrolment: Callable[..., Any], officer: Any, plantel: Any, db: None
) -> None:
    goes_on, begins = make_in(State.VIGENTE), timezone.localdate()
    following = Ciclo.objects.create(clave="2027-1", starts_on=begins, ends_on=begins + dt.timedelta(days=150))
    again = make_enrolment(student=goes_on.student, enrolled_on=begins, ciclo=following)
    assert not enrol([again.pk], act=Act(NIGHT, timezone.now())).opened
    (line,) = report(following.pk, "grupo", None, Scope(officer, (plantel,))).lines
    assert (line.vigentes, line.median, line.p90) == (1, None, None)


def test_labels_within_a_sentence_keep_their_acronyms(desk: Client, make_in: Callable[..., Case], ciclo: Any) -> None:
    make_in(State.VIGENTE)
    assert "bajas operadas por el IMSS" in desk.get(f"/informes/?ciclo={ciclo.pk}").content.decode()


def test_a_rejection_is_told_in_imss_words_else_in_the_catalogue_s_and_never_guessed(
    desk: Client, make_in: Callable[..., Case], ciclo: Any
) -> None:
    answers: tuple[Details, ...] = (
        {"code": "03", "text": "NSS inexistente"},
        {"code": "NSS_INVALIDO", "text": ""},
        {"code": "Z9"},
        {"code": ""},
    )
    for data in answers:
        rejected = make_in(State.ALTA_ENVIADA)
        verbs.reject_alta({rejected.pk: Happening(timezone.localdate(), data, "f" * 64)}, act=Act(NIGHT, timezone.now()))
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


def test_bajas_are_counted_by_plantel_as_the_list_of_each_has_them(
    enter: Any, coordinator: Any, make_in: Callable[..., Case], plantel: Any, other_plantel: Any, ciclo: Any
) -> None:
    act, day = Act(NIGHT, timezone.now()), timezone.localdate()
    here, there = [make_in(State.VIGENTE) for _ in range(4)], make_in(State.VIGENTE, plantel=other_plantel)
    early = make_in(State.NSS_OBTENIDO)
    verbs.leave([case.pk for case in (*here, there, early)], BajaKind.EGRESO, on=day, act=act)
    verbs.send_baja({case.pk: {} for case in (*here[2:], there)}, on=day, act=act)
    verbs.operate_baja({here[3].pk: Happening(day)}, act=act)
    boss = enter(coordinator)
    asked = {"ciclo": ciclo.pk, "por": "plantel"}
    found = boss.get("/informes/", asked).context["report"]
    assert {line.part: line.bajas for line in found.lines} == {plantel.name: (2, 1, 1), other_plantel.name: (0, 1, 0)}
    rows = list(csv.reader(io.StringIO(b"".join(boss.post("/informes/informe.csv", asked)).decode("utf-8-sig"))))
    assert {row[0]: row[8:11] for row in rows[1:3]} == {plantel.name: ["2", "1", "1"], other_plantel.name: ["0", "1", "0"]}
    assert rows[0][8:11] == ["Bajas por enviar", "Bajas enviadas sin respuesta", "Bajas operadas"]
    for one in (None, plantel, other_plantel):
        chosen = {**asked, **({"plantel": one.pk} if one else {})}
        for label, n, query in boss.get("/informes/", chosen).context["report"].bajas:
            if query:
                assert boss.get(f"/expedientes/?{query}").context["total"] == n, label


def test_rejected_movements_are_counted_by_family_and_code_and_each_number_opens_its_list(
    enter: Any, officer: Any, coordinator: Any, make_in: Callable[..., Case], plantel: Any, other_plantel: Any, ciclo: Any
) -> None:
    act = Act(NIGHT, timezone.now())
    for code, where in (("107", plantel), ("107", plantel), ("", plantel), ("S", plantel), ("107", other_plantel)):
        turn_down(Case.objects.filter(pk=make_in(State.ACUSE_ENTREGADO, plantel=where).pk), act, code=code)
    turn_down(Case.objects.filter(pk=make_in(State.BAJA).pk), act, kind=BAJA, code="107")
    RejectionCode.objects.create(code="107", family="NOMBRE", meaning="El nombre no es el suyo")
    RejectionCode.objects.create(code="S", family="SISTEMA")
    unknown = ("DESCONOCIDO", "", 1, 0)
    for who, expected in {officer: [("NOMBRE", "107", 2, 1), unknown], coordinator: [("NOMBRE", "107", 3, 1), unknown]}.items():
        browser = enter(who)
        found = browser.get("/informes/", {"ciclo": ciclo.pk, "por": "plantel"}).context["report"].movements
        assert [(each.family.key, each.code, each.altas, each.bajas) for each in found] == expected
        for each in found:
            for n, query in ((each.altas, each.altas_query), (each.bajas, each.bajas_query)):
                assert browser.get(f"/movimientos/rechazados/?{query}").context["page"].total == n
    boss = enter(coordinator)
    one = boss.get("/informes/", {"ciclo": ciclo.pk, "por": "grupo", "plantel": other_plantel.pk}).context["report"].movements
    assert [(each.code, each.altas) for each in one] == [("107", 1)]
    page = boss.get("/informes/", {"ciclo": ciclo.pk}).content.decode()
    assert "El nombre no es el suyo" in page and "sin código" in page  # noqa: PT018
    rows = list(csv.reader(io.StringIO(b"".join(boss.post("/informes/informe.csv", {"ciclo": ciclo.pk})).decode("utf-8-sig"))))
    at = rows.index(["Movimientos rechazados, por clase", "Código", "Altas", "Bajas"])
    assert rows[at + 1 : at + 3] == [["El nombre no coincide", "107", "3", "1"], ["Causa sin explicar", "", "1", "0"]]
