"""The page of one case: who, where it stands, the one next thing, what else can be done, and everything that happened."""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import islice
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases import papers, schedule
from afiliacion.cases.models import Case, Event, Evidence
from afiliacion.cases.papers import Wanted, checklist, is_minor
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Verb
from afiliacion.cases.telling import Told, tell
from afiliacion.cases.turn import notices, whose
from afiliacion.dashboard import actions, notes, path
from afiliacion.dashboard.access import OfficeRequest
from afiliacion.dashboard.actions import Action, Channel
from afiliacion.dashboard.doing import carry_out
from afiliacion.dashboard.forms import ActionForm
from afiliacion.dashboard.models import Assignment, Disclosure, Mention, Note
from afiliacion.dashboard.staff import colleagues, working_with
from afiliacion.documents import kinds
from afiliacion.imss import explain
from afiliacion.imss.explain import Asked
from afiliacion.imss.models import Errand
from afiliacion.reminders.models import Reminder
from students.together import Given, together

#: Events on the page; a case with more is rare and its oldest lines matter least.
SHOWN: Final = 200


@require_safe
def casepage(request: OfficeRequest, case_id: int) -> HttpResponse:
    return _page(request, request.scope.case(case_id))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: OfficeRequest, case_id: int, slug: str) -> HttpResponse:
    """GET opens the form of one action; POST does it, if the case is still as the person saw it."""
    case = request.scope.case(case_id)
    action = actions.BY_SLUG.get(slug)
    if action is None:
        raise Http404
    if request.method != "POST":
        return _page(request, case, action)
    form = action.form(request.POST, request.FILES, today=timezone.localdate(), case=case)
    seen = request.POST.get("version", "")
    if not (form.is_valid() and seen.isascii() and seen.isdigit()):
        return _page(request, case, action, form, status=422)
    return _do(request, case, action, int(seen), form)


def _do(request: OfficeRequest, case: Case, action: Action, seen: int, form: ActionForm) -> HttpResponse:
    result = carry_out(action, {case.pk: seen}, form.cleaned_data, request.scope, timezone.now())
    changed = case.version != seen
    if result.done:
        messages.success(request, f"Listo: {action.label}.")
    elif result.repeated:
        messages.info(request, f"Ya estaba hecho: {action.label}. No se repitió.")
    elif changed:
        # What was typed stays, on the case as it is now.
        case = request.scope.case(case.pk)
        form.case = case
        form.add_error(None, f"{result.skipped[case.pk]} Vea abajo la historia; lo que usted escribió sigue aquí.")
        return _page(request, case, action, form, status=409)
    else:
        form.add_error(None, result.skipped[case.pk])
        return _page(request, case, action, form, status=422)
    return redirect("case", case.pk)


