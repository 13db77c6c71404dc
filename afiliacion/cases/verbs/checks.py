"""What several verbs need: one happening for many cases, and the rules that need the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from afiliacion.cases.engine import Check, Locked, Move
from afiliacion.cases.facts import Happening
from afiliacion.cases.papers.required import Wanted, missing
from afiliacion.cases.queries import open_rivals
from afiliacion.cases.states import Verb
from afiliacion.database.bulk_writes import update_rows
from students.models import Student
from students.nss import Nss, NssError

Cases = Iterable[int]


def for_all(cases: Cases, happening: Happening) -> dict[int, Happening]:
    return dict.fromkeys(cases, happening)


def papers_complete(step: Verb) -> Check:
    def check(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
        wanted = Wanted(step, [case.plantel_id for case in cases])
        told = {case.id: missing(case, wanted, happenings[case.id]) for case in cases}
        return {case_id: reason for case_id, reason in told.items() if reason}

    return check


def nss_free(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """Refuse an NSS that is malformed, another student's, given twice, or other than the one on record."""
    refused = nss_not_taken(cases, happenings)
    for case in cases:
        wanted = happenings[case.id].data["nss"]
        if wanted and case.nss and case.nss != wanted:
            refused.setdefault(case.id, "El alumno ya tiene otro NSS registrado: use «Corregir NSS», con motivo y documento.")
    return refused


def nss_not_taken(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    wanted = {case.id: nss for case in cases if (nss := happenings[case.id].data["nss"])}
    owner = dict(Student.objects.filter(nss__among=set(wanted.values())).values_list("nss", "id"))
    refused: dict[int, str] = {}
    for case in cases:
        if case.id not in wanted:
            continue
        try:
            number = Nss.parse(wanted[case.id])
        except NssError as error:
            refused[case.id] = f"NSS: {error}"
            continue
        if owner.setdefault(number, case.student_id) != case.student_id:
            refused[case.id] = "Ese NSS ya está registrado para otra persona: compruebe que no sea el de un familiar."
    return refused


def write_nss(moves: Sequence[Move]) -> None:
    rows = [(m.case.student_id, m.happening.data["nss"]) for m in moves if m.happening.data["nss"] != ""]
    update_rows(Student, ["nss"], rows)


def no_other_open(cases: Sequence[Locked], happenings: Mapping[int, Happening]) -> dict[int, str]:
    """A closed case comes back only if the student has no other one open at the plantel; of several closed ones, the last."""
    last = {(case.student_id, case.plantel_id): case.id for case in cases}
    earlier = [case.id for case in cases if last[case.student_id, case.plantel_id] != case.id]
    return dict.fromkeys([*open_rivals([case.id for case in cases]), *earlier], "El alumno ya tiene otro expediente abierto en el plantel.")
