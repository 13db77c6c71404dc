"""The report of a ciclo at a plantel: how many stand where, by group, what came late, how long it took."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from afiliacion.cases.history import roots
from afiliacion.cases.models import Case
from afiliacion.cases.queries import BAJA_SENT, BAJA_TO_SEND, visible_cases
from afiliacion.cases.states import State
from afiliacion.documents.context import PrintContext
from afiliacion.documents.layout.blocks import Fields, Grid, Heading, Paper, Signers, Text, Title, counted, lines
from afiliacion.documents.models import DocumentKind
from students.models import Ciclo, Plantel

#: How the columns name the states, short enough for ten of them side by side.
_SHORT: Final = {
    State.SIN_NSS: "Sin NSS", State.NSS_OBTENIDO: "Con NSS", State.ACUSE_ENTREGADO: "Acuse", State.ALTA_ENVIADA: "Alta",
    State.VIGENTE: "Vigente", State.SIN_VIGENCIA: "Sin vig.", State.EN_SUBDELEGACION: "Subdel.", State.RENUNCIA: "Renun.",
    State.BAJA: "Baja",
}  # fmt: skip


def informe(plantel: Plantel, ciclo: Ciclo, context: PrintContext) -> Paper:
    """The report, as the cases stand now."""
    cases = visible_cases([plantel.pk]).filter(ciclo=ciclo)
    groups = _groups(cases)
    total = {name: sum(group[name] for group in groups) for name in ("n", *State.values)}
    own, values = context.letterhead(plantel.pk), context.plantel_values(plantel) | {"ciclo": ciclo.clave, "cuantos": str(total["n"])}
    dates = f"Ciclo {ciclo.clave}, del {ciclo.starts_on:%d/%m/%Y} al {ciclo.ends_on:%d/%m/%Y} · al {context.on:%d/%m/%Y}"
    return Paper(DocumentKind.INFORME.value, plantel.pk, None, context.head(plantel), f"Informe {plantel.clave} {ciclo.clave}", (
        Title("Informe de afiliación del ciclo", dates),
        *(Text(line) for line in context.words.part(DocumentKind.INFORME, "entrada", plantel.pk, values)),
        Fields((*_summary(cases, total), ("Sello de las historias", tuple(filter(None, [roots.printed()]))))),
        Heading("Por grupo"),
        Grid(("Grupo", "Total", *_SHORT.values()), (16, 8, *(9,) * len(_SHORT)), (*map(_row, groups), _row({**total, "grupo": "Todos"}))),
        Signers((lines(own.signatory or plantel.contact_name, own.signatory_post or "Responsable de afiliación"),)),
        *(Text(line, "small") for line in context.words.part(DocumentKind.INFORME, "aviso", plantel.pk, values)),
    ))  # fmt: skip


def _groups(cases: QuerySet[Case]) -> list[dict[str, Any]]:
    counts = {state.value: Count("pk", filter=Q(state=state)) for state in State}
    return [dict(row) for row in cases.values("grupo").annotate(n=Count("pk"), **counts).order_by("grupo")]


def _row(group: Mapping[str, Any]) -> tuple[str, ...]:
    return (group["grupo"] or "Sin grupo", str(group["n"]), *(str(group[state.value]) for state in _SHORT))


def _summary(cases: QuerySet[Case], total: Mapping[str, int]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    wanted = total["n"] - total[State.RENUNCIA] - total[State.BAJA]
    without = f"{counted(total[State.RENUNCIA], 'renuncia', 'renuncias')} y {counted(total[State.BAJA], 'baja', 'bajas')}"
    days = ExpressionWrapper(F("vigencia_on") - F("enrolled_on"), output_field=DurationField())
    known = cases.aggregate(
        days=Avg(days, filter=Q(vigencia_on__isnull=False)), clinic=Count("pk", filter=Q(clinic_on__isnull=False)),
        acuses=Count("pk", filter=Q(acuse_on__isnull=False)), to_send=Count("pk", filter=BAJA_TO_SEND),
        sent=Count("pk", filter=BAJA_SENT), operated=Count("pk", filter=Q(baja_operada_on__isnull=False)),
    )  # fmt: skip
    return (
        ("Expedientes", (str(total["n"]),)),
        ("Por afiliar", (f"{wanted} (sin contar {without})",)),
        ("Vigentes", (f"{total[State.VIGENTE]} ({_percent(total[State.VIGENTE], wanted)} de los que hay que afiliar)",)),
        ("Entregaron su acuse", (f"{known['acuses']} ({_percent(known['acuses'], total['n'])})",)),
        ("Registrados en su clínica", (str(known["clinic"]),)),
        (
            "Bajas ante el IMSS",
            (f"{known['to_send']} por enviar, {known['sent']} sin respuesta y {counted(known['operated'], 'operada', 'operadas')}",),
        ),
        (
            "De la inscripción a la vigencia",
            (f"{counted(known['days'].days, 'día', 'días')} en promedio",) if known["days"] is not None else (),
        ),
    )


def _percent(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else "0 %"
