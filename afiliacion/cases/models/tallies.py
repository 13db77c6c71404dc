"""Maintained counters: how many cases are in which state and due when, and how far a ciclo had come each day (docs/adr/0018)."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from students.models import Ciclo, Plantel


class StandingTally(models.Model):
    """How many cases are in which state, as differences inserted by a trigger and folded by counters.py; their sum is the count.

    Rows without a plantel count all of them: a coordinator reads as few rows as an officer.
    """

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, db_index=False, db_constraint=False, related_name="+")
    ciclo = models.ForeignKey(Ciclo, models.CASCADE, db_index=False, db_constraint=False, related_name="+")
    state = models.CharField(max_length=20)
    turn = models.CharField(max_length=10)
    coverage = models.CharField(max_length=14)
    reached = models.PositiveSmallIntegerField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["plantel"], name="standingtally_of_plantel")]

    def __str__(self) -> str:
        return f"{self.plantel_id}: {self.state} {self.n:+d}"


class DueTally(models.Model):
    """How many cases with a step pending are due when; kept as StandingTally is."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, db_index=False, db_constraint=False, related_name="+")
    state = models.CharField(max_length=20)
    turn = models.CharField(max_length=10)
    due_on = models.DateField(null=True)
    alerted = models.BooleanField()
    n = models.IntegerField()

    class Meta:
        indexes = [models.Index(fields=["plantel"], name="duetally_of_plantel")]

    def __str__(self) -> str:
        return f"{self.plantel_id}: {self.state} {self.due_on} {self.n:+d}"


class FunnelDay(models.Model):
    """How far the cases of a plantel and ciclo had come at the end of a day, to compare the next ciclo with."""

    plantel = models.ForeignKey(Plantel, models.CASCADE, related_name="+", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.CASCADE, related_name="+", db_index=False)
    date = models.DateField()
    #: How many had reached each milestone, in the order of Milestone.
    reached = ArrayField(models.IntegerField())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ciclo", "date", "plantel"], name="funnelday_once")]

    def __str__(self) -> str:
        return f"{self.plantel_id} {self.ciclo_id} {self.date:%d/%m/%Y}"
