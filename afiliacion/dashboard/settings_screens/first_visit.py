"""The first run of a real school: a coordinator with a code from the terminal, then step by step to the first list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any, Final, NamedTuple

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, password_validation
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import User
from django.core.mail import EmailMessage
from django.db import connection, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from afiliacion.cases.queries import visible_cases
from afiliacion.dashboard.settings_screens import changes
from afiliacion.dashboard.settings_screens.sections import BY_SLUG, ImssSettingsForm
from afiliacion.dashboard.settings_screens.staff_accounts import PersonForm, store
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.imss.client.adapters import is_automatic
from afiliacion.imss.models import ImssSettings
from afiliacion.operations import first_run as door
from students.models import Calendar, Ciclo, NonWorkingDay, Plantel, StaffPost

#: Two people with the code at once make one first user.
_LOCK: Final = 0x0AF1_F125


class FirstForm(forms.Form):
    code = forms.CharField(label="Código de la terminal", max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    first_name = forms.CharField(label="Nombre", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "given-name"}))
    last_name = forms.CharField(label="Apellidos", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "family-name"}))
    email = forms.EmailField(label="Correo", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    username = forms.RegexField(
        r"^[\w.@+-]+$", label="Usuario", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"}),
        help_text="Con lo que entrará: letras, números y puntos, sin espacios.",
        error_messages={"invalid": "Sin espacios: solo letras, números y @ . + - _"},
    )  # fmt: skip
    password = forms.CharField(
        label="Contraseña", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="15 caracteres o más; una frase sirve.",
    )  # fmt: skip

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-control"

    def clean_code(self) -> str:
        typed: str = self.cleaned_data["code"]
        if not door.opens(typed):
            raise forms.ValidationError("Ese no es el código que está en la terminal de la oficina.")
        return typed

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if password := said.get("password"):
            account = User(**{name: said.get(name, "") for name in ("username", "first_name", "last_name", "email")})
            try:
                password_validation.validate_password(password, account)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return said

    def found(self) -> User | None:
        """Create the first coordinator; None if there is one already."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "code"}
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            if not door.is_new():
                return None
            user = User.objects.create_user(**said)
            StaffPost.objects.create(user=user, plantel=None)
        return user


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def first_run(request: HttpRequest) -> HttpResponse:
    """The first person comes in with the code; afterwards this door is closed for good."""
    if not door.is_new():
        return redirect("home")
    form = FirstForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        user = form.found()
        if user is None:
            return redirect("login")
        login(request, user)
        return redirect("first-step", STEPS[0].slug)
    return render(request, "dashboard/settings_screens/first.html", {"form": form}, status=422 if form.errors else 200)


class CalendarForm(forms.Form):
    """The days a school does not work, one a line, as people type them."""

    days = forms.CharField(
        label="Días que la escuela no trabaja, uno por renglón", widget=forms.Textarea(attrs={"rows": 6, "class": "form-control"}),
        help_text="Fecha y motivo, por ejemplo: 24/12/2026 Vacaciones. Los descansos obligatorios de ley ya están.",
    )  # fmt: skip

    def clean_days(self) -> dict[dt.date, str]:
        found: dict[dt.date, str] = {}
        for line in filter(None, map(str.strip, self.cleaned_data["days"].splitlines())):
            date, _, why = line.partition(" ")
            try:
                found[dt.datetime.strptime(date, "%d/%m/%Y").date()] = (why.strip() or "No laborable")[:120]  # noqa: DTZ007 - a day has no zone
            except ValueError as error:
                raise forms.ValidationError(f"No se entiende «{line}»: escriba la fecha como 24/12/2026 y después el motivo.") from error
        return found


class TestMailForm(forms.Form):
    to = forms.EmailField(label="Enviar un correo de prueba a", widget=forms.EmailInput(attrs={"class": "form-control"}))


class Saved(NamedTuple):
    """What came of a step's form: the sentence that tells it; or, not saved yet, what a person must confirm first."""

    message: str = ""
    to_confirm: Sequence[str] = ()


#: Takes the valid form, who sent it, when, and the print of the effects that were confirmed, if any (changes.save).
Save = Callable[[Any, Scope, dt.datetime, str], Saved]


def _section_form(slug: str) -> Callable[..., forms.BaseForm]:
    return lambda data, scope: BY_SLUG[slug].form_class()(data)


def _save_row(slug: str) -> Save:
    def save(form: Any, scope: Scope, now: dt.datetime, confirmed: str) -> Saved:
        section = BY_SLUG[slug]
        told = changes.save(section, form, section.model(), scope, now, confirmed=confirmed)
        return Saved(f"Guardado: {form.instance}.", told)

    return save


def _save_person(form: Any, scope: Scope, now: dt.datetime, confirmed: str) -> Saved:
    store(form, {}, scope, now)
    return Saved(f"Ya puede entrar {form.instance.get_full_name() or form.instance.username}. Agregue a otra persona o continúe.")


def _save_days(form: Any, scope: Scope, now: dt.datetime, confirmed: str) -> Saved:
    with transaction.atomic():
        calendar, _ = Calendar.objects.get_or_create(clave="escuela", defaults={"name": "Calendario de la escuela"})
        for date, reason in form.cleaned_data["days"].items():
            NonWorkingDay.objects.get_or_create(calendar=calendar, date=date, defaults={"reason": reason})
        Plantel.objects.filter(calendar=None).update(calendar=calendar)
        told = {f"{date:%d/%m/%Y}": reason for date, reason in form.cleaned_data["days"].items()}
        changes.record(scope, "inhabiles", f"calendario: {calendar}", {}, told, now)
    return Saved(f"{len(told)} día{'' if len(told) == 1 else 's'} en «{calendar}», para los planteles que no tenían calendario.")


