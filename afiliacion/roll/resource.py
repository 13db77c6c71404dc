"""The roll as a django-import-export resource: its interface outside, the import's own steps inside.

Only `import_data_inner` is replaced: the rows become an import like any other (survey.py, applying.py), checked once, written in
chunks. Neither save() nor signals run; a preview (dry run) writes and sends nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
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

from afiliacion.roll import check_job, jobs, load, work
from afiliacion.roll.cells import safe
from afiliacion.roll.check_job import Given
from afiliacion.roll.clock import Clock
from afiliacion.roll.columns import COLUMNS
from afiliacion.roll.findings import Absent, Change, Counts, Done, Finding, UnreadableFile
from afiliacion.roll.models import Import, State
from afiliacion.roll.reading import Table
from afiliacion.roll.staging import Target
from sheets.facts import Facts as AllFacts
from sheets.values import as_text
from students.models import Enrolment

#: Enrolments an export reads at a time.
_FETCHED: Final = 2_000


class RollResult(Result):  # type: ignore[misc] # django-import-export has no types
    """A Result that also knows what the roll has to say. `invalid_rows` hold the file's own line numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.counts = Counts()
        self.errors: list[Finding] = []
        self.warnings: list[Finding] = []
        self.changes: list[Change] = []
        self.missing: list[Absent] = []
        self.notes: list[str] = []
        self.done: Done | None = None

    def fill_totals(self) -> None:
        """The totals by which django-import-export speaks of an import."""
        counted = self.counts
        self.totals[RowResult.IMPORT_TYPE_NEW] = counted.new
        self.totals[RowResult.IMPORT_TYPE_UPDATE] = counted.changed
        self.totals[RowResult.IMPORT_TYPE_SKIP] = counted.unchanged + counted.repeated
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
        dataset: Table | Dataset,
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

    def _import(self, table: Table | Given, target: Target, result: RollResult, *, dry_run: bool) -> None:
        clock = Clock.at(target.today, self.now)
        with transaction.atomic():
            job = self._job(table, target, clock)
            check_job.check_table(job, table, clock)
            job.refresh_from_db()
            found = load.preview_of(job)
            transaction.set_rollback(dry_run)
        result.counts, result.errors, result.warnings = found.counts, found.errors, found.warnings
        result.changes, result.missing, result.notes = found.changes, found.missing, found.notes
        result.fill_totals()
        _add_row_results(result, table)
        if not dry_run:
            jobs.confirm(job, now=clock.now(), by=self.user, name=self.who, own=target.own)
            work.finish(job, clock)
            result.done = load.done_of(job)

    def _job(self, table: Table | Given, target: Target, clock: Clock) -> Import:
        """The import these rows are. There is no file to keep: it never was one, or it is not ours to keep."""
        digest = hashlib.sha256(repr(table.headers).encode())
        for line in table.lines:
            digest.update(repr(line).encode())
        return Import.objects.create(
            plantel=target.plantel, ciclo=target.ciclo, enrolled_on=target.enrolled_on, owner=self.user, owner_name=self.who,
            own=None if target.own is None else sorted(target.own), filename=table.filename, sha256=digest.hexdigest(),
            uploaded_at=clock.now(), state=State.CHECKING,
        )  # fmt: skip


def _as_table(dataset: Table | Dataset) -> Table | Given:
    """The rows with their line in the file; a plain dataset's rows follow its header."""
    if isinstance(dataset, Table):
        return dataset
    rows = [(line, [as_text("" if cell is None else cell) for cell in cells]) for line, cells in enumerate(dataset, 2)]
    facts = AllFacts()
    facts.add(cells for _, cells in rows)
    return Given(dataset.title or "datos", list(dataset.headers or ()), rows, facts.so_far())


def _add_row_results(result: RollResult, table: Table | Given) -> None:
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
