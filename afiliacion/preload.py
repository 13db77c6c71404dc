"""Load before the first request what a web process would otherwise load during it: routes, templates, translations, holidays.

Reads nothing from the database.
"""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_resolver, reverse
from django.utils import formats, timezone, translation

from afiliacion.cases.calendars import national_holidays


def load() -> None:
    """Load all of them; takes one or two seconds."""
    translation.gettext("Yes")
    formats.get_format("DATE_FORMAT")
    len(get_resolver().url_patterns)
    reverse("home")
    folder = Path(settings.BASE_DIR) / "templates"
    for page in sorted(folder.rglob("*.html")):
        get_template(page.relative_to(folder).as_posix())
    today = timezone.localdate()
    for year in (today.year - 1, today.year, today.year + 1):
        national_holidays(year)
