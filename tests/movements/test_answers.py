"""What IMSS answers about a lote: brought, checked, applied once, and taken back; only what says so is operated, or rejected."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import Happening
from afiliacion.cases.history.consistency import broken_chains, differences
from afiliacion.cases.history.erasure import erase
from afiliacion.cases.models import Case
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.cases.states import BajaKind, State, Verb
from afiliacion.insurance import log
from afiliacion.insurance.models import Cover
from afiliacion.insurance.settle import disagreements
from afiliacion.lotes.line.record import MovementType
from afiliacion.movements import sending
from afiliacion.movements.answers import applying, bringing, noting, undoing
from afiliacion.movements.models import AnswerColumns, AnswerDocument, Lote, Movement, RejectionCode
from afiliacion.movements.rejections.families import SYSTEM
from afiliacion.movements.sending import NotDone
from tests.lotes import papers
from tests.movements import answers
from tests.movements.answers import acuse, as_csv, bring, constancia, rows

OURS, NUMBER = "A0112345321", "118274"
WHY = "Era el documento de otro lote"
ALTA, BAJA = MovementType.ALTA, MovementType.BAJA
Status, Kind = AnswerDocument.Status, AnswerDocument.Kind
NAME = {"M-2": ("32", "EL NOMBRE NO COINCIDE")}
MakeIn = Callable[..., Case]

pytestmark = pytest.mark.django_db


@pytest.fixture
def act(now: dt.datetime) -> Act:
    return Act(Actor(ActorKind.PERSON, "Begoña Ñáñez"), timezone.now())


def later(act: Act, **by: float) -> Act:
    return Act(act.actor, act.now + dt.timedelta(**(by or {"minutes": 1})))


@pytest.fixture
def sent(make_in: MakeIn, act: Act) -> Lote:
    """A lote of the altas of three students, presented."""
    for n in (1, 2, 3):
        make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}")
    return send(ALTA, act)


def send(kind: MovementType, act: Act, number: str = NUMBER) -> Lote:
    lote = sending.make(Case.objects.all(), OURS, kind, act=act)
    return sending.mark_sent(lote.pk, number=number, signed_by="Ángela Núñez", on=timezone.localdate(), act=act)


def states() -> list[str]:
    return list(Case.objects.order_by("pk").values_list("state", flat=True))


def standing() -> Counter[str]:
    return Counter(Movement.objects.values_list("status", flat=True))


def findings(document: AnswerDocument) -> Counter[str]:
    return Counter(document.rows.values_list("finding", flat=True))


def everything() -> Any:
    """All that a document may change, but the histories, which only grow."""
    told = "state", "alta_on", "registro", "baja_sent_on", "baja_operada_on", "turn", "due_on", "coverage"
    cases = Case.objects.order_by("pk").values(*told)
    live = Cover.objects.filter(ended_on=None).order_by("pk").values("status", "since", "baja_sent_on", "nss", "registro", "owed_by")
    lotes = Lote.objects.order_by("pk").values("received_on", "received_name")
    return list(cases), list(live), list(lotes), list(Movement.objects.order_by("pk").values(*applying.ANSWERED))


def sound() -> None:
    """Nothing is left to tell, and every history holds."""
    assert list(disagreements(timezone.localdate())) == []
    assert list(log.broken()) == []
    assert [*broken_chains(), *differences()] == []


def test_an_acuse_moves_the_cases_and_a_constancia_says_what_became_of_each(sent: Lote, act: Act) -> None:
    document = bring(acuse(sent), act)
    assert (document.kind, document.status, findings(document)) == (Kind.ACUSE, Status.PENDING, {"recibido": 3})
    assert set(states()) == {State.ACUSE_ENTREGADO}, "nothing is applied by bringing it"
    applying.apply(document.pk, act=act)
    assert set(states()) == {State.ALTA_ENVIADA}
    answer = bring(constancia(sent, NAME), later(act))
    assert findings(answer) == {"operado": 2, "rechazado": 1}
    applying.apply(answer.pk, act=later(act))
    assert states() == [State.ALTA_ENVIADA, State.SIN_VIGENCIA, State.ALTA_ENVIADA], "operated is not vigente"
    assert standing() == {"operado": 2, "rechazado": 1}
    rejected = Movement.objects.get(status="rechazado")
    assert (rejected.code, rejected.message, rejected.answered_on) == (*NAME["M-2"], timezone.localdate())
    assert rejected.case.events.get(verb=Verb.REJECT_ALTA).evidence == answer.sha256
    assert Cover.objects.filter(ended_on=None).count() == 2
    sound()


def test_an_answer_that_comes_before_its_acuse_receives_what_it_names_and_nothing_else(sent: Lote, act: Act) -> None:
    answer = applying.apply(bring(constancia(sent, without=["M-3"]), act).pk, act=act)
    assert states() == [State.ALTA_ENVIADA, State.ALTA_ENVIADA, State.ACUSE_ENTREGADO]
    assert standing() == {"operado": 2, "enviado": 1}, "silence is no refusal"
    assert answer.counts["lotes"] == [sent.pk]
    assert findings(applying.apply(bring(acuse(sent), act).pk, act=later(act))) == {"sabido": 2, "recibido": 1}
    assert standing() == {"operado": 2, "recibido": 1}
    sound()


def test_an_acuse_names_what_was_refused_at_once(sent: Lote, act: Act) -> None:
    document = applying.apply(bring(acuse(sent, {"M-2": ("17", "")}), act).pk, act=act)
    assert document.counts["findings"] == {"recibido": 2, "de_entrada": 1}
    assert states() == [State.ALTA_ENVIADA, State.ACUSE_ENTREGADO, State.ALTA_ENVIADA]
    assert Movement.objects.get(status="de_entrada").code == "17"


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-16"])
def test_rows_are_read_by_their_headings_and_matched_by_clave_number_type_and_date(sent: Lote, act: Act, encoding: str) -> None:
    said = rows(sent, NAME, nombreSINDO="ÑÁÑEZ PEÑA", extemporaneo="S")
    document = bring(as_csv(said, encoding), act, "respuesta.csv")
    assert findings(document) == {"operado": 2, "rechazado": 1}
    applying.apply(document.pk, act=act)
    assert set(Movement.objects.values_list("late", "register_name")) == {(True, "ÑÁÑEZ PEÑA")}


@pytest.mark.parametrize("wrong", [{"claveTrabajador": "Z-9"}, {"tipo_mov": "02"}, {"fecha_mov": "01/02/2026"}, {"lote": "9"}])
def test_a_row_that_differs_in_one_thing_is_of_no_movement(sent: Lote, act: Act, wrong: dict[str, str]) -> None:
    said = rows(sent)
    first = {**said[0], **wrong}
    others = [{**row, **{name: NUMBER for name in wrong if name == "lote"}} for row in said[1:]]
    document = bring(as_csv([first, *others]), act, "respuesta.csv", sent)
    assert findings(document) == {"ajeno": 1, "operado": 2}


def test_never_by_number_alone(sent: Lote, act: Act) -> None:
    said = [{name: row[name] for name in ("nss", "tipo_mov", "fecha_mov", "codigoErrorMovimiento")} for row in rows(sent)]
    document = bring(as_csv(said), act, "respuesta.csv")
    assert (document.status, "Ningún renglón" in document.reason) == (Status.REFUSED, True)
    assert findings(bring(as_csv(list(reversed(said))), act, "respuesta.csv", sent)) == {"operado": 3}, "on its lote it is known whose"


def test_of_what_was_sent_again_the_same_day_the_lote_tells_which_it_is(sent: Lote, act: Act) -> None:
    applying.apply(bring(constancia(sent, NAME), act).pk, act=act)
    Movement.objects.filter(clave="M-2").update(cleared_at=act.now)
    again = send(ALTA, later(act), "118275")
    document = bring(as_csv(rows(again)), later(act), "respuesta.csv")
    assert "puede ser «Lote 118274» o «Lote 118275»" in document.reason
    assert findings(bring(as_csv(rows(again)), later(act), "respuesta.csv", again)) == {"operado": 1}


def test_headings_that_are_not_known_are_told_once_and_remembered(sent: Lote, act: Act) -> None:
    names = {
        "nss": "Núm. de afiliación", "tipo_mov": "T", "fecha_mov": "F", "claveTrabajador": "C", "registroPatronal": "R",
        "codigoErrorMovimiento": "E", "mensajeErrorMovimientos": "Texto libre",
    }  # fmt: skip
    said = [{names[name]: value for name, value in row.items()} for row in rows(sent, NAME)]
    document = bring(as_csv(said), act, "respuesta.csv")
    assert (document.status, document.rows.count()) == (Status.COLUMNS, 0)
    places = {"nss": 0, "type": 1, "fecha": 2, "clave": 3, "registro_patronal": 4, "codigo": 5, "mensaje": 6}
    document = bringing.say_columns(document.pk, places, act=act, scope_planteles=None)
    assert findings(document) == {"operado": 2, "rechazado": 1}
    with pytest.raises(NotDone, match="Ya se dijo"):
        bringing.say_columns(document.pk, places, act=act, scope_planteles=None)
    assert AnswerColumns.objects.count() == 1
    assert bring(as_csv(said[:2]), act, "otra.csv").status == Status.PENDING


def test_the_same_document_is_brought_and_applied_once(sent: Lote, act: Act) -> None:
    body = constancia(sent, NAME)
    document = bring(body, act)
    with pytest.raises(bringing.AlreadyBrought, match="ya se trajo"):
        bring(body, act)
    applying.apply(document.pk, act=act)
    with pytest.raises(NotDone, match="ya se aplicó"):
        applying.apply(document.pk, act=act)
    twin = bring(constancia(sent, NAME, folio="8700000000000000002"), act)
    assert findings(twin) == {"sabido": 3}, "issued twice, under two folios"
    before = everything()
    applying.apply(twin.pk, act=later(act))
    assert everything() == before


def test_a_code_of_a_failure_of_imss_rejects_nothing(sent: Lote, act: Act) -> None:
    RejectionCode.objects.create(code="32", family=SYSTEM)
    document = applying.apply(bring(constancia(sent, NAME), act).pk, act=act)
    assert document.counts["findings"] == {"operado": 2, "calla": 1}
    assert standing() == {"operado": 2, "enviado": 1}


def test_rows_that_come_after_the_constancia_tell_the_name_at_imss_and_are_taken_back_first(sent: Lote, act: Act) -> None:
    first = applying.apply(bring(constancia(sent, NAME), act).pk, act=act)
    before = everything()
    more = as_csv(rows(sent, NAME, nombreSINDO="ÑÁÑEZ PEÑA"))
    second = applying.apply(bring(more, later(act), "r.csv").pk, act=later(act))
    assert second.counts["findings"] == {"sabido": 3}
    assert set(Movement.objects.values_list("register_name", flat=True)) == {"ÑÁÑEZ PEÑA"}
    assert set(Movement.objects.values_list("status", "code")) == {("operado", ""), ("rechazado", "32")}
    with pytest.raises(NotDone, match="deshaga antes"):
        undoing.undo(first.pk, act=later(act, hours=1), reason=WHY)
    undoing.undo(second.pk, act=later(act, hours=1), reason=WHY)
    assert everything() == before
    undoing.undo(first.pk, act=later(act, hours=2), reason=WHY)
    sound()


def test_what_contradicts_is_shown_and_not_applied(sent: Lote, act: Act) -> None:
    applying.apply(bring(constancia(sent), act).pk, act=act)
    document = bring(constancia(sent, NAME, folio="8700000000000000002"), act)
    assert findings(document) == {"sabido": 2, "contradice": 1}
    before = everything()
    applying.apply(document.pk, act=later(act))
    assert everything() == before


def test_of_two_documents_that_wait_the_second_is_judged_anew_when_it_is_applied(sent: Lote, act: Act) -> None:
    one, two = bring(constancia(sent), act), bring(constancia(sent, NAME, folio="8700000000000000002"), act)
    applying.apply(one.pk, act=act)
    assert applying.apply(two.pk, act=later(act)).counts["findings"] == {"sabido": 2, "contradice": 1}
    assert standing() == {"operado": 3}


def _of_another_school(lote: Lote) -> bytes:
    registro: dict[str, Sequence[papers.Row]] = {"C0355512321": papers.rows(2)}
    return papers.constancia(papers.Given(registro, lote=lote.number, received=f"{timezone.localdate():%Y-%m-%d} 10:32")).pdf()


REFUSED: dict[str, tuple[Callable[[Lote], bytes], str, str]] = {
    "empty": (lambda lote: b"", "a.csv", "vacío"),
    "photo": (lambda lote: b"\xff\xd8\xff\xe0" + b"0" * 99, "foto.jpg", "foto"),
    "the lote itself": (lambda lote: bytes(Lote.objects.get(pk=lote.pk).body), "lote.txt", "Es el lote que se presentó"),
    "word": (lambda lote: b"PK\x03\x04", "respuesta.docx", "No se leen archivos «.docx»"),
    "another's": (_of_another_school, "c.pdf", "no es de la oficina"),
    "another lote": (lambda lote: constancia(lote, number="999"), "c.pdf", "No hay un lote presentado con el número 999"),
    "before": (lambda lote: constancia(lote, received="2024-08-25 10:32"), "c.pdf", "no se entiende|es de otro lote"),
    "does not add up": (lambda lote: constancia(lote, counts={"recibidos": (0, 0, 4, 4)}), "c.pdf", "No cuadra"),
    "scan": (lambda lote: papers.Drawn().pdf(), "c.pdf", "no trae texto"),
    "cut": (lambda lote: constancia(lote)[:900], "c.pdf", "dañado o incompleto"),
    "html": (lambda lote: b"<html><table><tr><td>NSS</td></tr></table></html>", "r.csv", "página web"),
    "only headings": (lambda lote: as_csv(rows(lote)).split(b"\r\n")[0], "r.csv", "solo tiene encabezados"),
    "no headings": (lambda lote: b"1;2;3\r\n4;5;6\r\n", "r.csv", "Código o Resultado"),
    "twice": (lambda lote: as_csv([*rows(lote), rows(lote)[0]]), "r.csv", "está dos veces"),
    "both": (lambda lote: as_csv(rows(lote, estado="rechazado")), "r.csv", "se contradicen"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_our_answer_is_refused_whole_kept_and_changes_nothing(sent: Lote, act: Act, case: str) -> None:
    make, name, reason = REFUSED[case]
    before = everything()
    document = bring(make(sent), act, name)
    assert document.status == Status.REFUSED
    assert re.search(reason, document.reason, re.IGNORECASE), document.reason
    assert everything() == before
    with pytest.raises(NotDone):
        applying.apply(document.pk, act=act)
    assert bring(make(sent), act, name).pk != document.pk, "it may be brought again"


def test_on_the_wrong_lote_or_too_early_it_is_refused(sent: Lote, make_in: MakeIn, act: Act) -> None:
    make_in(State.ACUSE_ENTREGADO, matricula="M-4")
    fresh = sending.make(Case.objects.all(), OURS, ALTA, act=act)
    assert "aún no se anota como presentado" in bring(constancia(sent), act, lote=fresh).reason
    other = sending.mark_sent(fresh.pk, number="118275", signed_by="Ángela", on=timezone.localdate(), act=act)
    assert "Es la respuesta del lote 118274" in bring(constancia(sent), act, lote=other).reason


def test_an_officer_does_not_apply_the_answer_of_other_peoples_students(sent: Lote, act: Act) -> None:
    document = bringing.bring(constancia(sent), "c.pdf", act=act, scope_planteles=frozenset({999_999}))
    assert "otros planteles" in document.reason
    document = bringing.bring(as_csv(rows(sent)), "c.csv", act=act, scope_planteles=frozenset({999_999}))
    assert document.status == Status.REFUSED


@pytest.mark.parametrize("rejected", [{}, NAME])
def test_what_was_applied_is_taken_back_whole(sent: Lote, act: Act, rejected: answers.Rejected) -> None:
    steps = [acuse(sent), constancia(sent, rejected)]
    before = []
    documents = []
    for n, body in enumerate(steps):
        before.append(everything())
        documents.append(applying.apply(bring(body, later(act, minutes=n)).pk, act=later(act, minutes=n)))
    with pytest.raises(NotDone, match="deshaga antes"):
        undoing.undo(documents[0].pk, act=later(act, hours=1), reason=WHY)
    for n in (1, 0):
        undoing.undo(documents[n].pk, act=later(act, hours=2 - n), reason=WHY)
        assert everything() == before[n]
        sound()
    with pytest.raises(NotDone, match="no está aplicado"):
        undoing.undo(documents[0].pk, act=later(act, hours=3), reason=WHY)
    again = applying.apply(bring(steps[1], later(act, hours=3)).pk, act=later(act, hours=3))
    assert again.counts["findings"].total() == 3
    sound()


def test_what_was_built_upon_is_not_taken_back(sent: Lote, act: Act) -> None:
    document = applying.apply(bring(constancia(sent, NAME), act).pk, act=act)
    case = Case.objects.order_by("pk")[0]
    verbs.confirm_vigencia({case.pk: Happening(timezone.localdate(), evidence="e" * 64)}, act=later(act))
    before = everything()
    with pytest.raises(NotDone, match=case.folio):
        undoing.undo(document.pk, act=later(act, hours=1), reason=WHY)
    assert everything() == before


def test_a_baja_is_received_operated_or_rejected_and_taken_back(make_in: MakeIn, act: Act) -> None:
    one, two = make_in(State.BAJA, matricula="B-1"), make_in(State.BAJA, matricula="B-2")
    lote = send(BAJA, act)
    before = everything()
    document = applying.apply(bring(constancia(lote, {"B-2": ("7", "NO TIENE ALTA")}), act).pk, act=act)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.baja_operada_on, two.baja_operada_on, two.baja_sent_on) == (timezone.localdate(), None, None)
    assert Cover.objects.filter(ended_on=None).count() == 1
    sound()
    undoing.undo(document.pk, act=later(act), reason=WHY)
    assert everything() == before
    sound()


def test_what_imss_has_it_has_though_the_student_left_and_a_rejection_owes_nothing(make_in: MakeIn, act: Act) -> None:
    cases = [make_in(State.ACUSE_ENTREGADO, matricula=f"M-{n}") for n in (1, 2)]
    lote = send(ALTA, act)
    verbs.leave([case.pk for case in cases], BajaKind.DEFINITIVA, on=timezone.localdate(), act=act)
    document = applying.apply(bring(constancia(lote, NAME), later(act)).pk, act=later(act))
    assert document.counts["beside"]
    first, second = Case.objects.order_by("pk")
    assert (first.facts.baja_owed, second.facts.baja_owed) == (True, False)
    sound()
    undoing.undo(document.pk, act=later(act, hours=1), reason=WHY)
    assert not Cover.objects.filter(ended_on=None).exists()
    sound()


def test_an_acuse_noted_by_hand_is_taken_back_too(sent: Lote, act: Act) -> None:
    before = everything()
    document = noting.receive(sent.pk, on=timezone.localdate(), refused={"M-1": "NSS inexistente"}, act=act)
    undoing.undo(document.pk, act=later(act), reason=WHY)
    assert everything() == before
    noting.receive(sent.pk, on=timezone.localdate(), refused={}, act=later(act, hours=1))
    sound()


def test_what_is_said_of_an_erased_person_is_erased_and_what_became_of_the_movement_stays(sent: Lote, act: Act) -> None:
    document = applying.apply(bring(as_csv(rows(sent, NAME, nombreSINDO="ROSA UC")), act, "r.csv").pk, act=act)
    erase(Case.objects.values_list("pk", flat=True))
    kept = str([*Movement.objects.values(), *document.rows.values()])
    assert not any(text in kept for text in ("ROSA", "COINCIDE", Case.objects.all()[0].student.curp))
    assert standing() == {"operado": 2, "rechazado": 1}


def test_a_document_put_aside_can_be_brought_again(sent: Lote, act: Act) -> None:
    body = constancia(sent)
    document = bringing.discard(bring(body, act).pk)
    with pytest.raises(NotDone):
        applying.apply(document.pk, act=act)
    with pytest.raises(NotDone, match="ya no espera"):
        bringing.discard(document.pk)
    assert bring(body, act).status == Status.PENDING
