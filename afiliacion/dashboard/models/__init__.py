"""The tables of the screens, a module a feature."""

from afiliacion.dashboard.models.background_jobs import JobSeen
from afiliacion.dashboard.models.case import Assignment, Mention, Note
from afiliacion.dashboard.models.counter import CounterReceipt
from afiliacion.dashboard.models.login import LoginTally
from afiliacion.dashboard.models.readings import Disclosure, ListExport
from afiliacion.dashboard.models.settings import SettingChange
from afiliacion.dashboard.models.subdelegacion import DeskErrand, DeskVisit
from afiliacion.dashboard.models.worklist import BulkRun, SavedView

__all__ = [
    "Assignment",
    "BulkRun",
    "CounterReceipt",
    "DeskErrand",
    "DeskVisit",
    "Disclosure",
    "JobSeen",
    "ListExport",
    "LoginTally",
    "Mention",
    "Note",
    "SavedView",
    "SettingChange",
]
