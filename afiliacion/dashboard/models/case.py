"""What the office keeps beside a case: assignee, notes, mentions."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case


class Assignment(models.Model):
    """The assignee of a case; without a row it is unassigned."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name="expediente", related_name="assignments", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="quién lo atiende", related_name="assigned")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién lo asignó", related_name="+", db_index=False)
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "asignación"
        verbose_name_plural = "asignaciones"
        constraints = [models.UniqueConstraint(fields=["case"], name="assignment_one_a_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.user}"


class Note(models.Model):
    """A note of the staff on a case, for the staff only. Written once, never changed."""

    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="notes", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", related_name="+", db_index=False)
    text = models.TextField("nota")
    at = models.DateTimeField("cuándo")
    #: Given with the form: sending it twice writes one note.
    token = models.UUIDField()

    class Meta:
        verbose_name = "nota"
        verbose_name_plural = "notas"
        constraints = [models.UniqueConstraint(fields=["token"], name="note_once")]
        indexes = [models.Index(fields=["case", "-at"], name="note_of_case")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.text[:40]}"


class Mention(models.Model):
    """A user named with @ in a note; seen once they open the case."""

    note = models.ForeignKey(Note, models.CASCADE, verbose_name="nota", related_name="mentions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="a quién", related_name="+", db_index=False)
    seen_at = models.DateTimeField("vista", null=True)

    class Meta:
        verbose_name = "mención"
        verbose_name_plural = "menciones"
        constraints = [models.UniqueConstraint(fields=["note", "user"], name="mention_once")]
        indexes = [models.Index(fields=["user"], name="mention_unseen", condition=Q(seen_at=None))]

    def __str__(self) -> str:
        return f"@{self.user}"
