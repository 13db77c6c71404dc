"""Refuse PDFs that act by themselves."""

from __future__ import annotations

from typing import Final

from afiliacion.cases.papers.pdf_process import ask

_AGAIN: Final = "Ábralo, imprímalo otra vez como PDF (o escanéelo) y súbalo."
_REASONS: Final = {
    "script": "El PDF trae un programa (JavaScript)",
    "launch": "El PDF trae órdenes para abrir otros programas o archivos",
    "files": "El PDF trae otros archivos adentro",
    "xfa": "El PDF es un formulario con programas (XFA)",
    "encrypted": "El PDF está cifrado o protegido",
    "broken": "El PDF está dañado o no se pudo revisar",
}


def pdf_objection(body: bytes) -> str:
    """Return why the PDF in `body` is not kept and what to do, in Spanish; empty if it is kept."""
    reason = _REASONS.get(ask(body, "check").get("found", "broken"))
    return f"{reason}, y por seguridad no se guarda. {_AGAIN}" if reason else ""
