"""Every order the office takes: for each address that takes a POST, fresh things it is about and what is said in it."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from afiliacion.cases import verbs
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.models import Case, WithoutCurp
from afiliacion.cases.outcome import Act
from afiliacion.cases.states import State
from afiliacion.dashboard.models import Assignment, BulkRun, CounterReceipt, DeskVisit, Mention, Note, SavedView
from afiliacion.dashboard.shared.access import Scope
from afiliacion.documents import print_jobs
from afiliacion.documents.models import DocumentKind
from afiliacion.imss.models import Answer, Errand, ImssSettings, LoteRegistro
from afiliacion.imss.queue.plan import plan
from afiliacion.movements.answers import applying
from afiliacion.movements.models import AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.operations.simulation.invented_people import People
from afiliacion.papers_in.models import BroughtPaper
from afiliacion.reconciliation.models import Attended, InsuredRow
from afiliacion.reminders.letters import links
from afiliacion.reminders.models import BadAddress, MailStop, Reminder, ReminderKind
from afiliacion.roll.models import Import, Opening, SchoolWord
from afiliacion.roll.models import ImportState as ListState
from afiliacion.roll.parse import school_words
from afiliacion.roll.upload import jobs
from students.models import Calendar, Ciclo, NonWorkingDay, Plantel, Student
from students.nss import Nss
from tests.dashboard.conftest import PASSWORD
from tests.dashboard.consent.asking import a_request, a_third_plantel
from tests.dashboard.deeds import CORRECTED, PDF, WHY, do, own_nss
from tests.dashboard.lists import a_list, a_worker_looks, as_csv, covers_of, opening_of, row, without_curp
from tests.dashboard.mail.test_mail import WORDS
from tests.dashboard.student_lists.test_student_lists import SAID, an_odd_list
from tests.movements.answers import constancia
from tests.movements.lotes import a_lote, an_answer, turn_down
from tests.papers_in.papers import a_paper
from tests.reconciliation.documents import a_list as an_insured_list
from tests.reconciliation.documents import a_strange_row, list_of

#: Everybody an order is about is called this; who does not work there may not read it.
CANARY = "Quetzalcanario"
DAY = "2026-08-12"
_ONES = itertools.count(1)


@dataclass
class Office:
    """What an order's things are made of."""

    make_in: Callable[..., Case]
    make_student: Callable[..., Any]
    people: People
    plantel: Plantel
    ciclo: Ciclo
    officer: Any
    boss: Client
    desk: Client

    def case(self, state: State = State.NSS_OBTENIDO, **student: Any) -> Case:
        known = {"primer_apellido": CANARY, "email": f"canario{next(_ONES)}@alumnos.example.mx"}
        return self.make_in(state, student=self.make_student(**{**known, **student}))

    def pair(self, case: Case) -> str:
        return f"{case.pk}:{case.version}"

    def visit(self) -> tuple[DeskVisit, Case]:
        case = self.case(State.EN_SUBDELEGACION)
        assert self.desk.post("/subdelegacion/preparar/", _going(case)).status_code == 302
        return DeskVisit.objects.latest("pk"), case

    def receipt(self) -> CounterReceipt:
        case = self.case()
        assert self.desk.post("/ventanilla/recibir/", _slip(case)).status_code == 302
        return CounterReceipt.objects.get(case=case)

    def waiting(self) -> Errand:
        case = self.case(State.SIN_NSS)
        plan(timezone.localdate(), timezone.now())
        Errand.objects.filter(case=case).update(next_on=dt.date(2099, 1, 1))
        return Errand.objects.get(case=case)

    def list_(self, content: bytes | None = None) -> Import:
        """A list brought and looked at."""
        job = jobs.bring(
            io.BytesIO(content or a_list(self.people)), f"{CANARY}.csv", owner=self.officer, owner_name="Begoña Ñáñez",
            plantel=self.plantel, ciclo=self.ciclo, now=timezone.now(),
        )  # fmt: skip
        a_worker_looks()
        return job

    def opening(self) -> Opening:
        """A list of covers that exist already, brought and checked."""
        return opening_of(self.case(), Scope(self.officer, (self.plantel,)).act(timezone.now()), f"{CANARY}.csv")

    def by_lotes(self) -> Act:
        """What the officer does now, where the plantel's movements go in lotes."""
        LoteRegistro.objects.get_or_create(registro="A0112345321")
        return Scope(self.officer, (self.plantel,)).act(timezone.now())

    def lote(self, *, sent: bool = False) -> Lote:
        made = a_lote(self.case(State.ACUSE_ENTREGADO), self.by_lotes())
        if sent:
            self.desk.post(reverse("lote-sent", args=[made.pk]), lote_sent())
        return made

    def answer(self, *, strange: bool = False) -> AnswerDocument:
        """A document of IMSS that waits to be applied, or for what its columns are."""
        return an_answer(self.case(State.ACUSE_ENTREGADO), self.by_lotes(), f"{next(_ONES):06}", strange=strange)

    def applied(self) -> AnswerDocument:
        return applying.apply(self.answer().pk, act=self.by_lotes())

    def rejected(self) -> Movement:
        """A movement that IMSS rejected."""
        cases = Case.objects.filter(pk=self.case(State.ACUSE_ENTREGADO).pk)
        return turn_down(cases, self.by_lotes(), code="107", message=CANARY)[0]

    def printed(self, *, finished: bool = False) -> Any:
        case = self.case()
        by = Scope(self.officer, (self.plantel,)).actor
        job = print_jobs.order(
            DocumentKind.RENUNCIA, Case.objects.filter(pk=case.pk), what=CANARY, by=by, now=timezone.now(), on=timezone.localdate()
        )
        if finished:
            print_jobs.work_due(links.printed_urls, 60)
            job.refresh_from_db()
        return job

    def mail(self, **fields: Any) -> Reminder:
        case, kind, now = self.case(State.VIGENTE), ReminderKind.objects.get(key="registrate_en_clinica"), timezone.now()
        return Reminder.objects.create(
            kind=kind, case=case, student=case.student, step="1-1", recipient=case.student.email, night=timezone.localdate(),
            created_at=now, send_after=now, **fields,
        )  # fmt: skip

    def day_off(self) -> dict[str, Any]:
        calendar, _ = Calendar.objects.get_or_create(clave="gro", defaults={"name": "Guerrero"})
        day = dt.date(2027, 1, 1) + dt.timedelta(days=next(_ONES))
        return {"calendar": calendar.pk, "date": day.isoformat(), "reason": "Consejo técnico"}

    def seen(self, path: str) -> dict[str, Any]:
        """What the form of a setting says it saw."""
        return {"visto": self.boss.get(path).context["seen"], "confirmado": "1"}


