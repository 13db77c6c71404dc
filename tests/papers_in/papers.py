"""Documents that were brought and read already, where a test is not about the reading."""

from __future__ import annotations

import itertools

from django.db import transaction
from django.utils import timezone

from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act
from afiliacion.papers_in import bringing, bundles, work
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import BroughtPaper, Bundle, Door
from paper_reader.reading import Field, Kind, Reading, Source, Value

_ONES = itertools.count(1)


def a_reading(case: Case, nss: str) -> Reading:
    """What a clear sheet of the student says."""
    student, today = case.student, timezone.localdate()
    moment = timezone.now().replace(hour=18, minute=0, second=0, microsecond=0)
    said = {
        Field.NSS: nss, Field.CURP: student.curp or "", Field.FIRST_NAMES: student.nombre, Field.FIRST_SURNAME: student.primer_apellido,
        Field.SECOND_SURNAME: student.segundo_apellido, Field.BIRTH_DATE: student.birth_date.isoformat(),
        Field.FOLIO: f"{int(moment.timestamp() * 1000):013d}{next(_ONES):09d}", Field.ISSUED_ON: today.isoformat(),
    }  # fmt: skip
    placed = ((field, text, Source.TEXT, 0, (0.1, 0.1 + n / 40, 0.5, 0.12 + n / 40)) for n, (field, text) in enumerate(said.items()))
    return Reading(Kind.NSS_SHEET, 1, tuple(Value(*value) for value in placed if value[1]))


def a_paper(case: Case, act: Act, nss: str, door: Door = Door.OFFICE) -> BroughtPaper:
    """A sheet of the student that waits, brought by this door."""
    with transaction.atomic():
        body = b"%%PDF-1.4 hoja %d" % next(_ONES)
        paper, _ = bringing.bring(body, "hoja.pdf", Origin(door, timezone.localdate(), act), case if door == Door.STUDENT else None)
    work.settle(paper, a_reading(case, nss))
    paper.refresh_from_db()
    return paper


def a_bundle(act: Act) -> Bundle:
    """Files that were brought together: one empty, one that is no document."""
    return bundles.bring_files([("vacio.pdf", b""), ("nota.txt", b"hola %d" % next(_ONES))], Origin(Door.OFFICE, timezone.localdate(), act))
