"""The acuse de recibo and the constancia de presentación de movimientos afiliatorios, as docs/domain.md 7.2 and 7.6 have them."""

from collections import Counter
from collections.abc import Mapping, Sequence

from imss_mock.procedures.idse.drawn import ROW, Column, Drawn
from imss_mock.procedures.idse.facts import Printed
from imss_mock.procedures.idse.lotes import Lote, Reply

HEAD = "Instituto Mexicano del Seguro Social"
TITLE = "Constancia de presentación de movimientos afiliatorios"
SERIAL = "00001000000500000001"  # of an invented certificate
OPERATED = (
    Column("Tipo", 40), Column("NSS", 70), Column("Nombre Asegurado", 140, 180), Column("Sal.Base", 330), Column("Ext.", 390),
    Column("UMF", 415), Column("Tipo", 440), Column("Fec-Mov", 465), Column("Tipo", 525), Column("C.Baja", 550),
)  # fmt: skip
REJECTED = (
    Column("Tipo", 40), Column("NSS", 70), Column("Nombre Asegurado", 140, 180), Column("Fec-Mov", 330), Column("Código", 390),
    Column("Motivo", 430, 150),
)  # fmt: skip
COUNTED = {"Bajas": "2", "Modif.": "7", "Reing.": "8"}
Blocks = Mapping[str, Sequence[Printed]]


def acuse(lote: Lote, refused: Sequence[Printed]) -> bytes:
    """The receipt of a lote, with the records refused at once: a code, and no text."""
    page = Drawn("Acuse de recibo electrónico")
    _lines(page, HEAD, "Acuse de recibo electrónico", "IMSS DESDE SU EMPRESA")
    page.y += ROW
    for label, value in (
        ("Número de folio:", lote.recibo), ("Número de lote:", lote.number), ("Registro Patronal:", lote.registro_patronal),
        ("Fecha y hora de recepción:", lote.moment), ("Archivo:", lote.archivo),
        ("Movimientos recibidos:", str(lote.received)), ("Movimientos rechazados:", str(len(refused))),
    ):  # fmt: skip
        page.pair(label, value)
    page.pair("Huella Digital:", lote.huella)
    page.y += ROW
    if refused:
        _relation(page, "rechazados", REJECTED, _rejected(refused))
    return page.pdf(lote.recibo)


def constancia(lote: Lote, reply: Reply, blocks: Blocks, *, school: str, rfc: str) -> bytes:
    """An answer of a lote, `blocks` by registro patronal; its totals are those of the rows, unless the lote is odd."""
    page = Drawn(TITLE)
    _lines(page, HEAD, TITLE, "IMSS DESDE SU EMPRESA")
    page.label(60, f"Con fundamento en el artículo 6 del reglamento, {school} con registro patronal {lote.registro_patronal} presentó:")
    page.y += ROW
    _general(page, lote, reply, school, rfc)
    page.label(60, "Concentrado General")
    page.y += 15
    _counts(page, [row for rows in blocks.values() for row in rows], over=int(lote.rarezas["no_cuadra"]))
    for registro, rows in blocks.items():
        _block(page, registro, school, rows)
    page.room(45)
    page.label(60, "Tipo de movimiento: 8 Reingreso, 2 Baja, 7 Modificación de salario. Ext.: S extemporáneo.", 15)
    page.label(60, "Sello Digital", 30)
    page.value(130, f"{reply.folio[:8]}=={reply.folio[8:16]}", 30)
    return page.pdf(reply.folio)


def _lines(page: Drawn, *lines: str) -> None:
    for words in lines:
        page.label(60, words)
        page.y += ROW


def _general(page: Drawn, lote: Lote, reply: Reply, school: str, rfc: str) -> None:
    page.label(60, "Información General")
    page.y += ROW + 2
    for label, value in (("Número de folio:", reply.folio), ("Número de lote:", lote.number), ("RFC del patrón:", rfc)):
        page.pair(label, value)
    page.label(60, "Registro Patronal:")
    page.value(140, lote.registro_patronal)
    page.label(260, "Razón Social:")
    page.value(330, school)
    page.y += ROW
    page.pair("Fecha y hora de recepción:", lote.moment)
    page.pair("Serial del certificado:", SERIAL)
    page.label(60, "Huella Digital")
    page.value(60, lote.huella, ROW)
    page.y += 2 * ROW + 4


def _counts(page: Drawn, rows: Sequence[Printed], *, over: int) -> None:
    rejected = [row for row in rows if row.codigo]
    operated = [row for row in rows if not row.codigo]
    for place, (title, chosen) in enumerate((("recibidos", rows), ("operados", operated), ("rechazados", rejected))):
        x = 60 + 180 * place
        page.label(x, f"Movimientos {title}")
        kinds = Counter(row.tipo for row in chosen)
        extra = 0 if place else over
        numbers = [kinds[kind] + extra * (kind == "8") for kind in COUNTED.values()]
        for column, (heading, number) in enumerate(zip((*COUNTED, "Total"), (*numbers, sum(numbers)), strict=True)):
            page.label(x + 40 * column, heading, ROW)
            page.value(x + 40 * column + 5, str(number), 2 * ROW)
    page.y += 3 * ROW + 6


def _block(page: Drawn, registro: str, school: str, rows: Sequence[Printed]) -> None:
    page.room(120)
    page.label(60, "Patrón:")
    page.value(100, f"{registro[:3]}-{registro[3:8]}-{registro[8:10]}-{registro[10:]}")
    page.value(200, school)
    page.y += 20
    _relation(page, "operados", OPERATED, [row[: len(OPERATED)] for row in rows if not row.codigo])
    _relation(page, "rechazados", REJECTED, _rejected([row for row in rows if row.codigo]))


def _relation(page: Drawn, title: str, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    page.room(3 * ROW)
    page.label(60, f"Relación de movimientos {title}")
    page.y += ROW
    page.table(columns, rows)
    page.y += 10


def _rejected(rows: Sequence[Printed]) -> list[tuple[str, ...]]:
    return [(row.tipo, row.nss, row.nombre, row.fecha, row.codigo, row.motivo) for row in rows]
