"""The code for the first visit of a new office; it is shown only on the terminal that started the office.

It is derived from the office's secret key and opens nothing once there is a user, so it need not be stored nor can it be used twice.
"""

from __future__ import annotations

import base64
import hmac
from typing import Final

from django.conf import settings
from django.contrib.auth import get_user_model

_LENGTH: Final = 12


def is_new() -> bool:
    """Whether the office has no user yet."""
    return not get_user_model().objects.exists()


def code() -> str:
    """The code, in three groups of four; 60 bits."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"afiliacion.first_run", "sha256")
    text = base64.b32encode(digest).decode()[:_LENGTH]
    return "-".join(text[i : i + 4] for i in range(0, _LENGTH, 4))


def opens(typed: str) -> bool:
    """Whether `typed` is the code; hyphens, blanks and small letters are forgiven."""
    plain = "".join(c for c in typed.upper() if c.isascii() and c.isalnum())
    return hmac.compare_digest(plain, code().replace("-", ""))
