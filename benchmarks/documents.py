"""Printing letters against the limit of the library: pages per second, ratio, memory.

    .venv/bin/python benchmarks/documents.py [LETTERS=1000] [RUNS=3]

The baseline is the least a letter with nine fields and a QR code can cost with reportlab: canvas calls only, the fixed part a shared form,
the letters built into every reader (nothing embedded), the code by segno. Ours does the whole work of the office: it reads the cases,
fills in the school's words, breaks lines by the embedded fonts' widths, writes the register, tags the page; first one letter a file, as
from a case's page, then all in one job, as from the page of orders. At the end the same job five times as large, for its memory.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from common import median_seconds, office

from afiliacion.cases.outcome import Act

LETTERS = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
RUNS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ONE_BY_ONE = min(LETTERS, 200)
DAY = dt.date(2026, 8, 10)
TEXT = (
    "Por medio de la presente se hace constar que la persona cuyos datos aparecen abajo cuenta con el seguro facultativo del Instituto "
    "Mexicano del Seguro Social por estar inscrita en esta institución durante el periodo señalado."
)


def limit(n: int) -> None:
    """`n` letters of one page, a file each, with nothing but canvas calls."""
    import segno
    from reportlab.lib.pagesizes import letter
    from reportlab.lib.utils import simpleSplit
    from reportlab.pdfgen.canvas import Canvas

    for i in range(n):
        canvas = Canvas(BytesIO(), pagesize=letter)
        canvas.beginForm("fixed", 0, 0, *letter)
        canvas.setFont("Helvetica-Bold", 18)
        canvas.drawCentredString(306, 720, "Constancia de afiliación al IMSS")
        canvas.setFont("Helvetica", 10)
        for row, line in enumerate(simpleSplit(TEXT, "Helvetica", 10, 460)):
            canvas.drawString(72, 690 - 13 * row, line)
        canvas.grid([72, 192, 492], [574 - 18 * row for row in range(10)])
        canvas.endForm()
        canvas.doForm("fixed")
        canvas.setFont("Helvetica", 10)
        for row in range(9):
            canvas.drawString(200, 560 - 18 * row, f"Valor {row} de la carta {i:08d}")
        matrix = segno.make(f"https://escolares.example.mx/v/{i:08d}?f=9f86d081884c7d659a2feaa0", error="m", micro=False).matrix
        side, path = 100 / (len(matrix) + 8), canvas.beginPath()
        for row, modules in enumerate(matrix):
            for column, dark in enumerate(modules):
                if dark and not (column and modules[column - 1]):
                    length = next((k for k in range(column, len(modules)) if not modules[k]), len(modules)) - column
                    path.rect(72 + (column + 4) * side, 380 - (row + 5) * side, length * side, side)
        canvas.drawPath(path, stroke=0, fill=1)
        canvas.showPage()
        canvas.save()


def main() -> None:  # noqa: PLR0915 - a script, read from top to bottom
    from django.conf import settings
    from django.utils import timezone

    from afiliacion.cases import enrol
    from afiliacion.cases.models import Case
    from afiliacion.cases.outcome import NIGHT
    from afiliacion.documents import print_jobs
    from afiliacion.documents.context import PrintContext, to_print
    from afiliacion.documents.kinds import catalogue as kinds
    from afiliacion.documents.layout.pdf import print_papers
    from afiliacion.documents.models import DocumentKind, PrintJob
    from afiliacion.documents.register import issue
    from afiliacion.operations.simulation.invented_people import People
    from afiliacion.reminders.letters import links
    from students import names
    from students.models import Ciclo, Enrolment, Plantel, Student

    now = timezone.make_aware(dt.datetime.combine(DAY, dt.time(12)))
    plantel = Plantel.objects.create(
        clave="P", name="Preparatoria Regional Núm. 7", address="Av. de los Plateros 330", contact_name="Ana Ek"
    )
    ciclo = Ciclo.objects.create(clave="C", starts_on=dt.date(2026, 8, 1), ends_on=dt.date(2027, 1, 31))

    def school(n: int) -> None:
        people = People(random.Random(7))
        students = Student.objects.bulk_create(
            Student(
                curp=p.curp, nombre=p.nombre, primer_apellido=p.primer_apellido, segundo_apellido=p.segundo_apellido,
                birth_date=p.birth_date, sex=p.sex, entity=p.entity, name_search=names.search_key(p.nombre, p.primer_apellido),
                name_order=names.sort_key(p.primer_apellido, p.segundo_apellido, p.nombre),
            )
            for p in (people.one() for _ in range(n))
        )  # fmt: skip
        rows = [Enrolment(student=s, plantel=plantel, ciclo=ciclo, matricula=str(s.pk), enrolled_on=dt.date(2026, 8, 6)) for s in students]
        enrol.enrol([row.pk for row in Enrolment.objects.bulk_create(rows)], act=Act(NIGHT, now))

    def one_by_one() -> None:
        for case_id in first:
            desk = PrintContext(DAY, links.printed_urls)
            paper = kinds.compose_one(DocumentKind.RENUNCIA, to_print(Case.objects.filter(pk=case_id), history=False).get(), desk)
            print_papers(zip([paper], issue([paper], by=NIGHT, now=now), strict=True), paper.title)

    def ask(n: int) -> PrintJob:
        some = Case.objects.filter(pk__in=list(Case.objects.order_by("pk").values_list("pk", flat=True)[:n]))
        return print_jobs.order(DocumentKind.RENUNCIA, some, what="Todos", by=NIGHT, now=now, on=DAY)

    def job(n: int) -> PrintJob:
        asked = ask(n)
        print_jobs.work_due(links.printed_urls, 3600)
        asked.refresh_from_db()
        assert asked.status == "done", asked.error
        return asked

    settings.DATA_DIR = Path(tempfile.mkdtemp(prefix="benchmark-papers-"))
    try:
        _apart(lambda: school(5 * LETTERS))
        first = list(Case.objects.order_by("pk").values_list("pk", flat=True)[:ONE_BY_ONE])
        # Everything is issued before the clock starts: a folio is given once, and read ever after.
        job(LETTERS)
        least, single, batch = median_seconds(RUNS, lambda: limit(ONE_BY_ONE), one_by_one, lambda: job(LETTERS))
        large: Any = None

        def five() -> None:
            nonlocal large
            large = job(5 * LETTERS)

        [five_seconds] = median_seconds(1, five)
        size = (print_jobs.folder(large) / large.file).stat().st_size
        _tell(least / ONE_BY_ONE, single / ONE_BY_ONE, batch / LETTERS, five_seconds / (5 * LETTERS))
        idle = _printing_apart()
        ask(LETTERS)
        some = _printing_apart()
        ask(5 * LETTERS)
        memory = f"{idle:.0f} MiB with nothing to print, {some:.0f} with {LETTERS:,}, {_printing_apart():.0f} with {5 * LETTERS:,}"
        print(f"{size / large.pages / 1024:.1f} KiB a page; peak memory of the process {memory}")
    finally:
        shutil.rmtree(settings.DATA_DIR)


def _apart(work: Callable[[], None]) -> None:
    """Do it in a child, so that its memory does not count."""
    from django.db import connections

    connections.close_all()
    if child := os.fork():
        assert os.waitpid(child, 0)[1] == 0
    else:
        status = 1
        try:
            work()
            status = 0
        finally:
            os._exit(status)


def _tell(least: float, single: float, batch: float, new: float) -> None:
    """Seconds a page of each way -> the table."""
    ways = {
        "limit: canvas calls only": least, "one letter a file": single, f"{LETTERS:,} in one job": batch,
        f"{5 * LETTERS:,}, new folios": new,
    }  # fmt: skip
    for name, seconds in ways.items():
        print(f"{name:26} {1 / seconds:>7,.0f} pages/s, {least / seconds:.2f} of the limit")
    print(f"{LETTERS:,} letters in {LETTERS * batch:.1f} s, {RUNS} runs")


def _printing_apart() -> float:
    """Have a process of its own print what is due; the most memory it had (MiB)."""
    from django.conf import settings
    from django.db import connection

    of = connection.settings_dict
    parts = {"host": of["HOST"], "port": of["PORT"], "user": of["USER"], "password": of["PASSWORD"]}
    query = urlencode({name: value for name, value in parts.items() if value})
    environment = {**os.environ, "DATABASE_URL": f"postgresql:///{of['NAME']}?{query}", "AFILIACION_DATA": str(settings.DATA_DIR)}
    printer = Path(__file__).parent / "processes" / "printer.py"
    return float(subprocess.run([sys.executable, printer], env=environment, check=True, stdout=subprocess.PIPE, text=True).stdout)  # noqa: S603 - our own script


with office():
    main()
