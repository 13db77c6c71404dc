"""Ask the process that looks into PDFs (`paper_reader`), which has limits and knows nothing of the office."""

from __future__ import annotations

import json
import logging
import subprocess
from typing import Any, Final

from django.conf import settings

from limited_process.limits import Limits
from limited_process.start import run

log = logging.getLogger(__name__)

#: How much longer than its processor time the process may take on a busy machine.
_BUSY: Final = 4


def ask(body: bytes, *order: str) -> dict[str, Any]:
    """Return what `python -m paper_reader` says of the PDF in `body`, given this order; {} if it dies or takes too long."""
    seconds: int = settings.PDF_READER_SECONDS
    try:
        answer = run("paper_reader", *order, limits=Limits(settings.PDF_READER_BYTES, seconds), given=body, timeout=_BUSY * seconds)
        said: dict[str, Any] = json.loads(answer)
    except (subprocess.SubprocessError, ValueError) as error:
        log.warning("a PDF could not be looked into: %s", type(error).__name__)
        return {}
    return said
