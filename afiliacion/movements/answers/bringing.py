"""A file of IMSS is brought: read, checked to be about lotes of the office, and kept with what it means. Nothing is applied yet."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from afiliacion.cases.outcome import Act
from afiliacion.database.bulk_writes import insert_rows
from afiliacion.lotes.answers.checks import Ours, must_be_ours
from afiliacion.lotes.answers.values import Result
from afiliacion.lotes.refusal import DocumentRefused
from afiliacion.movements.answers import reading
from afiliacion.movements.answers.findings import Judged, Reading, judge
from afiliacion.movements.answers.reading import ColumnsWanted
from afiliacion.movements.models import AnswerColumns, AnswerDocument, AnswerRow, Lote, Movement
from afiliacion.movements.rejections.families import SYSTEM, Codes
from afiliacion.movements.sending import NotDone
from students.models import RegistroPatronal
from students.registro_patronal import is_same

Status = AnswerDocument.Status
LARGEST: Final = 20 * 2**20
_TOO_LARGE: Final = "El archivo pesa más de 20 MB: no es la respuesta de un lote. No se aplicó nada."
_EMPTY: Final = "El archivo está vacío (0 bytes): descárguelo otra vez de IDSE. No se aplicó nada."
_OF_NONE: Final = "No hay un lote presentado con el número {}: anote primero que se presentó, con ese número. No se aplicó nada."
_OF_OTHERS: Final = (
    "Es de un lote con alumnos de otros planteles: lo trae quien atiende a todos ellos, o la coordinación. No se aplicó nada."
)
_OF_ANOTHER: Final = "Es la respuesta del lote {}, no de este: tráigala en ese lote. No se aplicó nada."
_NOT_SENT: Final = "Este lote aún no se anota como presentado en IDSE: anótelo primero, con su número de lote. No se aplicó nada."
_BEFORE: Final = "El documento dice que el IMSS lo recibió el {}, y el lote se hizo el {}: es de otro lote. No se aplicó nada."


class AlreadyBrought(NotDone):
    """The same file was brought before, and stands. `document`: as it was brought then."""

    def __init__(self, document: AnswerDocument) -> None:
        self.document = document
        super().__init__(
            f"Ese archivo ya se trajo el {timezone.localtime(document.brought_at):%d/%m/%Y a las %H:%M} ({document.brought_name})."
        )


def bring(body: bytes, filename: str, *, act: Act, scope_planteles: frozenset[int] | None, lote: Lote | None = None) -> AnswerDocument:
    """Keep a file of IMSS and what it means. `lote`: on which it was dropped; None: on the room, and it finds its own.

    `scope_planteles`: the planteles (ids) whose lotes are the person's; None: all. A document that is not understood is kept as such, with
    the reason, and changes nothing.

    Raises:
        AlreadyBrought: the same bytes are there, and were not taken back.
    """
    document = AnswerDocument(
        filename=filename[-160:], body=body, sha256=hashlib.sha256(body).hexdigest(), lote=lote, brought_at=act.now,
        brought_by_id=act.actor.user_id, brought_name=act.actor.name,
        planteles=None if scope_planteles is None else sorted(scope_planteles),
    )  # fmt: skip
    _must_be_new(document)
    try:
        with transaction.atomic():
            return _keep(document, scope_planteles)
    except IntegrityError:
        _must_be_new(document)
        raise


def _must_be_new(document: AnswerDocument) -> None:
    standing = AnswerDocument.objects.filter(sha256=document.sha256, status__in=AnswerDocument.STANDING).defer("body").first()
    if standing:
        raise AlreadyBrought(standing)


def say_columns(document_id: int, places: Mapping[str, int], *, act: Act, scope_planteles: frozenset[int] | None) -> AnswerDocument:
    """A person said which column of an answer is which: it is remembered for all that have the same headings, and the answer is read.

    Raises:
        NotDone: this was said already.
    """
    with transaction.atomic():
        document = AnswerDocument.objects.select_for_update().get(pk=document_id)
        if document.status != Status.COLUMNS:
            raise NotDone("Ya se dijo qué es cada columna de ese archivo.")
        AnswerColumns.objects.update_or_create(
            headings=reading.headings_of(document.headers),
            defaults={"places": dict(places), "said_at": act.now, "said_name": act.actor.name},
        )
        return _keep(document, scope_planteles)


def discard(document_id: int) -> AnswerDocument:
    """Put a document that was not applied aside: the same file can be brought again.

    Raises:
        NotDone: it was applied, or put aside before.
    """
    with transaction.atomic():
        document = AnswerDocument.objects.select_for_update().get(pk=document_id)
        if document.status not in (Status.COLUMNS, Status.PENDING):
            raise NotDone("Ese documento ya no espera nada.")
        document.status = Status.DISCARDED
        document.save(update_fields=["status"])
        return document


def _keep(document: AnswerDocument, scope_planteles: frozenset[int] | None) -> AnswerDocument:
    judged: Sequence[Judged] = ()
    document.status, document.reason = Status.PENDING, ""
    try:
        judged = _judged(document, scope_planteles)
    except ColumnsWanted as wanted:
        document.status, document.headers, document.reason = Status.COLUMNS, wanted.headers, str(wanted)
        document.kind = AnswerDocument.Kind.DETAIL
    except DocumentRefused as why:
        document.status, document.reason = Status.REFUSED, str(why)
    document.save()
    write_rows(document, judged)
    return document


def _judged(document: AnswerDocument, scope_planteles: frozenset[int] | None) -> list[Judged]:
    body = bytes(document.body)
    if not body or len(body) > LARGEST:
        raise DocumentRefused(_TOO_LARGE if body else _EMPTY)
    if document.lote and not document.lote.sent_on:
        raise DocumentRefused(_NOT_SENT)
    said = reading.read(body, document.filename)
    found = Reading.of(said)
    document.kind, document.number, document.folio, document.on = found.kind, found.number, found.folio, found.on
    if found.notes:
        document.reason = (
            f"Al NSS de {', '.join(found.notes[:20])} le faltaba un cero al principio: con él, su dígito verificador es correcto."
        )
    _must_be_ours(said, found)
    found.results = _without_failures_of_imss(found.results)
    lotes = _lotes(document, found, scope_planteles)
    judged = judge(found, lotes, _movements(found, lotes, scope_planteles))
    document.planteles = sorted({plantel for lote in lotes for plantel in lote.planteles} or _planteles(judged))
    return judged


def _without_failures_of_imss(results: Sequence[Result]) -> list[Result]:
    """A code that says that IMSS' own system failed rejects nothing: what became of the movement is not known."""
    codes = Codes()
    return [row._replace(verdict=None) if row.codigo and codes.family(row.codigo).key == SYSTEM else row for row in results]


