"""What a change of settings will do, told before it is done. Each takes the row as it would be and says so in Spanish, or nothing.

They run inside the transaction of the change, which is undone unless the person confirms: so they ask the real rules, not a copy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final

from django.db.models import Count, QuerySet
from django.utils import timezone

from afiliacion.cases.models import Case, ClockRule, WantedPaper
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import OPEN_STATES, PROGRESS, State, Verb
from afiliacion.imss.client.adapters import has_service
from afiliacion.imss.models import Errand, ImssSettings, MovementUnderWay
from afiliacion.imss.queue.channels import Channels
from afiliacion.imss.queue.under_way import over
from afiliacion.imss.retention import outdated
from afiliacion.movements.models import Movement, RejectionCode
from afiliacion.reminders.decide.night import preview
from students.models import NonWorkingDay, Plantel, RegistroPatronal
from students.registro_patronal import doubt, with_dashes
from students.registros import Registros

#: Running clocks looked at; beyond, the answer is "at least".
LOOKED_AT: Final = 50_000
#: Planteles named; of more, how many.
_NAMED: Final = 3


def due_dates(cases: QuerySet[Case]) -> list[str]:
    """How many due dates of `cases` the night would move."""
    schedule = Schedule()
    running = cases.filter(rule__isnull=False).order_by("pk").iterator(chunk_size=2000)
    looked, moved = 0, 0
    for case in islice(running, LOOKED_AT):
        looked, moved = looked + 1, moved + (schedule.due_on(case.facts, case.plantel_id) != case.due_on)
    if not moved:
        return []
    at_least = "al menos " if looked == LOOKED_AT else ""
    return [f"Este cambio mueve {at_least}{_n(moved, 'vencimiento', 'vencimientos')} esta noche; cada expediente lo dirá en su historia."]


def plantel(row: Plantel, before: Mapping[str, Any], today: dt.date) -> list[str]:
    told = due_dates(Case.objects.filter(plantel=row)) if before.get("calendar_id") != row.calendar_id else []
    added = [] if before else row.registros.all()
    return told + [line for each in added for line in registro(each, {}, today)]


def registro(row: RegistroPatronal, before: Mapping[str, Any], today: dt.date) -> list[str]:
    """A registro patronal as it would be, or that would be no more."""
    there = RegistroPatronal.objects.filter(pk=row.pk).exists()
    told = [] if not there or before.get("registro") == row.registro else [doubt(row.registro), _shared(row)]
    beside = RegistroPatronal.objects.filter(plantel=row.plantel_id).exclude(pk=row.pk)
    rows = list(beside.values_list("plantel_id", "registro", "valid_from"))
    others, old = Registros(rows), Registros([*rows, (row.plantel_id, before["registro"], before["valid_from"])] if before else rows)
    starts = max(today, row.valid_from or today)
    registro = Registros.of([row.plantel_id]).on(row.plantel_id, starts)
    if old.on(row.plantel_id, starts) not in ("", registro):
        told += [_in_force(registro, starts), _sent_under_another(row.plantel_id, registro, others)]
    return [line for line in told if line]


def _shared(row: RegistroPatronal) -> str:
    names = Plantel.objects.filter(pk__in=Registros.of().planteles_of(row.registro) - {row.plantel_id}).values_list("name", flat=True)
    whose = ", ".join(names[:_NAMED]) if len(names) <= _NAMED else f"otros {len(names)} planteles"
    return f"{row.get_registro_display()} es también de {whose}: quien pase de uno a otro conserva su alta." if names else ""


def _in_force(registro: str, starts: dt.date) -> str:
    if not registro:
        return f"Desde el {starts:%d/%m/%Y} el plantel no tiene registro patronal: no se podrá enviar ningún movimiento."
    return f"Las altas que se pidan desde el {starts:%d/%m/%Y} llevarán el registro patronal {with_dashes(registro)}."


def _sent_under_another(plantel_id: int, registro: str, others: Registros) -> str:
    """Nothing was sent under the row that changes (`settled`), so `others` say under which each alta was sent."""
    sent = Case.objects.filter(plantel=plantel_id, state__in=OPEN_STATES, alta_on__isnull=False).order_by().values_list("alta_on")
    n = sum(n for day, n in sent.annotate(n=Count("pk")) if others.on(plantel_id, day) not in ("", registro))
    told = _n(n, "alumno tiene un alta con otro: eso no cambia", "alumnos tienen un alta con otro: eso no cambia")
    return f"{told}, y su baja se envía con el suyo." if n else ""


def non_working_day(row: NonWorkingDay, before: Mapping[str, Any]) -> list[str]:
    return due_dates(Case.objects.filter(plantel__calendar=row.calendar_id))


def outage_day(row: Any, before: Mapping[str, Any]) -> list[str]:
    return due_dates(Case.objects.all())


def clock_rule(row: ClockRule, before: Mapping[str, Any]) -> list[str]:
    running = Case.objects.filter(rule__key=row.key)
    n = (running.filter(plantel=row.plantel_id) if row.plantel_id else running).count()
    told = [f"Rige los plazos que empiecen desde el {row.valid_from:%d/%m/%Y}."]
    if n:
        told.append(_n(n, "plazo que ya corre sigue con su regla de antes.", "plazos que ya corren siguen con su regla de antes."))
    return told


def wanted_paper(row: WantedPaper, before: Mapping[str, Any]) -> list[str]:
    states = PROGRESS - {State.ACUSE_ENTREGADO, State.ALTA_ENVIADA} if row.step == Verb.DELIVER_ACUSE else OPEN_STATES
    cases = Case.objects.filter(state__in=states)
    n = (cases.filter(plantel=row.plantel_id) if row.plantel_id else cases).count()
    return [f"Cuenta desde ahora para {_n(n, 'expediente', 'expedientes')} sin ese paso; los que ya lo dieron no cambian."] if n else []


def reminder_kind(row: Any, before: Mapping[str, Any], today: dt.date) -> list[str]:
    n = next((each.count for each in preview(today, timezone.now()) if each.kind.pk == row.pk), 0)
    return [f"Con este cambio, esta noche saldrían {_n(n, 'aviso', 'avisos')} de esta clase."]


def imss_settings(row: Any, before: Mapping[str, Any]) -> list[str]:
    told = []
    if row.paused and not before["paused"]:
        told.append("No se preguntará nada al IMSS ni se le enviará nada hasta que usted lo reanude.")
    if row.answers_kept_days < before["answers_kept_days"] and (n := outdated(row.answers_kept_days, timezone.now()).count()):
        told.append(f"Esta noche se borran del archivo {_n(n, 'respuesta', 'respuestas')} del IMSS; lo que prueba un hecho se queda.")
    if row.way != before["way"]:
        told += _without_service() if row.way == ImssSettings.Way.BY_HAND else _with_service()
    return told


def _without_service() -> list[str]:
    """A movement IMSS may have already must not be presented a second time."""
    waiting = Errand.objects.filter(status__in=Errand.UNFINISHED)
    told = ["No se le preguntará ni se le enviará nada al IMSS: cada respuesta se anota en el expediente con lo que traiga el alumno."]
    unsent = waiting.filter(in_doubt=False, received_on=None)
    if n := unsent.exclude(kind__in=Errand.MOVEMENTS).count():
        told.append(f"{_n(n, 'gestión pendiente queda detenida', 'gestiones pendientes quedan detenidas')} mientras no haya servicio.")
    if n := unsent.filter(kind__in=Errand.MOVEMENTS).count():
        told.append(f"{_n(n, 'movimiento que no ha salido puede', 'movimientos que no han salido pueden')} ir en un lote.")
    if n := waiting.filter(kind__in=Errand.MOVEMENTS).exclude(in_doubt=False, received_on=None).count():
        told.append(f"{_n(n, 'movimiento', 'movimientos')} quizá ya los tiene el IMSS: revíselos en IDSE antes de presentarlos a mano.")
    return told


def _with_service() -> list[str]:
    if not has_service():
        return ["Todavía no hay servicio: sistemas debe indicar su dirección. Mientras, todo se sigue anotando a mano."]
    return ["Desde ahora la oficina pregunta y envía por sí misma; las altas y bajas se piden con «Enviar al IMSS»."]


def rejection_code(row: RejectionCode, before: Mapping[str, Any]) -> list[str]:
    """A code as it would be told, or would be told no more."""
    n = Movement.objects.filter(status__in=Movement.TURNED_DOWN, code=row.code).count()
    if not n:
        return []
    if not RejectionCode.objects.filter(pk=row.pk).exists():
        return [f"{_n(n, 'movimiento rechazado queda', 'movimientos rechazados quedan')} otra vez sin explicación."]
    return [f"Vale también para {_n(n, 'movimiento que ya vino con este código.', 'movimientos que ya vinieron con este código.')}"]


def lotes(row: Any, before: Mapping[str, Any]) -> list[str]:
    """By which channel the movements of a registro patronal go from now on, if that changes."""
    channels, was = Channels(), before.get("by_lote", False)
    is_by_lote = channels.by_lote(row.registro)
    if not channels.automatic or is_by_lote == was:
        return []
    return [line for line in (_to_lotes if is_by_lote else _to_service)(row.registro) if line]


def _to_lotes(registro: str) -> list[str]:
    """What the service has begun it ends; what it refused may go in a lote."""
    begun = Errand.objects.filter(kind__in=Errand.MOVEMENTS, registro=registro, status__in=Errand.UNFINISHED)
    n = begun.exclude(over(automatic=True)).count()
    return [
        f"Desde ahora las altas y bajas de {with_dashes(registro)} se hacen en Movimientos y se presentan en IDSE.",
        "El NSS y la vigencia se le siguen preguntando al IMSS por su servicio.",
        f"{_n(n, 'movimiento ya va por el servicio y sigue', 'movimientos ya van por el servicio y siguen')} ahí." if n else "",
    ]


def _to_service(registro: str) -> list[str]:
    n = MovementUnderWay.objects.filter(registro=registro, by_lote=True).count()
    return [
        f"Desde ahora las altas y bajas de {with_dashes(registro)} salen por el servicio del IMSS: se piden con «Enviar al IMSS».",
        f"{_n(n, 'movimiento va en un lote y sigue', 'movimientos van en lotes y siguen')} ahí hasta su acuse de recibo." if n else "",
    ]


def _n(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
