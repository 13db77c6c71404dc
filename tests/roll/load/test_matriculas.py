"""A list in which students leave their matrículas to each other: judged as a whole, loaded at once, taken back whole."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from afiliacion.cases import verbs
from afiliacion.cases.enrol import enrol
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.identity.correcting import correct_person
from afiliacion.cases.models import Case, Evidence
from afiliacion.cases.outcome import IMSS, Act, Actor, ActorKind
from afiliacion.cases.papers import evidence
from afiliacion.database.statements import rows_of
from afiliacion.operations.simulation.invented_people import Person
from afiliacion.roll.check import survey
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.models import Chunk, Import, ImportState, PersonAnswer
from afiliacion.roll.upload import jobs
from afiliacion.roll.upload.run_now import Report
from students.models import Ciclo, Enrolment, FormerValue, Plantel, Student
from tests.roll.conftest import as_csv, row
from tests.roll.load.test_load import somebody_waits
from tests.roll.upload.test_jobs import a_worker
from tests.sweeps import sampled

pytestmark = pytest.mark.django_db
Bring = Callable[..., Report]
TAKEN = "Esta matrícula ya es de otro alumno en el plantel y ciclo: corrija la matrícula o la CURP."


@pytest.fixture
def crowd(people: Any) -> list[Person]:
    return [people.one() for _ in range(5)]


@pytest.fixture
def take_back(now: dt.datetime) -> Callable[..., list[str]]:
    """Undo a list; what stands in its way."""

    def undo(job: Import, later: dt.datetime | None = None) -> list[str]:
        at = later or now
        job.refresh_from_db()
        moved = jobs.undo(job, now=at)
        work.finish(job, JobClock.at(at.date(), at))
        assert [*differences(), *broken_chains()] == []
        assert (job.state == ImportState.UNDONE) != bool(moved), job.error
        return [each.what for each in moved]

    return undo


def listed(crowd: Sequence[Person], matriculas: Sequence[str], **fields: Any) -> list[dict[str, Any]]:
    """A row a person; without matrícula the list does not bring them. The address stays the person's."""
    pairs = zip(crowd, matriculas, strict=False)
    return [row(person, mat, correo=f"{person.curp}@alumnos.example.mx".lower(), **fields) for person, mat in pairs if mat]


def standing(crowd: Sequence[Person]) -> str:
    """The matrículas on record, in the order of these people; - for who has none."""
    known = dict(Enrolment.objects.exclude(matricula__contains="·").values_list("student__curp", "matricula"))
    return " ".join(known.get(person.curp, "-") for person in crowd)


@pytest.mark.parametrize(
    "new", ["2 9 - - -", "2 3 9 - -", "2 1 - - -", "2 3 1 - -", "3 1 2 5 4", "9 1 2 3 4", "9 1 - 8 4", "2 3 4 5 1", "5 1 2 3 4"]
)
def test_a_matricula_that_is_left_by_the_list_is_free_at_the_first_time(
    bring: Bring, look: Any, take_back: Any, now: dt.datetime, crowd: list[Person], new: str
) -> None:
    """Of five students with the matrículas 1 to 5, in their order; - for whom the list does not bring."""
    known = ["1", "2", "3", "4", "5"]
    bring(listed(crowd, known), "antes.csv")
    table = listed(crowd, new.replace("-", "").split(" "))
    after = [given.replace("-", had) for given, had in zip(new.split(), known, strict=True)]
    changing = [pair for pair in zip(known, after, strict=True) if pair[0] != pair[1]]
    preview = look(table)
    assert (preview.errors, preview.counts.changed) == ([], len(changing))
    assert [(c.old, c.new) for c in preview.changes] == changing
    report = bring(table, now=now + dt.timedelta(hours=1))
    assert (report.done.enrolments_changed, standing(crowd)) == (len(changing), " ".join(after))
    assert sorted(FormerValue.objects.values_list("value", "became")) == sorted(changing)
    again = bring(table, now=now + dt.timedelta(hours=2))
    assert (again.done.nothing, again.preview.errors) == (True, [])
    assert take_back(report.preview.job, now + dt.timedelta(hours=3)) == []
    assert standing(crowd) == "1 2 3 4 5"
    assert not FormerValue.objects.exists()


