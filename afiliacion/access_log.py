"""Mask the web server's own log lines (gunicorn.conf.py): people search by CURP, NSS and name, and addresses hold what they type."""

from __future__ import annotations

from typing import Any

from gunicorn import glogging

from afiliacion.logs import MaskingFormatter


class MaskingLogger(glogging.Logger):  # type: ignore[misc] # it has no types
    """gunicorn's logger with masked access and error logs, wherever its options send them."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log, form in ((self.error_log, self.error_fmt), (self.access_log, self.access_fmt)):
            for handler in log.handlers:
                handler.setFormatter(MaskingFormatter(form, self.datefmt))
