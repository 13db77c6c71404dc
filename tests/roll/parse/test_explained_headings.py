"""A list in words the office does not know yet: the officer says what they mean, once for the plantel."""

import io

import pytest

from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import ImportState
from afiliacion.roll.upload import column_choice, jobs
from students.models import Enrolment
from tests.roll.conftest import as_csv, row

pytestmark = pytest.mark.django_db
FOREIGN = ["ficha", "llave", "como se llama", "primero", "segundo", "dia"]
COLUMNS = ["matricula", "curp", "nombre", "primer_apellido", "segundo_apellido", "fecha_inscripcion"]


@pytest.fixture
def checked(plantel, ciclo, now):
    def checked(content: bytes):
        job = jobs.bring(io.BytesIO(content), "lista.csv", plantel=plantel, ciclo=ciclo, now=now)
        work.finish(job, JobClock(lambda: now))
        return job

    return checked


def in_their_words(*people) -> bytes:
    _, *rows = as_csv([row(person, f"26{n:06d}") for n, person in enumerate(people)], COLUMNS).decode().splitlines()
    return "\n".join([",".join(FOREIGN), *rows]).encode()


def test_unknown_headings_are_refused_with_what_is_missing_and_can_be_said(checked, people, now):
    job = checked(in_their_words(people.one()))
    assert (job.state, job.headers, column_choice.can_say(job)) == (ImportState.REFUSED, FOREIGN, True)
    assert "Faltan columnas: Matrícula, CURP" in job.error
    assert column_choice.say(job, {name: at for at, name in enumerate(COLUMNS)}, enrolled_on=None, name="Ana", now=now)
    work.finish(job, JobClock(lambda: now))
    assert (job.state, job.counts["new"]) == (ImportState.CHECKED, 1)
    # The next list with these headings is read so without a word.
    assert checked(in_their_words(people.one(), people.one())).counts["new"] == 2


def test_a_list_without_headings_is_none(checked, people):
    rows = in_their_words(people.one(), people.one()).split(b"\n", 1)[1]
    job = checked(rows)
    assert (job.state, "No se encontró la fila de encabezados" in job.error) == (ImportState.REFUSED, True)
    assert not Enrolment.objects.exists()