def test_a_new_student_takes_the_one_that_another_leaves(bring: Bring, take_back: Any, now: dt.datetime, crowd: list[Person]) -> None:
    bring(listed(crowd, ["1"]), "antes.csv")
    report = bring(listed(crowd, ["2", "1"]), now=now + dt.timedelta(hours=1))
    assert (report.preview.errors, report.done.enrolments_new, standing(crowd)) == ([], 1, "2 1 - - -")
    assert take_back(report.preview.job) == []
    assert standing(crowd) == "1 - - - -"


def test_a_student_of_an_undone_list_takes_it_too(bring: Bring, take_back: Any, now: dt.datetime, crowd: list[Person]) -> None:
    bring(listed(crowd, ["1"]), "antes.csv")
    take_back(bring(listed(crowd, ["1", "7"]), "mal.csv", now=now + dt.timedelta(hours=1)).preview.job)
    report = bring(listed(crowd, ["2", "1"]), now=now + dt.timedelta(hours=2))
    assert (report.preview.errors, report.done.enrolments_new, standing(crowd)) == ([], 1, "2 1 - - -")


@pytest.mark.parametrize("why", ["nss", "error", "absent"])
def test_who_needs_what_a_refused_row_would_leave_is_refused_too(bring: Bring, look: Any, crowd: list[Person], why: str) -> None:
    one, two, three, *_ = crowd
    bring(listed(crowd, ["1", "2", "3", "4"]), "antes.csv")
    Student.objects.filter(curp=crowd[3].curp).update(nss=crowd[3].nss)
    last = {
        "nss": [row(three, "9", nss=crowd[3].nss)], "error": [row(three, "9", fecha_inscripcion="mal")], "absent": [],
    }[why]  # fmt: skip
    table = [row(one, "2", estatus="desertor"), row(two, "3"), *last]
    said = look(table)
    reasons = {finding.line: finding.reason for finding in said.errors if finding.column == "matricula"}
    assert sorted(reasons) == [2, 3]
    assert "la tiene el alumno de la fila 3, que la dejaría, pero esa fila no se carga" in reasons[2]
    assert reasons[3] == TAKEN if why == "absent" else "fila 4" in reasons[3]
    assert {finding.line for finding in said.warnings} & {2, 3} == set()
    assert (said.counts.leaving, said.counts.owing) == ({}, 0)
    report = bring(table)
    assert (report.preview.errors, report.done.left) == (said.errors, 0)
    assert standing(crowd) == "1 2 3 4 -"


@pytest.mark.parametrize("said", [PersonAnswer.SAME, PersonAnswer.OTHER, None])
def test_what_depends_on_an_answer_is_warned_and_loaded_or_refused_with_it(
    bring: Bring,
    take_back: Any,
    plantel: Plantel,
    ciclo: Ciclo,
    today: dt.date,
    now: dt.datetime,
    crowd: list[Person],
    said: PersonAnswer | None,
) -> None:
    """Her new CURP comes with the matrícula of the term before: if it is hers, she leaves that of this term."""
    her, one, two, other, _ = crowd
    before = Ciclo.objects.create(clave="2026-1", starts_on=today.replace(month=2, day=1), ends_on=today.replace(month=7, day=15))
    bring([row(her, "A", fecha_inscripcion="2026-02-03")], "antes.csv", ciclo=before)
    bring([row(her, "B"), row(one, "1"), row(two, "2")], "ahora.csv")
    corrected = row(her, "A", curp=other.curp, fecha_nacimiento=her.birth_date)
    later = now + dt.timedelta(hours=1)
    content = io.BytesIO(as_csv([row(one, "B"), corrected, row(two, "1")]))
    job = jobs.bring(content, "lista.csv", plantel=plantel, ciclo=ciclo, now=later)
    work.finish(job, JobClock.at(today, later))
    assert (job.counts["asked"], job.counts["invalid"]) == (1, 0)
    warned = job.findings.filter(severity="warning", reason__contains="queda libre solo si").order_by("line")
    assert list(warned.values_list("line", flat=True)) == [2, 4]
    jobs.answer(job, {3: said} if said else {})
    jobs.confirm(job, now=later)
    work.finish(job, JobClock.at(today, later))
    refused = dict(job.findings.filter(severity="refused", column="matricula").values_list("line", "reason"))
    ours = Enrolment.objects.filter(ciclo=ciclo).order_by("pk")[:3]
    if said == PersonAnswer.SAME:
        assert ([each.matricula for each in ours], refused) == (["A", "B", "1"], {})
        assert take_back(job, later + dt.timedelta(hours=1)) == []
    else:
        assert sorted(refused) == [2, 4]
        assert refused[2] == TAKEN if said else "fila 3" in refused[2]
    assert [each.matricula for each in ours.all()] == ["B", "1", "2"]


