"""Informes: how a term is going, by plantel, by group or by week; each number again in a table and in a file.

Read straight from the cases of one term: what the counters do not hold is summed here, in two queries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django import forms
from django.db import connection
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.cases.identity import without_curp
from afiliacion.cases.models import IS_COUNTED, text_in_sql
from afiliacion.cases.states import RESTING, Verb
from afiliacion.dashboard.models import ListExport
from afiliacion.dashboard.reports import rejections as rejected
from afiliacion.dashboard.reports.rejections import RejectedMovements, rejected_movements
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.form_fields import QuickSelect, offer
from afiliacion.dashboard.shared.sql import Sql
from afiliacion.dashboard.worklist.filters import Filters, Flag
from afiliacion.dashboard.worklist.flags import OWING
from afiliacion.exports import Cell, download
from afiliacion.imss import catalogue
from students.models import Ciclo

#: How the cases are parted, and the name of each part.
GROUPINGS: Final = {
    "plantel": ("Plantel", "p.name"),
    "grupo": ("Grupo", "coalesce(nullif(c.grupo, ''), 'sin grupo')"),
    "semana": ("Semana de inscripción", "to_char(date_trunc('week', c.enrolled_on), 'YYYY-MM-DD')"),
}
#: An acuse is on time if it was handed in by the day the case itself said, at the step before. Who was insured before the enrolment, as one
#: whose case goes on in a new term, waited for no vigencia.
_SUMS: Final = f"""
SELECT {{part}} AS part, count(*), count(c.acuse_on), count(*) FILTER (WHERE c.acuse_on <= before.due_on), count(c.vigencia_on),
  percentile_disc(0.5) WITHIN GROUP (ORDER BY c.vigencia_on - c.enrolled_on) FILTER (WHERE c.vigencia_on >= c.enrolled_on),
  percentile_disc(0.9) WITHIN GROUP (ORDER BY c.vigencia_on - c.enrolled_on) FILTER (WHERE c.vigencia_on >= c.enrolled_on),
  count(*) FILTER (WHERE c.state = 'RENUNCIA'), count(*) FILTER (WHERE {OWING[Flag.BAJA_TO_SEND]}),
  count(*) FILTER (WHERE {OWING[Flag.BAJA_SENT]}), count(c.baja_operada_on),
  count(*) FILTER (WHERE c.coverage = 'other' AND c.state = ANY(%s))
FROM cases_case c JOIN students_plantel p ON p.id = c.plantel_id
LEFT JOIN LATERAL (
  SELECT (b.data ->> 'due_on')::date AS due_on FROM cases_event a JOIN cases_event b ON b.case_id = a.case_id AND b.seq = a.seq - 1
  WHERE a.case_id = c.id AND a.verb = 'deliver_acuse' ORDER BY a.seq DESC LIMIT 1) before ON c.acuse_on IS NOT NULL
WHERE c.ciclo_id = %s AND {IS_COUNTED}
"""  # noqa: S608 - our own conditions
#: IMSS' own words are under `text`; under `message` those a person wrote down.
_CAUSES: Final = f"""
SELECT e.verb, CASE e.verb WHEN 'renounce' THEN coalesce(nullif(trim({text_in_sql("reason")}), ''), 'Sin motivo escrito')
  ELSE coalesce(nullif({text_in_sql("message")}, ''), {text_in_sql("text")}) END AS cause, {text_in_sql("code")} AS code, count(*)
FROM cases_event e JOIN cases_case c ON c.id = e.case_id LEFT JOIN cases_eventdetail d ON d.case_id = e.case_id AND d.seq = e.seq
WHERE e.verb IN ('renounce', 'reject_alta') AND c.ciclo_id = %s AND {IS_COUNTED}
"""  # noqa: S608 - our own keys
SHOWN: Final = 300


@dataclass(frozen=True, slots=True)
class ReportLine:
    """One part of the term. Days are natural ones, from enrolment to vigencia."""

    part: str
    cases: int
    acuses: int
    on_time: int
    vigentes: int
    median: int | None
    p90: int | None
    renuncias: int
    #: Bajas IMSS is owed: not sent, and sent without its answer; and those it has operated.
    bajas_to_send: int = 0
    bajas_sent: int = 0
    bajas_operated: int = 0
    #: With another cover that prevails (states.rests).
    covered: int = 0

    @property
    def on_time_share(self) -> int | None:
        """Of the acuses handed in, the percentage on time."""
        return round(100 * self.on_time / self.acuses) if self.acuses else None

    @property
    def bajas(self) -> tuple[int, int, int]:
        """To send, sent without answer, operated."""
        return self.bajas_to_send, self.bajas_sent, self.bajas_operated

    @property
    def vigente_share(self) -> int:
        return round(100 * self.vigentes / self.cases)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A cause IMSS rejected altas for: its own words or what the catalogue says of the code; "" where there are neither."""

    code: str
    words: str
    n: int

    def __str__(self) -> str:
        return catalogue.in_words(self.code, self.words)


class ReportForm(forms.Form):
    ciclo = forms.ChoiceField(label="Ciclo", widget=QuickSelect)
    plantel = forms.ChoiceField(label="Plantel", required=False, widget=QuickSelect)
    por = forms.ChoiceField(label="Por", choices=[(slug, label) for slug, (label, _) in GROUPINGS.items()], widget=QuickSelect)

    def __init__(self, said: Any, scope: Scope) -> None:
        self.ciclos = ciclos = list(Ciclo.objects.all())
        planteles = list(scope.planteles())
        begun = [ciclo for ciclo in ciclos if ciclo.starts_on <= timezone.localdate()] or ciclos
        first = {"ciclo": str(begun[0].pk) if begun else "", "por": "plantel" if len(planteles) > 1 else "grupo"}
        super().__init__({**first, **{name: said[name] for name in ("ciclo", "plantel", "por") if said.get(name)}})
        offer(self, "ciclo", [(str(ciclo.pk), ciclo.clave) for ciclo in ciclos])
        offer(self, "plantel", [("", "Todos"), *((str(plantel.pk), plantel.name) for plantel in planteles)])
        if len(planteles) == 1:
            self.fields["plantel"].widget = forms.HiddenInput()
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"


