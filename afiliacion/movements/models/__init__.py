"""Lotes and their movements, how they are written, what IMSS answered, and what its codes mean."""

from afiliacion.movements.models.answer import AnswerColumns, AnswerDocument, AnswerRow
from afiliacion.movements.models.lote import Lote, Movement
from afiliacion.movements.models.profile import DEFAULT, LoteKey, RegistroProfile
from afiliacion.movements.models.rejection import RejectionCode

__all__ = [
    "DEFAULT", "AnswerColumns", "AnswerDocument", "AnswerRow", "Lote", "LoteKey", "Movement", "RegistroProfile", "RejectionCode",
]  # fmt: skip
