"""Who is enrolled and has no CURP yet: no person of the registry, no case, and asked for again on a day."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from students import curp as curps
from students import names
from students.models import Ciclo, Enrolment, Plantel


class WithoutCurp(models.Model):
    """A student whom a list brought without CURP (a foreigner, or one in process), by plantel, ciclo and matrícula.

    Open until the CURP comes (`enrolment`: what it became) or an officer closes it with a reason. What it holds is the list's.
    """

    class Why(models.TextChoices):
        """What stood in place of the CURP."""

        EMPTY = "vacia", "La lista no trae su CURP"
        WORD = "palabra", "La lista dice que no la tiene"
        GENERIC = "generica", "La lista trae una CURP genérica"

    plantel = models.ForeignKey(Plantel, models.PROTECT, verbose_name="plantel", related_name="+", db_index=False)
    ciclo = models.ForeignKey(Ciclo, models.PROTECT, verbose_name="ciclo", related_name="+", db_index=False)
    matricula = models.CharField("matrícula", max_length=30)
    nombre = models.CharField("nombre(s)", max_length=120)
    primer_apellido = models.CharField("primer apellido", max_length=120)
    segundo_apellido = models.CharField("segundo apellido", max_length=120, blank=True)
    birth_date = models.DateField("fecha de nacimiento", null=True)
    sex = models.CharField("sexo", max_length=1, choices=list(curps.SEXES.items()), blank=True)
    email = models.CharField("correo", max_length=254, blank=True)
    phone = models.CharField("teléfono", max_length=40, blank=True)
    grupo = models.CharField("grupo", max_length=30, blank=True)
    enrolled_on = models.DateField("fecha de inscripción")
    why = models.CharField("por qué", max_length=8, choices=Why)
    name_order = models.TextField(editable=False, db_collation="C")
    name_search = models.TextField(editable=False)
    #: By the clock's rule CURP, from the day it was noted; an officer who asked sets the next one.
    follow_up_on = models.DateField("se le vuelve a preguntar el")
    followed_by = models.CharField("quién le preguntó", max_length=160, blank=True)
    noted_by = models.CharField("quién lo anotó", max_length=160)
    noted_at = models.DateTimeField("anotado")
    #: Id of the list (roll.Import) that brought it first.
    list_id = models.BigIntegerField("lista")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, verbose_name="inscripción", related_name="+")
    closed_at = models.DateTimeField("cerrado", null=True)
    closed_by = models.CharField("quién lo cerró", max_length=160, blank=True)
    reason = models.TextField("motivo", blank=True)

    class Meta:
        verbose_name = "alumno sin CURP"
        verbose_name_plural = "alumnos sin CURP"
        ordering = ["follow_up_on", "name_order", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["plantel", "ciclo", "matricula"], name="withoutcurp_matricula_once"),
            models.CheckConstraint(condition=Q(why__in=["vacia", "palabra", "generica"]), name="withoutcurp_why_known"),
            models.CheckConstraint(condition=Q(enrolment=None) | Q(closed_at__isnull=False), name="withoutcurp_closed_with_enrolment"),
        ]
        indexes = [
            models.Index(fields=["plantel", "follow_up_on", "name_order"], condition=Q(closed_at=None), name="withoutcurp_open"),
            models.Index(fields=["list_id"], name="withoutcurp_of_list"),
            # A search looks for those without a case.
            GinIndex(fields=["name_search"], condition=Q(enrolment=None), name="withoutcurp_name_trigrams", opclasses=["gin_trgm_ops"]),
            models.Index(
                OpClass(Upper("matricula"), "text_pattern_ops"), "plantel", condition=Q(enrolment=None), name="withoutcurp_matricula_of"
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_order = names.sort_key(self.primer_apellido, self.segundo_apellido, self.nombre)
        self.name_search = names.search_key(self.nombre, self.primer_apellido, self.segundo_apellido)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        return " ".join(filter(None, (self.nombre, self.primer_apellido, self.segundo_apellido)))

    @property
    def list_name(self) -> str:
        """Apellidos first, as a school's list has them."""
        return names.list_name(self.primer_apellido, self.segundo_apellido, self.nombre)

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def is_late(self, today: dt.date) -> bool:
        """Whether the day to ask again has passed."""
        return self.is_open and self.follow_up_on < today
