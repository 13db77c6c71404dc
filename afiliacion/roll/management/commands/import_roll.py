from __future__ import annotations

import datetime as dt
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TypeVar

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from afiliacion import exports
from afiliacion.roll import report_text
from afiliacion.roll.findings import UnreadableFile
from afiliacion.roll.parse.reading import read
from afiliacion.roll.upload import rejected_rows, run_now
from afiliacion.roll.upload.run_now import Preview
from students.models import Ciclo, Plantel

Keyed = TypeVar("Keyed", Plantel, Ciclo)


class Command(BaseCommand):
    help = "Carga la lista de inscritos de un plantel y ciclo (CSV, TXT, XLSX u ODS): avisa de cada fila mala y carga las buenas."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="ARCHIVO", type=Path)
        parser.add_argument("--plantel", required=True, metavar="CLAVE")
        parser.add_argument("--ciclo", required=True, metavar="CLAVE")
        parser.add_argument("--dry-run", action="store_true", help="solo decir qué haría")
        parser.add_argument("--fecha-inscripcion", type=_date, metavar="AAAA-MM-DD", help="para las filas que no la traen")
        parser.add_argument("--errors-to", type=Path, metavar="ARCHIVO.csv", help="dónde escribir las filas malas con su motivo")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        where = {
            "plantel": _by_clave(Plantel, options["plantel"]), "ciclo": _by_clave(Ciclo, options["ciclo"]),
            "enrolled_on": options["fecha_inscripcion"],
        }  # fmt: skip
        _check_readable(path)
        try:
            if options["dry_run"]:
                self._say(run_now.preview(path, path.name, **where, today=timezone.localdate()), path, options["errors_to"])
                self.stdout.write("Nada se escribió (--dry-run).")
                return
            report = run_now.apply(path, path.name, **where, now=timezone.now())
        except run_now.NotLoaded as stopped:
            raise CommandError(f"{path.name}: {stopped}") from stopped
        except UnreadableFile as refusal:
            raise CommandError(f"{path.name}: no se cargó nada. {refusal}") from refusal
        self._say(report.preview, path, options["errors_to"])
        self.stdout.writelines(f"{line}\n" for line in report_text.done_lines(report.done))

    def _say(self, preview: Preview, path: Path, errors_to: Path | None) -> None:
        self.stdout.writelines(f"{line}\n" for line in report_text.preview_lines(preview))
        if errors_to and preview.errors:
            with errors_to.open("wb") as out:
                out.writelines(exports.csv_pieces(rejected_rows.bad_rows(read(path, path.name), preview.errors)))
            self.stdout.write(f"Filas con error, para corregir y volver a cargar: {errors_to}")


def _date(text: str) -> dt.date:
    """Argparse names the option when this raises."""
    return dt.date.fromisoformat(text)


def _by_clave(model: type[Keyed], clave: str) -> Keyed:
    found = model.objects.filter(clave=clave).first()
    if found is None:
        known = ", ".join(model.objects.order_by("clave").values_list("clave", flat=True)) or "ninguno"
        raise CommandError(f"No hay {model._meta.verbose_name} con la clave «{clave}». Hay: {known}.")
    return found


def _check_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except OSError as error:
        raise CommandError(f"No se pudo leer «{path}»: {error.strerror}.") from error
