"""The tables of the IMSS room: errands and answers, settings, channels, the state of the connection."""

from afiliacion.imss.models.channels import LoteRegistro, MovementUnderWay
from afiliacion.imss.models.connection import ConnectionState, Outage, WorkerShare
from afiliacion.imss.models.errand import Answer, Errand
from afiliacion.imss.models.settings import BajaCause, Cadence, ImssSettings, KnownRefusal

__all__ = [
    "Answer",
    "BajaCause",
    "Cadence",
    "ConnectionState",
    "Errand",
    "ImssSettings",
    "KnownRefusal",
    "LoteRegistro",
    "MovementUnderWay",
    "Outage",
    "WorkerShare",
]
