"""What the office's templates need: icons, days in words, numbers half hidden."""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path
from typing import Final

from django import template
from django.template import defaulttags
from django.urls import get_script_prefix, reverse
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from afiliacion.cases.clock import long_date
from afiliacion.dashboard.frame.help_texts import HELP
from afiliacion.dashboard.frame.navigation import Place, places
from students import curp, nss
from students.registro_patronal import with_dashes

register = template.Library()
_COUNT: Final = re.compile(r"\d+")
ICONS: Final = Path(__file__).resolve().parent.parent / "icons"

register.filter("long_date", long_date)
register.filter("masked_curp", curp.masked)
register.filter("masked_nss", nss.masked)


@register.filter
def within_sentence(label: object) -> str:
    """A label as it stands within a sentence: with a small first letter; the acronyms in it stay."""
    words = str(label)
    return words[:1].lower() + words[1:]


@register.simple_tag
@cache
def icon(name: str) -> SafeString:
    """One of our own drawings, inline: it takes the colour of the text and asks nothing of the network."""
    return mark_safe((ICONS / f"{name}.svg").read_text().strip())  # noqa: S308 - a file of this repository


@register.tag
def url(parser: template.base.Parser, token: template.base.Token) -> template.Node:
    """Django's own; an address that depends on nothing is looked up once."""
    node = defaulttags.url(parser, token)
    name = node.view_name.var
    return node if node.args or node.kwargs or node.asvar or not isinstance(name, str) else _Address(name)


class _Address(template.Node):
    def __init__(self, name: str) -> None:
        self.name = name

    def render(self, context: template.Context) -> SafeString:
        return _address(self.name, get_script_prefix())


@cache
def _address(name: str, prefix: str) -> SafeString:
    """`prefix`: under which address the office stands."""
    return escape(reverse(name))


@register.simple_tag(takes_context=True)
def navigation(context: template.Context) -> SafeString:
    """The links of the bar, with the one this page stands under marked. A person without a post has nowhere to go.

    `consents_waiting`: how many requests wait for an answer, on the pages that know.
    """
    request = context["request"]
    scope = getattr(request, "scope", None)
    counts = {"consents": context.get("consents_waiting") or 0}
    there = places(sees_all=scope.plantel_ids is None) if scope else ()
    return _links(tuple((place, place.holds(request.path), counts.get(place.name, 0)) for place in there))


@cache
def _links(marked: tuple[tuple[Place, bool, int], ...]) -> SafeString:
    links = (
        (place.url, "page" if here else "false", icon(place.icon), place.label, f" ({waiting})" if waiting else "")
        for place, here, waiting in marked
    )
    return format_html_join("", '<a href="{}" aria-current="{}">{}{}{}</a>', links)


@register.simple_tag
@cache
def help(screen: str) -> SafeString:  # noqa: A001 - as templates call it
    """What a screen is for and what to do on it, in two sentences (help.py): folded where they would push its first lines out of sight."""
    return format_html('<details class="fold"><summary>Ayuda</summary><p class="muted help">{}</p></details>', HELP[screen])


@register.filter
def dashed(registro: str) -> str:
    """A registro patronal as people write it."""
    return with_dashes(registro)


@register.filter
def telling(lines: list[str]) -> list[str]:
    """The lines of a report that say something: not those that only count nothing."""
    return [line for line in lines if not (counts := _COUNT.findall(line)) or any(map(int, counts))]


@register.filter
def code_aside(line: str) -> str:
    """A line of a report with the code of IMSS that ends it smaller than what it means."""
    said, found, code = line.rpartition(" (código ")
    return format_html('{} <span class="muted sub-inline">(código {}</span>', said, code) if found else line


@register.filter
def when(day: dt.date, today: dt.date) -> str:
    """How far a due date is from today, in words."""
    days = (day - today).days
    if days == 0:
        return "vence hoy"
    if days in (-1, 1):
        return "vence mañana" if days > 0 else "venció ayer"
    return f"vence en {days} días" if days > 0 else f"venció hace {-days} días"


@register.filter
def urgency(day: dt.date | None, today: dt.date) -> str:
    """The style of a due date: late, today, soon or calm."""
    if day is None:
        return "calm"
    days = (day - today).days
    return "late" if days < 0 else "today" if days == 0 else "soon" if days <= 2 else "calm"


@register.filter
def percent(part: int, whole: int) -> int:
    """`part` of `whole` in whole percent; something is never drawn as nothing."""
    return max(1, round(100 * part / whole)) if part and whole else 0
