"""Covers (aseguramientos): a person, under an NSS and a registro patronal, from a day to another; and the append-only log of each."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case, Event
from afiliacion.insurance.facts import CoverFacts, CoverHappening, CoverOwner, CoverStatus
from students.models import Student
from students.registro_patronal import with_dashes


class Cover(models.Model):
    """What IMSS has in its register about a person, as far as is proved. The columns from `status` on are the fold of its log."""

    student = models.ForeignKey(Student, models.PROTECT, verbose_name="alumno", related_name="covers", db_index=False)
    # As they were sent, or as IMSS answered. Of other cover, what is known; "" is not known.
    nss = models.CharField("NSS", max_length=11, blank=True)
    registro = models.CharField("registro patronal", max_length=16, blank=True)
    whose = models.CharField("de quién", max_length=12, choices=CoverOwner, default=CoverOwner.OURS)

    status = models.CharField("situación", max_length=10, choices=CoverStatus)
    since = models.DateField("desde")
    status_on = models.DateField("situación desde")
    evidence = models.CharField(max_length=64, blank=True)
    baja_sent_on = models.DateField("baja enviada", null=True)
    ended_on = models.DateField("hasta", null=True)
    ended_by = models.CharField("cómo terminó", max_length=14, choices=CoverHappening, blank=True)
    stood = models.BooleanField(default=False)
    #: The planteles (ids) of the person who noted the status by hand: what one school notes is not told to another; null: IMSS said it.
    scope = models.JSONField(null=True)
    #: The case that owes the baja, while one is owed.
    owed_by = models.ForeignKey(Case, models.PROTECT, null=True, related_name="owed_covers", db_index=False)

    version = models.PositiveIntegerField(default=0)
    head_hash = models.CharField(max_length=64, default="")

    class Meta:
        verbose_name = "aseguramiento"
        verbose_name_plural = "aseguramientos"
        constraints = [
            models.UniqueConstraint(
                fields=["student", "nss", "registro"], condition=Q(ended_on=None, whose=CoverOwner.OURS), name="cover_one_live"
            ),
            models.CheckConstraint(condition=Q(status__in=CoverStatus.values), name="cover_status_known"),
            models.CheckConstraint(condition=Q(whose__in=CoverOwner.values), name="cover_whose_known"),
            models.CheckConstraint(condition=Q(ended_on=None) ^ Q(status=CoverStatus.ENDED), name="cover_ended_on_a_day"),
        ]
        indexes = [
            models.Index(fields=["student"], name="cover_of_student"),
            models.Index(fields=["owed_by"], condition=Q(owed_by__isnull=False), name="cover_owed"),
        ]

    def __str__(self) -> str:
        return f"{self.get_status_display()} ({self.registro})"

    @property
    def told(self) -> str:
        """In one line: «A01-12345-32-1, desde 10/08/2026: Vigente»."""
        until = f" hasta {self.ended_on:%d/%m/%Y}" if self.ended_on else ""
        sent = "; baja enviada" if self.baja_sent_on and not self.ended_on else ""
        return f"{with_dashes(self.registro)}, desde {self.since:%d/%m/%Y}{until}: {self.get_status_display()}{sent}"

    @property
    def facts(self) -> CoverFacts:
        return CoverFacts(*(getattr(self, name) for name in CoverFacts._fields))._replace(status=CoverStatus(self.status))


#: The columns that a step of a cover writes.
STEP_COLUMNS: Final = ("nss", *CoverFacts._fields, "scope", "version", "head_hash")


class CoverEvent(models.Model):
    """One thing that happened to a cover. Append-only (trigger) and hash-chained per cover (log.py). Says nothing of the person."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    what = models.CharField(max_length=14, choices=CoverHappening)
    on = models.DateField("fecha del hecho")
    at = models.DateTimeField("anotado")
    actor_kind = models.CharField(max_length=10, choices=Event.ActorKind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, db_index=False)
    actor_name = models.CharField(max_length=160)
    #: The case (id) whose step told it.
    case = models.BigIntegerField(null=True)
    evidence = models.CharField(max_length=64, blank=True)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta:
        verbose_name = "hecho de un aseguramiento"
        verbose_name_plural = "hechos de aseguramientos"
        constraints = [models.UniqueConstraint(fields=["cover", "seq"], name="coverevent_seq_once")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.on:%d/%m/%Y})"
