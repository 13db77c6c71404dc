"""A lote is received: refused whole, or taken, with the records refused at once (docs/imss-mock.md, IDSE)."""

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from imss_mock.procedures import movements
from imss_mock.procedures.idse import facts, lines, lotes
from imss_mock.procedures.idse.lotes import Lote
from imss_mock.procedures.idse.taking import Taking
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.idse_moods import REGISTRO
from imss_mock.state.stand_in import Operation, StandIn

MAX_BYTES = 8 * 1024 * 1024


def receive(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """The reception of a lote: its number and receipt, and the records refused at once.

    When all are refused there is no lote; what was seen of them stays, so that a story strikes a movement once.
    """
    check_signature(stand_in, asked["firma"])
    body = _decoded(asked["archivo"])
    records = lines.read(body)
    registro = _registro(stand_in, records, asked["registro_patronal"])
    name = str(asked["nombre_archivo"] or NAME.default).encode("cp1252", "replace").decode("cp1252")  # what a paper can print
    lote = _insert(stand_in, now, (lines.type_of(records), registro, name), body)
    taking = Taking(stand_in, now, lote)
    for number, line in enumerate(records, 1):
        taking.take(number, line)
    taking.close(len(records))
    refused = [facts.refused_at_entry(stand_in, *each) for each in taking.refused]
    if len(refused) == len(records):
        return refuse(Codigo.SIN_MOVIMIENTOS_RECIBIDOS, rechazados=refused)
    return said("LOTE_RECIBIDO", facts.of_lote(lote) | {"recibidos": len(records) - len(refused), "rechazados": refused})


def check_signature(stand_in: StandIn, firma: object) -> None:
    """Refuse an e.firma whose password is wrong, or that the mood says has expired."""
    if firma != stand_in.scenario.idse.firma:
        raise RefusedError(Codigo.FIRMA_INVALIDA, campo="firma")
    if stand_in.moods.mood.idse_certificado_vencido:
        raise RefusedError(Codigo.CERTIFICADO_VENCIDO)


def _decoded(archivo: object) -> bytes:
    try:
        return base64.b64decode(str(archivo), validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefusedError(Codigo.ARCHIVO_INVALIDO, campo="archivo") from error


def _registro(stand_in: StandIn, records: Sequence[str], signed_for: object) -> str:
    """The registro patronal of the file: of modalidad 32, the one that the signer chose, and in force."""
    registro = lines.registro_of(records)
    if not re.fullmatch(REGISTRO, registro):
        raise RefusedError(Codigo.REGISTRO_PATRONAL_INVALIDO)
    if signed_for not in (None, registro):
        raise RefusedError(Codigo.REGISTRO_DISTINTO, renglon=1)
    if registro in stand_in.scenario.idse.registros_no_vigentes:
        raise RefusedError(Codigo.REGISTRO_NO_VIGENTE)
    return registro


def _insert(stand_in: StandIn, now: datetime, what: tuple[str, str, str], body: bytes) -> Lote:
    mood = stand_in.moods.mood
    other = mood.idse_otro_registro if mood.idse_otro_registro != what[1] else ""
    odd = {"no_cuadra": mood.idse_no_cuadra, "otro_registro": other, "ajenos": facts.of_another(stand_in, now, other) if other else []}
    digest = hashlib.sha1(body, usedforsecurity=False).hexdigest()  # 40 signs, as papers print it
    values = (movements.receipt_number(stand_in, now), *what, digest, now.isoformat(timespec="seconds"))
    return lotes.insert(stand_in, values, odd)


_NAMES = f"{'PRUEBA':27}{'FICTICIA':27}{'ENSAYO':27}"
_EXAMPLE = f"A011234532103230500013{_NAMES}000000      10003082026000  0800000{'A210204':10} PUFE050315HNERCNA49\r\n"
ARCHIVO = Text(
    "archivo",
    "El archivo de 168 posiciones, en base64",
    base64.b64encode(_EXAMPLE.encode()).decode(),
    "^[A-Za-z0-9+/]*={0,2}$",
    max_length=MAX_BYTES,
    codigo=Codigo.ARCHIVO_INVALIDO,
)
FIRMA = Text("firma", "Contraseña de la e.firma de práctica (la del escenario)", "practica", max_length=60, codigo=Codigo.FIRMA_INVALIDA)
REGISTRO_PATRONAL = Text(
    "registro_patronal",
    "Registro patronal por el que se firma; nulo es el del archivo",
    "A0112345321",
    f"^{REGISTRO}$",
    max_length=11,
    required=False,
    codigo=Codigo.REGISTRO_PATRONAL_INVALIDO,
)
NAME = Text("nombre_archivo", "Nombre del archivo", "lote.txt", max_length=120, required=False, default="lote.txt")
RECEIVE = Operation(
    "enviarLote",
    "POST",
    "/api/v1/idse/lotes",
    receive,
    (ARCHIVO, NAME, REGISTRO_PATRONAL, FIRMA),
    max_bytes=MAX_BYTES,
    withheld=frozenset({"archivo", "firma"}),
)
