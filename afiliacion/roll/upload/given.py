"""A list that came without a file: rows given by another program, or the one row that an officer completes with a CURP."""

from __future__ import annotations

import hashlib
from typing import Final

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from afiliacion.cases.models import WithoutCurp
from afiliacion.cell_text import safe
from afiliacion.roll.check import job as check_job
from afiliacion.roll.check.job import GivenRows
from afiliacion.roll.check.target import Target
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState, Severity
from afiliacion.roll.parse.columns import COLUMNS, REASON
from afiliacion.roll.parse.reading import RollTable
from afiliacion.roll.upload import jobs
from file_reader.facts import FactsCollector
from file_reader.values import as_text
from students.curp import Curp

_LINE: Final = 2
#: Where a row that was noted holds what each column says.
_NOTED: Final = {
    "matricula": "matricula", "nombre": "nombre", "primer_apellido": "primer_apellido", "segundo_apellido": "segundo_apellido",
    "fecha_nacimiento": "birth_date", "sexo": "sex", "correo": "email", "telefono": "phone", "grupo": "grupo",
    "fecha_inscripcion": "enrolled_on",
}  # fmt: skip


class NotPromoted(ValueError):
    """The CURP was not taken and nothing changed; str() says why in Spanish."""


def checked(table: RollTable | GivenRows, target: Target, clock: JobClock, *, who: str, user: User | None) -> Import:
    """Check these rows as an import of `who`, in the caller's transaction: there is no file to keep, so no worker could begin it anew.

    Raises:
        UnreadableFile: if they are no list.
    """
    digest = hashlib.sha256(repr(table.headers).encode())
    for line in table.lines:
        digest.update(repr(line).encode())
    job = Import.objects.create(
        plantel=target.plantel, ciclo=target.ciclo, enrolled_on=target.enrolled_on, owner=user, owner_name=who,
        own=None if target.own is None else sorted(target.own), filename=table.filename, sha256=digest.hexdigest(),
        uploaded_at=clock.now(), state=ImportState.CHECKING,
    )  # fmt: skip
    check_job.check_table(job, table, clock)
    job.refresh_from_db()
    return job


def with_curp(person: WithoutCurp, curp: Curp, target: Target, clock: JobClock, *, who: str, user: User | None) -> Import:
    """The CURP of one who had none, as a list of one row: whatever a list asks, warns of or leaves to other planteles holds here too.

    Loaded at once where there is nothing to look at first: the person is new and nothing is warned of. Else the import is left CHECKED.

    Raises:
        NotPromoted: with what a list would say of the row; or if the same was typed elsewhere meanwhile.
    """
    try:
        with transaction.atomic():
            job = checked(_row(person, curp), target, clock, who=who, user=user)
            _refuse(job, person)
            if job.counts["new"] and not job.counts["known"] and not job.findings.exists():
                jobs.confirm(job, now=clock.now(), by=user, name=who, own=target.own)
                work.finish(job, clock)
    except UnreadableFile as refusal:
        raise NotPromoted(str(refusal)) from refusal
    except IntegrityError as error:
        if "import_once_while_open" not in str(error):
            raise
        raise NotPromoted("Esa CURP ya se escribió para este alumno y espera en «Listas»: siga desde ahí.") from error
    return job


def _refuse(job: Import, person: WithoutCurp) -> None:
    """Raise NotPromoted if the row is not taken, or the person's CURP has come by now."""
    errors = job.findings.filter(severity=Severity.ERROR).values_list("reason", flat=True)
    if reasons := list(dict.fromkeys(errors)):
        raise NotPromoted(" ".join(reasons))
    if not WithoutCurp.objects.filter(pk=person.pk, closed_at=None).exists():
        raise NotPromoted("Ya no espera su CURP: vuelva a abrir la lista.")


def _row(person: WithoutCurp, curp: Curp) -> GivenRows:
    """Mended, as the column of reasons says: the rest of the plantel is not missed."""
    said = {name: getattr(person, attribute) for name, attribute in _NOTED.items()} | {"curp": curp}
    cells = [safe(as_text("" if (value := said.get(column.name)) is None else value)) for column in COLUMNS]
    facts = FactsCollector()
    facts.add([cells])
    headers = [*(column.name for column in COLUMNS), REASON]
    return GivenRows(f"CURP de la matrícula {person.matricula}", headers, [(_LINE, [*cells, ""])], facts.so_far(), "escrita en «Sin CURP»")