def lote_sent() -> dict[str, Any]:
    """What is said of a lote that was presented."""
    return {"on": timezone.localdate().isoformat(), "number": "118274", "signed_by": CANARY}


#: What the columns of a strange answer are (tests/movements/lotes.py).
ANSWER_COLUMNS = {"nss": 0, "type": 1, "fecha": 2, "clave": 3, "codigo": 5}
#: The names the address wants, and what is sent.
Said = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class Order:
    """`make`: its things and its words, new each time. `role`: who may give it, at the least. `looks`: it only hands something out, which
    is written down each time. `own`: tables in which its giver may change what is their own. `again`: tables whose rows say of when
    the last order is, or how many there were: of these, none is added."""

    make: Callable[[Office], Said]
    role: str = "officer"
    looks: bool = False
    own: frozenset[str] = frozenset()
    again: frozenset[str] = frozenset()


def _going(case: Case) -> dict[str, Any]:
    return {"subdelegacion": "Iguala", "day": "2026-08-24", "officer": "Begoña Ñáñez", "number": "OF-7", "caso": [case.pk]}


def _slip(case: Case) -> dict[str, Any]:
    return {"key": uuid.uuid4(), "caso": case.pk, "estado": case.state, "papeles": ["acuse"], "hace": 1000}


def _act(office: Office) -> Said:
    case = office.case()
    return {"case_id": case.pk, "slug": "acuse"}, {"version": case.version, "on": DAY}


def _correction_undo(office: Office) -> Said:
    case = office.case()
    do(office.desk, case, "corregir-datos", {**WHY, **CORRECTED, "fecha_nacimiento": case.student.birth_date, "sexo": case.student.sex})
    return {"case_id": case.pk}, {}


