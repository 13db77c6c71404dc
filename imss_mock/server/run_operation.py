"""One operation from what was asked to its answer, in one transaction with its row of the ledger."""

from datetime import datetime

from imss_mock.protocol.answers import Answer, Codigo, RefusedError
from imss_mock.protocol.shapes import Values, read_fields
from imss_mock.server import ledger
from imss_mock.state.stand_in import Operation, Source, StandIn

FIRST_BUSINESS_STATUS, LAST_BUSINESS_STATUS = 202, 422  # the refusals that say whose CURP they are about


def settle(stand_in: StandIn, operation: Operation, asked: object, refusal: Answer | None) -> tuple[Answer, str]:
    """What is said, and its JSON text: work (unless refused) and ledger row in one go, as the moods let it be told.

    There is no pause in between: both are in the same transaction. `asked` may be a RefusedError: what was sent could not be read.
    """
    now = stand_in.clock.now()
    given = None if isinstance(asked, RefusedError) else asked
    answer = refusal or stand_in.moods.after(_question(operation, given), work(stand_in, now, operation, asked))
    with stand_in.store.change():
        return answer, ledger.write(stand_in, now, operation, given, answer)


def ask(stand_in: StandIn, operation: Operation, asked: Values) -> Answer:
    """The honest answer, for the stand-in's own pages; raises nothing of the rules. It is in the ledger too."""
    now = stand_in.clock.now()
    answer = work(stand_in, now, operation, asked)
    with stand_in.store.change():
        ledger.write(stand_in, now, operation, asked, answer)
    return answer


def _question(operation: Operation, given: object) -> tuple[str, str | None]:
    """The operation and the person it is about, for the moods that mix answers up."""
    fields = given if isinstance(given, dict) else {}
    subject = fields.get("curp") or fields.get("clave_idempotencia")
    return operation.id, subject if isinstance(subject, str) else None


def work(stand_in: StandIn, now: datetime, operation: Operation, asked: object) -> Answer:
    """The rule's answer; nothing of the ledger."""
    try:
        values = _values(operation, asked)
        with stand_in.store.change():
            answer = operation.run(stand_in, now, values)
    except RefusedError as refused:
        answer = refused.answer
    return _about(operation, asked, answer)


def _values(operation: Operation, asked: object) -> Values:
    if isinstance(asked, RefusedError):
        raise asked
    if operation.source is not Source.BODY_LIST:
        return read_fields(operation.fields, asked)
    if not isinstance(asked, list):
        raise RefusedError(Codigo.SOLICITUD_INVALIDA)
    return {"lista": [read_fields(operation.fields, item) for item in asked]}


def _about(operation: Operation, asked: object, answer: Answer) -> Answer:
    """A refusal repeats the CURP it is about, when the request had one that can be repeated."""
    is_refusal = FIRST_BUSINESS_STATUS <= answer.status <= LAST_BUSINESS_STATUS
    if not is_refusal or not isinstance(asked, dict) or not any(field.name == "curp" for field in operation.fields):
        return answer
    curp = asked.get("curp")
    readable = isinstance(curp, str) and curp.isprintable() and len(curp) <= len("PUFE050315HNERCNA4")
    return Answer(answer.status, {**answer.body, "curp": curp if readable else None}, answer.result, answer.headers)
