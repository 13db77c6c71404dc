"""The connection to IMSS as all workers share it: pauses, circuit and rate, the workers' shares, outages."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class ConnectionState(models.Model):
    """The state of the connection to IMSS, shared by all workers: pause, circuit, rate. One row; moments are the database's clock."""

    failures = models.PositiveIntegerField(default=0)
    #: No requests until then, as IMSS asked (Retry-After).
    quiet_until = models.DateTimeField(null=True)
    #: Set while the circuit is open: when one worker may send a probe.
    probe_at = models.DateTimeField(null=True)

    # The rate of all workers together (rate/rate_estimate.py: requests a second), the limit it was found under, and the requests since it
    # was set.
    rate = models.FloatField(default=0.0)
    good = models.FloatField(default=0.0)
    bad = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    rate_since = models.DateTimeField(db_default=Now())
    asked = models.PositiveIntegerField(default=0)

    # The lease of the chase that the workers keep going, and whether it waits for the next task (chase/lease.py).
    chase_until = models.DateTimeField(null=True)
    handed_over = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "imss_line"
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="line_one_row")]

    def __str__(self) -> str:
        return "abierta" if self.probe_at is None else "interrumpida"


class WorkerShare(models.Model):
    """A worker with claimed errands, and its share of the rate (rate/worker_shares.py)."""

    pid = models.IntegerField()
    backend_start = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(db_default=Now())
    #: By how many workers it divides the rate: their number when it last renewed.
    divisor = models.PositiveIntegerField()
    #: The share is a lease: the worker sends requests until then. Empty: no share granted yet.
    valid_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "imss_asker"

    def __str__(self) -> str:
        return f"{self.pid} entre {self.divisor}"


class Outage(models.Model):
    """A period in which IMSS did not answer; shown on every screen while `until` is empty."""

    since = models.DateTimeField("desde")
    until = models.DateTimeField("hasta", null=True, blank=True)
    reason = models.CharField("qué pasó", max_length=240)

    class Meta:
        verbose_name = "interrupción del IMSS"
        verbose_name_plural = "interrupciones del IMSS"
        ordering = ["-since"]
        constraints = [
            models.UniqueConstraint(fields=["until"], condition=Q(until=None), nulls_distinct=False, name="outage_one_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.since:%d/%m/%Y %H:%M}: {self.reason}"
