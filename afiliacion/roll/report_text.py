"""What a list would do, or did, told in Spanish: the lines of the command."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from afiliacion.roll.findings import FieldChange, ImportDone, RowFinding
from afiliacion.roll.parse.columns import label
from afiliacion.roll.upload.run_now import Preview


def preview_lines(preview: Preview) -> Iterator[str]:
    """A preview, line by line, with every bad row and its reasons."""
    counts = preview.counts
    yield f"{preview.filename}: {preview.origin}; encabezados en la fila {preview.job.header_line}; {preview.rows} filas."
    if preview.unread:
        yield f"Columnas que no se leen: {', '.join(preview.unread)}."
    if preview.absent:
        yield f"Columnas que la lista no trae: {', '.join(column.label for column in preview.absent)}."
    yield from preview.notes
    yield f"Nuevos: {counts.new} (de ellos, ya conocidos: {counts.known}). Cambian: {counts.changed}. Sin cambios: {counts.unchanged}."
    yield f"Con error: {counts.invalid}. Repetidos: {counts.repeated}. Inscritos que faltan en la lista: {counts.absent}."
    yield f"No se reinscribieron: {counts.not_returned}."
    yield f"Bajas escolares: {sum(counts.leaving.values())}; de ellas, con alta y baja por enviar al IMSS: {counts.owing}."
    if counts.asked:
        yield f"Por aclarar en la página de la lista, con otra CURP para una matrícula registrada (no se cargan): {counts.asked}."
    if counts.no_curp:
        yield f"Sin CURP: {counts.no_curp}; quedan anotados."
    yield from _block("Errores (estas filas no se cargan)", map(finding_line, preview.errors), preview.error_count)
    yield from _block("Avisos (no impiden cargar)", map(finding_line, preview.warnings), preview.warning_count)
    yield from _block("Cambios", map(change_line, preview.changes), preview.change_count)
    missing = (f"{absent.matricula} {absent.name}{absent.before and f' ({absent.before})'}" for absent in preview.missing)
    yield from _block("Faltan en la lista (no se les hace nada)", missing, counts.missing)


def done_lines(done: ImportDone) -> Iterator[str]:
    """What an import did, line by line."""
    if done.nothing:
        yield "Sin cambios: todo lo de la lista ya estaba registrado."
    else:
        yield f"Alumnos nuevos: {done.students_new}; actualizados: {done.students_changed}."
        yield f"Inscripciones nuevas: {done.enrolments_new}; actualizadas: {done.enrolments_changed}."
        yield f"Expedientes abiertos: {done.opened}; continuados por reinscripción: {done.continued}."
        yield f"NSS anotados: {done.nss_obtained}. Bajas: {done.left}. Reingresos: {done.rejoined}."
        if done.no_curp:
            yield f"Sin CURP, anotados: {done.no_curp}."
        if done.promoted:
            yield f"Anotados sin CURP que ya la tienen: {done.promoted}."
        if done.asked:
            yield f"En verificación, con el visto bueno de otro plantel pedido: {done.asked}."
    yield from _block("Pasos que el expediente no permitió", (f"{m}: {reason}" for m, reason in done.skipped), len(done.skipped))


def finding_line(finding: RowFinding) -> str:
    """One remark: row, column, value, reason and what to do."""
    where = f"fila {finding.line}" + (f", {label(finding.column)}" if finding.column else "")
    return f"{where}{f' «{finding.value}»' if finding.value else ''}: {finding.reason}"


def change_line(change: FieldChange) -> str:
    """One field that the list changes: old and new."""
    return f"fila {change.line}, matrícula {change.matricula}, {label(change.column)}: «{change.old}» → «{change.new}»"


def _block(title: str, lines: Iterable[str], total: int) -> Iterator[str]:
    if total:
        yield f"{title}: {total}"
        shown = 0
        for shown, line in enumerate(lines, 1):  # noqa: B007 - how many were shown is told below
            yield f"  {line}"
        if shown < total:
            yield f"  … y {total - shown} más"
