"""A lookup for sets of ids, registered on every field when the application starts (apps.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from afiliacion.database.arrays import literal
from afiliacion.database.batch_queries import Parameter

if TYPE_CHECKING:
    Lookup = models.Lookup[Any]
else:
    # Generic for the type checker only.
    Lookup = models.Lookup


class Among(Lookup):
    """`pk__among=[…]` finds what `pk__in=[…]` finds, the list being one parameter: hundreds of placeholders take longer than the query."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, parameters = self.process_lhs(compiler, connection)
        kind = self.lhs.output_field.rel_db_type(connection)
        values = self.rhs if isinstance(self.rhs, Parameter) else literal(self.rhs)
        return f"{column} = ANY(%s::{kind}[])", (*parameters, values)


def register() -> None:
    """Make `__among` available on every field."""
    models.Field.register_lookup(Among)
