"""The roll as a django-import-export resource: its interface outside, one pass and a few statements inside.

Only `import_data_inner` is replaced: rows are checked once, copied to a temporary table, compared and written set-based.
Neither save() nor signals run; a preview (dry run) writes and sends nothing.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from import_export import fields
from import_export.resources import ModelResource
from import_export.results import Result, RowResult
from tablib import Dataset

from afiliacion.cases.outcome import Actor
from afiliacion.roll import comparing, staging, writing
from afiliacion.roll.cells import as_text, safe
from afiliacion.roll.checking import Checker
from afiliacion.roll.columns import COLUMNS, Mapping, bind
from afiliacion.roll.findings import Absent, Change, Counts, Done, Finding, UnreadableFile
from afiliacion.roll.staging import Target
from afiliacion.roll.table import Line, Table
from students.models import Enrolment

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(concat_ws(' ', 'roll', %(plantel)s::bigint, %(ciclo)s::bigint), 0))"


class RollResult(Result):  # type: ignore[misc] # django-import-export has no types
    """A Result that also knows what the roll has to say. `invalid_rows` hold the file's own line numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.mapping: Mapping | None = None
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

    `target` says where a list is loaded; `actor` and `now` are needed to write it, not to preview it. Without a
    target the resource only exports.
    """

    class Meta:
        model = Enrolment
        fields = ()
        import_id_fields = ("curp",)
        name = "Lista de inscritos"

    def __init__(self, target: Target | None = None, *, actor: Actor | None = None, now: dt.datetime | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.fields = {column.name: fields.Field(attribute=column.attribute, column_name=column.name) for column in COLUMNS}
        self.target, self.actor, self.now = target, actor, now

    @classmethod
    def get_result_class(cls) -> type[RollResult]:
        return RollResult

    def get_import_order(self) -> list[str]:
        return list(self.fields)

    get_export_order = get_import_order

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("student").order_by("student__name_order", "pk")

    def export_field(self, field: fields.Field, instance: Enrolment, **kwargs: Any) -> str:
        """A value as text that no spreadsheet runs; reading the file again gives the value back."""
        value = field.get_value(instance)
        return "" if value is None else safe(as_text(value))

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
            with transaction.atomic():
                self.before_import(dataset, **kwargs)
                self._import(dataset, result, dry_run=dry_run)
                self.after_import(dataset, result, **kwargs)
        except UnreadableFile as error:
            self.handle_import_error(result, error, raise_errors)
        return result

    def _import(self, dataset: Table | Dataset, result: RollResult, *, dry_run: bool) -> None:
        if self.target is None:
            raise UnreadableFile("Diga en qué plantel y ciclo se carga la lista.")
        result.mapping = bind(result.diff_headers, date_given=self.target.enrolled_on is not None)
        if not dry_run:
            # Two lists for the same plantel and ciclo, one after the other: the second finds nothing to change.
            staging.rows_of(_LOCK, self.target.parameters)
        lines = _numbered(dataset)
        with staging.joined_by_hash(len(lines)):
            self._stage(lines, result, self.target)
            self._compare(result, self.target)
        _add_row_results(result, lines)
        if not dry_run and self.actor and self.now:
            result.done = writing.write(self.target, len(lines), actor=self.actor, now=self.now)

    def _stage(self, lines: Sequence[Line], result: RollResult, target: Target) -> None:
        """One pass over the rows, then what they say of each other."""
        assert result.mapping is not None  # noqa: S101 - bound by the caller
        checker = Checker(result.mapping, target.ciclo, target.today, target.enrolled_on is not None)
        staging.stage(checker.rows(lines))
        # A bad row that comes twice is bad twice: each is told with its reasons.
        bad = {finding.line for finding in checker.errors}
        twice = [found for found in comparing.repeated() if found[0] not in bad]
        staging.drop([line for line, _, _ in twice])
        result.counts.repeated = len(twice)
        result.notes = checker.notes
        result.errors = [*checker.errors, *comparing.errors_in_file()]
        result.warnings = [*checker.warnings, *comparing.warnings_in_file()]
        result.warnings += [
            Finding(line, "", curp, f"Repite {others} palabra por palabra: se contó una vez.") for line, curp, others in twice
        ]

    def _compare(self, result: RollResult, target: Target) -> None:
        """What is on record says about the rows; then which are good, and what they change."""
        staging.match(target)
        result.errors += comparing.errors_on_record(target)
        bad = {finding.line for finding in result.errors}
        staging.mark_bad(sorted(bad))
        staging.compare()
        has_email = result.mapping is not None and "correo" in result.mapping.where
        result.warnings += comparing.warnings_on_record(has_email=has_email)
        # A warning is about a row that is taken; the others are told when their errors are mended.
        result.warnings = [finding for finding in result.warnings if finding.line not in bad]
        result.errors.sort(key=_place)
        result.warnings.sort(key=_place)
        repeated = result.counts.repeated
        result.counts = comparing.counts(target)
        result.counts.repeated = repeated
        result.changes, result.missing = comparing.changes(), comparing.missing(target)
        result.fill_totals()


def _numbered(dataset: Table | Dataset) -> Sequence[Line]:
    """The rows with their line in the file; a plain dataset's rows follow its header."""
    if isinstance(dataset, Table):
        return dataset.lines
    return [(line, [as_text("" if cell is None else cell) for cell in cells]) for line, cells in enumerate(dataset, 2)]


def _place(finding: Finding) -> tuple[int, str]:
    return finding.line, finding.column


def _add_row_results(result: RollResult, lines: Iterable[Line]) -> None:
    """Every bad row as django-import-export shows it, with its messages by column."""
    reasons: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for finding in result.errors:
        reasons[finding.line][finding.column or "__all__"].append(finding.reason)
    for line, cells in lines:
        if line in reasons:
            error = ValidationError(dict(reasons[line]))
            row = RowResult()
            row.import_type, row.validation_error = RowResult.IMPORT_TYPE_INVALID, error
            result.append_invalid_row(line, dict(zip(result.diff_headers, cells, strict=False)), error)
            result.append_row_result(row)
