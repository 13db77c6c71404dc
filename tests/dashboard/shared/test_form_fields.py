"""What one types into is drawn as Django draws it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from afiliacion.dashboard.shared.form_fields import Day, NssField, PaperField, Renderer, reason

HOSTILE = """"><script>'&</script>"""


@pytest.mark.parametrize("value", ["", None, "López & Núñez", HOSTILE, 7, dt.date(2026, 8, 20)])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(attrs={"maxlength": 20, "required": True, "disabled": False, "title": HOSTILE}), forms.NumberInput(),
        forms.EmailInput(), forms.HiddenInput(), forms.CheckboxInput(), forms.Textarea(attrs={"rows": 2, "class": "form-control"}),
        forms.FileInput(), Day(label="").widget, NssField().widget, PaperField(label="").widget, reason("").widget,
    ],
)  # fmt: skip
def test_a_field_is_drawn_as_django_draws_it(widget: forms.Widget, value: Any) -> None:
    attrs = {"id": "id_x", "aria-describedby": HOSTILE}
    assert widget.render("x", value, attrs, Renderer()) == widget.render("x", value, attrs, DjangoTemplates()).rstrip("\n")


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("kind", [forms.CheckboxSelectMultiple, forms.RadioSelect])
def test_a_choice_is_drawn_as_django_draws_it(kind: type[forms.RadioSelect | forms.CheckboxSelectMultiple], wrapped: bool) -> None:
    choices = forms.ChoiceField(choices=[(HOSTILE, HOSTILE), ("b", "B")], widget=kind)
    drawn = []
    for renderer in (Renderer(), DjangoTemplates()):
        form = forms.Form({"x": [HOSTILE]}, renderer=renderer)
        form.fields["x"] = choices
        drawn.append([choice.tag(wrap_label=wrapped).strip() for choice in form["x"]])
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 2
