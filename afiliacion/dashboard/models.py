"""What the screens themselves must remember: who read what, and lists between their preview and their confirmation."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case
from students.models import Plantel


class Disclosure(models.Model):
    """Somebody read a person's full data. Append-only (trigger)."""

    class What(models.TextChoices):
        NUMBERS = "numbers", "CURP y NSS completos"
        PAPER = "paper", "Documento del expediente"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="disclosures")
    what = models.CharField("qué", max_length=10, choices=What)
    detail = models.CharField("detalle", max_length=64, blank=True)
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "lectura de datos"
        verbose_name_plural = "lecturas de datos"
        constraints = [models.CheckConstraint(condition=Q(what__in=["numbers", "paper"]), name="disclosure_what_known")]
        indexes = [models.Index(fields=["case", "-at"], name="disclosure_of_case")]

    def __str__(self) -> str:
        return f"{self.get_what_display()} ({self.at:%d/%m/%Y %H:%M})"


class CounterReceipt(models.Model):
    """What an officer took at the counter in one go. `key` is the browser's own: however often it is sent, it is taken once."""

    key = models.UUIDField()
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="counter_receipts")
    papers = models.JSONField("documentos", default=list)
    nss = models.BooleanField("con NSS", default=False)
    acuse = models.BooleanField("completó la entrega del acuse", default=False)
    #: The case's version when this was done: only what nothing has built upon can be undone.
    version = models.PositiveIntegerField()
    at = models.DateTimeField("cuándo")
    undone_at = models.DateTimeField("deshecho", null=True)

    class Meta:
        verbose_name = "recepción en ventanilla"
        verbose_name_plural = "recepciones en ventanilla"
        constraints = [models.UniqueConstraint(fields=["key"], name="counterreceipt_key_once")]
        indexes = [models.Index(fields=["user", "-at"], name="counterreceipt_of_user")]

    def __str__(self) -> str:
        return f"{self.case.folio} ({self.at:%d/%m/%Y %H:%M})"


class DeskVisit(models.Model):
    """One going to a subdelegación: who, when, with which oficio, and what was brought back for each student."""

    subdelegacion = models.CharField("subdelegación", max_length=120, blank=True)
    day = models.DateField("día en que se acude")
    officer = models.CharField("quién acude", max_length=160)
    number = models.CharField("número de oficio", max_length=60, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién la preparó")
    created_at = models.DateTimeField("preparada")
    filed_on = models.DateField("presentado", null=True)
    folio = models.CharField("folio o sello que dieron", max_length=60, blank=True)

    class Meta:
        verbose_name = "salida a la subdelegación"
        verbose_name_plural = "salidas a la subdelegación"
        ordering = ["-day", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(folio="") | Q(filed_on__isnull=False), name="deskvisit_folio_when_filed")]

    def __str__(self) -> str:
        return f"{self.subdelegacion or 'Subdelegación'} ({self.day:%d/%m/%Y})"


class DeskErrand(models.Model):
    """One case on a visit. Open while `result` is empty: a case is on one visit at a time."""

    class Result(models.TextChoices):
        SOLVED = "solved", "Resuelto: el trámite sigue"
        RESEND = "resend", "Hay que volver a enviar el alta"
        AGAIN = "again", "Faltó algo: hay que volver a ir"
        DROPPED = "dropped", "No se llevó"

    visit = models.ForeignKey(DeskVisit, models.PROTECT, related_name="errands", db_index=False)
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="desk_errands")
    result = models.CharField("resultado", max_length=10, choices=Result, blank=True)
    note = models.CharField("qué respondieron", max_length=500, blank=True)
    answered_on = models.DateField("respondieron el", null=True)

    class Meta:
        verbose_name = "caso en una salida"
        verbose_name_plural = "casos en salidas"
        constraints = [
            models.UniqueConstraint(fields=["visit", "case"], name="deskerrand_once_a_visit"),
            models.UniqueConstraint(fields=["case"], condition=Q(result=""), name="deskerrand_one_open_visit_a_case"),
            models.CheckConstraint(condition=Q(result__in=["", "solved", "resend", "again", "dropped"]), name="deskerrand_result_known"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.get_result_display() or 'sin respuesta'}"


class SettingChange(models.Model):
    """Somebody changed how the office works: what, from what, to what. Append-only (trigger)."""

    at = models.DateTimeField("cuándo")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="quién")
    user_name = models.CharField("quién", max_length=160)
    section = models.CharField("ajuste", max_length=30)
    what = models.CharField("qué", max_length=240)
    #: Field label -> value as people read it; empty before an addition, after a removal.
    before = models.JSONField("antes", default=dict)
    after = models.JSONField("después", default=dict)

    class Meta:
        verbose_name = "cambio de ajustes"
        verbose_name_plural = "cambios de ajustes"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["section", "-id"], name="settingchange_of_section")]

    def __str__(self) -> str:
        return f"{self.what} ({self.at:%d/%m/%Y %H:%M})"


