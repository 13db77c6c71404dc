"""One operation from what was asked to its answer, in one transaction with its row of the ledger."""

from datetime import datetime

from imss_mock import ledger
from imss_mock.answers import Answer, Codigo, RefusedError
from imss_mock.shapes import Values, read_fields
from imss_mock.twin import Operation, Source, Twin

FIRST_BUSINESS_STATUS, LAST_BUSINESS_STATUS = 202, 422  # the refusals that say whose CURP they are about


def settle(twin: Twin, operation: Operation, asked: object, refusal: Answer | None) -> tuple[Answer, str]:
    """What is said, and its JSON text: work (unless refused) and ledger row in one go, as the moods let it be told.

    There is no pause in between: both are in the same transaction. `asked` may be a RefusedError: what was sent could not be read.
    """
    now = twin.clock.now()
    given = None if isinstance(asked, RefusedError) else asked
    answer = refusal or twin.moods.after(_question(operation, given), work(twin, now, operation, asked))
    with twin.store.change():
        return answer, ledger.write(twin, now, operation, given, answer)


def ask(twin: Twin, operation: Operation, asked: Values) -> Answer:
    """The honest answer, for the twin's own pages; raises nothing of the rules. It is in the ledger too."""
    now = twin.clock.now()
    answer = work(twin, now, operation, asked)
    with twin.store.change():
        ledger.write(twin, now, operation, asked, answer)
    return answer


def _question(operation: Operation, given: object) -> tuple[str, str | None]:
    """The operation and whom it is about, for the moods that mix answers up."""
    fields = given if isinstance(given, dict) else {}
    subject = fields.get("curp") or fields.get("clave_idempotencia")
    return operation.id, subject if isinstance(subject, str) else None


def work(twin: Twin, now: datetime, operation: Operation, asked: object) -> Answer:
    """The rule's answer; nothing of the ledger."""
    try:
        values = _values(operation, asked)
        with twin.store.change():
            answer = operation.run(twin, now, values)
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
