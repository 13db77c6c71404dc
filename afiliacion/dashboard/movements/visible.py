"""Which lotes and documents of IMSS a person may see: those whose students are all of the person's planteles."""

from __future__ import annotations

from django.db.models import BigIntegerField, QuerySet
from django.http import Http404

from afiliacion.dashboard.shared.access import OfficeRequest, Scope
from afiliacion.movements.models import AnswerDocument, Lote


def lotes(scope: Scope) -> QuerySet[Lote]:
    """The lotes of a person, without their bytes."""
    found = Lote.objects.defer("body", "changed_names")
    return found if scope.plantel_ids is None else found.filter(planteles__contained_by=sorted(scope.plantel_ids))


def documents(scope: Scope) -> QuerySet[AnswerDocument]:
    """The documents of a person, without their bytes."""
    found = AnswerDocument.objects.defer("body").select_related("lote").defer("lote__body", "lote__changed_names")
    return found if scope.plantel_ids is None else found.filter(planteles__contained_by=sorted(scope.plantel_ids))


def lote_of(request: OfficeRequest, lote_id: int) -> Lote:
    """The lote, if it is the person's to see. Raises Http404 for one of others and one that does not exist alike."""
    found = None if lote_id > BigIntegerField.MAX_BIGINT else lotes(request.scope).filter(pk=lote_id).first()
    if found is None:
        raise Http404
    return found


def document_of(request: OfficeRequest, document_id: int) -> AnswerDocument:
    """The document, likewise."""
    found = None if document_id > BigIntegerField.MAX_BIGINT else documents(request.scope).filter(pk=document_id).first()
    if found is None:
        raise Http404
    return found