def _merge_undo(office: Office) -> Said:
    case, other = office.case(), office.case(State.SIN_NSS)
    # As many data differ each time: the CURP and the matrícula.
    told = "nombre", "primer_apellido", "segundo_apellido", "birth_date", "sex", "entity"
    same = Student.objects.filter(pk=case.student_id).values(*told).get()
    Student.objects.filter(pk__in=[case.student_id, other.student_id]).update(**same, email="", phone="")
    said = {**WHY, "otro": other.folio, "datos": "este", "looked_twice": "on"}
    assert do(office.desk, case, "unir", said, paper=SimpleUploadedFile("hoja.pdf", PDF)).status_code == 302
    return {"case_id": case.pk}, {}


def _lote_make(office: Office) -> Said:
    office.case(State.ACUSE_ENTREGADO)
    ImssSettings.objects.update(way=ImssSettings.Way.BY_HAND)
    return {}, {"registro": "A0112345321", "tipo": "08"}


def _answer_bring(office: Office) -> Said:
    lote = office.lote(sent=True)
    return {}, {"file": SimpleUploadedFile("constancia.pdf", constancia(Lote.objects.get(pk=lote.pk))), "lote": lote.pk}


def _strange(office: Office) -> AnswerRow:
    """An alta IMSS operated that is in no lote; each time another person's."""
    number = Nss.parse(office.people.one().nss)
    return a_strange_row(office.case(State.ACUSE_ENTREGADO), office.by_lotes(), CANARY, number)


def _attended(office: Office) -> Said:
    row = _strange(office)
    said = {"renglon": row.pk, "reason": f"Su baja se capturó en IDSE: {CANARY}."}
    assert office.desk.post(reverse("strange-attend"), said).status_code == 302
    return {"attended_id": Attended.objects.get(row=row).pk}, {}


def _insured(office: Office) -> Said:
    """A list of insured; it replaces none, so that one more is what it adds."""
    InsuredRow.objects.all().delete()
    office.case(State.VIGENTE)
    file = SimpleUploadedFile(f"{CANARY}.csv", list_of(office.people.one().nss))
    return {}, {"registro": "A0112345321", "on": DAY, "file": file}


def _insured_list(office: Office) -> Said:
    act = Scope(office.officer, (office.plantel,)).act(timezone.now())
    return {"list_id": an_insured_list(act, office.people.one().nss).pk}, {}


def _cleared(office: Office) -> Said:
    said = {"movimiento": office.rejected().pk}
    office.desk.post(reverse("rejection-clear"), said)
    return {}, said


def _note(office: Office) -> Said:
    return {"case_id": office.case().pk}, {"texto": f"Vino {CANARY}.", "token": uuid.uuid4()}


def _note_seen(office: Office) -> Said:
    case = office.case()
    note = Note.objects.create(case=case, author=office.officer, text="@oficial", at=timezone.now(), token=uuid.uuid4())
    Mention.objects.create(note=note, user=office.officer)
    return {"case_id": case.pk}, {}


def _bulk(office: Office) -> Said:
    return {}, {"accion": "acuse", "caso": [office.pair(office.case())], "lista": "", "acuse-on": DAY, "acuse-complete": "on"}


def _bulk_undo(office: Office) -> Said:
    office.desk.post(reverse("bulk"), _bulk(office)[1])
    return {"run_id": BulkRun.objects.latest("pk").pk}, {}


def _view_save(office: Office) -> Said:
    return {}, {"nombre": f"Vista {next(_ONES)}", "lista": f"q={office.case().enrolment.matricula}", "columna": ["state"]}


def _view_drop(office: Office) -> Said:
    return {"view_id": SavedView.objects.create(owner=office.officer, name=f"{CANARY} {next(_ONES)}", query="").pk}, {}


def _paper(office: Office) -> Said:
    case = office.case(State.VIGENTE)
    return {"case_id": case.pk, "seq": case.events.exclude(evidence="").get().seq}, {}


def _results(office: Office) -> Said:
    visit, case = office.visit()
    office.desk.post(reverse("visit-filed", args=[visit.pk]), {"on": DAY})
    return {"visit_id": visit.pk}, {"todos-on": DAY, f"caso-{case.pk}-result": "solved"}


def _presented(office: Office) -> Said:
    case = office.case(State.EN_SUBDELEGACION)
    said = {"version": case.version, "on": DAY}
    assert office.desk.post(reverse("act", kwargs={"case_id": case.pk, "slug": "presentado"}), said).status_code == 302
    return {}, {}


def _filed(office: Office) -> Said:
    visit, _ = office.visit()
    office.desk.post(reverse("visit-filed", args=[visit.pk]), {"on": DAY})
    return {"visit_id": visit.pk}, {}


