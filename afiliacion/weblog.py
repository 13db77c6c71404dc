"""The web server's lines are masked like the others: whoever searches by CURP or NSS has it in the address."""

from __future__ import annotations

from typing import Any

from gunicorn import glogging

from afiliacion import logs


class Discreet(glogging.Logger):  # type: ignore[misc] # it has no types
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(logs.Discreet(self.error_fmt if handler in self.error_log.handlers else self.access_fmt, self.datefmt))
