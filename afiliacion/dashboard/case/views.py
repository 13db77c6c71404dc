"""The page of one case: who, where it stands, the one next thing, what else can be done, and everything that happened."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from typing import Any, Final, NamedTuple

from django.contrib import messages
from django.contrib.auth.models import User
from django.db.models import F, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases import schedule
from afiliacion.cases.engine import ASKED
from afiliacion.cases.history.text import HistoryLine, history_lines
from afiliacion.cases.identity.unmerging import last_merge
from afiliacion.cases.models import Case, ConsentRequest, Event, Evidence, RecordChange
from afiliacion.cases.papers import required
from afiliacion.cases.papers.required import Wanted, checklist, is_minor
from afiliacion.cases.schedule import Schedule
from afiliacion.cases.states import Verb, rests
from afiliacion.cases.turn import notices, whose_turn
from afiliacion.dashboard.case import actions, channels, correction, notes, rejected, stepper
from afiliacion.dashboard.case.actions import Action, Channel
from afiliacion.dashboard.case.channels import Automatic
from afiliacion.dashboard.case.execute import carry_out
from afiliacion.dashboard.case.forms import ActionForm
from afiliacion.dashboard.models import Assignment, Disclosure, Mention, Note
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.dashboard.shared.assignees import lapsed
from afiliacion.dashboard.shared.colleagues import colleagues, name_of, working_with
from afiliacion.database.batch_queries import Batch, Parameter, together
from afiliacion.documents.kinds import catalogue as kinds
from afiliacion.imss.models import Errand
from afiliacion.imss.screens import explain
from afiliacion.imss.screens.explain import ErrandHistory
from afiliacion.insurance.facts import CoverOwner
from afiliacion.insurance.models import Cover
from afiliacion.movements.models import Movement
from afiliacion.reminders.models import Reminder
from students.models import FormerValue

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
    today = case.plantel.day(timezone.now())
    form = action.form(request.POST, request.FILES, today=today, case=case, planteles=request.scope.plantel_ids)
    seen = request.POST.get("version", "")
    if not (form.is_valid() and seen.isascii() and seen.isdigit()):
        return _page(request, case, action, form, status=422)
    return _do(request, case, action, int(seen), form)


def _do(request: OfficeRequest, case: Case, action: Action, seen: int, form: ActionForm) -> HttpResponse:
    result = carry_out(action, {case.pk: seen}, form.cleaned_data, request.scope, timezone.now())
    changed = case.version != seen
    if result.requested:
        messages.info(request, ASKED)
    if result.done:
        messages.success(request, f"Listo: {action.label}.")
    elif result.requested:
        return redirect("case", case.pk)
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
        former = list(FormerValue.objects.filter(student=case.student_id).order_by("-at", "-pk"))
        shown = {"case": case, "revealed": True, **correction.former(case, former, ())}
        return render(request, "dashboard/case/_numbers.html", shown)
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
    tonight, scope = timezone.localdate(), request.scope
    rows = together(
        _queries(everywhere=scope.plantel_ids is None), case=case.pk, night=tonight, user=scope.user.pk, step=Verb.DELIVER_ACUSE,
        planteles=[case.plantel_id], own=sorted(scope.plantel_ids or ()),
    )  # fmt: skip
    wanted, asked = Wanted(Verb.DELIVER_ACUSE, [case.plantel_id], rows.wanted), ErrandHistory(case, tonight, rows.imss)
    by_id = {user.pk: user for user in rows.authors}
    for note in rows.notes:
        note.author = by_id[note.author_id]
    if form is None and action and action.form.from_address:
        form = action.form(today=case.plantel.day(timezone.now()), case=case, planteles=scope.plantel_ids, address=request.GET)
    automatic = channels.of_case(case, rows.channels, rows.imss.settings[0], rows.covers)
    context = _context(case, action, form, wanted, asked, automatic, revealed=revealed)
    context["channels"] = channels.told(context["facts"], automatic, rows.channels, scope.plantel_ids)
    context["notices"] += [f"{each.get_status_display()}: {each.get_kind_display().lower()}." for each in rows.pending]
    desk = {
        "due": Schedule(rows.schedule).explain(context["facts"], case.plantel_id), "notes": rows.notes, "called": bool(rows.mentions),
        "assigned": rows.assignments[0].user_id if rows.assignments else "", "colleagues": colleagues(scope, rows.colleagues),
        "gone": name_of(rows.gone[0]) if rows.gone else "", "covers": rows.covers,
        "token": uuid.uuid4(), "longest_note": notes.LONGEST,
        "timeline": _timeline(history_lines(rows.events, wanted.labels), rows.mails, rows.notes, rows.changes),
    }  # fmt: skip
    context |= correction.former(case, rows.former, rows.events)
    context["rejections"] = rejected.of_case(case, rows.movements, scope, tonight)
    context["merged"] = any(event.verb == Verb.MERGE for event in rows.events) and last_merge(case.student_id) is not None
    return render(request, "dashboard/case/page.html", context | desk, status=status)


# Not those the person has under the registros of other planteles.
_ITS_COVERS: Final = Cover.objects.filter(
    Q(registro=F("student__cases__registro")) | Q(pk=F("student__cases__former_cover")),
    student__cases=Parameter("case"), whose=CoverOwner.OURS, registro__gt="",
).order_by("since", "pk")  # fmt: skip
_ITS_NOTES: Final = Note.objects.filter(case=Parameter("case"))


class _PageRows(NamedTuple):
    """All the page shows of a case besides the case itself. `mentions`: of this person in its notes, not seen yet; `gone`: its
    assignee, if they do not work there any more; `former`: what the person's data were before corrections; `movements`: of each type the
    last in a lote."""

    wanted: required.WantedRows
    imss: explain.ErrandRows
    channels: channels.ChannelRows
    schedule: schedule.ScheduleRows
    events: list[Event]
    mails: list[Reminder]
    mentions: list[Mention]
    assignments: list[Assignment]
    gone: list[User]
    notes: list[Note]
    changes: list[RecordChange]
    former: list[FormerValue]
    covers: list[Cover]
    movements: list[Movement]
    authors: list[User]
    pending: list[ConsentRequest]
    colleagues: list[User]


@cache
def _queries(*, everywhere: bool) -> Batch[_PageRows]:
    case = Parameter("case")
    return Batch(
        _PageRows,
        wanted=required.QUERIES,
        imss=explain.QUERIES,
        channels=channels.QUERIES,
        schedule=schedule.QUERIES,
        events=Event.objects.filter(case=case).order_by("-seq")[:SHOWN],
        mails=Reminder.objects.filter(case=case).annotate(about=F("kind__name")).order_by("-pk")[:SHOWN],
        mentions=Mention.objects.filter(user=Parameter("user"), note__case=case, seen_at=None),
        assignments=Assignment.objects.filter(case=case),
        gone=User.objects.filter(pk__in=lapsed().filter(case=case).values("user")).only("first_name", "last_name", "username"),
        notes=_ITS_NOTES.order_by("-at")[:SHOWN],
        changes=RecordChange.objects.filter(student__cases=case).order_by("-at")[:SHOWN],
        former=FormerValue.objects.filter(student__cases=case).order_by("-at", "-pk")[:SHOWN],
        covers=_ITS_COVERS,
        movements=Movement.objects.filter(case=case).exclude(status=Movement.Status.CANCELLED).order_by("type", "-pk").distinct("type"),
        authors=User.objects.filter(pk__in=_ITS_NOTES.values("author")).only("first_name", "last_name", "username"),
        pending=ConsentRequest.objects.filter(case=case, status=ConsentRequest.Status.PENDING).order_by("-pk"),
        colleagues=working_with(everywhere=everywhere),
    )


def _timeline(
    told: list[HistoryLine], mails: list[Reminder], written: list[Note], changed: list[RecordChange]
) -> list[tuple[dt.datetime, str, Any]]:
    """Everything that happened, the newest first: (when it was noted, what sort of thing, the thing)."""
    lines: list[tuple[dt.datetime, str, Any]] = [(line.event.at, "event", line) for line in told]
    lines += [(note.at, "note", note) for note in written]
    lines += [(change.at, "change", change) for change in changed]
    lines += [(mail.sent_at or mail.created_at, "mail", mail) for mail in mails]
    return sorted(lines, key=lambda line: line[0], reverse=True)


def _context(
    case: Case, action: Action | None, form: ActionForm | None, wanted: Wanted, asked: ErrandHistory, automatic: Automatic, *,
    revealed: bool,
) -> dict[str, Any]:  # fmt: skip
    facts, today = case.facts, case.plantel.day(timezone.now())
    allowed = actions.allowed(facts, automatic)
    following = actions.next_one(facts, allowed)
    action = action or following
    # What is on its way already the page says, instead of asking for it again.
    if form is None and action in allowed and not _on_its_way(action, asked.unfinished):
        form = action.form(today=today, case=case)
    return {
        "case": case, "facts": facts, "today": today, "whose": whose_turn(facts), "steps": stepper.steps(facts),
        "notices": notices(facts), "at_rest": rests(facts.state, facts.coverage),
        "wanted": wanted, "papers": checklist(facts, wanted.kinds(case.plantel_id, minor=is_minor(case.student.birth_date, today))),
        "waiting": asked.unfinished, "imss": asked.why(), "last_night": asked.last_night(), "outage": asked.outage,
        "action": action, "form": form, "next": following,
        "other": [each for each in allowed if not each.grave], "grave": [each for each in allowed if each.grave],
        "automatic": asked.automatic, "revealed": revealed, "printable": kinds.applicable(facts),
    }  # fmt: skip


def _on_its_way(action: Action, unfinished: list[Errand]) -> bool:
    sent = None if action.channel is Channel.BY_HAND else action.verb
    return any(errand.kind == sent and errand.status == Errand.Status.OPEN for errand in unfinished)