def _wanted(office: Office) -> Said:
    visit, case = office.visit()
    office.desk.post(reverse("visit-filed", args=[visit.pk]), {"on": DAY})
    said = {"todos-on": DAY, f"caso-{case.pk}-result": "again", f"caso-{case.pk}-note": "Falta el acta"}
    office.desk.post(reverse("visit-results", args=[visit.pk]), said)
    return {"visit_id": visit.pk}, {"caso": case.pk}


def _setting(office: Office) -> Said:
    kwargs = {"setting": "planteles", "row_id": office.plantel.pk}
    path = reverse("setting", kwargs=kwargs)
    now = {name: value for name, value in office.boss.get(path).context["form"].initial.items() if value not in (None, False)}
    return kwargs, {**now, "contact_name": f"Rosa Uc {next(_ONES)}", **office.seen(path)}


def _row(said: dict[str, Any]) -> dict[str, Any]:
    return {"calendar_id": said["calendar"], "date": said["date"], "reason": said["reason"]}


def _setting_new(office: Office) -> Said:
    return {"setting": "inhabiles"}, {**office.day_off(), **office.seen(reverse("setting-new", args=["inhabiles"]))}


def _setting_remove(office: Office) -> Said:
    row = NonWorkingDay.objects.create(**_row(office.day_off()))
    return {"setting": "inhabiles", "row_id": row.pk}, {"confirmado": "1"}


def _person(office: Office) -> Said:
    said = {"username": f"persona{next(_ONES)}", "first_name": "Ángela", "last_name": "Ek", "is_active": "on"}
    return {}, {**said, "planteles": [office.plantel.pk], "password": PASSWORD}


def _person_changed(office: Office) -> Said:
    _, said = _person(office)
    assert office.boss.post(reverse("person-new"), said).status_code == 302
    user = type(office.officer).objects.get(username=said["username"])
    return {"user_id": user.pk}, {**said, "first_name": "Rosa", "password": ""}


def _handover(office: Office) -> Said:
    former = type(office.officer).objects.create_user(f"antes{next(_ONES)}", first_name=CANARY, is_active=False)
    Assignment.objects.create(case=office.case(), user=former, by=office.officer, at=timezone.now())
    return {"user_id": former.pk}, {"quien": office.officer.pk}


def _first_step(office: Office) -> Said:
    return {"step": "ciclo"}, {"clave": f"c{next(_ONES)}", "starts_on": "2030-01-10", "ends_on": "2030-07-10"}


def _sheet(office: Office) -> Said:
    case = office.case(State.SIN_NSS)
    by_officer = Scope(office.officer, (office.plantel,)).act(timezone.now())
    verbs.receive_papers([case.pk], [ACUSE_PAPER], on=timezone.localdate(), act=by_officer)
    return {"case_id": case.pk}, {"respuesta": "aceptar", "si-nss": own_nss(case, office.people)}


def _brought(office: Office) -> BroughtPaper:
    case = office.case(State.SIN_NSS)
    return a_paper(case, Scope(office.officer, (office.plantel,)).act(timezone.now()), own_nss(case, office.people))


def _brought_taken(office: Office) -> Said:
    paper = _brought(office)
    nss = next(text for field, text, *_ in (paper.reading or {})["values"] if field == "nss")
    return {"paper_id": paper.pk}, {"version": paper.version, "proposal": paper.proposal, "nss": nss}


def _brought_undone(office: Office) -> Said:
    where, said = _brought_taken(office)
    assert office.desk.post(reverse("brought-accept", kwargs=where), said).status_code == 302
    return where, {"version": BroughtPaper.objects.get(pk=where["paper_id"]).version}


def _brought_one(office: Office, **said: Any) -> Said:
    paper = _brought(office)
    return {"paper_id": paper.pk}, {"version": paper.version, **said}


def _papers(office: Office) -> Said:
    return {}, {"file": SimpleUploadedFile(f"{CANARY}.pdf", b"%%PDF-1.4 %d" % next(_ONES))}


def _asking(_office: Office) -> Said:
    ImssSettings.objects.update(paused=False)
    return {}, {"pausar": "1"}


def _quarantined(office: Office) -> Said:
    answer = Answer.objects.create(
        errand=office.waiting(), attempt=1, at=timezone.now(), http_status=200, media_type="application/json", body=b"{}",
        verdict=Answer.Verdict.QUARANTINED,
    )  # fmt: skip
    return {}, {"respuesta": [answer.pk]}