class JobSeen(models.Model):
    """Somebody has seen that a background job failed. `ref` names that failure: the same job failing again is new."""

    source = models.CharField("clase de trabajo", max_length=20)
    ref = models.CharField("cuál", max_length=60)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién")
    at = models.DateTimeField("cuándo")

    class Meta:
        verbose_name = "trabajo visto"
        verbose_name_plural = "trabajos vistos"
        constraints = [models.UniqueConstraint(fields=["source", "ref"], name="jobseen_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.ref}"


class Assignment(models.Model):
    """Who of the office sees to a case. Nobody: no row."""

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
    """What somebody of the office wrote beside a case, for the office only. Written once, never changed."""

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
    """Somebody named with @ in a note; seen once they open the case."""

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


class SavedView(models.Model):
    """A list kept by name with its columns: its owner's, or shared with a plantel. Without a name: how the owner's lists look."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="de quién", related_name="views", db_index=False)
    plantel = models.ForeignKey(Plantel, models.CASCADE, null=True, blank=True, verbose_name="compartida con", related_name="views")
    name = models.CharField("nombre", max_length=60, blank=True)
    query = models.CharField("filtros", max_length=400, blank=True)
    columns = ArrayField(models.CharField(max_length=20), default=list, verbose_name="columnas")

    class Meta:
        verbose_name = "vista guardada"
        verbose_name_plural = "vistas guardadas"
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="savedview_name_once")]

    def __str__(self) -> str:
        return self.name


class BulkRun(models.Model):
    """What one action on many did, case by case, for its owner; and whether it was undone."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="quién", related_name="+", db_index=False)
    at = models.DateTimeField("cuándo")
    action = models.CharField("acción", max_length=40)
    query = models.CharField("lista", max_length=400, blank=True)
    #: done, repeated: ids; skipped: id -> why.
    result = models.JSONField()
    undone_at = models.DateTimeField("deshecha", null=True)

    class Meta:
        verbose_name = "acción en bloque"
        verbose_name_plural = "acciones en bloque"
        indexes = [models.Index(fields=["owner", "-at"], name="bulkrun_of_owner")]

    def __str__(self) -> str:
        return f"{self.action} ({self.at:%d/%m/%Y %H:%M})"


class ListExport(models.Model):
    """Somebody took a list away as a file. Append-only (trigger)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="quién", related_name="+")
    at = models.DateTimeField("cuándo")
    what = models.CharField("qué", max_length=40)
    query = models.CharField("filtros", max_length=400, blank=True)

    class Meta:
        verbose_name = "lista descargada"
        verbose_name_plural = "listas descargadas"

    def __str__(self) -> str:
        return f"{self.what} ({self.at:%d/%m/%Y %H:%M})"


class LoginTally(models.Model):
    """Failed logins in a row, by a key that names no person (entrance.py); a success takes the row away."""

    key = models.CharField(max_length=64, primary_key=True)
    failures = models.PositiveIntegerField()
    wait_until = models.DateTimeField()

    class Meta:
        verbose_name = "entradas fallidas"
        verbose_name_plural = "entradas fallidas"

    def __str__(self) -> str:
        return f"{self.failures} hasta {self.wait_until:%d/%m/%Y %H:%M}"
