"""What a list of opening covers would do, row by row, beside what is on record. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import QuerySet

from afiliacion.cases import consent
from afiliacion.cases.models import Case
from afiliacion.cases.states import OPEN_STATES, Proof, State
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.roll.models import OpeningRow
from afiliacion.roll.models import OpeningVerdict as V
from afiliacion.roll.opening.reading import Said
from students.models import Plantel, Student
from students.registros import Registros

#: A verdict and why; None: nothing against the row in this respect.
Verdict = tuple[V, str] | None


@dataclass(frozen=True, slots=True)
class Known:
    """A case of the plantel that a row may be about."""

    id: int
    student_id: int
    state: State
    nss: str | None
    born: dt.date
    curp: str
    matricula: str


@dataclass(frozen=True, slots=True)
class Where:
    """For whom a list is declared, and what holds for rows that do not say it. `own`: ids of the bringer's planteles; None: all."""

    plantel: Plantel
    own: frozenset[int] | None
    today: dt.date
    since: dt.date | None
    proof: Proof


class Record:
    """What is on record about the persons a list names, read once for all rows."""

    def __init__(self, where: Where, rows: Sequence[Said]) -> None:
        self.where = where
        self.by_matricula = self._cases("enrolment__matricula__among", {row.values.get("matricula", "") for row in rows}, "matricula")
        self.by_curp = self._cases("student__curp__among", {str(row.values.get("curp", "")) for row in rows}, "curp")
        self.registros = Registros.of({where.plantel.pk})
        numbers = {str(row.values["nss"]) for row in rows if "nss" in row.values}
        self.owner = dict(Student.objects.filter(nss__among=numbers).values_list("nss", "pk"))

    def _cases(self, lookup: str, values: set[str], key: str) -> dict[str, list[Known]]:
        found: dict[str, list[Known]] = defaultdict(list)
        for case in _known(Case.objects.filter(plantel=self.where.plantel, **{lookup: values - {""}}).order_by("pk")):
            found[getattr(case, key)].append(case)
        return found

    @property
    def students(self) -> set[int]:
        cases = [*self.by_matricula.values(), *self.by_curp.values()]
        return {case.student_id for found in cases for case in found}

    @cached_property
    def shared(self) -> set[int]:
        """Persons who belong to planteles that the bringer does not answer for."""
        return consent.foreign(self.students, self.where.own)

    @cached_property
    def covers(self) -> Mapping[int, set[tuple[str, str]]]:
        """The live covers of ours, as (NSS, registro), by person."""
        return live_covers(self.students)


def live_covers(students: Iterable[int]) -> Mapping[int, set[tuple[str, str]]]:
    """The live covers of ours of these persons (ids), as (NSS, registro), by person."""
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    live = Cover.objects.filter(student__pk__among=set(students), whose=CoverOwner.OURS, ended_on=None)
    for student_id, nss, registro in live.values_list("student_id", "nss", "registro"):
        found[student_id].add((nss, registro))
    return found


def check(rows: Sequence[Said], where: Where) -> list[OpeningRow]:
    """Each row with its verdict; rows are not saved."""
    record = Record(where, rows)
    named = Counter(case.student_id for row in rows if (case := _case(row, record)))
    return [_checked(row, record, named) for row in rows]


def _known(cases: QuerySet[Case]) -> list[Known]:
    rows = cases.values_list(
        "pk", "student_id", "state", "student__nss", "student__birth_date", "student__curp", "enrolment__matricula"
    )  # fmt: skip
    return [Known(pk, student, State(state), nss, born, curp, number) for pk, student, state, nss, born, curp, number in rows]


def _checked(row: Said, record: Record, named: Mapping[int, int]) -> OpeningRow:
    case = _case(row, record)
    told = _Told(row, case, record, _since(row, record), named)
    verdict, reason = next((found for question in _QUESTIONS if (found := question(told))), (V.READY, ""))
    values = row.values
    return OpeningRow(
        line=row.line, verdict=verdict, reason=reason, matricula=values.get("matricula") or (case.matricula if case else ""),
        curp=str(values.get("curp", "")), nss=told.nss, registro=told.registro, since=told.since,
        proof=values.get("prueba", record.where.proof), case_id=case.id if case else None, brings_nss=bool(case and not case.nss),
    )  # fmt: skip


def _case(row: Said, record: Record) -> Known | None:
    """The last case of the person the row names, an open one if there is one."""
    found = record.by_curp.get(str(row.values.get("curp", "")), []) or record.by_matricula.get(row.values.get("matricula", ""), [])
    return max(found, key=lambda case: (case.state in OPEN_STATES, case.id), default=None)


