"""Movements, and lotes: the files of altas or bajas that a person uploads to IDSE."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from afiliacion.cases.models import Case
from afiliacion.imss.models import Errand
from afiliacion.insurance.models import Cover
from afiliacion.lotes.line.record import MovementType
from students.registro_patronal import with_dashes


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
    def content(self) -> str:
        """How many movements of which type: «1 alta», «5,000 bajas»."""
        name = MovementType(self.type).plural
        return f"{self.count:,} {name if self.count != 1 else name.removesuffix('s')}"

    @property
    def standing(self) -> str:
        """Where it stands, in one word. Sent is not received."""
        if self.undone_at:
            return "Deshecho"
        if self.received_on:
            return "Recibido por el IMSS"
        return "Presentado en IDSE" if self.sent_on else "Por presentar"


class Movement(models.Model):
    """The alta or baja of a person under a registro patronal, asked for by a case, as it is sent: in a lote, or by an errand.

    The database writes those of errands (sql/by_service.sql): the errand is how one is sent, the movement what is sent and what became
    of it.
    """

    class Status(models.TextChoices):
        """Silence is no refusal, sent is not received, received is not operated, and operated is not vigente."""

        IN_LOTE = "en_lote", "En lote"
        SENT = "enviado", "Enviado"
        BY_SERVICE = "servicio", "Por salir por el servicio"
        IN_DOUBT = "en_duda", "Enviado por el servicio, sin saber si llegó"
        RECEIVED = "recibido", "Recibido, sin respuesta"
        OPERATED = "operado", "Operado"
        REJECTED = "rechazado", "Rechazado"
        REFUSED = "de_entrada", "Rechazado de entrada"
        CANCELLED = "anulado", "Anulado"

    #: In a lote that IMSS has not received: another movement about the same number and registro patronal waits for these.
    UNRECEIVED: Final = (Status.IN_LOTE, Status.SENT)
    #: IMSS did not take it: it is sent again, as a movement of its own, once what is wrong is put right.
    TURNED_DOWN: Final = (Status.REFUSED, Status.REJECTED)

    lote = models.ForeignKey(Lote, models.PROTECT, null=True, related_name="movements")
    position = models.PositiveIntegerField("línea", null=True)
    errand = models.OneToOneField(Errand, models.PROTECT, null=True, related_name="sends")
    #: Its errand is not finished: another movement about the same number and registro patronal waits for it.
    errand_open = models.BooleanField(default=False)
    case = models.ForeignKey(Case, models.PROTECT, verbose_name="expediente", related_name="+")
    cover = models.ForeignKey(Cover, models.PROTECT, null=True, related_name="+", db_index=False)
    type = models.CharField("tipo", max_length=2, choices=[(MovementType.ALTA.value, "Alta"), (MovementType.BAJA.value, "Baja")])
    registro = models.CharField("registro patronal", max_length=16)
    nss = models.CharField("NSS", max_length=11, blank=True)
    clave = models.CharField("clave", max_length=10, blank=True)
    on = models.DateField("fecha del movimiento")
    data = models.JSONField("como se envía", encoder=DjangoJSONEncoder)
    status = models.CharField("situación", max_length=10, choices=Status, default=Status.IN_LOTE)
    #: Code and text as IMSS gave them; "" if it gave none.
    code = models.CharField("código", max_length=60, blank=True)
    message = models.TextField("lo que dijo el IMSS", blank=True)
    answered_on = models.DateField("respondido", null=True)
    late = models.BooleanField("extemporáneo", null=True)
    register_name = models.CharField("nombre en el IMSS", max_length=120, blank=True)
    #: The movement that was turned down, which this one is sent for again.
    previous = models.ForeignKey("self", models.PROTECT, null=True, related_name="again", db_index=False)
    #: Who said that what was wrong is put right, so that it may be sent again as it stands.
    cleared_at = models.DateTimeField("se puede enviar otra vez desde", null=True)
    cleared_name = models.CharField("quién dijo que ya está arreglado", max_length=160, blank=True)

    class Meta:
        verbose_name = "movimiento"
        verbose_name_plural = "movimientos"
        ordering = ["lote", "position"]
        constraints = [
            models.UniqueConstraint(fields=["lote", "position"], name="movement_line_once"),
            models.UniqueConstraint(
                fields=["nss", "registro", "type"],
                condition=(Q(status__in=["en_lote", "enviado"]) | Q(errand_open=True)) & ~Q(nss=""),
                name="movement_one_under_way",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["en_lote", "enviado", "servicio", "en_duda", "recibido", "operado", "rechazado", "de_entrada", "anulado"]
                ),
                name="movement_status_known",
            ),
            models.CheckConstraint(
                condition=Q(lote__isnull=False, position__isnull=False, errand=None, errand_open=False)
                | Q(lote=None, position=None, errand__isnull=False),
                name="movement_by_one_channel",
            ),
        ]
        indexes = [
            # An answer finds its movement by these; a case its movements.
            models.Index(fields=["nss", "registro"], name="movement_of_number"),
            models.Index(fields=["registro", "status"], name="movement_standing", condition=~Q(status__in=["operado", "anulado"])),
        ]

    def __str__(self) -> str:
        return f"{self.get_type_display()} {self.clave or self.nss}"

    @property
    def its_lote(self) -> Lote:
        """The lote it goes in. Raises ValueError for one that goes by the service."""
        if self.lote is None:
            raise ValueError(f"movement {self.pk} is in no lote")
        return self.lote
