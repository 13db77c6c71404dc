"""The texts each plantel uses: its own edition, else the coordination's for all, else the office's files. An edit is a new row."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from string import Template
from typing import Any, Final

from django.contrib.auth.models import User
from django.db import transaction

from afiliacion.reminders.letters.compose import one_line
from afiliacion.reminders.letters.templates import FOLDER, Texts, from_parts, texts
from afiliacion.reminders.models import MailText, ReminderKind
from students.models import Plantel

#: What a sentence may name, and what it stands for in a preview of the form.
PLACEHOLDERS: Final[Mapping[str, str]] = {
    "nombre": "nombre del alumno", "tutor": "nombre del tutor (solo en avisos al tutor)", "folio": "folio del expediente",
    "vence": "fecha límite", "plantel": "nombre del plantel", "responsable": "responsable de afiliación",
    "correo": "correo del plantel", "telefono": "teléfono del plantel", "domicilio": "domicilio del plantel",
    "horario": "horario de ventanilla", "umf": "clínica (UMF)", "pagina": "enlace a la página del alumno",
    "documentos": "lo que entregó (solo en el recibo)", "recibido": "cuándo se recibió (solo en el recibo)",
    "motivo": "por qué no sirvió su hoja (solo en ese aviso)", "alumno": "nombre del alumno, también si se escribe a su tutor",
    "codigo": "código de confirmación", "tramite": "lo que se confirma con el código", "minutos": "minutos que vale el código",
    "correo_nuevo": "el correo nuevo, casi oculto (solo en ese aviso)",
}  # fmt: skip
_LINK: Final = re.compile(r"(https://[\w.~:/?#@!&'()*+,;=%-]+|mailto:\$correo|\$pagina)?", re.ASCII)
#: What only a person's number can look like: an NSS, or the beginning of a CURP.
_NUMBER: Final = re.compile(r"\d{10,}|[A-Z]{4}\d{6}")
LONGEST: Final = 500
_SUBJECT: Final = 78


class Editions:
    """The current editions of all planteles, read once. Call it with the name of the texts and a plantel (id)."""

    def __init__(self) -> None:
        newest = MailText.objects.order_by("plantel_id", "key", "-number").distinct("plantel_id", "key")
        self._own = {(row.plantel_id, row.key): from_parts(row.parts) for row in newest if row.parts is not None}

    def __call__(self, name: str, plantel_id: int | None) -> Texts:
        return self._own.get((plantel_id, name)) or self._own.get((None, name)) or texts(name)


def names() -> list[str]:
    """The names of all texts there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def edit(name: str, plantel: Plantel | None, parts: Mapping[str, Any] | None, *, by: User, now: dt.datetime) -> MailText:
    """Let `plantel` (None: all without their own) use these parts from now on; None goes back to what it would use without its own.

    `parts` must be free of `problems`. What is in force already is no new edition.
    """
    with transaction.atomic():
        # One edition after the other: of a double click, the second finds its words in force.
        list(ReminderKind.objects.select_for_update(no_key=True).filter(texts=name).order_by("pk").values_list("pk"))
        newest = MailText.objects.filter(plantel=plantel, key=name).order_by("-number").first()
        kept = dict(parts) if parts else None
        if newest is not None and newest.parts == kept:
            return newest
        number = newest.number + 1 if newest else 1
        return MailText.objects.create(plantel=plantel, key=name, number=number, parts=kept, by=by, at=now)


def problems(parts: Mapping[str, Any]) -> dict[str, str]:
    """Return why these parts may not be used, by name of the part, in Spanish; empty if they may.

    Refused: unknown placeholders, line breaks, links that are not https, numbers that look like an NSS or a CURP.
    """
    found = {name: problem for name, sentences in _sentences(parts).items() for each in sentences if (problem := _problem(each))}
    for name in ("subject", "title", "action"):
        if not parts[name].strip():
            found[name] = "No puede quedar vacío."
    if len(parts["subject"]) > _SUBJECT:
        found["subject"] = f"El asunto no debe pasar de {_SUBJECT} letras: en un teléfono se corta."
    if not _LINK.fullmatch(parts["link_url"]):
        found["link_url"] = "El enlace debe empezar con https://, o ser mailto:$correo o $pagina."
    if bool(parts["link_url"]) != bool(parts["link_text"]):
        found.setdefault("link_text", "El botón lleva texto y enlace, o ninguno de los dos.")
    return found


def has_own(name: str, plantel: Plantel | None) -> bool:
    """Whether `plantel` (None: the coordination, for all) has its own words for these texts."""
    newest = MailText.objects.filter(plantel=plantel, key=name).order_by("-number").first()
    return newest is not None and newest.parts is not None


def _sentences(parts: Mapping[str, Any]) -> dict[str, list[str]]:
    return {name: [part] if isinstance(part, str) else list(part) for name, part in parts.items()}


def _problem(sentence: str) -> str:
    if sentence != one_line(sentence):
        return "Escríbalo en una sola línea, sin espacios de más ni caracteres invisibles."
    if len(sentence) > LONGEST:
        return f"Es demasiado largo: {LONGEST} letras a lo más."
    if _NUMBER.search(sentence):
        return "Parece llevar un NSS o una CURP: en un correo no van."
    template = Template(sentence)
    if not template.is_valid():
        return "Hay un signo $ suelto: escriba $$ para que se lea $."
    unknown = sorted(set(template.get_identifiers()) - PLACEHOLDERS.keys())
    return f"No existe ${unknown[0]}: los que hay están en la lista." if unknown else ""