def _since(row: Said, record: Record) -> dt.date | None:
    since: dt.date | None = row.values.get("desde", record.where.since)
    return since


@dataclass(frozen=True, slots=True)
class _Told:
    row: Said
    case: Known | None
    record: Record
    since: dt.date | None
    named: Mapping[int, int]

    @property
    def known(self) -> Known:
        assert self.case is not None  # noqa: S101 - the first question sends back rows without one
        return self.case

    @property
    def registro(self) -> str:
        """What the row says, or the plantel's of the day."""
        where, registros = self.record.where, self.record.registros
        said: Any = self.row.values.get("registro_patronal")
        return said or registros.on(where.plantel.pk, self.since or where.today) or registros.on(where.plantel.pk, where.today)

    @property
    def nss(self) -> str:
        return str(self.row.values.get("nss") or (self.case and self.case.nss) or "")


def _unreadable(told: _Told) -> Verdict:
    return (V.DOUBTFUL, " ".join(told.row.errors)) if told.row.errors else None


def _unknown(told: _Told) -> Verdict:
    if not {"matricula", "curp"} & told.row.values.keys():
        return V.DOUBTFUL, "No dice de quién es: escriba la matrícula o la CURP."
    if told.case:
        return None
    return V.UNKNOWN, "El plantel no tiene expediente con esa matrícula o CURP: cargue primero la lista de inscritos."


def _two_persons(told: _Told) -> Verdict:
    matricula = told.row.values.get("matricula")
    if matricula and "curp" in told.row.values and told.known.matricula != matricula:
        return V.DOUBTFUL, "La matrícula y la CURP no son de la misma persona en el registro: revise cuál está mal."
    twice = told.named[told.known.student_id] > 1
    return (V.DOUBTFUL, "La misma persona viene en más de una fila: deje solo una.") if twice else None


def _shared(told: _Told) -> Verdict:
    if told.known.student_id not in told.record.shared:
        return None
    return V.SHARED, "También está inscrito en otro plantel: pida a la coordinación que lo declare."


def _covered(told: _Told) -> Verdict:
    covers, state = told.record.covers.get(told.known.student_id, set()), told.known.state
    if state not in OPEN_STATES:
        return None
    if state in (State.ALTA_ENVIADA, State.VIGENTE) or (told.nss, told.registro) in covers:
        return V.COVERED, "Su expediente ya cuenta con ese seguro: no hay nada que declarar."
    return (V.DOUBTFUL, "Ya tiene un seguro nuestro con otro NSS o registro patronal: resuélvalo en su expediente.") if covers else None


def _state(told: _Told) -> Verdict:
    if told.known.state in (State.SIN_NSS, State.NSS_OBTENIDO, State.ACUSE_ENTREGADO):
        return None
    return V.DOUBTFUL, f"Su expediente está en «{told.known.state.label}»: siga el caso ahí."


def _nss(told: _Told) -> Verdict:
    said, known = told.row.values.get("nss"), told.known
    if not told.nss:
        return V.NO_NSS, "Ni la lista ni el registro tienen su NSS."
    if said and known.nss and said != known.nss:
        return (
            V.OTHER_NSS,
            "La lista trae otro NSS que el registrado: corríjalo en su expediente, con documento, si el de la lista es el bueno.",
        )
    if said and told.record.owner.get(str(said), known.student_id) != known.student_id:
        return V.DOUBTFUL, "Ese NSS ya es de otra persona del registro: compruebe que no sea el de un familiar."
    return None


def _registro(told: _Told) -> Verdict:
    if not told.registro:
        return V.OTHER_REGISTRO, "El plantel no tiene registro patronal: la coordinación lo captura en Ajustes."
    if told.record.registros.has(told.record.where.plantel.pk, told.registro):
        return None
    return V.OTHER_REGISTRO, "Ese registro patronal no es ni fue del plantel: revíselo, o captúrelo en Ajustes con su fecha."


def _day(told: _Told) -> Verdict:
    if told.since is None:
        return V.DOUBTFUL, "No dice desde cuándo está asegurado: escríbalo en la fila o indique una fecha para todos."
    if told.since > told.record.where.today:
        return V.DOUBTFUL, "La fecha es futura: nadie puede estar asegurado desde entonces."
    return (V.DOUBTFUL, "La fecha es anterior a su nacimiento.") if told.since < told.known.born else None


_QUESTIONS: Final[Sequence[Callable[[_Told], Verdict]]] = (
    _unreadable, _unknown, _two_persons, _shared, _covered, _state, _nss, _registro, _day,
)  # fmt: skip