def test_of_a_person_of_other_planteles_too_the_matricula_comes_back(
    bring: Bring, take_back: Any, plantel: Plantel, other_plantel: Plantel, ciclo: Ciclo, make_enrolment: Any, actor: Any, now: dt.datetime,
    today: dt.date, crowd: list[Person],
) -> None:  # fmt: skip
    """Her CURP is asked about there, her matrícula is ours: the list undone, she has the one of before."""
    her, one, _, other, _ = crowd
    before = Ciclo.objects.create(clave="2026-1", starts_on=today.replace(month=2, day=1), ends_on=today.replace(month=7, day=15))
    bring([row(her, "A", fecha_inscripcion="2026-02-03")], "antes.csv", ciclo=before)
    bring([row(her, "B"), row(one, "1")], "ahora.csv")
    enrol([make_enrolment(student=Student.objects.get(curp=her.curp), plantel=other_plantel).pk], act=Act(actor, now))
    content = io.BytesIO(as_csv([row(her, "A", curp=other.curp, fecha_nacimiento=her.birth_date), row(one, "B")]))
    job = jobs.bring(content, "lista.csv", plantel=plantel, ciclo=ciclo, now=now, own=frozenset({plantel.pk}))
    work.finish(job, JobClock.at(today, now))
    jobs.answer(job, {2: PersonAnswer.SAME})
    jobs.confirm(job, now=now, own=frozenset({plantel.pk}))
    work.finish(job, JobClock.at(today, now))
    ours = Enrolment.objects.filter(plantel=plantel, ciclo=ciclo).order_by("pk")
    assert list(ours.values_list("student__curp", "matricula")) == [(her.curp, "A"), (one.curp, "B")]
    assert take_back(job) == []
    assert list(ours.values_list("student__curp", "matricula")) == [(her.curp, "B"), (one.curp, "1")]


@pytest.mark.parametrize("how", ["list", "hand"])
def test_a_former_matricula_that_is_another_students_by_now_keeps_the_list(
    bring: Bring, take_back: Any, now: dt.datetime, crowd: list[Person], how: str
) -> None:
    bring(listed(crowd, ["1", "2", "3"]), "antes.csv")
    report = bring(listed(crowd, ["9", "1"]), now=now + dt.timedelta(hours=1))
    later = now + dt.timedelta(hours=2)
    if how == "list":
        bring(listed(crowd[3:], ["2"]), "luego.csv", now=later)
    else:
        act, third = Act(Actor(ActorKind.PERSON, "Begoña"), later), Case.objects.get(student__curp=crowd[2].curp)
        assert correct_person({third.pk: {"matricula": "2"}}, on=now.date(), act=act, reason="Mal escrita").done
    before = standing(crowd)
    assert take_back(report.preview.job) == ["Su matrícula anterior ya es de otro alumno"]
    assert standing(crowd) == before


def test_who_stays_insured_under_us_leaves_the_matricula_to_whose_it_was(
    bring: Bring, take_back: Any, now: dt.datetime, crowd: list[Person]
) -> None:
    """An undone list's case that owes a baja stands; the matrícula it came with goes back to the student who had it."""
    one, two, *_ = crowd
    bring(listed(crowd, ["1"]), "antes.csv")
    report = bring([row(one, "2"), row(two, "1", nss=two.nss)], now=now + dt.timedelta(hours=1))
    case = Case.objects.get(student__curp=two.curp)
    kept = evidence.keep([b'{"vigente": true}'], kind=Evidence.Kind.IMSS_ANSWER, media_type="application/json", now=now)[0]
    verbs.confirm_vigencia({case.pk: Happening(now.date(), {}, kept)}, act=Act(IMSS, now + dt.timedelta(hours=2)))
    assert take_back(report.preview.job) == []
    case.refresh_from_db()
    assert (case.turn, case.enrolment.matricula) == ("escuela", f"1-{case.enrolment_id}")
    assert standing([one]) == "1"
    again = bring([row(one, "2"), row(two, "1", nss=two.nss)], now=now + dt.timedelta(hours=3))
    assert (again.preview.errors, again.done.rejoined, standing([one, two])) == ([], 1, "2 1")


