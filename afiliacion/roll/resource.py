"""The roll as a django-import-export resource: its interface outside, the import's own steps inside.

Only `import_data_inner` is replaced: the rows become an import like any other (survey.py, applying.py), checked once, written in
chunks. Neither save() nor signals run; a preview (dry run) writes and sends nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, Final

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from import_export import fields
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from afiliacion.cell_text import safe
from afiliacion.roll.check.job import GivenRows
from afiliacion.roll.check.target import Target
from afiliacion.roll.findings import FieldChange, ImportDone, MissingStudent, RowCounts, RowFinding, UnreadableFile
from afiliacion.roll.job_time import JobClock
from afiliacion.roll.load import work
from afiliacion.roll.parse.columns import COLUMNS
from afiliacion.roll.parse.reading import RollTable
from afiliacion.roll.upload import given, jobs, run_now
from file_reader.facts import FactsCollector
from file_reader.values import as_text
from students.models import Enrolment

#: Enrolments an export reads at a time.
_FETCHED: Final = 2_000


class RollResult(Result):  # type: ignore[misc] # django-import-export has no types
    """A Result that also knows what the roll has to say. `invalid_rows` hold the file's own line numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = RowCounts()
        self.errors: list[RowFinding] = []
        self.warnings: list[RowFinding] = []
        self.changes: list[FieldChange] = []
        self.missing: list[MissingStudent] = []
        self.notes: list[str] = []
        self.done: ImportDone | None = None

    def fill_totals(self) -> None:
        """The totals by which django-import-export speaks of an import."""
        counted = self.counts
        self.totals[RowResult.IMPORT_TYPE_NEW] = counted.new
        self.totals[RowResult.IMPORT_TYPE_UPDATE] = counted.changed
        self.totals[RowResult.IMPORT_TYPE_SKIP] = counted.unchanged + counted.repeated + counted.asked + counted.no_curp
        self.totals[RowResult.IMPORT_TYPE_INVALID] = counted.invalid


class RollResource(ModelResource):  # type: ignore[misc] # django-import-export has no types
    """Reads and writes the enrolments of a plantel and ciclo.

    `target` says where a list is loaded; `now` is needed to write it, not to preview it; `who` and `user` load it.
    Without a target the resource only exports.
    """

    class Meta:
        model = Enrolment
        fields = ()
        import_id_fields = ("curp",)
        name = "Lista de inscritos"

    def __init__(
        self, target: Target | None = None, *, now: dt.datetime | None = None, who: str = "", user: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.fields = {column.name: fields.Field(attribute=column.attribute, column_name=column.name) for column in COLUMNS}
        self.target, self.now, self.who, self.user = target, now, who, user

    @classmethod
    def get_result_class(cls) -> type[RollResult]:
        return RollResult

    def get_import_order(self) -> list[str]:
        return list(self.fields)

    get_export_order = get_import_order

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("student").order_by("student__name_order", "pk")

    def rows(self, queryset: QuerySet[Enrolment]) -> Iterator[list[str]]:
        """The headings and each enrolment's values as text, read from the database as they are asked for."""
        order = self.get_export_order()
        yield order
        for enrolment in queryset.select_related("student").order_by("student__name_order", "pk").iterator(chunk_size=_FETCHED):
            yield [self._text(self.fields[name], enrolment) for name in order]

    def export_field(self, field: fields.Field, instance: Enrolment, **kwargs: Any) -> str:
        """A value as text that no spreadsheet runs; reading the file again gives the value back."""
        return safe(self._text(field, instance))

    @staticmethod
    def _text(field: fields.Field, instance: Enrolment) -> str:
        value = field.get_value(instance)
        return "" if value is None else as_text(value)

    def import_data_inner(
        self,
        dataset: RollTable | Dataset,
        dry_run: bool,
        raise_errors: bool,
        using_transactions: bool,
        collect_failed_rows: bool,
        **kwargs: Any,
    ) -> RollResult:
        result = RollResult()
        result.diff_headers, result.total_rows = list(dataset.headers or ()), len(dataset)
        try:
            self.before_import(dataset, **kwargs)
            self._import(_as_table(dataset), self._aim(), result, dry_run=dry_run or self.now is None)
            self.after_import(dataset, result, **kwargs)
        except UnreadableFile as error:
            self.handle_import_error(result, error, raise_errors)
        return result

    def _aim(self) -> Target:
        if self.target is None:
            raise UnreadableFile("Diga en qué plantel y ciclo se carga la lista.")
        return self.target

    def _import(self, table: RollTable | GivenRows, target: Target, result: RollResult, *, dry_run: bool) -> None:
        clock = JobClock.at(target.today, self.now)
        with transaction.atomic():
            job = given.checked(table, target, clock, who=self.who, user=self.user)
            found = run_now.preview_of(job)
            transaction.set_rollback(dry_run)
        result.counts, result.errors, result.warnings = found.counts, found.errors, found.warnings
        result.changes, result.missing, result.notes = found.changes, found.missing, found.notes
        result.fill_totals()
        _add_row_results(result, table)
        if not dry_run:
            jobs.confirm(job, now=clock.now(), by=self.user, name=self.who, own=target.own)
            work.finish(job, clock)
            result.done = run_now.done_of(job)


def _as_table(dataset: RollTable | Dataset) -> RollTable | GivenRows:
    """The rows with their line in the file; a plain dataset's rows follow its header."""
    if isinstance(dataset, RollTable):
        return dataset
    rows = [(line, [as_text("" if cell is None else cell) for cell in cells]) for line, cells in enumerate(dataset, 2)]
    facts = FactsCollector()
    facts.add(cells for _, cells in rows)
    return GivenRows(dataset.title or "datos", list(dataset.headers or ()), rows, facts.so_far())


def _add_row_results(result: RollResult, table: RollTable | GivenRows) -> None:
    """Every bad row as django-import-export shows it, with its messages by column."""
    reasons: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in result.errors:
        reasons[finding.line][finding.column or "__all__"].append(finding.reason)
    for line, cells in table.lines if reasons else ():
        if line in reasons:
            error = ValidationError(dict(reasons[line]))
            row = RowResult()
            row.import_type, row.validation_error = RowResult.IMPORT_TYPE_INVALID, error
            result.append_invalid_row(line, dict(zip(result.diff_headers, cells, strict=False)), error)
            result.append_row_result(row)
