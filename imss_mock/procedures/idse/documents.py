"""The documents of a lote: its acuse at once, and of each answer, once it has come, the constancia and the detail as CSV."""

import base64
import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from imss_mock.procedures.idse import facts, lotes, sheets
from imss_mock.procedures.idse.facts import Printed
from imss_mock.procedures.idse.lotes import Lote, Reply, Row
from imss_mock.protocol.answers import Answer, Codigo, RefusedError, refuse, said
from imss_mock.protocol.shapes import Text, Values
from imss_mock.state.stand_in import Operation, Source, StandIn

ACUSE, CONSTANCIA, DETAIL = "acuse", "constancia", "respuesta"
PDF, CSV = "application/pdf", "text/csv"
#: Of the detail: as Windows writes it.
CODEC = "cp1252"


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a lote: `key` in addresses, its file's name, what it is, and its bytes."""

    key: str
    name: str
    kind: str
    body: bytes


def keys(stand_in: StandIn, now: datetime, lote: Lote) -> list[str]:
    """The documents there are by now."""
    answers = lotes.replies(stand_in, lote, now)
    return [ACUSE, *(f"{what}-{reply.number}" for reply in answers for what in (CONSTANCIA, DETAIL))]


def make(stand_in: StandIn, now: datetime, lote: Lote, key: str) -> Document | None:
    """A document of a lote; None if there is none of this key by now. The same document has always the same bytes."""
    what, _, number = key.partition("-")
    rows = lotes.rows(stand_in, lote)
    if key == ACUSE:
        refused = [facts.printed(stand_in, row) for row in rows if row.entrada]
        return Document(key, f"acuse_{lote.number}.pdf", PDF, sheets.acuse(lote, refused))
    reply = next((each for each in lotes.replies(stand_in, lote, now) if str(each.number) == number), None)
    if reply is None:
        return None
    told = [row for row in rows if row.entrada is None and row.respuesta == reply.tells]
    if what == CONSTANCIA:
        return Document(key, f"constancia_{lote.number}_{number}.pdf", PDF, _constancia(stand_in, lote, reply, told))
    return Document(key, f"respuesta_{lote.number}_{number}.csv", CSV, _detail(stand_in, lote, told))


def _constancia(stand_in: StandIn, lote: Lote, reply: Reply, told: Sequence[Row]) -> bytes:
    scenario, odd = stand_in.scenario, lote.rarezas
    blocks = {lote.registro_patronal: [facts.printed(stand_in, row) for row in told]}
    if odd["otro_registro"]:
        blocks[odd["otro_registro"]] = [Printed(*row) for row in odd["ajenos"]]
    return sheets.constancia(lote, reply, blocks, school=scenario.razon_social_escuela, rfc=scenario.idse.rfc)


def _detail(stand_in: StandIn, lote: Lote, told: Sequence[Row]) -> bytes:
    text = io.StringIO()
    details = [facts.detail(stand_in, lote, row) for row in told]
    writer = csv.DictWriter(text, list(details[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(details)
    return text.getvalue().encode(CODEC, "replace")


def look_up(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """How far a lote is, what its answers say in numbers, and which documents there are."""
    lote = _lote(stand_in, asked)
    state = lotes.state(stand_in, lote, now)
    counts: dict[str, object] = dict(lotes.summary(stand_in, lote, now))
    return said(state, facts.of_lote(lote) | {"estado": state} | counts | {"documentos": keys(stand_in, now, lote)})


def hand_out(stand_in: StandIn, now: datetime, asked: Values) -> Answer:
    """A document of a lote, in base64; EN_PROCESO until its answer comes."""
    lote = _lote(stand_in, asked)
    document = make(stand_in, now, lote, str(asked["documento"]))
    if document is None:
        return refuse(Codigo.EN_PROCESO) if _is_promised(stand_in, lote, str(asked["documento"])) else refuse(Codigo.LOTE_DESCONOCIDO)
    body = {"nombre": document.name, "tipo": document.kind, "contenido": base64.b64encode(document.body).decode()}
    return said("DOCUMENTO", body)


def _is_promised(stand_in: StandIn, lote: Lote, key: str) -> bool:
    query = "SELECT 1 FROM respuestas WHERE lote = ? AND numero = ?"
    return stand_in.db.execute(query, (lote.id, key.partition("-")[2])).fetchone() is not None


def _lote(stand_in: StandIn, asked: Values) -> Lote:
    lote = lotes.by_receipt(stand_in, asked["recibo"])
    if lote is None:
        raise RefusedError(Codigo.LOTE_DESCONOCIDO)
    return lote


_RECEIPT = Text(
    "recibo", "Recibo del lote, 19 dígitos", "1785772800000000000", "^[0-9]{19}$", max_length=19, codigo=Codigo.LOTE_DESCONOCIDO
)
_KEY = Text(
    "documento",
    "acuse, constancia-N o respuesta-N; N es el número de la respuesta, desde 1",
    "constancia-1",
    f"^({ACUSE}|({CONSTANCIA}|{DETAIL})-[1-9])$",
    max_length=20,
    codigo=Codigo.LOTE_DESCONOCIDO,
)
_PATH = "/api/v1/idse/lotes/{recibo}"
LOOK_UP = Operation("consultarLote", "GET", _PATH, look_up, (_RECEIPT,), Source.PATH)
HAND_OUT = Operation(
    "obtenerDocumentoDeLote", "GET", f"{_PATH}/{{documento}}", hand_out, (_RECEIPT, _KEY), Source.PATH, withheld=frozenset({"contenido"})
)
