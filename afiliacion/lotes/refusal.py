"""How this room refuses: a line with its fields and reasons, or a whole document. str() is Spanish, ready for a screen."""

from __future__ import annotations

from dataclasses import dataclass


class Refused(ValueError):
    """What was given is not taken, and nothing was changed; str() is one Spanish sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one field of a record cannot be sent. `field`: a name of `Record`; `label` and `reason` are Spanish."""

    field: str
    label: str
    reason: str

    def __str__(self) -> str:
        return f"{self.label}: {self.reason}"


class RecordRefused(Refused):
    """A movement cannot be written as a line, or a line is no movement. `faults`: every field at fault. `line`: from 1; 0 if alone."""

    def __init__(self, faults: tuple[Fault, ...], *, clave: str = "", line: int = 0) -> None:
        self.faults, self.clave, self.line = faults, clave, line
        super().__init__(f"{self._where()}{' '.join(map(str, faults))}")

    def _where(self) -> str:
        parts = [f"línea {self.line}" if self.line else "", f"clave {self.clave}" if self.clave else ""]
        where = ", ".join(filter(None, parts))
        return f"{where[0].upper()}{where[1:]}. " if where else ""


class LoteRefused(Refused):
    """A lote as a whole is refused: it is not written, or not read."""


class DocumentRefused(Refused):
    """An answer as a whole is refused: it is kept as it came, and closes nothing."""
