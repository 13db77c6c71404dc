"""Lotes: files of altas or bajas that a person uploads to IDSE, the movements in them, and how a registro patronal has them written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.fields import WAGE_TYPES, WORKER_TYPES, WORKING_WEEKS
from afiliacion.lotes.line.record import MovementType
from afiliacion.lotes.profile import Profile, ProfileError, from_row, shipped
from students.models import Student
from students.registro_patronal import with_dashes

#: How a lote is written where a registro patronal has no row of its own.
DEFAULT: Final[Mapping[str, Any]] = asdict(shipped()["portal"])


def _choices(codes: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(code, f"{code} {label}") for code, label in codes.items()]


class RegistroProfile(models.Model):
    """How the lotes of one registro patronal are written (afiliacion/lotes/profile.py), and who signs them."""

    registro = models.CharField("registro patronal", max_length=16)
    signer = models.CharField("quién tiene la e.firma", max_length=160, blank=True)
    signature_until = models.DateField("vence la e.firma", null=True, blank=True)
    umf = models.CharField("UMF (3 dígitos; vacío: en blanco)", max_length=3, blank=True, default=DEFAULT["umf"])
    guia = models.CharField("guía (5 dígitos; vacío: en blanco)", max_length=5, blank=True, default=DEFAULT["guia"])
    alphabet = models.CharField(
        "alfabeto", max_length=6, choices=[("ascii", "ASCII: Ñ como N"), ("cp1252", "Windows: con Ñ")], default=str(DEFAULT["alphabet"])
    )
    keeps_accents = models.BooleanField("con acentos", default=DEFAULT["keeps_accents"])
    signs = models.CharField("signos que llevan los nombres", max_length=7, blank=True, default=DEFAULT["signs"])
    missing_surname = models.CharField("quien no tiene segundo apellido (vacío o X)", max_length=1, blank=True, default="")
    long_names = models.CharField(
        "nombres de más de 27 letras", max_length=6, choices=[("cut", "Se cortan"), ("refuse", "No se envían")],
        default=str(DEFAULT["long_names"]),
    )  # fmt: skip
    line_end = models.CharField(
        "fin de línea", max_length=4, choices=[("CRLF", "Windows"), ("LF", "Unix")], default=str(DEFAULT["line_end"])
    )
    trailer = models.BooleanField("con línea de totales al final", default=DEFAULT["trailer"])
    filler = models.CharField("relleno de 110 a 115", max_length=1, choices=[(" ", "Blancos"), ("0", "Ceros")], default=DEFAULT["filler"])
    salario = models.PositiveIntegerField("salario base en centavos", default=DEFAULT["salario"])
    tipo_trabajador = models.CharField(
        "tipo de trabajador", max_length=1, choices=_choices(WORKER_TYPES), default=DEFAULT["tipo_trabajador"]
    )
    tipo_salario = models.CharField("tipo de salario", max_length=1, choices=_choices(WAGE_TYPES), default=DEFAULT["tipo_salario"])
    jornada = models.CharField("jornada", max_length=1, choices=_choices(WORKING_WEEKS), default=DEFAULT["jornada"])
    date_rule = models.CharField(
        "fecha del movimiento", max_length=12,
        choices=[("envio", "El día en que se hace el lote"), ("inscripcion", "La inscripción"), ("ciclo", "El inicio del ciclo")],
        default=str(DEFAULT["date_rule"]),
    )  # fmt: skip
    most = models.PositiveIntegerField("movimientos por lote, a lo más", default=DEFAULT["most"])

    class Meta:
        verbose_name = "envío por lotes"
        verbose_name_plural = "envío por lotes"
        ordering = ["registro"]
        constraints = [models.UniqueConstraint(fields=["registro"], name="registroprofile_once")]

    def __str__(self) -> str:
        return with_dashes(self.registro)

    def clean(self) -> None:
        try:
            self.profile()
        except ProfileError as error:
            raise ValidationError({error.item: str(error)}) from error

    def profile(self) -> Profile:
        """As the writer of lotes takes it. Raises ProfileError."""
        names = {each.name for each in fields(Profile)} - {"key", "label"}
        return from_row({name: getattr(self, name) for name in names} | {"key": self.registro, "label": str(self)})


class LoteKey(models.Model):
    """The clave under which IMSS gives back what became of a person's movements: one a person and registro patronal, whatever is sent."""

    registro = models.CharField(max_length=16)
    student = models.ForeignKey(Student, models.CASCADE, related_name="+")
    clave = models.CharField(max_length=10)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["registro", "clave"], name="lotekey_clave_once"),
            models.UniqueConstraint(fields=["registro", "student"], name="lotekey_student_once"),
        ]

    def __str__(self) -> str:
        return self.clave


