"""Who did not re-enrol: the open cases of a ciclo that is over, whose students a new ciclo's list does not bring.

Nothing is done to them. What each is owed is read when it is shown, not when the list was checked: cases go on meanwhile.
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import Case as Choose
from django.db.models import CharField, Count, F, Q, QuerySet, TextChoices, Value, When

from afiliacion.cases.models import ALTA_STANDS, Case
from afiliacion.cases.queries import in_name_order
from afiliacion.cases.states import OPEN_STATES
from afiliacion.roll.check.persons import BROUGHT_FORMERLY
from afiliacion.roll.models import Absent, Import

#: Into roll_absent, behind those enrolled in the ciclo itself. Who is enrolled in the ciclo by another list has returned.
NAMED: Final = f"""
INSERT INTO roll_absent (job_id, position, matricula, name, before, case_id)
SELECT %(job)s, (SELECT count(*) FROM roll_absent a WHERE a.job_id = %(job)s) + row_number() OVER (ORDER BY s.name_order, c.id),
       e.matricula, trim(s.primer_apellido || ' ' || s.segundo_apellido) || ', ' || s.nombre, t.clave, c.id
FROM cases_case c JOIN students_ciclo t ON t.id = c.ciclo_id
JOIN students_student s ON s.id = c.student_id JOIN students_enrolment e ON e.id = c.enrolment_id
WHERE c.plantel_id = %(plantel)s AND c.state = ANY(%(open)s) AND t.starts_on < %(ciclo_starts)s AND t.ends_on <= %(over_by)s
  AND NOT EXISTS (SELECT FROM students_enrolment n WHERE n.student_id = s.id AND n.plantel_id = %(plantel)s AND n.ciclo_id = %(ciclo)s)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.curp_key = s.curp)
  AND NOT EXISTS (SELECT FROM roll_rows r WHERE r.matricula = e.matricula)
  AND NOT {BROUGHT_FORMERLY}
"""  # noqa: S608 - our own condition


class Meaning(TextChoices):
    """What a case that was not brought means for the office, as it stands now."""

    OWING = "con-alta", "Con alta nuestra ante el IMSS"
    WITH_NSS = "con-nss", "Con NSS, sin alta"
    WITHOUT_NSS = "sin-nss", "Sin NSS"
    RETURNED = "volvio", "Ya los trajo otra lista"
    CLOSED = "cerrado", "Ya cerrados"


#: What is done about each.
REMEDIES: Final = {
    Meaning.OWING: "Al registrar su baja queda por enviar la baja al IMSS: mientras no se envíe, el IMSS los sigue asegurando.",
    Meaning.WITH_NSS: "Basta registrar su baja; al IMSS no se le envía nada.",
    Meaning.WITHOUT_NSS: "Basta registrar su baja; al IMSS no se le envía nada y no se les vuelve a pedir el NSS.",
    Meaning.RETURNED: "Su expediente continúa: no hay nada que hacer.",
    Meaning.CLOSED: "Su expediente ya se cerró: no hay nada que hacer.",
}
#: Those whose baja may be registered.
OPEN_MEANINGS: Final = (Meaning.OWING, Meaning.WITH_NSS, Meaning.WITHOUT_NSS)


def named(job: Import, cases: QuerySet[Case]) -> QuerySet[Any]:
    """Of these cases, the ones a list named as not returning, each with its `meaning`; in the order of a list of names."""
    absent = Absent.objects.filter(job=job, case__isnull=False)
    here = cases.filter(pk__in=absent.values("case"))
    meaning = Choose(
        When(~Q(state__in=sorted(OPEN_STATES)), then=Value(Meaning.CLOSED)),
        When(ciclo__starts_on__gte=job.ciclo.starts_on, then=Value(Meaning.RETURNED)),
        When(ALTA_STANDS, then=Value(Meaning.OWING)),
        When(nss_on__isnull=False, then=Value(Meaning.WITH_NSS)),
        default=Value(Meaning.WITHOUT_NSS),
        output_field=CharField(),
    )
    return in_name_order(here.annotate(meaning=meaning))


def counted(found: QuerySet[Any]) -> list[tuple[Meaning, int]]:
    """How many of `named` there are of each meaning, those that want something first."""
    rows = dict(found.order_by().values("meaning").annotate(n=Count("pk")).values_list(F("meaning"), "n"))
    return [(meaning, rows[meaning]) for meaning in Meaning if meaning in rows]
