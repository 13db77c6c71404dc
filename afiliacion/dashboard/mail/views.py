"""Avisos: tonight's mail and how to stop it, what did not arrive, why a student was or was not mailed, the texts."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from afiliacion.cases.engine import ASKED
from afiliacion.cases.history import record_changes
from afiliacion.cases.models import RecordChange
from afiliacion.cases.papers.required import is_minor
from afiliacion.cases.states import State
from afiliacion.dashboard.settings_screens.section_form import ModelForm
from afiliacion.dashboard.shared.access import OfficeRequest
from afiliacion.imss.rate import circuit_breaker
from afiliacion.operations.night_state import coming
from afiliacion.reminders import tutors
from afiliacion.reminders.address import address
from afiliacion.reminders.decide import receipts
from afiliacion.reminders.decide.explain import why
from afiliacion.reminders.decide.hours import Hours
from afiliacion.reminders.decide.night import preview
from afiliacion.reminders.delivery import mail_stops
from afiliacion.reminders.letters import editions, links
from afiliacion.reminders.letters.compose import Links, compose
from afiliacion.reminders.letters.templates import Texts, from_parts
from afiliacion.reminders.models import MailPause, Reminder, ReminderKind, Tutor
from students.models import Plantel

SHOWN: Final = 50
_MOST_DIGITS: Final = 9
#: The kinds whose words a plantel may make its own: all but the office's own digests and alarms.
_LETTERS: Final = ReminderKind.objects.exclude(texts="").exclude(audience__in=(ReminderKind.Audience.OFFICER, ReminderKind.Audience.ALARM))
_SAMPLE_PAGE: Final = "https://afiliacion.example.mx/a/…"
#: The student's own link is theirs alone, also in a mail that is kept.
_LINK: Final = re.compile(r"(/[ax]/)\S+")
#: A mail is shown as a mail program would: styled, and nothing more.
MAIL_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox"


@require_safe
def notices(request: OfficeRequest) -> HttpResponse:
    """What waits, and what did not arrive; with `noche`, what goes out tonight: counting it takes longer than all the rest."""
    own, now = request.scope.plantel_ids, timezone.now()
    night, at = coming(now)
    counted = "noche" in request.GET
    trouble = _own(request).filter(status__in=mail_stops.TROUBLE).select_related("case__student", "kind").order_by("-night", "-pk")
    context = {
        "tonight": preview(night, at, outage=circuit_breaker.current() is not None, planteles=own) if counted else None, "night": night,
        "counted": counted,
        "waiting": _own(request).filter(status=Reminder.Status.QUEUED, part_of=None).count(),
        "pause": MailPause.in_force(now), "stops": mail_stops.stops(own), "planteles": request.scope.planteles(), "everything": own is None,
        "trouble": trouble[:SHOWN], "bad": mail_stops.bad_addresses(request.scope.cases())[:SHOWN],
    }  # fmt: skip
    return render(request, "dashboard/mail/notices.html", context)


@require_POST
def stop(request: OfficeRequest) -> HttpResponse:
    """Stop the mail of a plantel, or of all of them (a coordinator's): nothing that waits goes out."""
    plantel = _plantel(request)
    mail_stops.stop(plantel, by=request.user, now=timezone.now())
    messages.success(request, f"Alto: no sale ningún correo de {plantel or 'ningún plantel'} hasta que usted lo levante.")
    return redirect("notices")


@require_POST
def lift(request: OfficeRequest) -> HttpResponse:
    plantel = _plantel(request)
    mail_stops.lift(plantel, by=request.user, now=timezone.now())
    messages.success(request, "Los correos vuelven a salir, cada uno a su hora; lo que ya no haga falta no se envía.")
    return redirect("notices")


@require_POST
def again(request: OfficeRequest, reminder_id: int) -> HttpResponse:
    """A person decides that a mail in doubt goes out once more."""
    reminder = get_object_or_404(_own(request), pk=reminder_id)
    if mail_stops.send_again(reminder, now=timezone.now()):
        messages.success(request, f"El correo para {reminder.recipient} sale otra vez a la siguiente hora permitida.")
    else:
        messages.error(request, "Ese correo ya no está en duda: no se hizo nada.")
    return redirect("notices")


@require_POST
def works(request: OfficeRequest) -> HttpResponse:
    """Mark a rejected address as working again."""
    email = request.POST.get("address", "")
    if mail_stops.address_works(email, request.scope.cases(), act=request.scope.act(timezone.now())):
        messages.success(request, f"Se volverá a escribir a {email}.")
    else:
        messages.info(request, "Ese correo ya no está en la lista: no se hizo nada.")
    return redirect("notices")


@require_safe
def because(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Why the student of a case got a mail on a night, or none; and the mails there were."""
    case = request.scope.case(case_id)
    night = parse_date(request.GET.get("noche", "")) or timezone.localdate()
    mails = Reminder.objects.filter(student=case.student_id, part_of=None).filter(Q(case=case) | Q(case=None)).order_by("-night", "-pk")
    shown = [(mail, _LINK.sub(r"\1…", mail.text)) for mail in mails.select_related("kind")[:SHOWN]]
    known = Tutor.objects.filter(pk=case.student_id).first()
    context = {
        "case": case, "night": night,
        "said": why(case, night, timezone.now()), "mails": shown, "tutor": TutorForm(instance=known),
        "minor": is_minor(case.student.birth_date, timezone.localdate()), "tells_tutors": Hours().rule(case.plantel_id).tells_tutors,
        "revoked": links.generation(case),
    }  # fmt: skip
    return render(request, "dashboard/mail/because.html", context)


class TutorForm(ModelForm):
    """The tutor of a student under age, and their address."""

    class Meta:
        model = Tutor
        fields = ("name", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean_email(self) -> str:
        typed = address(self.cleaned_data["email"])
        if not typed:
            raise forms.ValidationError("Revise el correo: debe ser como nombre@ejemplo.com.")
        return typed


@require_POST
def tutor(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Note who the tutor of a student under age is."""
    case = request.scope.case(case_id)
    form = TutorForm(request.POST, instance=Tutor.objects.filter(pk=case.student_id).first() or Tutor(student=case.student))
    if form.is_valid():
        noted = tutors.note(case, act=request.scope.act(timezone.now()), **form.cleaned_data)
        if noted:
            messages.success(request, "Listo: datos del tutor guardados.")
        else:
            messages.info(request, ASKED)
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("notices-because", case.pk)


@require_POST
def revoke(request: OfficeRequest, case_id: int) -> HttpResponse:
    """Make the links given to the student of a case open nothing."""
    case = request.scope.case(case_id)
    seen = request.POST.get("veces", "")
    with transaction.atomic():
        done = seen.isascii() and seen.isdigit() and links.revoke(case, int(seen[:_MOST_DIGITS]))
        if done:
            record_changes.note(
                case.student_id, RecordChange.What.LINK, {}, {f"ligas de {case.folio}": "revocadas"}, act=request.scope.act(timezone.now())
            )
    if done:
        messages.success(request, "Listo: los enlaces que se le mandaron ya no abren nada.")
    else:
        messages.info(request, "Sus enlaces ya se habían anulado: no se hizo nada más.")
    return redirect("notices-because", case.pk)


class WordsForm(forms.Form):
    """The sentences of a kind. Steps and notes are one to a line."""

    subject = forms.CharField(label="Asunto", max_length=editions.LONGEST)
    title = forms.CharField(label="Título", max_length=editions.LONGEST)
    action = forms.CharField(
        label="Qué hay que hacer (una sola cosa)", max_length=editions.LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )
    by = forms.CharField(label="Para cuándo", required=False, max_length=editions.LONGEST)
    steps = forms.CharField(label="Cómo hacerlo, un paso por renglón", required=False, widget=forms.Textarea(attrs={"rows": 5}))
    notes = forms.CharField(label="Notas, una por renglón", required=False, widget=forms.Textarea(attrs={"rows": 4}))
    link_text = forms.CharField(label="Texto del botón", required=False, max_length=editions.LONGEST)
    link_url = forms.CharField(label="Enlace del botón", required=False, max_length=editions.LONGEST)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors:
            for name, problem in editions.problems(self.parts()).items():
                self.add_error(name, problem)
        return said

    def parts(self) -> dict[str, Any]:
        """What was written, as a row keeps it."""
        said = self.cleaned_data
        lists = {name: [line.strip() for line in said[name].splitlines() if line.strip()] for name in ("steps", "notes")}
        return {**{name: said[name] for name in self.fields}, **lists}


@require_safe
def texts(request: OfficeRequest) -> HttpResponse:
    """The kinds of mail, to change their words for all (a coordinator) or for one plantel."""
    wheres = [(str(pk), name) for pk, name in request.scope.named_planteles()]
    if request.scope.plantel_ids is None:
        wheres.insert(0, ("", "Todos los planteles que no tengan los suyos"))
    asked = request.GET.get("plantel", "")
    where = asked if asked in dict(wheres) else wheres[0][0]
    return render(request, "dashboard/mail/texts.html", {"kinds": _LETTERS.order_by("-urgency", "key"), "wheres": wheres, "where": where})


@require_http_methods(["GET", "HEAD", "POST"])
def text(request: OfficeRequest, words_key: str) -> HttpResponse:
    """Change the words of a kind for a plantel: seen on a real case first, kept as a new edition when asked to."""
    kind = get_object_or_404(_LETTERS, texts=words_key)
    plantel = _plantel(request)
    current = editions.Editions()(words_key, plantel.pk if plantel else None)
    form = WordsForm(request.POST or None, initial=_as_written(current))
    valid = request.method == "POST" and form.is_valid()
    if valid and "save" in request.POST:
        editions.edit(words_key, plantel, form.parts(), by=request.user, now=timezone.now())
        messages.success(request, "Listo: los correos que salgan desde ahora llevan estas palabras.")
        return redirect("notice-texts")
    if request.method == "POST" and "restore" in request.POST:
        editions.edit(words_key, plantel, None, by=request.user, now=timezone.now())
        messages.success(request, "Volvieron los textos originales.")
        return redirect("notice-texts")
    seen = from_parts(form.parts()) if valid else current
    context = {
        "kind": kind, "plantel": plantel, "form": form, "placeholders": editions.PLACEHOLDERS,
        "sample": _sample(request, kind, plantel, seen), "own": editions.has_own(words_key, plantel),
    }  # fmt: skip
    return render(request, "dashboard/mail/text.html", context, status=422 if form.errors else 200)


@require_safe
@xframe_options_sameorigin
def sample(request: OfficeRequest, kind_key: str, case_id: int) -> HttpResponse:
    """The HTML of a kind's mail for a case, in the words used today, to be shown in a sandboxed frame."""
    case = request.scope.case(case_id)
    kind = get_object_or_404(_LETTERS, key=kind_key)
    row = Reminder(kind=kind, audience=kind.audience, case=case, student=case.student, night=timezone.localdate(), data=receipts.SAMPLE)
    letter = compose(row, words=editions.Editions(), links=Links(_SAMPLE_PAGE))
    return HttpResponse(letter.html, headers={"Content-Security-Policy": MAIL_POLICY})


def _sample(request: OfficeRequest, kind: ReminderKind, plantel: Plantel | None, said: Texts) -> dict[str, Any] | None:
    """The letter as it would read for a real case of theirs, if there is one in that state."""
    cases = request.scope.cases().filter(state__in=kind.states or State.values).select_related("student", "plantel")
    case = (cases.filter(plantel=plantel) if plantel else cases).order_by("-pk").first()
    if case is None:
        return None
    row = Reminder(kind=kind, audience=kind.audience, case=case, student=case.student, night=timezone.localdate(), data=receipts.SAMPLE)
    return {"case": case, "letter": compose(row, words=lambda name, plantel_id: said, links=Links(_SAMPLE_PAGE))}


def _as_written(said: Texts) -> dict[str, str]:
    plain = {name: getattr(said, name) for name in ("subject", "title", "action", "by", "link_text", "link_url")}
    return {**plain, "steps": "\n".join(said.steps), "notes": "\n".join(said.notes)}


def _own(request: OfficeRequest) -> QuerySet[Reminder]:
    """The mails about cases this person may see."""
    return Reminder.objects.filter(Exists(request.scope.cases().filter(pk=OuterRef("case"))))


def _plantel(request: OfficeRequest) -> Plantel | None:
    """The plantel a form or address names; None (all of them) only for a coordinator, one's only plantel where none is named."""
    named = request.POST.get("plantel") or request.GET.get("plantel") or ""
    mine = request.scope.planteles()
    if named.isascii() and named.isdigit():
        return get_object_or_404(mine, pk=int(named))
    if request.scope.plantel_ids is None:
        return None
    if len(request.scope.plantel_ids) != 1:
        raise PermissionDenied
    return mine.get()