@pytest.fixture
def confirmed(
    plantel: Plantel, ciclo: Ciclo, now: dt.datetime, bring: Bring, people: Any, monkeypatch: pytest.MonkeyPatch
) -> tuple[list[Person], Import]:
    """A list in chunks of ten, confirmed: the first nine swap, and of the next twenty each takes the matrícula of the row before."""
    monkeypatch.setattr(survey, "CHUNK", 10)
    crowd = [people.one() for _ in range(40)]
    bring(listed(crowd, [f"{n}" for n in range(40)]), "antes.csv")
    new = [f"{n}" for n in (1, 0, 3, 2, 5, 4, 7, 6, 8, 99, *range(9, 29), *range(30, 40))]
    content = io.BytesIO(as_csv(listed(crowd, new, grupo="9-Z")))
    job = jobs.bring(content, "lista.csv", plantel=plantel, ciclo=ciclo, now=now)
    work.finish(job, JobClock(lambda: now))
    assert (job.state, job.counts["invalid"]) == (ImportState.CHECKED, 0)
    assert jobs.confirm(job, now=now)
    return crowd, job


def _let_die(job: Import) -> None:
    """Wait until the database has noticed that the worker is gone: its lock is free then."""
    for done in ("lock", "unlock"):
        rows_of(f"SELECT pg_advisory_{done}(hashtextextended('roll import ' || %(job)s, 0))", {"job": job.pk})


def test_a_worker_killed_in_the_middle_of_a_chain_leaves_all_of_it_as_it_was(
    committed: None, confirmed: tuple[list[Person], Import], plantel: Plantel, ciclo: Ciclo, now: dt.datetime, make_student: Any
) -> None:
    crowd, job = confirmed
    chunks = Chunk.objects.filter(job=job).order_by("number")
    assert list(chunks.values_list("number", "first_line", "last_line", "rows")) == [(1, 2, 10, 9), (2, 11, 31, 21), (3, 32, 41, 10)]
    with transaction.atomic():
        # Another transaction is about to take the matrícula at the end of the chain: the worker waits for them, behind what it has written.
        stranger = Enrolment(student=make_student(), plantel=plantel, ciclo=ciclo, matricula="99", enrolled_on=now.date())
        stranger.save()
        with a_worker() as worker:
            assert somebody_waits()
            worker.kill()
        transaction.set_rollback(True)
    assert Import.objects.get(pk=job.pk).state == ImportState.RUNNING
    assert standing(crowd[9:]) == " ".join(map(str, range(9, 40)))
    _let_die(job)
    assert work.finish(job, JobClock(lambda: now))
    assert standing(crowd) == " ".join(map(str, (1, 0, 3, 2, 5, 4, 7, 6, 8, 99, *range(9, 29), *range(30, 40))))
    assert Import.objects.get(pk=job.pk).state == ImportState.DONE
    assert [*differences(), *broken_chains()] == []


#: Who of five has which matrícula before, and which the list gives (None: who is not in it); 5 and 6 no student has.
orders = st.permutations(range(7))
absent = st.sets(st.integers(0, 4), max_size=2)
flaws = st.sets(st.integers(0, 4), max_size=1)


@given(before=orders, after=orders, unknown=absent, missing=absent, bad=flaws, rng=st.randoms(use_true_random=False))
@sampled(25, 6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_any_permutation_is_loaded_as_told_changes_nothing_again_and_is_taken_back(
    bring: Bring, look: Any, take_back: Any, crowd: list[Person], now: dt.datetime, before: list[int], after: list[int], unknown: set[int],
    missing: set[int], bad: set[int], rng: Any,
) -> None:  # fmt: skip
    with transaction.atomic():
        bring(listed(crowd, ["" if n in unknown else f"M{before[n]}" for n in range(5)], grupo="1-A") or listed(crowd, ["M0"]), "antes.csv")
        known = standing(crowd)
        table = [
            row(crowd[n], f"M{after[n]}", correo="", grupo="2-B", sexo="?" if n in bad else crowd[n].sex)
            for n in range(5) if n not in missing
        ]  # fmt: skip
        rng.shuffle(table)
        if table:
            said = look(table)
            report = bring(table, now=now + dt.timedelta(hours=1))
            assert (said.errors, said.counts) == (report.preview.errors, report.preview.counts)
            assert report.done.enrolments_changed == said.counts.changed
            assert not report.preview.job.findings.filter(severity="refused").exists()
            again = bring(table, now=now + dt.timedelta(hours=2))
            assert (again.done.nothing, again.preview.errors) == (True, said.errors)
            assert take_back(report.preview.job, now + dt.timedelta(hours=3)) == []
            assert standing(crowd) == known
        transaction.set_rollback(True)
