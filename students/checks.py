"""The NSS check digit as a database condition, so that no path into the table can slip a wrong number in."""

from __future__ import annotations

from django.db.models import BooleanField, F, Func


class NssCheckDigit(Func):
    """Luhn over eleven digits, in plain SQL arithmetic (doubling the even positions, from the left)."""

    output_field = BooleanField()
    template = (
        "(%(expressions)s IS NULL OR mod("
        + " + ".join(f"ascii(substr(%(expressions)s, {i}, 1)) - 48" for i in range(1, 12, 2))
        + " + "
        + " + ".join(
            f"(ascii(substr(%(expressions)s, {i}, 1)) - 48) * 2 - 9 * ((ascii(substr(%(expressions)s, {i}, 1)) - 48) / 5)"
            for i in range(2, 11, 2)
        )
        + ", 10) = 0)"
    )

    conditional = True


NSS_CHECK_DIGIT = NssCheckDigit(F("nss"))
