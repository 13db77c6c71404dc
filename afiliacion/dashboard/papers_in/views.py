"""«Hojas por revisar»: the documents that wait for a person, one after the other, each decided once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from django.contrib import messages
from django.db.models import QuerySet
from django.forms import BoundField
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from afiliacion.dashboard.models import Disclosure
from afiliacion.dashboard.papers_in import shown, visible
from afiliacion.dashboard.papers_in.forms import BringForm, RefuseForm, ReviewForm, VersionForm
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.papers_in import telling, waiting
from afiliacion.papers_in.decide import acting, deciding
from afiliacion.papers_in.decide.acting import NotDone
from afiliacion.papers_in.judgment import Proposal
from afiliacion.papers_in.models import BroughtPaper, Door

#: Rows of a page; bundles and sheets without a file below.
SHOWN: Final = 50
BUNDLES: Final = 5
Status = BroughtPaper.Status
#: Fields of the answer that are folded where the document says nothing of them.
_SPARE: Final = ("dated", "umf", "turno", "consultorio", "registro")
_SUFFIXES: Final = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


@require_safe
def queue(request: OfficeRequest) -> HttpResponse:
    """The documents that wait, the oldest first; `desde` is the last of the page before."""
    asked = request.GET.get("desde", "")
    since = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else 0
    rows = list(_waiting(request).filter(pk__gt=since).select_related("case__student", "case__enrolment", "plantel")[: SHOWN + 1])
    alone = waiting.on_paper_alone(request.scope.cases()).select_related("student", "plantel", "enrolment")
    context = {
        "rows": [_row(paper) for paper in rows[:SHOWN]], "more": rows[SHOWN - 1].pk if len(rows) > SHOWN else 0, "since": since,
        "alone": list(alone.order_by("due_order", "pk")[:SHOWN]), "today": request.scope.day(timezone.now()), "bring_form": BringForm(),
        "bundles": list(visible.bundles(request.scope).order_by("-brought_at")[:BUNDLES]),
        "unread": visible.papers(request.scope).filter(status=Status.UNREAD).count(),
    }  # fmt: skip
    return render(request, "dashboard/papers_in/queue.html", context)


@require_safe
def brought(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """One document without its data: they are asked for by a POST, which writes down who saw them."""
    return _page(request, visible.paper_of(request, paper_id))


@require_POST
def show(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """The document with its data; that this person saw them is written down first."""
    paper = visible.paper_of(request, paper_id)
    asked = request.POST.get("pagina", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else None
    return _shown(request, paper, number=number)


@require_POST
def accept(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """Do what the document says, with the values as the officer left them."""
    paper = visible.paper_of(request, paper_id)
    form = _form(request, paper, request.POST)
    if not form.is_valid():
        return _shown(request, paper, form=form, status=422)
    try:
        done = deciding.accept(
            paper.pk, form.cleaned_data["version"], form.noted(), case=form.chosen, act=request.scope.act(timezone.now())
        )
    except deciding.AlreadyDecided as why:
        return _told(request, paper, str(why))
    except NotDone as why:
        form.add_error(None, str(why))
        return _shown(request, paper, form=form, status=422)
    said = {True: messages.info, False: messages.success}[done.asked]
    said(request, " ".join([_accepted(done.paper, form.noted().proposal, asked=done.asked), *done.lacking]))
    return _next(request, paper)


def _accepted(paper: BroughtPaper, proposal: Proposal, *, asked: bool) -> str:
    whose = f" de {paper.case.student.full_name}" if paper.case else ""
    if asked:
        return f"La hoja{whose} sigue por revisar."
    return f"Hoja{whose}: {acting.LABELS[proposal].lower()}. Listo."


@require_POST
def refuse(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """The document will not do; the student reads why."""
    paper = visible.paper_of(request, paper_id)
    form = RefuseForm(request.POST)
    if not form.is_valid():
        return _shown(request, paper, refusing=form, status=422)
    why, version = form.cleaned_data["why"], form.cleaned_data["version"]
    return _decide(
        request, paper, lambda: deciding.refuse(paper.pk, version, why, act=request.scope.act(timezone.now())), "Hoja rechazada: «{}»", why
    )


@require_POST
def set_aside(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """The document is kept and nothing follows from it."""
    paper, version = visible.paper_of(request, paper_id), _version(request)
    act = request.scope.act(timezone.now())
    return _decide(request, paper, lambda: deciding.set_aside(paper.pk, version, "", act=act), "Hoja apartada: no se anotó nada.")


@require_POST
def undo(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """Take the last decision back: the document waits again."""
    paper, version = visible.paper_of(request, paper_id), _version(request)
    try:
        deciding.take_back(paper.pk, version, act=request.scope.act(timezone.now()))
    except NotDone as why:
        messages.error(request, str(why))
    else:
        messages.success(request, "Se deshizo: la hoja espera otra vez su decisión.")
    return redirect("brought", paper.pk)


@require_POST
def file(request: OfficeRequest, paper_id: int) -> HttpResponse:
    """The document as it came, only to be saved; who took it is written down first."""
    paper = visible.paper_of(request, paper_id)
    if paper.evidence is None:
        raise Http404
    _disclose(request, paper)
    response = HttpResponse(bytes(paper.evidence.body), content_type="application/octet-stream")
    ending = _SUFFIXES.get(paper.evidence.media_type, ".bin")
    response.headers["Content-Disposition"] = f'attachment; filename="{paper}{ending}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _decide(request: OfficeRequest, paper: BroughtPaper, do: Callable[[], BroughtPaper], said: str, *about: str) -> HttpResponse:
    try:
        do()
    except deciding.AlreadyDecided as why:
        return _told(request, paper, str(why))
    messages.success(request, said.format(*about))
    return _next(request, paper)


def _told(request: OfficeRequest, paper: BroughtPaper, why: str) -> HttpResponse:
    messages.info(request, why)
    return redirect("brought", paper.pk)


def _next(request: OfficeRequest, paper: BroughtPaper) -> HttpResponse:
    """Where the officer goes on: the document behind this one, else the first; what came at the counter leads back to it."""
    if paper.door == Door.COUNTER and paper.brought_by_id == request.user.pk:
        return redirect("counter")
    following = _waiting(request).filter(pk__gt=paper.pk).first() or _waiting(request).exclude(pk=paper.pk).first()
    where = reverse("brought", args=[following.pk]) if following else reverse("sheets")
    return redirect(f"{where}?antes={paper.pk}")


def _waiting(request: OfficeRequest) -> QuerySet[BroughtPaper]:
    return visible.papers(request.scope).filter(status=Status.WAITING).order_by("pk")


def _version(request: OfficeRequest) -> int:
    form = VersionForm(request.POST)
    return form.cleaned_data["version"] if form.is_valid() else -1


def _form(request: OfficeRequest, paper: BroughtPaper, data: Any = None) -> ReviewForm:
    now = timezone.now()
    today = paper.case.plantel.day(now) if paper.case else request.scope.day(now)
    return ReviewForm(data, today=today, case=paper.case, paper=paper, planteles=request.scope.plantel_ids)


def _disclose(request: OfficeRequest, paper: BroughtPaper) -> None:
    Disclosure.objects.create(
        user=request.user, case_id=paper.case_id, what=Disclosure.What.PAPER, detail=paper.evidence_id or str(paper), at=timezone.now()
    )


def _shown(
    request: OfficeRequest, paper: BroughtPaper, *, form: ReviewForm | None = None, refusing: RefuseForm | None = None,
    number: int | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page with the data; a script asks for that part of it alone."""
    _disclose(request, paper)
    form = form or _form(request, paper)
    marks = form.marks()
    fields = [(field, marks.get(field.name, "")) for field in form.visible_fields() if _wanted(form, field.name)]
    context = {
        "page": shown.page(paper, number), "lines": shown.lines(paper, paper.case), "form": form, "scale": shown.SCALE,
        "fields": [(field, mark) for field, mark in fields if not _is_spare(field)],
        "spare": [(field, mark) for field, mark in fields if _is_spare(field)],
        "refuse": refusing or RefuseForm(initial={"version": paper.version}), "decides": paper.status == Status.WAITING,
    }  # fmt: skip
    if request.htmx and status == 200:
        return render(request, "dashboard/papers_in/_review.html", {"paper": paper, "shown": True, **context})
    return _page(request, paper, status=status, shown=True, **context)


