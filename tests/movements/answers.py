"""What IMSS answers about a lote, as it prints and writes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping
from typing import Any

from django.utils import timezone

from afiliacion.cases.outcome import Act
from afiliacion.movements.answers import bringing
from afiliacion.movements.models import AnswerDocument, Lote, Movement
from tests.lotes import papers

#: Clave -> (code, text).
Rejected = Mapping[str, tuple[str, str]]


def _row(movement: Movement, rejected: Rejected) -> papers.Row:
    code, reason = rejected.get(movement.clave, ("", ""))
    name = " ".join(filter(None, (movement.data["primer_apellido"], movement.data["segundo_apellido"], movement.data["nombre"])))
    return papers.Row(
        movement.nss, name.upper(), type=movement.type.lstrip("0"), fecha=f"{movement.on:%d/%m/%Y}", code=code, reason=reason,
        causa=movement.data["causa"],
    )  # fmt: skip


def constancia(lote: Lote, rejected: Rejected | None = None, *, without: Collection[str] = (), number: str = "", **given: Any) -> bytes:
    """The constancia de presentación of a lote, as a PDF. `without`: claves of which it does not speak; `number`: another lote's."""
    rows = [_row(each, rejected or {}) for each in lote.movements.all() if each.clave not in without]
    said = {"lote": number or lote.number, "received": f"{timezone.localdate():%Y-%m-%d} 10:32", **given}
    return papers.constancia(papers.Given({lote.registro: rows}, **said)).pdf()


def acuse(lote: Lote, refused: Rejected | None = None, **given: Any) -> bytes:
    """The acuse de recibo of a lote, as a PDF."""
    rows = [_row(each, refused or {}) for each in lote.movements.all() if each.clave in (refused or {})]
    said = {"lote": lote.number, "received": f"{timezone.localdate():%Y-%m-%d} 10:32", **given}
    return papers.acuse(papers.Given({lote.registro: []}, **said), refused=rows).pdf()


def rows(lote: Lote, rejected: Rejected | None = None, **more: str) -> list[dict[str, str]]:
    """The answer of a lote by rows, under the names that integrations have seen."""
    told = rejected or {}
    return [
        {
            "nss": each.nss, "tipo_mov": each.type, "fecha_mov": f"{each.on:%d/%m/%Y}", "claveTrabajador": each.clave,
            "registroPatronal": each.registro, "codigoErrorMovimiento": told.get(each.clave, ("0", ""))[0],
            "mensajeErrorMovimientos": told.get(each.clave, ("0", ""))[1], **more,
        }
        for each in lote.movements.all()
    ]  # fmt: skip


def as_csv(rows: list[dict[str, str]], encoding: str = "cp1252") -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def bring(body: bytes, act: Act, name: str = "constancia.pdf", lote: Lote | None = None) -> AnswerDocument:
    return bringing.bring(body, name, act=act, scope_planteles=None, lote=lote)