def _upload(office: Office) -> Said:
    file = SimpleUploadedFile(f"{CANARY}.csv", a_list(office.people))
    return {}, {"plantel": office.plantel.pk, "ciclo": office.ciclo.pk, "file": file}


def _openings(office: Office) -> Said:
    file = SimpleUploadedFile(f"{CANARY}.csv", covers_of(office.case()))
    return {}, {"plantel": office.plantel.pk, "proof": "lista", "file": file}


def _opening_undo(office: Office) -> Said:
    job = office.opening()
    office.desk.post(reverse("opening-confirm", args=[job.pk]))
    return {"opening_id": job.pk}, {}


def _mapping(office: Office) -> Said:
    # Headings that the office does not know yet.
    n = next(_ONES)
    return {"upload_id": office.list_(an_odd_list(office.people, n).replace(b"Clave escolar", b"Clave %d" % n)).pk}, SAID


def _persons(office: Office) -> Said:
    """A list that brings another CURP for the matrícula of a student on record."""
    n = next(_ONES)
    (content,) = (row(office.people.one(), f"P{n}"),)
    known = office.case(birth_date=dt.date.fromisoformat(str(content["fecha_nacimiento"])))
    known.enrolment.matricula = content["matricula"]
    known.enrolment.save()
    return {"upload_id": office.list_(as_csv([content])).pk}, {"todas": "same"}


def _questions(office: Office) -> Said:
    """A list with a word that only the school knows."""
    n = next(_ONES)
    said = row(office.people.one(), f"Q{n}", estatus=f"Condicionado {n}")
    return {"upload_id": office.list_(as_csv([said])).pk}, {"pregunta-0": "activo"}


def _word(office: Office) -> Said:
    """A word of the school that is known already."""
    school_words.say(office.plantel, {("estatus", f"Oyente {next(_ONES)}"): "activo"}, name="Ana", now=timezone.now())
    return {}, {"palabra": SchoolWord.objects.latest("pk").pk}


def _upload_retry(office: Office) -> Said:
    job = office.list_()
    office.desk.post(reverse("upload-cancel", args=[job.pk]))
    return {"upload_id": job.pk}, {}


def _upload_undo(office: Office) -> Said:
    job = office.list_()
    office.desk.post(reverse("upload-confirm", args=[job.pk]))
    a_worker_looks()
    return {"upload_id": job.pk}, {}


def _failed(office: Office) -> Said:
    job = office.list_()
    finished = timezone.now()
    Import.objects.filter(pk=job.pk).update(state=ListState.FAILED, finished_at=finished, error="Se interrumpió tres veces.")
    return {}, {"source": "lista", "ref": f"{job.pk}.{finished.isoformat()}"}


def _stop(office: Office) -> Said:
    MailStop.objects.filter(lifted_at=None).update(lifted_at=timezone.now())
    return {}, {"plantel": office.case().plantel_id}


def _lift(office: Office) -> Said:
    office.desk.post(reverse("notices-stop"), {"plantel": office.plantel.pk})
    assert MailStop.objects.filter(lifted_at=None).exists()
    return {}, {"plantel": office.plantel.pk}


def _works(office: Office) -> Said:
    case = office.case()
    BadAddress.objects.create(address=case.student.email, since=timezone.now(), words="550")
    return {}, {"address": case.student.email}


def _tutor(office: Office) -> Said:
    case = office.case(birth_date=timezone.localdate() - dt.timedelta(days=16 * 366))
    return {"case_id": case.pk}, {"name": "Rosa Uc", "email": "rosa@familia.example.mx"}


def _without(office: Office, **fields: Any) -> tuple[WithoutCurp, str]:
    """A student without CURP, and the CURP that comes."""
    person = office.people.one()
    found = without_curp(office.plantel, office.ciclo, person, f"S{next(_ONES)}", noted_by=CANARY, **fields)
    return found, person.curp


def _without_named(office: Office) -> Said:
    return {"ending": "csv"}, {"lista": f"q={_without(office)[0].matricula}"}


def _curp_came(office: Office) -> Said:
    found, curp = _without(office)
    return {"without_id": found.pk}, {"curp": curp}


def _without_closed(office: Office) -> Said:
    found, _ = _without(office)
    assert office.desk.post(reverse("without-curp-close", args=[found.pk]), {"reason": "Ya no viene."}).status_code == 302
    return {"without_id": found.pk}, {}