def _wanted(form: ReviewForm, name: str) -> bool:
    return name != "looked_twice" or form.suspicious


def _is_spare(field: BoundField) -> bool:
    """Whether a field is folded: it is empty, as that of a value which the document does not have."""
    return field.name in _SPARE and not field.value() and not field.errors


def _page(request: OfficeRequest, paper: BroughtPaper, *, status: int = 200, **context: Any) -> HttpResponse:
    context.setdefault("shown", False)
    behind = {"name": telling.name_of(paper), "left": _waiting(request).count(), "before": _before(request), "proposal": _proposal(paper)}
    return render(request, "dashboard/papers_in/paper.html", {"paper": paper, **behind, **context}, status=status)


def _before(request: OfficeRequest) -> BroughtPaper | None:
    """The document this person has just decided, to be taken back."""
    asked = request.GET.get("antes", "")
    if not (asked.isascii() and asked.isdigit() and len(asked) < 19):
        return None
    decided = visible.papers(request.scope).filter(pk=int(asked), decided_by=request.user).exclude(status=Status.WAITING)
    return decided.select_related("case__student").first()


def _proposal(paper: BroughtPaper) -> str:
    return acting.LABELS[Proposal(paper.proposal)] if paper.proposal else ""


def _row(paper: BroughtPaper) -> tuple[BroughtPaper, str, str]:
    return paper, telling.name_of(paper), _proposal(paper)
