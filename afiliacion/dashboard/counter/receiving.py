"""Receive what a student hands in, once however often the browser sends it; and undo it while nothing has been built upon it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction

from afiliacion.cases import verbs
from afiliacion.cases.engine import lock_people
from afiliacion.cases.facts import ACUSE_PAPER
from afiliacion.cases.history.text import last_event
from afiliacion.cases.models import Case, Event, PaperKind
from afiliacion.cases.outcome import Outcome
from afiliacion.cases.states import State
from afiliacion.dashboard.case.execute import NOT_YOURS
from afiliacion.dashboard.counter.finding import asked
from afiliacion.dashboard.models import CounterReceipt
from afiliacion.dashboard.shared.access import Scope
from afiliacion.reminders.decide import receipts
from afiliacion.reminders.models import Reminder

#: A browser that was without a network for longer than this asks a person.
OLDEST: Final = dt.timedelta(days=7)
_NSS_ASKED: Final = "NSS, en verificación (falta el visto bueno del otro plantel o de la coordinación)"
UNDOING: Final = "Se anotó por error en ventanilla."


class NotReceived(Exception):
    """Nothing was done; str() says why in Spanish."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What an officer took: the browser's key, the case and its state as shown, papers (keys), an NSS read, how long ago, and whether
    the student gets the receipt by mail once the acuse is complete."""

    key: uuid.UUID
    case_id: int
    state: str
    papers: Sequence[str]
    nss: str
    age: dt.timedelta
    mail: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """A receipt; `repeated`: it had been taken already. `lacking`: labels of what the plantel still wants."""

    receipt: CounterReceipt
    repeated: bool = False
    lacking: Sequence[str] = ()


def take(slip: Slip, scope: Scope, now: dt.datetime) -> Taken:
    """Take `slip`, once. Raises NotReceived; then nothing is noted, and the same key may be sent again."""
    if known := CounterReceipt.objects.filter(key=slip.key).first():
        return _again(known, scope)
    try:
        with transaction.atomic():
            return _take(slip, scope, now)
    except IntegrityError:
        known = CounterReceipt.objects.filter(key=slip.key).first()
        if known is None:
            raise
        return _again(known, scope)


def _again(known: CounterReceipt, scope: Scope) -> Taken:
    if known.user_id != scope.user.pk:
        raise NotReceived("Esa recepción la anotó otra persona.")
    return Taken(known, repeated=True)


def _take(slip: Slip, scope: Scope, now: dt.datetime) -> Taken:
    case = _locked(slip.case_id, scope)
    # First the key: of two at the same time, the second waits here and then finds it taken.
    receipt = CounterReceipt.objects.create(
        key=slip.key, user=scope.user, case=case, papers=[], nss=bool(slip.nss), version=case.version, at=now
    )
    if case.state != slip.state:
        raise NotReceived(f"Cambió mientras tanto y no se anotó nada. {_last(case)}")
    lacking = _receive(receipt, slip, case, scope, now)
    receipt.version = Case.objects.values_list("version", flat=True).get(pk=case.pk)
    receipt.save(update_fields=["papers", "nss", "acuse", "version"])
    if slip.mail and receipt.acuse:
        # Whether it can be written to them never holds up what they handed in: the row says so.
        with suppress(receipts.NoReceipt):
            mail_receipt(receipt, now)
    return Taken(receipt, lacking=lacking)


def _receive(receipt: CounterReceipt, slip: Slip, case: Case, scope: Scope, now: dt.datetime) -> list[str]:
    on, act = case.plantel.day(now - min(max(slip.age, dt.timedelta()), OLDEST)), scope.act(now)
    wanted = asked(case, on)
    receipt.papers = [code for code in wanted if code in slip.papers and code not in case.facts.papers_in]
    if not receipt.papers and not slip.nss:
        raise NotReceived(f"Ya estaba recibido. {_last(case)}")
    asked_for = bool(slip.nss) and _requested(verbs.obtain_nss({case.pk: slip.nss}, on=on, act=act))
    receipt.nss = bool(slip.nss) and not asked_for
    if ACUSE_PAPER in receipt.papers and case.state == State.SIN_NSS and not slip.nss:
        raise NotReceived("Falta su NSS: lea el código de la hoja.")
    lacking = [label for code, label in wanted.items() if code not in case.facts.papers_in | set(receipt.papers)]
    # The sheet is kept as one to review until the others have agreed to its number.
    lacking += [_NSS_ASKED] if asked_for else []
    receipt.acuse = bool((receipt.nss or case.state == State.NSS_OBTENIDO) and not lacking)
    if receipt.acuse:
        _done(verbs.deliver_acuse([case.pk], papers=receipt.papers, on=on, act=act))
    elif receipt.papers:
        _done(verbs.receive_papers([case.pk], receipt.papers, on=on, act=act))
    return lacking


def mail_receipt(receipt: CounterReceipt, now: dt.datetime) -> Reminder:
    """Have the receipt sent to the student, once however often it is asked for. Raises receipts.NoReceipt."""
    labels = dict(PaperKind.objects.values_list("key", "label"))
    return receipts.mail(receipt.case, receipt.key, documents(receipt, labels), by=receipt.user_id, at=receipt.at, now=now)


def documents(receipt: CounterReceipt, labels: Mapping[str, str]) -> list[str]:
    """What was taken, as the office calls it."""
    return [*(["NSS"] if receipt.nss else []), *(labels.get(code, code) for code in receipt.papers)]


def take_back(key: uuid.UUID, scope: Scope, now: dt.datetime) -> CounterReceipt:
    """Undo a receipt of this person, if nothing happened to the case since. Raises NotReceived. A second time changes nothing."""
    with transaction.atomic():
        receipt = CounterReceipt.objects.select_for_update(of=("self",)).filter(key=key, user=scope.user).select_related("case").first()
        if receipt is None:
            raise NotReceived("Esa recepción no existe.")
        if receipt.undone_at is None:
            _undo(receipt, _locked(receipt.case_id, scope), scope, now)
    return receipt


def _undo(receipt: CounterReceipt, case: Case, scope: Scope, now: dt.datetime) -> None:
    if case.version != receipt.version:
        raise NotReceived(f"Ya no se puede deshacer desde aquí: corríjalo en el expediente. {_last(case)}")
    on, act = case.plantel.day(now), scope.act(now)
    if receipt.acuse:
        _done(verbs.retract_acuse([case.pk], receipt.papers, on=on, act=act, reason=UNDOING))
    elif receipt.papers:
        _done(verbs.retract_papers([case.pk], receipt.papers, on=on, act=act, reason=UNDOING))
    if receipt.nss and _requested(verbs.disown_nss([case.pk], on=on, act=act, reason=UNDOING, undoing=True)):
        raise NotReceived("Ya no se puede deshacer desde aquí: use «El NSS no es del alumno» en su expediente.")
    receipts.withdraw(receipt.key)
    receipt.undone_at = now
    receipt.save(update_fields=["undone_at"])


def _locked(case_id: int, scope: Scope) -> Case:
    lock_people([case_id])
    case = scope.cases().select_for_update(of=("self",)).select_related("student", "plantel").filter(pk=case_id).first()
    if case is None:
        raise NotReceived(NOT_YOURS)
    return case


def _requested(outcome: Outcome) -> bool:
    """Whether what the verb was to do waits for the consent of others; raises NotReceived if it was not done for another reason."""
    if not outcome.requested:
        _done(outcome)
    return bool(outcome.requested)


def _done(outcome: Outcome) -> None:
    if outcome.skipped:
        raise NotReceived(next(iter(outcome.skipped.values())))


def _last(case: Case) -> str:
    return last_event(Event.objects.filter(case=case).latest("seq"))