def _must_be_ours(said: reading.Said, found: Reading) -> None:
    registros = set(RegistroPatronal.objects.values_list("registro", flat=True)) | set(
        Lote.objects.order_by().values_list("registro", flat=True).distinct()
    )
    must_be_ours(getattr(said, "heading", None), found.results, Ours(registros))


def _lotes(document: AnswerDocument, found: Reading, scope_planteles: frozenset[int] | None) -> list[Lote]:
    """The lotes a document is about: by its number, and the registros patronales of its rows; else the one it was dropped on.

    Raises:
        DocumentRefused: there is none, it is another one, or one of other people's planteles.
    """
    if not found.number:
        return [document.lote] if document.lote else []
    numbered = [lote for lote in Lote.objects.filter(number=found.number, sent_on__isnull=False).defer("body") if _is_named(lote, found)]
    if not numbered:
        raise DocumentRefused(_OF_NONE.format(found.number))
    if document.lote and document.lote.pk not in {lote.pk for lote in numbered}:
        raise DocumentRefused(_OF_ANOTHER.format(found.number))
    if scope_planteles is not None and not all(scope_planteles.issuperset(lote.planteles) for lote in numbered):
        raise DocumentRefused(_OF_OTHERS)
    if late := next((lote for lote in numbered if found.on and found.on < timezone.localdate(lote.made_at)), None):
        raise DocumentRefused(_BEFORE.format(*(f"{day:%d/%m/%Y}" for day in (found.on, timezone.localdate(late.made_at)))))
    return numbered


def _is_named(lote: Lote, found: Reading) -> bool:
    """Whether one of the rows may be of it: a number is given out for each registro patronal."""
    registros = {row.registro_patronal for row in found.results if row.registro_patronal}
    return not registros or any(is_same(lote.registro, each) for each in registros)


def _movements(found: Reading, lotes: Sequence[Lote], scope_planteles: frozenset[int] | None) -> QuerySet[Movement]:
    movements = Movement.objects.select_related("lote").defer("lote__body", "lote__changed_names")
    if lotes:
        return movements.filter(lote__in=lotes)
    presented = movements.filter(lote__sent_on__isnull=False, nss__in={row.nss for row in found.results})
    return presented if scope_planteles is None else presented.filter(lote__planteles__contained_by=sorted(scope_planteles))


def _planteles(judged: Collection[Judged]) -> set[int]:
    return {plantel for row in judged if row.movement for plantel in row.movement.its_lote.planteles}


_ROW: Final = ("document_id", "position", "said", "movement_id", "finding")


def write_rows(document: AnswerDocument, judged: Sequence[Judged]) -> None:
    """Write the rows of a document that was just kept."""
    rows = [(document.pk, n, _plain(row.said), row.movement.pk if row.movement else None, row.finding) for n, row in enumerate(judged, 1)]
    insert_rows(AnswerRow, _ROW, rows)


def _plain(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if name == "fecha" else value for name, value in said.items() if value not in ("", None)}
