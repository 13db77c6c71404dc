"""The student's page: one screen that says where they are, and a form for each thing they can do."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases.models import Case
from afiliacion.cases.states import TRANSITIONS, State, Verb
from afiliacion.reminders.letter import values_for
from afiliacion.reminders.links import Purpose
from afiliacion.student_page import doing, story
from afiliacion.student_page.door import behind_link
from afiliacion.student_page.forms import ContactForm, RenounceForm, SheetForm
from afiliacion.student_page.limits import PAPERS

#: What was just done, as the page says it after a redirect.
_DONE = {
    "hoja": "Recibimos tu hoja. La escuela la va a revisar.",
    "renuncia": "Tu renuncia quedó registrada.",
    "quiero": "Listo: tu trámite sigue donde se quedó.",
    "datos": "Guardamos tus datos nuevos.",
}


@require_safe
def _page(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    return _show(request, case, token, SheetForm() if story.may_bring_sheet(case) else None)


@require_POST
def _sheet(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    if not story.may_bring_sheet(case):
        return redirect("student_page:page", token)
    form = SheetForm(request.POST, request.FILES)
    if not PAPERS.note(str(case.pk)):
        form.add_error(None, "Hoy ya subiste muchos archivos. Inténtalo mañana, o lleva tu hoja al plantel.")
    if not form.is_valid():
        return _show(request, case, token, form, status=422)
    body, media_type = form.cleaned_data["sheet"]
    outcome = doing.bring_sheet(case, body, media_type, today=timezone.localdate(), now=timezone.now())
    return _after("hoja", outcome.skipped.get(case.pk, ""), request, case, token, form)


@require_http_methods(["GET", "HEAD", "POST"])
def _renounce(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    today = timezone.localdate()
    if case.state not in TRANSITIONS[Verb.RENOUNCE]:
        return redirect("student_page:page", token)
    form = RenounceForm(case, request.POST or None, today=today)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        outcome = doing.renounce(case, reason=said["reason"], tutor=said.get("tutor", ""), today=today, now=timezone.now())
        if outcome.done:
            return _done("renuncia", token)
        form.add_error(None, f"No se pudo desde aquí: {outcome.skipped[case.pk]} Acude a tu plantel.")
    return _form(request, "student_page/renounce.html", case, token, form)


@require_POST
def _want(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    outcome = doing.want_it_after_all(case, today=timezone.localdate(), now=timezone.now())
    return _after("quiero", outcome.skipped.get(case.pk, ""), request, case, token, None)


@require_http_methods(["GET", "HEAD", "POST"])
def _contact(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    form = ContactForm(case, request.POST or None)
    if request.method == "POST" and form.is_valid():
        doing.correct_contact(case, email=form.cleaned_data["email"], phone=form.cleaned_data["phone"])
        return _done("datos", token)
    return _form(request, "student_page/contact.html", case, token, form)


@require_http_methods(["GET", "HEAD", "POST"])
def _unsubscribe(request: HttpRequest, case: Case, token: str) -> HttpResponse:
    """GET asks; POST ends it, also when it is the mail program that posts (RFC 8058)."""
    if request.method == "POST":
        doing.end_optional_mail(case, timezone.now())
    return render(request, "student_page/unsubscribe.html", {"done": request.method == "POST", "plantel": case.plantel})


page, sheet, renounce, want, contact = map(behind_link, (_page, _sheet, _renounce, _want, _contact))
# A mail program has no cookie of ours: its one click is as good as its link.
unsubscribe = csrf_exempt(login_not_required(behind_link(_unsubscribe, Purpose.UNSUBSCRIBE)))


def _after(what: str, refused: str, request: HttpRequest, case: Case, token: str, form: SheetForm | None) -> HttpResponse:
    return _show(request, case, token, form, status=409, refused=refused) if refused else _done(what, token)


def _done(what: str, token: str) -> HttpResponse:
    response = redirect("student_page:page", token)
    response.headers["Location"] += f"?listo={what}"
    return response


def _form(request: HttpRequest, template: str, case: Case, token: str, form: Any) -> HttpResponse:
    context = {"form": form, "token": token, "case": case, "plantel": case.plantel}
    return render(request, template, context, status=422 if form.errors else 200)


def _show(request: HttpRequest, case: Case, token: str, form: SheetForm | None, *, status: int = 200, refused: str = "") -> HttpResponse:
    values = values_for(case)
    context = {
        "story": story.tell(case, timezone.localdate()), "token": token, "case": case, "form": form, "refused": refused,
        "said": _DONE.get(request.GET.get("listo", ""), ""), "nombre": values["nombre"],
        "office": {name: values[name] for name in ("plantel", "responsable", "correo", "telefono", "domicilio", "horario")},
        "may_renounce": case.state in TRANSITIONS[Verb.RENOUNCE], "may_return": case.state == State.RENUNCIA,
    }  # fmt: skip
    return render(request, "student_page/page.html", context, status=status)