@dataclass(frozen=True, slots=True)
class TermReport:
    label: str
    lines: Sequence[ReportLine]
    #: Those owed to IMSS and those it has operated, with the list (query) of the first two.
    bajas: Sequence[tuple[str, int, str]]
    renuncias: Sequence[tuple[str, int]]
    rejections: Sequence[Rejection]
    #: Of lotes, altas and bajas.
    movements: Sequence[RejectedMovements]
    #: Students of the term who have no CURP yet: no cases, counted apart.
    without_curp: int


def report(ciclo: int, por: str, plantel: int | None, scope: Scope) -> TermReport:
    """The term `ciclo` (id) in the planteles `scope` may see, or in one of them."""
    label, part = GROUPINGS[por]
    where = Sql("", (ciclo,))
    sums = Sql(_SUMS.format(part=part), (sorted(RESTING),))
    if plantel is not None or scope.plantel_ids is not None:
        seen = [plantel] if plantel is not None else sorted(scope.plantel_ids or ())
        where += Sql("AND c.plantel_id = ANY(%s)", (seen,))
    lines = [ReportLine(*row) for row in _rows(sums + where + Sql("GROUP BY 1 ORDER BY 1"))]
    causes = _rows(Sql(_CAUSES) + where + Sql("GROUP BY 1, 2, 3 ORDER BY 4 DESC, 2, 3"))
    renuncias = [(cause, n) for verb, cause, _, n in causes if verb == Verb.RENOUNCE]
    refused = [(code, cause, n) for verb, cause, code, n in causes if verb == Verb.REJECT_ALTA]
    known = catalogue.meanings() if refused else {}
    rejections = [Rejection(code, cause or known.get(code, ""), n) for code, cause, n in refused]
    waiting = without_curp.visible(scope.plantel_ids).filter(ciclo=ciclo, closed_at=None)
    apart = (waiting if plantel is None else waiting.filter(plantel=plantel)).count()
    movements = rejected_movements(ciclo, plantel, scope)
    return TermReport(label, lines, _bajas(lines, ciclo, plantel), renuncias, rejections, movements, apart)


def _bajas(lines: Sequence[ReportLine], ciclo: int, plantel: int | None) -> list[tuple[str, int, str]]:
    listed = Filters(ciclo=str(ciclo), plantel=str(plantel or ""))
    return [
        (str(Flag.BAJA_TO_SEND.label), sum(line.bajas_to_send for line in lines), replace(listed, bandera=Flag.BAJA_TO_SEND.value).query),
        (str(Flag.BAJA_SENT.label), sum(line.bajas_sent for line in lines), replace(listed, bandera=Flag.BAJA_SENT.value).query),
        ("Bajas operadas por el IMSS", sum(line.bajas_operated for line in lines), ""),
    ]


def _rows(sql: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        sql.run(cursor)
        return list(cursor.fetchall())


def _asked(said: Any, scope: Scope) -> tuple[ReportForm, TermReport | None]:
    form = ReportForm(said, scope)
    if not form.is_valid():
        return form, None
    asked = form.cleaned_data
    return form, report(int(asked["ciclo"]), asked["por"], int(asked["plantel"]) if asked["plantel"] else None, scope)


@require_safe
def reports(request: OfficeRequest) -> HttpResponse:
    form, found = _asked(request.GET, request.scope)
    lines = found.lines[:SHOWN] if found else []
    context = {"form": form, "report": found, "lines": lines, "hidden": len(found.lines) - len(lines) if found else 0}
    return render(request, "dashboard/reports/page.html", context, status=200 if found or not request.GET else 422)


@require_POST
def as_file(request: OfficeRequest, ending: str) -> HttpResponseBase:
    """The report as a file for a spreadsheet; who took it is written down."""
    form, found = _asked(request.POST, request.scope)
    if found is None:
        return render(request, "dashboard/reports/page.html", {"form": form}, status=422)
    ListExport.objects.create(user=request.user, at=timezone.now(), what="informe", query=f"ciclo={form.cleaned_data['ciclo']}")
    return download(_table(found), f"informe-{timezone.localdate():%Y%m%d}", ending)


def _table(found: TermReport) -> Iterator[Sequence[Cell]]:
    yield (
        found.label,
        "Expedientes",
        "Acuses",
        "Acuses a tiempo",
        "Vigentes",
        "Días a la vigencia (mediana)",
        "Días (9 de cada 10)",
        "Renuncias",
        "Bajas por enviar",
        "Bajas enviadas sin respuesta",
        "Bajas operadas",
        "Con otra cobertura",
    )
    for line in found.lines:
        taken = ("" if line.median is None else line.median, "" if line.p90 is None else line.p90)
        yield (line.part, line.cases, line.acuses, line.on_time, line.vigentes, *taken, line.renuncias, *line.bajas, line.covered)
    yield ("Renuncias por motivo", *[""] * 11)
    yield from ((cause, n) for cause, n in found.renuncias)
    yield ("Altas rechazadas por causa", *[""] * 11)
    yield from ((str(cause), cause.n) for cause in found.rejections)
    yield from rejected.table(found.movements)
    yield ("Alumnos sin CURP, aparte de los expedientes", found.without_curp)
