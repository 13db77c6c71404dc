"""The page of one case: who, where it stands, the one next thing, what else can be done, and everything that happened."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases.models import Case, Event, Evidence, PaperKind
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
from afiliacion.dashboard.staff import colleagues
from afiliacion.documents import kinds
from afiliacion.imss import explain
from afiliacion.imss.adapters import is_automatic
from afiliacion.imss.models import Errand
from afiliacion.reminders.models import Reminder

#: Events on the page; a case with more is rare and its oldest lines matter least.
SHOWN: Final = 200


@require_safe
def casepage(request: OfficeRequest, case_id: int) -> HttpResponse:
    case = request.scope.case(case_id)
    action = actions.next_one(case.facts)
    return _page(request, case, action, _empty_form(action, case))


@require_http_methods(["GET", "HEAD", "POST"])
def act(request: OfficeRequest, case_id: int, slug: str) -> HttpResponse:
    """GET opens the form of one action; POST does it, if the case is still as the person saw it."""
    case = request.scope.case(case_id)
    action = actions.BY_SLUG.get(slug)
    if action is None:
        raise Http404
    if request.method != "POST":
        return _page(request, case, action, _empty_form(action, case))
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
    action = actions.next_one(case.facts)
    return _page(request, case, action, _empty_form(action, case), revealed=True)


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


def _empty_form(action: Action | None, case: Case) -> ActionForm | None:
    if action is None or action not in actions.allowed(case.facts):
        return None
    return action.form(today=timezone.localdate(), case=case)


def _page(
    request: OfficeRequest, case: Case, action: Action | None, form: ActionForm | None, *, revealed: bool = False, status: int = 200
) -> HttpResponse:
    context = _context(case, action, form, revealed=revealed) | _desk(request, case)
    return render(request, "dashboard/case.html", context | {"timeline": _timeline(context["told"], case, context["notes"])}, status=status)


def _desk(request: OfficeRequest, case: Case) -> dict[str, Any]:
    """What the office keeps beside the case: notes, who is called in them, whose it is."""
    calls = Mention.objects.filter(user=request.user, note__case=case, seen_at=None)
    return {
        "notes": list(Note.objects.filter(case=case).select_related("author").order_by("-at")[:SHOWN]), "called": calls.exists(),
        "assigned": Assignment.objects.filter(case=case).values_list("user_id", flat=True).first() or "",
        "colleagues": colleagues(request.scope), "token": uuid.uuid4(), "longest_note": notes.LONGEST,
    }  # fmt: skip


def _timeline(told: list[Told], case: Case, written: list[Note]) -> list[tuple[dt.datetime, str, Any]]:
    """Everything that happened, the newest first: (when it was noted, what sort of thing, the thing)."""
    mails = Reminder.objects.filter(case=case).select_related("kind").order_by("-pk")[:SHOWN]
    lines: list[tuple[dt.datetime, str, Any]] = [(line.event.at, "event", line) for line in told]
    lines += [(note.at, "note", note) for note in written]
    lines += [(mail.sent_at or mail.created_at, "mail", mail) for mail in mails]
    return sorted(lines, key=lambda line: line[0], reverse=True)


def _context(case: Case, action: Action | None, form: ActionForm | None, *, revealed: bool) -> dict[str, Any]:
    facts, today = case.facts, timezone.localdate()
    waiting = list(Errand.objects.filter(case=case, status__in=Errand.UNFINISHED).order_by("pk"))
    allowed = actions.allowed(facts)
    sent = action.verb if action and action.channel is not Channel.BY_HAND else None
    on_its_way = any(errand.kind == sent and errand.status == Errand.Status.OPEN for errand in waiting)
    if form and on_its_way and not form.is_bound:
        # The page says so instead of asking again.
        form = None
    return {
        "case": case, "facts": facts, "today": today, "whose": whose(facts), "steps": path.steps(facts),
        "due": Schedule().explain(facts, case.plantel_id), "notices": notices(facts), "papers": _papers(case, today),
        "told": tell(_events(case), dict(PaperKind.objects.values_list("key", "label"))),
        "waiting": waiting, "imss": explain.why(case), "last_night": explain.last_night(case, today),
        "action": action, "form": form, "next": actions.next_one(facts, allowed),
        "other": [each for each in allowed if not each.grave], "grave": [each for each in allowed if each.grave],
        "automatic": is_automatic(), "revealed": revealed, "printable": kinds.applicable(facts),
    }  # fmt: skip


def _events(case: Case) -> list[Event]:
    return list(case.events.order_by("-seq")[:SHOWN])


def _papers(case: Case, today: dt.date) -> list[dict[str, Any]]:
    """The papers the plantel asks for with the acuse, each with its status."""
    minor = is_minor(case.student.birth_date, today)
    return checklist(case.facts, Wanted(Verb.DELIVER_ACUSE, [case.plantel_id]).kinds(case.plantel_id, minor=minor))
