"""What one types into is drawn as Django draws it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates

from afiliacion.dashboard.fields import Day, NssField, PaperField, Renderer, reason

HOSTILE = """"><script>'&</script>"""


@pytest.mark.parametrize("value", ["", None, "López & Núñez", HOSTILE, 7, dt.date(2026, 8, 20)])
@pytest.mark.parametrize(
    "widget",
    [
        forms.TextInput(attrs={"maxlength": 20, "required": True, "disabled": False, "title": HOSTILE}), forms.NumberInput(),
        forms.EmailInput(), forms.HiddenInput(), forms.Textarea(attrs={"rows": 2, "class": "form-control"}), forms.FileInput(),
        Day(label="").widget, NssField().widget, PaperField(label="").widget, reason("").widget,
    ],
)  # fmt: skip
def test_a_field_is_drawn_as_django_draws_it(widget: forms.Widget, value: Any) -> None:
    attrs = {"id": "id_x", "aria-describedby": HOSTILE}
    assert widget.render("x", value, attrs, Renderer()) == widget.render("x", value, attrs, DjangoTemplates()).rstrip("\n")
