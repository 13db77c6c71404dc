"""Who works at the office and where. A post is a power over people's data: giving and taking it is written down."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from afiliacion.dashboard.settings_screens import changes
from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.dashboard.shared.assignees import lapsed
from students.models import Plantel, StaffPost

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[User]
else:
    # Generic for the type checker only.
    ModelForm = forms.ModelForm

SLUG: Final = "usuarios"
ALL: Final = "todos los planteles (coordinación)"


class PersonForm(ModelForm):
    everywhere = forms.BooleanField(label="Coordinación: todos los planteles y los ajustes", required=False)
    planteles = forms.ModelMultipleChoiceField(
        label="Planteles en que trabaja", required=False, queryset=Plantel.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    password = forms.CharField(
        label="Contraseña", required=False, strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "is_active")
        labels = {"username": "Usuario", "first_name": "Nombre", "last_name": "Apellidos", "email": "Correo", "is_active": "Puede entrar"}
        help_texts = {"username": "Con lo que entra: letras, números y puntos, sin espacios.", "is_active": ""}

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.fields["planteles"].queryset = Plantel.objects.all()  # type: ignore[attr-defined]  # a model choice has one
        if self.instance.pk:
            posts = list(self.instance.posts.values_list("plantel_id", flat=True))
            self.initial.update(everywhere=None in posts, planteles=[pk for pk in posts if pk])
            self.fields["password"].help_text = "Vacía: sigue la que tiene."
        else:
            self.fields["password"].required = True
            known = list(Plantel.objects.values_list("pk", flat=True)[:2])
            self.initial["planteles"] = known if len(known) == 1 else []
            self.fields["password"].help_text = "15 caracteres o más; una frase sirve. Désela en persona."
        for name, field in self.fields.items():
            checks = name in ("everywhere", "planteles", "is_active")
            field.widget.attrs["class"] = "form-check-input" if checks else "form-control"
            field.widget.attrs.pop("autofocus", None)

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if self.instance.pk == self.scope.user.pk and not (said.get("everywhere") and said.get("is_active")):
            self.add_error(None, "No puede quitarse a usted la coordinación ni la entrada: pídalo a otra persona que coordine.")
        if not self.instance.pk and not (said.get("everywhere") or said.get("planteles")):
            self.add_error("planteles", "Diga en qué planteles trabaja, o que es de coordinación: sin un puesto no podría ver nada.")
        return said

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook, as its user forms use it
        if password := self.cleaned_data.get("password"):
            try:
                password_validation.validate_password(password, self.instance)
            except forms.ValidationError as error:
                self.add_error("password", error)

    def store(self) -> User:
        """Save the user and the posts."""
        user = super().save(commit=False)
        if self.cleaned_data["password"]:
            user.set_password(self.cleaned_data["password"])
        user.save()
        wanted: list[Plantel | None] = [None] if self.cleaned_data["everywhere"] else list(self.cleaned_data["planteles"])
        kept = [StaffPost.objects.get_or_create(user=user, plantel=plantel)[0].pk for plantel in wanted]
        StaffPost.objects.filter(user=user).exclude(pk__in=kept).delete()
        return user


@require_safe
def people(request: OfficeRequest) -> HttpResponse:
    changes.only_coordinators(request.scope)
    return render(request, "dashboard/settings_screens/people.html", {"people": [(user, _posts(user)) for user in _people()]})


@require_http_methods(["GET", "HEAD", "POST"])
@changes.one_by_one
def person(request: OfficeRequest, user_id: int | None = None) -> HttpResponse:
    """One person: who they are, where they work, whether they may come in."""
    changes.only_coordinators(request.scope)
    user = get_object_or_404(_people(), pk=user_id) if user_id else User()
    before = _shown(user) if user.pk else {}
    form = PersonForm(request.POST if request.method == "POST" else None, instance=user, scope=request.scope)
    if request.method == "POST" and form.is_valid():
        store(form, before, request.scope, timezone.now())
        messages.success(request, "Guardado. Quedó anotado quién lo cambió.")
        if lapsed().filter(user=user).exists():
            messages.warning(request, "Tiene expedientes a su cargo que ya no puede atender: entréguelos a otra persona.")
            return redirect("person-handover", user.pk)
        return redirect("people")
    return render(request, "dashboard/settings_screens/person.html", {"form": form, "user_id": user_id}, status=422 if form.errors else 200)


def store(form: PersonForm, before: dict[str, str], scope: Scope, now: dt.datetime) -> None:
    """Save a valid form and write down what changed since `before`."""
    with transaction.atomic():
        user = form.store()
        after = _shown(_people().get(pk=user.pk))
        if form.cleaned_data["password"]:
            after["contraseña"] = "se puso otra"
        changes.record(scope, SLUG, f"usuario: {user.username}", before, after, now)


def _people() -> QuerySet[User]:
    """Everybody but the maintainers, who keep themselves (manage.py)."""
    posts = Prefetch("posts", queryset=StaffPost.objects.select_related("plantel").order_by("plantel__name"))
    users = User.objects.filter(is_superuser=False).annotate(cases_assigned=Count("assigned"))
    return users.order_by("last_name", "first_name", "username").prefetch_related(posts)


def _posts(user: User) -> str:
    return ", ".join(post.plantel.name if post.plantel else ALL for post in user.posts.all())


def _shown(user: User) -> dict[str, str]:
    return {
        "usuario": user.username, "nombre": user.get_full_name(), "correo": user.email,
        "puede entrar": "sí" if user.is_active else "no", "planteles": _posts(user),
    }  # fmt: skip
