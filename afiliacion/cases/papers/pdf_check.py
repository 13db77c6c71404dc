"""Refuse PDFs that act by themselves. They are parsed by a process of its own, with limits (`pdf_reader`)."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Final

from django.conf import settings

log = logging.getLogger(__name__)

#: How much longer than its processor time the process may take on a busy machine.
_BUSY: Final = 4
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
    reason = _REASONS.get(_found(body))
    return f"{reason}, y por seguridad no se guarda. {_AGAIN}" if reason else ""


def _found(body: bytes) -> str:
    """Return what pdf_reader finds; "broken" if it dies or takes too long."""
    seconds: int = settings.PDF_READER_SECONDS
    order = [sys.executable, "-P", "-m", "pdf_reader", str(settings.PDF_READER_BYTES), str(seconds)]
    try:
        answer = subprocess.run(  # noqa: S603 - our own module
            order, input=body, capture_output=True, timeout=_BUSY * seconds, check=True,
            env={"PYTHONPATH": str(settings.BASE_DIR), "PYTHONUTF8": "1"},
        )  # fmt: skip
        found: str = json.loads(answer.stdout)["found"]
    except (subprocess.SubprocessError, ValueError, KeyError) as error:
        log.warning("a PDF could not be looked into: %s", type(error).__name__)
        return "broken"
    return found
