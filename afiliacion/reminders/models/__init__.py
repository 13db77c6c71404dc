"""The tables of the reminders: kinds and mails, what planteles want of their mail, how people are reached."""

from afiliacion.reminders.models.contacts import AddressChange, BadAddress, OneTimeCode, OptOut, PageKey, Tutor
from afiliacion.reminders.models.policy import MailPace, MailPause, MailRule, MailStop, MailText, Weekday
from afiliacion.reminders.models.reminder import Reminder, ReminderKind

__all__ = [
    "AddressChange",
    "BadAddress",
    "MailPace",
    "MailPause",
    "MailRule",
    "MailStop",
    "MailText",
    "OneTimeCode",
    "OptOut",
    "PageKey",
    "Reminder",
    "ReminderKind",
    "Tutor",
    "Weekday",
]