def _next_month() -> str:
    return (timezone.localdate() + dt.timedelta(days=30)).isoformat()


def _text(office: Office) -> Said:
    office.case(State.SIN_NSS)
    return {"words_key": "nss_vencido"}, {**WORDS, "title": f"Tu NSS {next(_ONES)}", "plantel": office.plantel.pk, "save": ""}


def _password(office: Office) -> Said:
    office.officer.set_password(PASSWORD)
    office.officer.save()
    office.desk.force_login(office.officer)
    new = f"otra frase larga de prueba {next(_ONES)}"
    return {}, {"old_password": PASSWORD, "new_password1": new, "new_password2": new}


def _asked_of_us(office: Office) -> Said:
    return {"request_id": a_request(office.case(), a_third_plantel(), office.ciclo, None).pk}, {"como": "segundo", "motivo": "No es."}


def _asked_by_us(office: Office) -> Said:
    theirs = office.make_in(State.SIN_NSS, plantel=a_third_plantel())
    return {"request_id": a_request(theirs, office.plantel, office.ciclo, office.officer).pk}, {}


_BOSS = "coordinator"
ORDERS = {
    "act": Order(_act),
    "correction-undo": Order(_correction_undo),
    "merge-undo": Order(_merge_undo),
    "lote-file": Order(lambda o: ({"lote_id": o.lote().pk}, {}), looks=True),
    "lote-undo": Order(lambda o: ({"lote_id": o.lote().pk}, {})),
    "lote-sent": Order(lambda o: ({"lote_id": o.lote().pk}, lote_sent())),
    "lote-received": Order(lambda o: ({"lote_id": o.lote(sent=True).pk}, {"on": timezone.localdate().isoformat(), "refused": ""})),
    "answer-bring": Order(_answer_bring),
    "answer-file": Order(lambda o: ({"document_id": o.answer().pk}, {}), looks=True),
    "answer-columns": Order(lambda o: ({"document_id": o.answer(strange=True).pk}, ANSWER_COLUMNS)),
    "answer-apply": Order(lambda o: ({"document_id": o.answer().pk}, {})),
    "answer-discard": Order(lambda o: ({"document_id": o.answer().pk}, {})),
    "answer-undo": Order(lambda o: ({"document_id": o.applied().pk}, {"reason": CANARY})),
    "reconciliation-file": Order(lambda o: ({"what": "sin-alta", "ending": "csv"}, {"ciclo": o.case().ciclo_id}), looks=True),
    "insured-lists": Order(_insured),
    "insured-discard": Order(_insured_list),
    "strange-attend": Order(lambda o: ({}, {"renglon": _strange(o).pk, "reason": f"Su baja se capturó en IDSE: {CANARY}."})),
    "strange-undo": Order(_attended),
    "rejection-clear": Order(lambda o: ({}, {"movimiento": o.rejected().pk})),
    "rejection-clear-undo": Order(_cleared),
    "note": Order(_note),
    "note-seen": Order(_note_seen),
    "assign": Order(lambda o: ({"case_id": o.case().pk}, {"quien": o.officer.pk})),
    "bulk": Order(_bulk),
    "bulk-undo": Order(_bulk_undo),
    "worklist-file": Order(lambda o: ({"ending": "csv"}, {"lista": f"q={o.case().enrolment.matricula}"}), looks=True),
    "view-save": Order(_view_save, own=frozenset({"dashboard_savedview"})),
    "view-drop": Order(_view_drop),
    "reports-file": Order(lambda o: ({"ending": "csv"}, {"plantel": o.case().plantel_id, "ciclo": o.ciclo.pk}), looks=True),
    "reveal": Order(lambda o: ({"case_id": o.case().pk}, {}), looks=True),
    "paper": Order(_paper, looks=True),
    "counter-find": Order(lambda o: ({}, {"codigo": o.case().enrolment.matricula}), looks=True),
    "counter-take": Order(lambda o: ({}, _slip(o.case()))),
    "counter-undo": Order(lambda o: ({}, {"key": o.receipt().key})),
    "counter-mail": Order(lambda o: ({"key": o.receipt().key}, {})),
    "counter-pdf": Order(lambda o: ({"key": o.receipt().key}, {}), looks=True),
    "desk-prepare": Order(lambda o: ({}, _going(o.case(State.EN_SUBDELEGACION)))),
    "desk-together": Order(_presented),
    "visit-file": Order(lambda o: ({"visit_id": o.visit()[0].pk, "ending": "csv"}, {}), looks=True),
    "visit-filed": Order(lambda o: ({"visit_id": o.visit()[0].pk}, {"on": DAY, "folio": "S-1"})),
    "visit-filed-undo": Order(_filed),
    "visit-results": Order(_results),
    "visit-results-undo": Order(_wanted),
    "visit-cancel": Order(lambda o: ({"visit_id": o.visit()[0].pk}, {})),
    "person-new": Order(_person, _BOSS),
    "person": Order(_person_changed, _BOSS),
    "person-handover": Order(_handover, _BOSS),
    "setting-new": Order(_setting_new, _BOSS),
    "setting": Order(_setting, _BOSS),
    "setting-remove": Order(_setting_remove, _BOSS),
    "first-step": Order(_first_step, _BOSS),
    "job-seen": Order(_failed),
    "job-retry": Order(_failed),
    "print-case": Order(lambda o: ({"case_id": o.case().pk, "kind": "acuse"}, {}), looks=True),
    "print-chosen": Order(lambda o: ({}, {"caso": [o.pair(o.case())], "documento": "renuncia"})),
    "printing": Order(lambda o: ({}, {"documento": "renuncia", "plantel": o.case().plantel_id})),
    "print-visit": Order(lambda o: ({"visit_id": o.visit()[0].pk}, {})),
    "print-download": Order(lambda o: ({"job_id": o.printed(finished=True).pk}, {}), looks=True),
    "print-cancel": Order(lambda o: ({"job_id": o.printed().pk}, {})),
    "sheet": Order(_sheet),
    # What anybody brings is looked for among their own students.
    "papers-bring": Order(
        _papers, again=frozenset({"papers_in_bundle", "papers_in_bundlefile"}),
        own=frozenset({"cases_evidence", "papers_in_bundle", "papers_in_bundlefile", "papers_in_broughtpaper", "papers_in_paperdecision"}),
    ),
    "brought-show": Order(_brought_one, looks=True),
    "brought-file": Order(_brought_one, looks=True),
    "brought-accept": Order(_brought_taken),
    "brought-refuse": Order(lambda o: _brought_one(o, chosen="1")),
    "brought-aside": Order(_brought_one),
    "brought-undo": Order(_brought_undone),
    "imss-ask": Order(lambda o: ({}, {"caso": [o.waiting().case_id]}), again=frozenset({"imss_errand"})),
    "imss-seen": Order(_quarantined),
    "imss-pause": Order(_asking, _BOSS),
    "consent-accept": Order(_asked_of_us),
    "consent-refuse": Order(_asked_of_us),
    "consent-withdraw": Order(_asked_by_us),
    "without-curp-file": Order(_without_named, looks=True),
    "without-curp-person": Order(_curp_came),
    "without-curp-follow": Order(lambda o: ({"without_id": _without(o)[0].pk}, {"on": _next_month()})),
    "without-curp-close": Order(lambda o: ({"without_id": _without(o)[0].pk}, {"reason": f"Dejó el plantel {CANARY}."})),
    "without-curp-undo": Order(_without_closed),
    "uploads": Order(_upload),
    "upload-confirm": Order(lambda o: ({"upload_id": o.list_().pk}, {})),
    "upload-cancel": Order(lambda o: ({"upload_id": o.list_().pk}, {})),
    "upload-mapping": Order(_mapping),
    "upload-persons": Order(_persons),
    "upload-questions": Order(_questions),
    "school-words": Order(_word),
    "openings": Order(_openings),
    "opening-confirm": Order(lambda o: ({"opening_id": o.opening().pk}, {})),
    "opening-cancel": Order(lambda o: ({"opening_id": o.opening().pk}, {})),
    "opening-undo": Order(_opening_undo),
    "upload-retry": Order(_upload_retry),
    "upload-undo": Order(_upload_undo),
    "notices-stop": Order(_stop),
    "notices-lift": Order(_lift),
    "notices-works": Order(_works),
    "notices-again": Order(lambda o: ({"reminder_id": o.mail(status=Reminder.Status.UNCERTAIN).pk}, {})),
    "notices-tutor": Order(_tutor),
    "notices-revoke": Order(lambda o: ({"case_id": o.case().pk}, {"veces": "0"})),
    "notice-text": Order(_text),
    "password": Order(_password),
    # The last: from here on the office works without the service.
    "lote-make": Order(_lote_make),
}  # fmt: skip