class Lote(models.Model):
    """One file, of one type and registro patronal. Its bytes never change; what is noted once it was sent does not either (trigger)."""

    registro = models.CharField("registro patronal", max_length=16)
    type = models.CharField("tipo", max_length=2, choices=[(MovementType.ALTA.value, "Altas"), (MovementType.BAJA.value, "Bajas")])
    #: Ids of the planteles whose students are in it.
    planteles = models.JSONField(default=list)
    filename = models.CharField("archivo", max_length=80)
    body = models.BinaryField()
    sha256 = models.CharField("huella", max_length=64)
    count = models.PositiveIntegerField("movimientos")
    #: Names that the file has otherwise than the records: (clave, as on record, as written).
    changed_names = models.JSONField(default=list)
    made_at = models.DateTimeField("hecho")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False)
    made_name = models.CharField("quién lo hizo", max_length=160)
    undone_at = models.DateTimeField("deshecho", null=True)
    undone_name = models.CharField("quién lo deshizo", max_length=160, blank=True)
    sent_on = models.DateField("presentado en IDSE", null=True)
    number = models.CharField("número de lote", max_length=40, blank=True)
    signed_by = models.CharField("quién lo firmó", max_length=160, blank=True)
    sent_name = models.CharField("quién anotó el envío", max_length=160, blank=True)
    received_on = models.DateField("recibido por el IMSS", null=True)
    received_name = models.CharField("quién anotó el acuse de recibo", max_length=160, blank=True)

    class Meta:
        verbose_name = "lote"
        verbose_name_plural = "lotes"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(sent_on=None) | Q(undone_at=None) & ~Q(number=""), name="lote_sent_or_undone"),
            models.CheckConstraint(condition=Q(received_on=None) | Q(sent_on__isnull=False), name="lote_received_after_sent"),
        ]

    def __str__(self) -> str:
        return f"Lote {self.number or self.pk}"

    @property
    def registro_told(self) -> str:
        return with_dashes(self.registro)

    @property
    def standing(self) -> str:
        """Where it stands, in one word. Sent is not received."""
        if self.undone_at:
            return "Deshecho"
        if self.received_on:
            return "Recibido por el IMSS"
        return "Presentado en IDSE" if self.sent_on else "Por presentar"


class Movement(models.Model):
    """The alta or baja of a person in a lote, asked for by a case, as it is written there."""

    class Status(models.TextChoices):
        """Silence is no refusal, sent is not received, and received is not operated."""

        IN_LOTE = "en_lote", "En lote"
        SENT = "enviado", "Enviado"
        RECEIVED = "recibido", "Recibido"
        REFUSED = "de_entrada", "Rechazado de entrada"
        CANCELLED = "anulado", "Anulado"

    #: Another movement about the same person and registro patronal waits for these.
    UNDER_WAY: Final = (Status.IN_LOTE, Status.SENT)

    lote = models.ForeignKey(Lote, models.PROTECT, related_name="movements")
    position = models.PositiveIntegerField("línea")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="+")
    cover = models.ForeignKey(Cover, models.PROTECT, null=True, related_name="+", db_index=False)
    type = models.CharField("tipo", max_length=2, choices=[(MovementType.ALTA.value, "Alta"), (MovementType.BAJA.value, "Baja")])
    registro = models.CharField("registro patronal", max_length=16)
    nss = models.CharField("NSS", max_length=11)
    clave = models.CharField("clave", max_length=10)
    on = models.DateField("fecha del movimiento")
    data = models.JSONField("como se envía", encoder=DjangoJSONEncoder)
    status = models.CharField("situación", max_length=10, choices=Status, default=Status.IN_LOTE)
    message = models.TextField("lo que dijo el IMSS", blank=True)

    class Meta:
        verbose_name = "movimiento"
        verbose_name_plural = "movimientos"
        ordering = ["lote", "position"]
        constraints = [
            models.UniqueConstraint(fields=["lote", "position"], name="movement_line_once"),
            models.UniqueConstraint(
                fields=["type", "nss", "registro"], condition=Q(status__in=["en_lote", "enviado"]), name="movement_one_under_way"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["en_lote", "enviado", "recibido", "de_entrada", "anulado"]), name="movement_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.clave}"
