"""Documents of a student's, as the stand-in IMSS prints them, and photos of them."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Mapping
from zoneinfo import ZoneInfo

import pypdfium2

from afiliacion.cases.models import Case
from imss_mock.people.places import ENTITY_NAMES
from imss_mock.procedures import pdf
from students.curp import Curp

_ONES = itertools.count(1)
_SEXES = {"H": "Hombre", "M": "Mujer", "X": "No binario"}


def facts(case: Case, nss: str, on: dt.date, **more: str) -> dict[str, str]:
    """What IMSS would print of the student of a case on a day; `more` says otherwise."""
    student, curp = case.student, Curp.parse(case.student.curp or "")
    plain = {name: getattr(student, name).upper().replace("Ñ", "N") for name in ("nombre", "primer_apellido", "segundo_apellido")}
    moment = dt.datetime.combine(on, dt.time(12), ZoneInfo("America/Mexico_City"))
    folio = f"{int(moment.timestamp() * 1000) + next(_ONES):013d}{next(_ONES):09d}"
    return {
        **plain, "nss": nss, "curp": str(curp), "nombre_completo": " ".join(filter(None, plain.values())), "sexo": _SEXES[str(curp)[10]],
        "nacimiento": f"{student.birth_date:%d/%m/%Y}", "lugar": ENTITY_NAMES[str(curp)[11:13]], "folio": folio, "fecha": f"{on:%d/%m/%Y}",
        "edad": "18", **more,
    }  # fmt: skip


def nss_sheet(case: Case, nss: str, on: dt.date, **more: str) -> bytes:
    """The NSS sheet of a student."""
    return pdf.render("nss", facts(case, nss, on, **more))


def constancia(case: Case, nss: str, on: dt.date, *, registro: str, right: str = "SI", **more: str) -> bytes:
    """The constancia de vigencia of a student."""
    covered = {
        "con_derecho": right, "estado": "VIGENTE" if right == "SI" else "BAJA", "registro_patronal": registro, "razon_social": "LA ESCUELA",
        "umf": "005", "turno": "MATUTINO", "consultorio": "3", "inicio": f"{on:%d/%m/%Y}", "vigente": f"{on:%d/%m/%Y}",
        "delegacion": "GUERRERO", "agregado_medico": f"1{'F' if _female(case) else 'M'}{case.student.birth_date:%Y}ES",
    }  # fmt: skip
    return pdf.render("vigencia", facts(case, nss, on, **{**covered, **more}))


def photo(document: bytes, *, quality: int = 60) -> bytes:
    """The first page as a phone would take it: a picture, without text."""
    out = io.BytesIO()
    pypdfium2.PdfDocument(document)[0].render(scale=2).to_pil().convert("RGB").save(out, "JPEG", quality=quality)
    return out.getvalue()


def _female(case: Case) -> bool:
    return str(case.student.curp)[10] == "M"


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            archive.writestr(name, body)
    return out.getvalue()
