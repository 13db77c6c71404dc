"""The student's page: one screen that says where they are, and a form for each thing they can do."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion import wake
from afiliacion.cases.models import Case
from afiliacion.cases.states import BEFORE_THE_SHEET, TRANSITIONS, State, Verb
from afiliacion.operations.mail_sender import SEND_MAIL
from afiliacion.reminders.decide import codes
from afiliacion.reminders.letters.compose import values_for
from afiliacion.reminders.letters.links import Purpose
from afiliacion.student_page import actions, progress, told
from afiliacion.student_page.forms import ContactForm, RenounceForm, SheetForm
from afiliacion.student_page.token_access import LinkRequest, behind_link
from afiliacion.student_page.try_limits import CODES, PAPERS

#: Seconds after which the page looks again whether a document was read; it needs no script.
LOOK_AGAIN = 4
#: What was just done, as the page says it after a redirect.
_DONE = {
    "hoja": "Recibimos tu archivo.",
    "renuncia": "Tu renuncia quedó registrada.",
    "quiero": "Listo: tu trámite sigue donde se quedó.",
    "datos": "Guardamos tus datos nuevos.",
}


def _today(case: Case) -> dt.date:
    """What they do is dated by the day it is at their plantel."""
    return case.plantel.day(timezone.now())


@require_safe
def _page(request: LinkRequest, case: Case) -> HttpResponse:
    return _show(request, case, SheetForm() if progress.may_bring(case) else None)


@require_POST
def _sheet(request: LinkRequest, case: Case) -> HttpResponse:
    if not progress.may_bring(case):
        return redirect("student_page:page", request.token)
    form = SheetForm(request.POST, request.FILES)
    if not PAPERS.count(str(case.pk)):
        form.add_error(None, "Hoy ya subiste muchos archivos. Inténtalo mañana, o lleva tu hoja al plantel.")
    if not form.is_valid():
        return _show(request, case, form, status=422)
    body, _ = form.cleaned_data["sheet"]
    outcome = actions.bring_paper(case, body, form.filename, origin=request.origin, today=_today(case), now=timezone.now())
    return _after("hoja", outcome.skipped.get(case.pk, ""), request, case, form)


@require_http_methods(["GET", "HEAD", "POST"])
def _renounce(request: LinkRequest, case: Case) -> HttpResponse:
    """The form without its code sends one; with it, the student renounces."""
    if case.state not in TRANSITIONS[Verb.RENOUNCE]:
        return redirect("student_page:page", request.token)
    form = RenounceForm(case, request.POST or None, today=_today(case))
    if request.method != "POST" or not form.is_valid():
        return _form(request, "student_page/renounce.html", case, form)
    if "otro" in request.POST or not form.cleaned_data["code"]:
        return _send_code(request, case, form)
    return _confirm_renuncia(request, case, form)


def _send_code(request: LinkRequest, case: Case, form: RenounceForm) -> HttpResponse:
    sent_to = ""
    if not CODES.count(str(case.pk)):
        form.add_error(None, "Ya te enviamos varios códigos. Espera una hora, o lleva tu carta firmada a la ventanilla de tu plantel.")
    else:
        try:
            sent_to = codes.hidden(actions.ask_to_renounce(case, now=timezone.now()).mail.recipient)
            wake.after_commit(SEND_MAIL)
        except codes.NoCode as why:
            form.add_error(None, str(why))
    return _form(request, "student_page/renounce.html", case, form, sent_to=sent_to)


def _confirm_renuncia(request: LinkRequest, case: Case, form: RenounceForm) -> HttpResponse:
    given = form.cleaned_data
    outcome = actions.renounce(
        case, given["code"], origin=request.origin, reason=given["reason"], tutor=given.get("tutor", ""), today=_today(case),
        now=timezone.now(),
    )  # fmt: skip
    if outcome.done:
        return _done("renuncia", request)
    why = outcome.skipped[case.pk]
    if why == actions.WRONG_CODE:
        form.add_error("code", why)
    else:
        form.add_error(None, f"No se pudo desde aquí: {why} Acude a tu plantel.")
    return _form(request, "student_page/renounce.html", case, form)


@require_POST
def _want(request: LinkRequest, case: Case) -> HttpResponse:
    outcome = actions.want_it_after_all(case, origin=request.origin, today=_today(case), now=timezone.now())
    return _after("quiero", outcome.skipped.get(case.pk, ""), request, case, None)


@require_http_methods(["GET", "HEAD", "POST"])
def _contact(request: LinkRequest, case: Case) -> HttpResponse:
    form = ContactForm(case, request.POST or None)
    if request.method == "POST" and form.is_valid():
        email, phone = form.cleaned_data["email"], form.cleaned_data["phone"]
        actions.correct_contact(case, email=email, phone=phone, origin=request.origin, now=timezone.now())
        wake.after_commit(SEND_MAIL)
        return _done("datos", request)
    return _form(request, "student_page/contact.html", case, form)


@require_http_methods(["GET", "HEAD", "POST"])
def _unsubscribe(request: LinkRequest, case: Case) -> HttpResponse:
    """GET asks; POST ends it, also when it is the mail program that posts (RFC 8058)."""
    resumed = "volver" in request.POST
    if resumed:
        actions.resume_optional_mail(case)
    elif request.method == "POST":
        actions.end_optional_mail(case, timezone.now())
    context = {"done": request.method == "POST" and not resumed, "resumed": resumed, "plantel": case.plantel}
    return render(request, "student_page/unsubscribe.html", context)


page, sheet, renounce, want, contact = map(behind_link, (_page, _sheet, _renounce, _want, _contact))
# A mail program has no cookie of ours: its one click is as good as its link.
unsubscribe = csrf_exempt(login_not_required(behind_link(_unsubscribe, Purpose.UNSUBSCRIBE)))


def _after(what: str, refused: str, request: LinkRequest, case: Case, form: SheetForm | None) -> HttpResponse:
    return _show(request, case, form, status=409, refused=refused) if refused else _done(what, request)


def _done(what: str, request: LinkRequest) -> HttpResponse:
    response = redirect("student_page:page", request.token)
    response.headers["Location"] += f"?listo={what}"
    return response


def _form(request: LinkRequest, template: str, case: Case, form: Any, **more: Any) -> HttpResponse:
    context = {"form": form, "token": request.token, "case": case, "plantel": case.plantel, **more}
    return render(request, template, context, status=422 if form.errors else 200)


def _show(request: LinkRequest, case: Case, form: SheetForm | None, *, status: int = 200, refused: str = "") -> HttpResponse:
    values, said = values_for(case), told.of(actions.last_brought(case), case, timezone.now())
    context = {
        "progress": progress.describe(case, _today(case)), "token": request.token, "case": case, "form": form, "refused": refused,
        "done": _DONE.get(request.GET.get("listo", ""), ""), "nombre": values["nombre"],
        "office": {name: values[name] for name in ("plantel", "responsable", "correo", "telefono", "domicilio", "horario")},
        "may_renounce": case.state in TRANSITIONS[Verb.RENOUNCE], "may_return": case.state == State.RENUNCIA,
        "was_repeated": request.was_repeated, "brought": said, "first_sheet": case.state in BEFORE_THE_SHEET,
    }  # fmt: skip
    response = render(request, "student_page/page.html", context, status=status)
    if said and said.again:
        response.headers["Refresh"] = str(LOOK_AGAIN)
    return response
