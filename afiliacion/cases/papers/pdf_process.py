"""Ask the process that looks into PDFs (`pdf_reader`), which has limits and knows nothing of the office."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any, Final

from django.conf import settings

log = logging.getLogger(__name__)

#: How much longer than its processor time the process may take on a busy machine.
_BUSY: Final = 4


def ask(body: bytes, *words: str) -> dict[str, Any]:
    """Return what `python -m pdf_reader` says of the PDF in `body`, asked with these further words; {} if it dies or takes too long."""
    seconds: int = settings.PDF_READER_SECONDS
    order = [sys.executable, "-P", "-m", "pdf_reader", str(settings.PDF_READER_BYTES), str(seconds), *words]
    try:
        answer = subprocess.run(  # noqa: S603 - our own module
            order, input=body, capture_output=True, timeout=_BUSY * seconds, check=True,
            env={"PYTHONPATH": str(settings.BASE_DIR), "PYTHONUTF8": "1"},
        )  # fmt: skip
        said: dict[str, Any] = json.loads(answer.stdout)
    except (subprocess.SubprocessError, ValueError) as error:
        log.warning("a PDF could not be looked into: %s", type(error).__name__)
        return {}
    return said
