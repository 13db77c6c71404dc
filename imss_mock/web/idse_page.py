"""IDSE as pages: a lote is chosen, signed and uploaded; its documents are fetched; who is insured is looked up.

They show everybody's movements, so they are there only with /control, like the outbox. The lote of a program goes through the API.
"""

import base64
import csv
import io
from collections.abc import Mapping
from typing import Any

from aiohttp import web

from imss_mock.procedures.idse import documents, facts, insured, lotes, reception
from imss_mock.procedures.idse.lotes import Lote
from imss_mock.protocol.answers import Codigo
from imss_mock.protocol.shapes import Values
from imss_mock.server import run_operation
from imss_mock.web.site import Visit

SHOWN, PAGE = 200, 1000
UPLOAD = "/idse/lotes"
LOTE = UPLOAD + "/{numero:9[0-9]{8}}"


def portal(visit: Visit) -> web.Response:
    """The form, and the lotes sent so far."""
    return _portal(visit, {}, None)


def upload(visit: Visit) -> web.Response:
    """The file, signed: its lote, or why it was refused."""
    name, body = visit.files.get("archivo", ("", b""))
    asked: Values = {
        "archivo": base64.b64encode(body).decode(),
        "nombre_archivo": "".join(sign for sign in name if sign.isprintable())[-reception.NAME.max_length :] or None,
        "registro_patronal": visit.form.get("registro_patronal", "").upper() or None,
        "firma": visit.form.get("firma", ""),
    }
    answer = run_operation.ask(visit.stand_in, reception.RECEIVE, asked)
    if answer.status != web.HTTPOk.status_code:
        return _portal(visit, visit.form, answer.body)
    return visit.go(f"{UPLOAD}/{answer.body['id_lote']}")


def _portal(visit: Visit, given: Mapping[str, str], refusal: Mapping[str, object] | None) -> web.Response:
    now, stand_in = visit.now, visit.stand_in
    sent = [(lote, lotes.state(stand_in, lote, now)) for lote in lotes.newest(stand_in, SHOWN)]
    what = {"lotes": sent, "dado": given, "rechazo": refusal, "firma": stand_in.scenario.idse.firma, "posiciones": SHOWN}
    return visit.show("idse.html", 422 if refusal else 200, titulo="IDSE: lotes de movimientos", **what)


def one(visit: Visit) -> web.Response:
    """A lote: how far it is, its documents, its records."""
    lote = _lote(visit)
    if lote is None:
        return visit.fault(Codigo.LOTE_DESCONOCIDO)
    now, stand_in = visit.now, visit.stand_in
    told = {reply.tells for reply in lotes.replies(stand_in, lote, now)}
    rows = [(row, facts.printed(stand_in, row), _word(row, told)) for row in lotes.rows(stand_in, lote)[:SHOWN]]
    made = [_described(key) for key in documents.keys(stand_in, now, lote)]
    waits = any(each.id == lote.id for each in lotes.waiting(stand_in, now))
    state, counts = lotes.state(stand_in, lote, now), lotes.summary(stand_in, lote, now)
    found: dict[str, Any] = {"documentos": made, "renglones": rows, "muestra": SHOWN}
    return visit.show("lote.html", titulo=f"Lote {lote.number}", lote=lote, estado=state, cuentas=counts, espera=waits, **found)


def _word(row: lotes.Row, told: set[int]) -> str:
    if row.entrada:
        return "rechazado de entrada"
    if row.respuesta not in told:
        return "sin respuesta"
    return "rechazado" if row.codigo else "operado"


def _described(key: str) -> tuple[str, str]:
    what, _, number = key.partition("-")
    titles = {
        documents.ACUSE: "Acuse de recibo electrónico (PDF)",
        documents.CONSTANCIA: f"Constancia de presentación, respuesta {number} (PDF)",
        documents.DETAIL: f"Detalle de la respuesta {number} (CSV)",
    }
    return key, titles[what]


def document(visit: Visit) -> web.Response:
    """A document of a lote, to look at or (`?descargar`, and the CSV always) to keep."""
    lote = _lote(visit)
    found = documents.make(visit.stand_in, visit.now, lote, visit.request.match_info["documento"]) if lote else None
    if found is None:
        return visit.fault(Codigo.LOTE_DESCONOCIDO)
    kept = found.kind == documents.CSV or "descargar" in visit.request.query
    return _file(found.name, found.kind, found.body, kept=kept)


def _file(name: str, kind: str, body: bytes, *, kept: bool) -> web.Response:
    disposition = f'{"attachment" if kept else "inline"}; filename="{name}"'
    return web.Response(body=body, content_type=kind, headers={"Content-Disposition": disposition, "Cache-Control": "no-store"})


def answer(visit: Visit) -> web.Response:
    """The answers of a lote, at once instead of when they are due."""
    lote = _lote(visit)
    if lote is None:
        return visit.fault(Codigo.LOTE_DESCONOCIDO)
    lotes.answer_now(visit.stand_in, visit.now, lote)
    return visit.go(f"{UPLOAD}/{lote.number}")


def people(visit: Visit) -> web.Response:
    """Who is insured today under a registro patronal."""
    registro = visit.request.query.get("registro_patronal", "")
    known = insured.registros(visit.stand_in)
    found = insured.every(visit.stand_in, visit.now.date(), registro) if registro in known else []
    titulo = "Asegurados por registro patronal"
    return visit.show("asegurados.html", titulo=titulo, registro=registro, registros=known, total=len(found), asegurados=found[:PAGE])


def people_file(visit: Visit) -> web.Response:
    """The same as CSV."""
    registro = visit.request.query.get("registro_patronal", "")
    if registro not in insured.registros(visit.stand_in):
        return visit.fault(Codigo.RUTA_DESCONOCIDA)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("registroPatronal", *insured.NAMES))
    for each in insured.every(visit.stand_in, visit.now.date(), registro):
        writer.writerow((registro, *each.values()))
    body = text.getvalue().encode(documents.CODEC, "replace")
    return _file(f"asegurados_{registro}.csv", documents.CSV, body, kept=True)


def _lote(visit: Visit) -> Lote | None:
    return lotes.by_number(visit.stand_in, visit.request.match_info["numero"])


ROUTES = (
    ("GET", "/idse", portal),
    ("POST", UPLOAD, upload),
    ("GET", LOTE, one),
    ("GET", LOTE + "/{documento:acuse|(?:constancia|respuesta)-[1-9]}", document),
    ("POST", LOTE + "/contestar", answer),
    ("GET", "/idse/asegurados", people),
    ("GET", "/idse/asegurados.csv", people_file),
)
