"""Reminders: what kinds there are (rows a school may change), and the ledger that is also the outbox."""

from __future__ import annotations

import hashlib
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from afiliacion.cases.models import Case
from afiliacion.cases.states import State, Turn
from students.models import Student

#: An address that can be put on an envelope as it stands: ASCII, one @, nothing that could begin another header.
#: Read by Python and by PostgreSQL alike, so only what both understand.
ADDRESS: Final = r"^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}$"


#: The key of the kind with the receipt of what was handed in at the counter.
RECEIPT: Final = "recibo"
#: The key of the kind that answers a mail with documents.
BY_MAIL: Final = "hoja_por_correo"


class ReminderKind(models.Model):
    """One sort of reminder as data: whom it is for, from which day it is due and which words it uses."""

    class Audience(models.TextChoices):
        """Whom it is for. A kind for the staff that has states names cases in their digest; without states it is the digest."""

        STUDENT = "student", "Alumno"
        TUTOR = "tutor", "Tutor de un menor de edad"
        OFFICER = "officer", "Responsable"
        COORDINATOR = "coordinator", "Coordinación"
        #: Sent because of what just happened and not because of a date: no night decides it (receipts.py).
        RECEIPT = "receipt", "Alumno, al recibirle"
        #: Likewise: something of the office's own failed (alarm.py).
        ALARM = "alarm", "Coordinación, cuando algo falla"

    class Anchor(models.TextChoices):
        """The date its days are counted from."""

        DUE = "due", "Vencimiento del plazo"
        SINCE = "since", "Desde que está en el estado"
        REFUSED = "refused", "Desde que se rechazó su hoja"

    class Stop(models.TextChoices):
        """When it is no longer worth saying, although the state is still the same."""

        NEVER = "", "Mientras siga en el estado"
        DUE = "due", "Cuando vence el plazo"
        CLINIC = "clinic", "Cuando ya se registró en su clínica o lo cubre otra institución"

    key = models.CharField("clave", max_length=30)
    name = models.CharField("nombre", max_length=120)
    audience = models.CharField("para quién", max_length=11, choices=Audience)
    states = ArrayField(models.CharField(max_length=20, choices=State), verbose_name="estados", default=list, blank=True)
    turn = models.CharField("turno (vacío: cualquiera)", max_length=10, choices=Turn, blank=True)
    anchor = models.CharField("se cuenta desde", max_length=10, choices=Anchor, blank=True)
    days = ArrayField(
        models.SmallIntegerField(), verbose_name="días de cada paso", default=list, blank=True,
        help_text="De menor a mayor. Negativos: antes de la fecha.",
    )  # fmt: skip
    window = models.PositiveSmallIntegerField("noches en que un paso todavía vale")
    stop = models.CharField("deja de valer", max_length=10, choices=Stop, blank=True, default=Stop.NEVER)
    urgency = models.PositiveSmallIntegerField("urgencia (gana la mayor)")
    waits_for_imss = models.BooleanField("espera si el IMSS está caído", default=False)
    stops_with_sheet = models.BooleanField("calla cuando el alumno ya subió su hoja", default=False)
    optional = models.BooleanField("el alumno puede dejar de recibirlo", default=False)
    #: The person is waiting for it: it goes out at any hour, and carries no link.
    at_once = models.BooleanField("sale a cualquier hora", default=False)
    texts = models.CharField("textos", max_length=60, blank=True)
    active = models.BooleanField("activo", default=True)

    class Meta:
        verbose_name = "clase de aviso"
        verbose_name_plural = "clases de aviso"
        ordering = ["-urgency", "key"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="reminderkind_key_once"),
            models.CheckConstraint(condition=Q(window__gte=1), name="reminderkind_window_positive"),
            models.CheckConstraint(
                condition=Q(audience__in=["officer", "receipt", "alarm"], states=[])
                | (~Q(states=[]) & ~Q(days=[]) & Q(anchor__in=["due", "since", "refused"])),
                name="reminderkind_has_schedule",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def layout(self) -> str:
        """The files that lay its letters out, by their name in templates/mail."""
        return "tutor" if self.audience == self.Audience.TUTOR else "student"

    @property
    def is_report(self) -> bool:
        """Its letter is about no person: the digest, an alarm. A template of its own lays it out."""
        return self.audience in (self.Audience.OFFICER, self.Audience.ALARM) and not self.states


class Reminder(models.Model):
    """One mail to one person: inserted when it is decided (the insert is the lock), sent after the commit, kept for ever.

    `step` names the step of the kind and the enrolment it belongs to, so that a re-enrolment is reminded anew and nothing else is.
    Several things for one person on one night travel together: `part_of` is the row whose mail carries this one too.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "En espera"
        SENDING = "sending", "Enviándose"
        SENT = "sent", "Enviado"
        FAILED = "failed", "Rechazado"
        #: The connection or the process died after the text was handed over: only a person may decide what to do.
        UNCERTAIN = "uncertain", "Dudoso"
        #: Taken, and then returned by a server further on.
        BOUNCED = "bounced", "Devuelto"
        #: Between deciding and sending the student did it, or it stopped being true.
        DROPPED = "dropped", "Ya no hizo falta"

    # No index of their own: the constraints below begin with the case and with the student.
    kind = models.ForeignKey(ReminderKind, models.PROTECT, verbose_name="clase", related_name="reminders", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, null=True, verbose_name="expediente", related_name="reminders", db_index=False)
    student = models.ForeignKey(Student, models.PROTECT, null=True, verbose_name="alumno", related_name="reminders", db_index=False)
    audience = models.CharField(
        "para quién", max_length=11, choices=ReminderKind.Audience, default=ReminderKind.Audience.STUDENT
    )  # fmt: skip
    part_of = models.ForeignKey("self", models.PROTECT, null=True, verbose_name="va en el correo", related_name="parts", db_index=False)
    step = models.CharField("paso", max_length=40, blank=True)
    recipient = models.CharField("para", max_length=254)
    night = models.DateField("noche")
    data = models.JSONField("cifras", default=dict)

    status = models.CharField("situación", max_length=10, choices=Status, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField("intentos", default=0)
    send_after = models.DateTimeField("no antes de")
    lease = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField("decidido")
    sent_at = models.DateTimeField("enviado", null=True)
    error = models.TextField("error", blank=True)

    message_id = models.CharField(max_length=200, blank=True)
    subject = models.CharField("asunto", max_length=200, blank=True)
    text = models.TextField("texto", blank=True)
    version = models.CharField("versión de los textos", max_length=12, blank=True)

    class Meta:
        verbose_name = "aviso"
        verbose_name_plural = "avisos"
        constraints = [
            models.UniqueConstraint(fields=["case", "kind", "step", "recipient"], name="reminder_once"),
            models.UniqueConstraint(fields=["kind", "recipient", "night"], condition=Q(case=None), name="reminder_digest_once_a_night"),
            models.UniqueConstraint(
                fields=["student", "audience", "night"],
                condition=Q(part_of=None) & ~Q(status="dropped") & ~Q(audience="receipt"),
                name="reminder_student_once_a_night",
            ),
            models.CheckConstraint(condition=Q(recipient__regex=ADDRESS), name="reminder_recipient_is_one_address"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "sending", "sent", "failed", "uncertain", "bounced", "dropped"]),
                name="reminder_status_known",
            ),
            models.CheckConstraint(
                condition=Q(case=None, student=None) | Q(case__isnull=False, student__isnull=False), name="reminder_case_with_student"
            ),
            models.CheckConstraint(
                condition=~Q(status="sent") | (Q(sent_at__isnull=False) & ~Q(message_id="")), name="reminder_sent_says_when_and_what"
            ),
        ]
        indexes = [
            models.Index(F("send_after"), F("id"), name="reminder_to_send", condition=Q(status="queued")),
            models.Index(F("lease_until"), name="reminder_in_flight", condition=Q(status="sending")),
            models.Index(F("night"), F("status"), name="reminder_by_night"),
            models.Index(F("student"), F("night"), name="reminder_by_student"),
            models.Index(F("part_of"), name="reminder_part_of", condition=Q(part_of__isnull=False)),
            models.Index(F("message_id"), name="reminder_by_message_id", condition=~Q(message_id="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind_id} · {self.recipient} · {self.night:%d/%m/%Y}"

    def own_message_id(self) -> str:
        """The Message-ID this row always has: from what makes it unique, so that not even a restored backup changes it."""
        identity = "|".join(str(part) for part in (self.case_id or self.night, self.kind_id, self.step, self.recipient))
        domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
        return f"<{hashlib.sha256(identity.encode()).hexdigest()[:32]}@{domain}>"
