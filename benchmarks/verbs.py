"""Set-based verbs against the same verb one case at a time, in one run: cases per second, ratio, memory.

    .venv/bin/python benchmarks/verbs.py [CASES=10000] [RUNS=3]

The baseline is what a save() and a history row per case would cost: the verb itself, called with sets of one (a twentieth of the cases).
"""

from __future__ import annotations

import datetime as dt
import random
import resource
import sys
from collections.abc import Callable

from common import median_seconds, office

CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
DAY = dt.date(2026, 8, 10)
SHARE = 20


def main() -> None:
    from django.utils import timezone

    from afiliacion.cases import enrol, verbs
    from afiliacion.cases.facts import Happening
    from afiliacion.cases.outcome import NIGHT, Act
    from afiliacion.operations.simulation.invented_people import People
    from students import names
    from students.models import Ciclo, Enrolment, Plantel, Student

    now = timezone.make_aware(dt.datetime.combine(DAY, dt.time(12)))
    act = Act(NIGHT, now)
    plantel = Plantel.objects.create(clave="P", name="Plantel")
    ciclo = Ciclo.objects.create(clave="C", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 31))
    people = People(random.Random(7))

    def school() -> tuple[list[int], list[str]]:
        crowd = [people.one() for _ in range(CASES)]
        students = Student.objects.bulk_create(
            [
                Student(
                    curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                    birth_date=p.birth_date, sex=p.sex, entity=p.entity, name_search=names.search_key(p.nombre, p.primer_apellido),
                    name_order=names.sort_key(p.primer_apellido, p.segundo_apellido, p.nombre),
                )
                for p in crowd
            ]
        )  # fmt: skip
        rows = [Enrolment(student=s, plantel=plantel, ciclo=ciclo, matricula=str(s.pk), enrolled_on=dt.date(2026, 8, 6)) for s in students]
        return [row.pk for row in Enrolment.objects.bulk_create(rows)], [p.nss for p in crowd]

    def steps() -> dict[str, Callable[[list[int]], object]]:
        return {
            "obtain_nss": lambda ids: verbs.obtain_nss({c: by_case[c] for c in ids}, on=DAY, act=act),
            "deliver_acuse": lambda ids: verbs.deliver_acuse(ids, on=DAY, act=act),
            "send_alta": lambda ids: verbs.send_alta({c: {"lote": "1"} for c in ids}, on=DAY, act=act),
            "confirm_vigencia": lambda ids: verbs.confirm_vigencia(dict.fromkeys(ids, Happening(DAY, {}, "ab" * 32)), act=act),
        }

    by_case: dict[int, str] = {}
    taken: dict[str, list[tuple[float, float]]] = {}
    for _ in range(RUNS):
        enrolments, nss = school()
        opened: list[int] = []
        seconds = median_seconds(1, lambda: opened.extend(enrol.enrol(enrolments, act=act).opened))[0]
        taken.setdefault("open", []).append((CASES / seconds, 0.0))
        by_case.update(zip(opened, nss, strict=True))
        few, many = opened[: CASES // SHARE], opened[CASES // SHARE :]
        for name, step in steps().items():
            one_by_one, set_based = median_seconds(1, lambda: [step([case]) for case in few], lambda: step(many))
            taken.setdefault(name, []).append((len(many) / set_based, len(few) / one_by_one))
    for name, rates in taken.items():
        mid = sorted(rates)[len(rates) // 2]
        ratio = f", {mid[0] / mid[1]:.0f} x one at a time ({mid[1]:,.0f}/s)" if mid[1] else ""
        print(f"{name:17} {mid[0]:>8,.0f} cases/s{ratio}")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB, {CASES:,} cases a set, {RUNS} runs")


with office():
    main()