@require_POST
def reveal(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Show CURP and NSS in full, and write down who asked."""
    case = request.scope.case(case_id)
    Disclosure.objects.create(user=request.user, case=case, what=Disclosure.What.NUMBERS, at=timezone.now())
    if request.htmx:
        return render(request, "dashboard/_numbers.html", {"case": case, "revealed": True})
    return _page(request, case, revealed=True)


@require_POST
def paper(request: OfficeRequest, case_id: int, seq: int) -> HttpResponse:
    """Hand out what proves an event of the case, as a download, and write down who took it."""
    case = request.scope.case(case_id)
    event = case.events.filter(seq=seq).exclude(evidence="").first()
    kept = Evidence.objects.filter(pk=event.evidence).first() if event else None
    if kept is None:
        raise Http404
    Disclosure.objects.create(user=request.user, case=case, what=Disclosure.What.PAPER, detail=kept.pk, at=timezone.now())
    response = HttpResponse(bytes(kept.body), content_type=kept.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{case.folio}-{seq}{_SUFFIXES.get(kept.media_type, ".bin")}"'
    return response


_SUFFIXES: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "application/json": ".json"}


def _page(
    request: OfficeRequest, case: Case, action: Action | None = None, form: ActionForm | None = None, *, revealed: bool = False,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page with `action` open (None: the next one), its `form` as it was sent (None: empty, if it may be done)."""
    today, scope = timezone.localdate(), request.scope
    answers = iter(
        together(
            *_QUESTIONS, working_with(scope), case=case.pk, night=today, user=scope.user.pk,
            step=Verb.DELIVER_ACUSE, planteles=[case.plantel_id], own=sorted(scope.plantel_ids or ()),
        )
    )  # fmt: skip
    wanted = Wanted(Verb.DELIVER_ACUSE, [case.plantel_id], [*islice(answers, len(papers.QUESTIONS))])
    asked = Asked(case, today, [*islice(answers, len(explain.QUESTIONS))])
    clock = Schedule([*islice(answers, len(schedule.QUESTIONS))])
    events, mails, calls, assigned, written, authors, people = answers
    by_id = {user.pk: user for user in authors}
    for note in written:
        note.author = by_id[note.author_id]
    context = _context(case, action, form, wanted, asked, revealed=revealed)
    desk = {
        "due": clock.explain(context["facts"], case.plantel_id), "notes": written, "called": bool(calls),
        "assigned": assigned[0].user_id if assigned else "", "colleagues": colleagues(scope, people), "token": uuid.uuid4(),
        "longest_note": notes.LONGEST, "timeline": _timeline(tell(events, wanted.labels), mails, written),
    }  # fmt: skip
    return render(request, "dashboard/case.html", context | desk, status=status)


_ITS_NOTES: Final = Note.objects.filter(case=Given("case"))
#: All the page shows of a case and nobody has read yet, asked as one; who works with the person is asked along with it.
_QUESTIONS: Final = (
    *papers.QUESTIONS, *explain.QUESTIONS, *schedule.QUESTIONS,
    Event.objects.filter(case=Given("case")).order_by("-seq")[:SHOWN],
    Reminder.objects.filter(case=Given("case")).annotate(about=F("kind__name")).order_by("-pk")[:SHOWN],
    Mention.objects.filter(user=Given("user"), note__case=Given("case"), seen_at=None), Assignment.objects.filter(case=Given("case")),
    _ITS_NOTES.order_by("-at")[:SHOWN], User.objects.filter(pk__in=_ITS_NOTES.values("author")).only("first_name", "last_name", "username"),
)  # fmt: skip


def _timeline(told: list[Told], mails: list[Reminder], written: list[Note]) -> list[tuple[dt.datetime, str, Any]]:
    """Everything that happened, the newest first: (when it was noted, what sort of thing, the thing)."""
    lines: list[tuple[dt.datetime, str, Any]] = [(line.event.at, "event", line) for line in told]
    lines += [(note.at, "note", note) for note in written]
    lines += [(mail.sent_at or mail.created_at, "mail", mail) for mail in mails]
    return sorted(lines, key=lambda line: line[0], reverse=True)


def _context(
    case: Case, action: Action | None, form: ActionForm | None, wanted: Wanted, asked: Asked, *, revealed: bool
) -> dict[str, Any]:  # fmt: skip
    facts, today = case.facts, timezone.localdate()
    allowed = actions.allowed(facts, automatic=asked.automatic)
    following = actions.next_one(facts, allowed)
    action = action or following
    # What is on its way already the page says, instead of asking for it again.
    if form is None and action in allowed and not _on_its_way(action, asked.unfinished):
        form = action.form(today=today, case=case)
    return {
        "case": case, "facts": facts, "today": today, "whose": whose(facts), "steps": path.steps(facts),
        "notices": notices(facts),
        "wanted": wanted, "papers": checklist(facts, wanted.kinds(case.plantel_id, minor=is_minor(case.student.birth_date, today))),
        "waiting": asked.unfinished, "imss": asked.why(), "last_night": asked.last_night(), "outage": asked.outage,
        "action": action, "form": form, "next": following,
        "other": [each for each in allowed if not each.grave], "grave": [each for each in allowed if each.grave],
        "automatic": asked.automatic, "revealed": revealed, "printable": kinds.applicable(facts),
    }  # fmt: skip


def _on_its_way(action: Action, unfinished: list[Errand]) -> bool:
    sent = None if action.channel is Channel.BY_HAND else action.verb
    return any(errand.kind == sent and errand.status == Errand.Status.OPEN for errand in unfinished)
