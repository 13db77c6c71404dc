"""The form of an e-mail address by which two addresses are compared (that of a mail's envelope)."""

from __future__ import annotations

from typing import Final

from django.db.models import CharField, Func

#: Of an SQL expression. lower() of ASCII only, in every database.
ENVELOPE: Final = "lower(btrim({}, E' \\t\\r\\n') COLLATE \"C\")"


class Envelope(Func):
    """An e-mail column as an address for the envelope; it may still be no address."""

    template = ENVELOPE.format("%(expressions)s")
    output_field = CharField()
