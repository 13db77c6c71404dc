"""A list that brings another CURP, or another matrícula, for a person on record: asked, answered, corrected, taken back."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from afiliacion.cases import decisions
from afiliacion.cases.decisions import EnrolmentWay
from afiliacion.cases.enrol import enrol
from afiliacion.cases.identity.correcting import correct_person
from afiliacion.cases.models import Case, ConsentRequest, RecordChange
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Import, ImportState, PersonAnswer, Row
from afiliacion.roll.upload import jobs
from afiliacion.roll.upload.run_now import Report, preview_of
from students.models import Ciclo, Enrolment, FormerValue, Plantel, Student
from tests.roll.conftest import as_csv
from tests.upgrades import scratch_database

HERS, HIS = "PECB080503MGRXRGA5", "PECB080503HGRXRGA5"
NSS = "11240803327"
BEGONA = {
    "matricula": "26000000", "curp": HERS, "nombre": "Begoña", "primer_apellido": "Peña", "segundo_apellido": "Cruz",
    "correo": "alumno0@alumnos.example.mx", "nss": NSS, "grupo": "1-A", "fecha_inscripcion": "2026-08-06", "estatus": "activo",
}  # fmt: skip
BRUNO = {**BEGONA, "curp": HIS, "nombre": "Bruno", "fecha_inscripcion": "2027-02-02"}
_PERSON = Actor(ActorKind.PERSON, "Begoña Ñáñez")
FEBRUARY = timezone.make_aware(dt.datetime.combine(dt.date(2027, 2, 5), dt.time(12)))
SEPTEMBER = FEBRUARY.replace(year=2026, month=9)

pytestmark = pytest.mark.django_db
Bring = Callable[..., Report]


@pytest.fixture
def next_ciclo(ciclo: Ciclo) -> Ciclo:
    return Ciclo.objects.create(clave="2027-1", starts_on=dt.date(2027, 2, 1), ends_on=dt.date(2027, 7, 15))


@pytest.fixture
def checked(plantel: Plantel, next_ciclo: Ciclo) -> Callable[..., Import]:
    """A list of the next ciclo, checked and not yet confirmed."""

    def check(*rows: dict[str, Any], **said: Any) -> Import:
        known = {"plantel": plantel, "ciclo": next_ciclo, "now": FEBRUARY, **said}
        job = jobs.bring(io.BytesIO(as_csv(rows)), "lista.csv", **known)
        work.finish(job, JobClock.at(known["now"].date(), known["now"]))
        assert job.state == ImportState.CHECKED, job.error
        return job

    return check


def confirmed(job: Import, own: frozenset[int] | None = frozenset(), now: dt.datetime = FEBRUARY) -> Import:
    jobs.confirm(job, now=now, own=own)
    work.finish(job, JobClock.at(now.date(), now))
    return job


def answered(job: Import, said: PersonAnswer, *lines: int) -> Import:
    jobs.answer(job, dict.fromkeys(lines or (2,), said))
    return job


@pytest.mark.parametrize("without", ["", "nss"])
def test_a_list_with_a_corrected_curp_opens_no_twin_and_says_why(bring: Bring, checked: Any, without: str) -> None:
    bring([{**BEGONA, **({without: ""} if without else {})}])
    job = checked(BRUNO)
    assert (job.counts["asked"], job.counts["new"], preview_of(job).rows) == (1, 0, 1)
    assert [(f.column, f.reason[:24]) for f in preview_of(job).warnings if f.column == "curp"] == [("curp", "Parece ser Begoña Peña, ")]
    confirmed(job)
    assert job.state == ImportState.DONE_WITH_ERRORS
    assert Student.objects.values_list("curp").get() == (HERS,)
    assert Enrolment.objects.count() == 1
    assert [f.reason[:11] for f in job.findings.filter(severity="refused")] == ["No se cargó"]


@pytest.mark.parametrize("nss", [NSS, ""])
def test_the_same_person_goes_on_with_the_right_curp(bring: Bring, checked: Any, nss: str, next_ciclo: Ciclo) -> None:
    bring([BEGONA])
    confirmed(answered(checked({**BRUNO, "nss": nss}), PersonAnswer.SAME))
    student = Student.objects.get()
    assert (student.curp, student.nombre, student.nss) == (HIS, "Bruno", NSS)
    case = Case.objects.get()
    assert (case.ciclo, case.state) == (next_ciclo, "NSS_OBTENIDO")
    kept = dict(FormerValue.objects.values_list("field", "value"))
    assert kept == {"curp": HERS, "nombre": "Begoña"}
    assert "CURP" in RecordChange.objects.get().detail


def test_a_sex_that_is_listed_is_corrected_with_it(bring: Bring, checked: Any) -> None:
    bring([{**BEGONA, "sexo": "M"}])
    confirmed(answered(checked({**BRUNO, "sexo": "H"}), PersonAnswer.SAME))
    assert Student.objects.get().sex == "H"


def test_another_person_with_that_matricula_is_another_person(bring: Bring, checked: Any) -> None:
    bring([{**BEGONA, "nss": ""}])
    job = confirmed(answered(checked({**BRUNO, "nss": "", "correo": ""}), PersonAnswer.OTHER))
    assert job.state == ImportState.DONE
    assert sorted(Student.objects.values_list("curp", flat=True)) == [HIS, HERS]
    assert checked({**BRUNO, "nss": "", "telefono": "7335550100"}).counts["asked"] == 0


def test_another_person_does_not_get_the_number_of_the_first(bring: Bring, checked: Any) -> None:
    bring([BEGONA])
    job = confirmed(answered(checked(BRUNO), PersonAnswer.OTHER))
    assert "Este NSS ya está registrado para otra persona" in job.findings.get(severity="refused").reason
    assert Student.objects.count() == 1


def test_a_matricula_alone_or_with_another_number_is_no_sign(bring: Bring, checked: Any, people: Any) -> None:
    stranger = people.one()
    while f"{stranger.birth_date:%m%d}" == "0503":
        stranger = people.one()
    bring([BEGONA])
    other = {**BRUNO, "curp": stranger.curp, "nombre": stranger.nombre, "primer_apellido": stranger.primer_apellido, "correo": ""}
    job = checked({**other, "nss": ""}, {**BRUNO, "nss": people.one().nss, "matricula": "26000000X"})
    assert job.counts["asked"] == 0


def test_who_stands_in_the_list_themselves_is_not_asked_about(bring: Bring, checked: Any) -> None:
    bring([{**BEGONA, "nss": ""}])
    job = checked({**BRUNO, "nss": ""}, {**BEGONA, "matricula": "26000001", "nss": "", "fecha_inscripcion": "2027-02-02"})
    assert (job.counts["asked"], job.counts["new"]) == (0, 2)


def test_two_rows_are_not_one_person(bring: Bring, checked: Any, next_ciclo: Ciclo) -> None:
    bring([{**BEGONA, "nss": ""}])
    bring([{**BEGONA, "nss": "", "matricula": "27000000", "fecha_inscripcion": "2027-02-02"}], ciclo=next_ciclo, now=FEBRUARY)
    job = checked({**BRUNO, "nss": ""}, {**BRUNO, "nss": "", "matricula": "27000000", "curp": "PECB080503XGRXRGA9"})
    assert job.counts["asked"] == 2
    assert jobs.answer(job, dict.fromkeys((2, 3), PersonAnswer.SAME)) == 1
    assert list(Row.objects.filter(job=job).order_by("line").values_list("answer", flat=True)) == ["same", ""]
    assert jobs.answer(job, {2: PersonAnswer.OTHER, 3: PersonAnswer.SAME}) == 0
    assert list(Row.objects.filter(job=job).order_by("line").values_list("answer", flat=True)) == ["other", "same"]
    with pytest.raises(IntegrityError, match="row_person_once"), transaction.atomic():
        Row.objects.filter(job=job).update(answer="same")
    with pytest.raises(IntegrityError, match="row_answer_known"), transaction.atomic():
        Row.objects.filter(job=job).update(answer="quizá")


def test_what_was_confirmed_is_not_answered_any_more(bring: Bring, checked: Any) -> None:
    bring([BEGONA])
    job = confirmed(checked(BRUNO))
    answered(job, PersonAnswer.SAME)
    assert Row.objects.get(job=job).answer == ""


@pytest.mark.parametrize("ciclo_of", ["same", "next"])
def test_invariant_12_undone_a_corrected_curp_is_what_it_was(
    bring: Bring, checked: Any, ciclo: Ciclo, next_ciclo: Ciclo, ciclo_of: str
) -> None:
    bring([BEGONA])
    before = (list(Student.objects.values()), list(Enrolment.objects.values()))
    now, where = (SEPTEMBER, ciclo) if ciclo_of == "same" else (FEBRUARY, next_ciclo)
    row = {**BRUNO, "fecha_inscripcion": "2026-08-06"} if where == ciclo else BRUNO
    job = confirmed(answered(checked(row, ciclo=where, now=now), PersonAnswer.SAME), now=now)
    assert Student.objects.get().curp == HIS
    assert jobs.undo(job, now=now) == []
    work.finish(job, JobClock.at(now.date(), now))
    assert job.state == ImportState.UNDONE
    assert list(Student.objects.values()) == before[0]
    assert list(Enrolment.objects.filter(ciclo=ciclo).values()) == before[1]
    assert not FormerValue.objects.exists()
    written, taken_back = [row.detail for row in RecordChange.objects.order_by("pk")]
    assert ("Be…ña → Br…no" in written, "Br…no → Be…ña" in taken_back) == (True, True)


def test_the_old_curp_in_a_later_list_is_the_same_person_and_takes_nothing_back(
    bring: Bring, checked: Any, now: dt.datetime, next_ciclo: Ciclo
) -> None:
    bring([BEGONA])
    case, act = Case.objects.get(), Act(_PERSON, now)
    correct_person({case.pk: {"curp": HIS, "nombre": "Bruno", "sexo": "H"}}, on=now.date(), act=act, reason="RENAPO", evidence="ab" * 32)
    job = checked({**BEGONA, "fecha_inscripcion": "2027-02-02"})
    assert (job.counts["asked"], job.counts["new"], job.counts["known"]) == (0, 1, 1)
    assert any("antes de que se corrigiera" in f.reason for f in preview_of(job).warnings)
    confirmed(job)
    assert Student.objects.values_list("curp", "nombre", "sex").get() == (HIS, "Bruno", "H")
    assert Case.objects.get().ciclo == next_ciclo


def test_a_former_curp_that_is_another_person_s_is_theirs(bring: Bring, checked: Any, now: dt.datetime, people: Any) -> None:
    bring([{**BEGONA, "nss": ""}])
    case, act = Case.objects.get(), Act(_PERSON, now)
    wrong = people.one()
    said = {"curp": wrong.curp}
    correct_person({case.pk: said}, on=now.date(), act=act, reason="Mal", evidence="ab" * 32)
    correct_person({case.pk: {"curp": HERS}}, on=now.date(), act=Act(_PERSON, now + dt.timedelta(1)), reason="Bien", evidence="ab" * 32)
    names = {"nombre": wrong.nombre, "primer_apellido": wrong.primer_apellido, "segundo_apellido": wrong.segundo_apellido}
    job = checked({**BRUNO, **names, "curp": wrong.curp, "matricula": "27000001", "nss": "", "correo": ""})
    assert (job.counts["new"], job.counts["known"]) == (1, 0)


def test_undoing_a_list_finds_who_was_corrected_since_and_is_refused(bring: Bring, now: dt.datetime) -> None:
    job = bring([BEGONA]).preview.job
    job.refresh_from_db()
    act = Act(_PERSON, now + dt.timedelta(hours=1))
    correct_person({Case.objects.get().pk: {"curp": HIS}}, on=now.date(), act=act, reason="RENAPO", evidence="ab" * 32)
    assert [step.what for step in jobs.undo(job, now=act.now)] == ["Datos corregidos"]


def test_of_a_person_of_other_planteles_the_curp_is_asked_and_the_rest_loaded(
    bring: Bring, checked: Any, plantel: Plantel, other_plantel: Plantel, make_enrolment: Any, actor: Any, now: dt.datetime
) -> None:
    bring([BEGONA])
    enrol([make_enrolment(student=Student.objects.get(), plantel=other_plantel).pk], act=Act(actor, now))
    own = frozenset({plantel.pk})
    job = confirmed(answered(checked(BRUNO, own=own), PersonAnswer.SAME), own)
    assert Student.objects.get().curp == HERS
    assert Enrolment.objects.filter(plantel=plantel).count() == 2
    request = ConsentRequest.objects.get(list_id=job.pk)
    assert (request.kind, request.payload) == ("contact", {"curp": HIS, "nombre": "Bruno"})
    decisions.accept(request.pk, EnrolmentWay.SECOND, act=Act(_PERSON, FEBRUARY), also={})
    assert Student.objects.values_list("curp", "nombre").get() == (HIS, "Bruno")
    assert FormerValue.objects.filter(field="curp", value=HERS).exists()


def test_another_matricula_in_the_same_ciclo_is_a_change(bring: Bring) -> None:
    bring([BEGONA])
    report = bring([{**BEGONA, "matricula": "26999999"}])
    assert [(c.column, c.old, c.new) for c in report.preview.changes] == [("matricula", "26000000", "26999999")]
    assert any(f.column == "matricula" and "era 26000000" in f.reason for f in report.preview.warnings)
    assert Enrolment.objects.get().matricula == "26999999"
    assert FormerValue.objects.values_list("field", "value", "search").get() == ("matricula", "26000000", "26000000")
    assert bring([{**BEGONA, "matricula": "26999999"}]).done.nothing


def test_a_matricula_of_another_student_is_still_refused(bring: Bring, people: Any) -> None:
    other = people.one()
    row = {**BEGONA, "matricula": "26999999", "curp": other.curp, "nombre": other.nombre, "nss": "", "correo": ""}
    bring([BEGONA, row])
    report = bring([{**BEGONA, "matricula": "26999999"}])
    assert [f.reason[:34] for f in report.preview.errors] == ["Esta matrícula ya es de otro alumn"]


def test_undone_a_changed_matricula_is_what_it_was(bring: Bring, now: dt.datetime) -> None:
    bring([BEGONA])
    later = now + dt.timedelta(hours=1)
    job = bring([{**BEGONA, "matricula": "26999999"}], now=later).preview.job
    job.refresh_from_db()
    assert jobs.undo(job, now=later) == []
    work.finish(job, JobClock.at(later.date(), later))
    assert Enrolment.objects.get().matricula == "26000000"
    assert not FormerValue.objects.exists()


@pytest.mark.upgrade
@pytest.mark.django_db(transaction=True)
def test_a_list_checked_before_the_upgrade_is_loaded_after_it() -> None:
    with scratch_database() as scratch:
        then = scratch.before("roll", "0004_whose_rows_are")
        plantel = then.get_model("students", "Plantel").objects.create(clave="P", name="P")
        said = {"clave": "C", "starts_on": dt.date(2026, 8, 1), "ends_on": dt.date(2027, 1, 30)}
        ciclo = then.get_model("students", "Ciclo").objects.create(**said)
        job = then.get_model("roll", "Import").objects.create(
            plantel=plantel, ciclo=ciclo, owner_name="Begoña", filename="l.csv", sha256="0" * 64, state="checked", uploaded_at=SEPTEMBER
        )
        kept = {"line": 2, "kind": "new", "to_do": True, "curp_key": HERS, "name_order": "p", "name_search": "p"}
        then.get_model("roll", "Row").objects.create(job_id=job.pk, **kept)
        row = scratch.upgrade().get_model("roll", "Row").objects.get()
        assert (row.kind, row.answer, row.twin_id) == ("new", "", None)