def _send_test(form: Any, scope: Scope, now: dt.datetime, confirmed: str) -> Saved:
    mail = EmailMessage(
        "Prueba de la oficina de afiliación", "Si lee esto, el correo de la oficina funciona.", to=[form.cleaned_data["to"]]
    )
    try:
        mail.send()
    except ConnectionError as error:
        where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        raise forms.ValidationError(f"No salió: en {where} no responde ningún servidor de correo ({error.strerror}).") from error
    except (SMTPException, OSError) as error:
        raise forms.ValidationError(f"No salió. El servidor {settings.EMAIL_HOST}:{settings.EMAIL_PORT} dijo: {error}") from error
    return Saved("Enviado. Compruebe que llegó, también en correo no deseado.")


@dataclass(frozen=True, slots=True)
class SetupStep:
    """One step: its two sentences, its form if it has one, what to do with it, and whether it is done."""

    slug: str
    title: str
    help: str
    done: Callable[[], bool]
    form: Callable[[Any, Scope], Any] | None = None
    save: Save | None = None
    stays: bool = False


def _way_form(data: Any, scope: Scope) -> Any:
    made: Any = forms.modelform_factory(ImssSettings, form=ImssSettingsForm, fields=["way"])
    return made(data, instance=ImssSettings.objects.get())


def _save_way(form: Any, scope: Scope, now: dt.datetime, confirmed: str) -> Saved:
    changes.save(BY_SLUG["trato-imss"], form, ImssSettings.objects.get(), scope, now, confirmed=None)
    return Saved(f"Guardado. {form.instance.get_way_display()}.")


def _somebody_at_a_plantel() -> bool:
    return StaffPost.objects.exclude(plantel=None).exists()


STEPS: Final = (
    SetupStep("plantel", "Plantel", "El plantel, con su registro patronal de modalidad 32. Si hay varios, agregue los demás en Ajustes.",
         Plantel.objects.exists, _section_form("planteles"), _save_row("planteles")),
    SetupStep("ciclo", "Ciclo", "El periodo en curso: cuándo empieza y cuándo termina. Cada lista de inscritos se carga en un ciclo.",
         Ciclo.objects.exists, _section_form("ciclos"), _save_row("ciclos")),
    SetupStep("calendario", "Calendario", "Los días que su escuela no trabaja, que no cuentan en los plazos. Puede dejarlo para después.",
         NonWorkingDay.objects.exists, lambda data, scope: CalendarForm(data), _save_days),
    SetupStep("responsables", "Responsables",
         "Quién atiende en cada plantel: cada quien entra con su usuario y ve solo lo suyo. Usted ve todo.",
         _somebody_at_a_plantel, lambda data, scope: PersonForm(data, scope=scope), _save_person, stays=True),
    SetupStep("correo", "Correo",
         "La oficina avisa a los alumnos por correo. El servidor se indica al iniciarla; aquí se prueba.",
         lambda: settings.EMAIL_HOST != "localhost", lambda data, scope: TestMailForm(data, initial={"to": scope.user.email}), _send_test,
         stays=True),
    SetupStep("imss", "IMSS",
         "Cómo se trata con el IMSS: por su servicio, o sin él, anotando lo que traen los alumnos y los papeles.",
         lambda: is_automatic() or ImssSettings.objects.filter(way=ImssSettings.Way.BY_HAND).exists(), _way_form, _save_way),
    SetupStep("lista", "Primera lista",
         "Suba la lista de inscritos tal como sale de su sistema. Verá qué haría antes de que se guarde nada.",
         visible_cases(None).exists),
)  # fmt: skip
_BY_SLUG: Final = {step.slug: step for step in STEPS}


@require_http_methods(["GET", "HEAD", "POST"])
@changes.one_by_one
def step(request: OfficeRequest, step: str) -> HttpResponse:
    """One step, with all of them beside it; each may be skipped and come back to."""
    changes.only_coordinators(request.scope)
    this = _BY_SLUG.get(step)
    if this is None:
        raise Http404
    form = this.form(request.POST if request.method == "POST" else None, request.scope) if this.form else None
    told: Sequence[str] = ()
    if request.method == "POST" and form is not None and form.is_valid():
        told = _save(request, this, form)
        if not told and not form.errors:
            return redirect("first-step", this.slug if this.stays else _after(this).slug)
    context = {
        "step": this, "form": form, "told": told, "told_print": changes.print_of_told(told, form) if form else "",
        "steps": [(each, each.done()) for each in STEPS], "following": _after(this),
        "automatic": is_automatic(), "mail_host": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}", "sender": settings.DEFAULT_FROM_EMAIL,
    }  # fmt: skip
    return render(request, "dashboard/settings_screens/step.html", context, status=422 if form is not None and form.errors else 200)


def _save(request: OfficeRequest, this: SetupStep, form: Any) -> Sequence[str]:
    """Save the form, or add to it why not; return what a person must confirm first, if anything: then it is not saved."""
    assert this.save is not None  # noqa: S101 - every form has its saving
    try:
        saved = this.save(form, request.scope, timezone.now(), request.POST.get("confirmado", ""))
    except forms.ValidationError as error:
        form.add_error(None, error)
        return ()
    if not saved.to_confirm:
        messages.success(request, saved.message)
    return saved.to_confirm


def _after(this: SetupStep) -> SetupStep:
    return STEPS[min(STEPS.index(this) + 1, len(STEPS) - 1)]
