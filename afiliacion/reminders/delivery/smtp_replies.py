"""Interpret what a mail server answered: whose fault a refusal is (the letter's, the address's, or none of ours) and whether to stop."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

_SERVICE_CLOSING: Final = 421
_ENHANCED: Final = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_NO_MAILBOX: Final = re.compile(r"5\.(1\.(1|2|3|6|10)|4\.4)$")
MAX_REPLY: Final = 500
#: What differs from one refusal to the next for the same reason: addresses, and words with digits (queue ids, hosts).
_PARTICULAR: Final = re.compile(r"\S*(?:@|\d)\S*")


class SmtpVerdict(Enum):
    SENT = "sent"
    #: 4xx for this letter: try it again later.
    LATER = "later"
    #: 5xx for this letter: never.
    REFUSED = "refused"
    #: The connection died after the text was handed over.
    UNCERTAIN = "uncertain"
    #: Another sender has it meanwhile; its text did not go out.
    NOT_OURS = "not_ours"
    #: No server, no login, or it takes nothing from us: no fault of the letter.
    NO_SERVER = "no_server"
    #: The server says that we send too much, whatever the letter: stop all sending for a while.
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of one letter, and the server's words."""

    verdict: SmtpVerdict
    words: str = ""

    @property
    def reason(self) -> str:
        """The code and enhanced status, or the words without what differs from letter to letter: equal for refusals of one cause."""
        code, _, text = self.words.partition(" ")
        enhanced = _ENHANCED.search(text)
        return f"{code} {enhanced[0] if enhanced else _PARTICULAR.sub('', text)}".strip()


@dataclass(frozen=True, slots=True)
class StopRule:
    """An answer by which a provider says: you send too much. `status`: its enhanced status; `words`: what it must say too (patterns).

    `minutes`: after how long trying again is worth it (daily limits roll over 24 hours, rates over minutes).
    """

    code: int
    status: str
    minutes: int
    why: str
    words: str = ""


_DAILY: Final = "se llegó al límite de correos que el proveedor permite por día"
_RATE: Final = "el proveedor pide enviar más despacio"
_BLOCKED: Final = "el proveedor no deja enviar a la cuenta de la oficina"
#: Gmail: «Gmail SMTP errors and codes» (support.google.com/a/answer/3726730). Exchange Online: «Email non-delivery reports and SMTP errors
#: in Exchange Online» and «Exchange Online limits» (learn.microsoft.com). 421 of another status closes the connection, and is no limit.
STOP_RULES: Final = (
    StopRule(550, r"5\.4\.5", 60, _DAILY),  # Gmail: Daily user sending limit exceeded
    StopRule(550, r"5\.7\.1", 60, _DAILY, r"daily (user |SMTP relay )?(sending |relay )?limit"),  # Gmail: Daily SMTP relay limit exceeded
    StopRule(452, r"4\.5\.3", 60, _DAILY),  # both: too many recipients for now
    StopRule(550, r"5\.1\.90", 60, _DAILY),  # Exchange: daily limit for message recipients
    StopRule(554, r"5\.2\.0", 60, _DAILY),  # Exchange: SubmissionQuotaExceededException, OutboundSpamException
    StopRule(550, r"5\.7\.(232|233)", 60, _DAILY),  # Exchange: the tenant's limit of external recipients
    StopRule(550, r"5\.1\.8", 60, _BLOCKED),  # Exchange: bad outbound sender
    StopRule(
        550, r"5\.7\.(50[1-3]|508|70[0-9]|7[1-4][0-9]|750)", 60, _BLOCKED
    ),  # Exchange: the sender, its address or its tenant is blocked
    StopRule(421, r"4\.7\.\d+", 15, _RATE),  # Gmail and Exchange: unusual rate, too many messages by connection or hour
    StopRule(421, r"4\.4\.5", 15, _RATE),  # Gmail: server busy
    StopRule(432, r"4\.3\.2", 15, _RATE),  # Exchange: concurrent connections, submissions a minute
    StopRule(450, r"4\.7\.\d+", 15, _RATE, "throttl|rate limit|too many"),  # Exchange; without these words it is greylisting
    StopRule(451, r"4\.7\.(5\d\d|6\d\d|65[01])", 15, _RATE),  # Exchange: sender's address throttled
)


def stop_rule(words: str) -> StopRule | None:
    """Return the rule by which an answer («550 5.4.5 Daily…») says that we send too much; None if it says something else."""
    code, _, text = words.partition(" ")
    enhanced = next(iter(_ENHANCED.findall(text)), "")
    return next((rule for rule in STOP_RULES if code == str(rule.code) and _fits(rule, enhanced, text)), None)


def judged(code: int, words: bytes) -> Reply:
    """Interpret an answer that is no success."""
    said = reply_text(code, words)
    if stop_rule(said):
        return Reply(SmtpVerdict.STOP, said)
    if code == _SERVICE_CLOSING or code < 400:
        return Reply(SmtpVerdict.NO_SERVER, said)
    return Reply(SmtpVerdict.LATER if code < 500 else SmtpVerdict.REFUSED, said)


def reply_text(code: int, words: bytes) -> str:
    """Return an answer on one line, at most MAX_REPLY characters."""
    return f"{code} {' '.join(words.decode('utf-8', 'replace').split())}"[:MAX_REPLY]


def is_bad_address(status: str, words: str) -> bool:
    """Whether a permanent refusal says that the mailbox or its domain is not there (RFC 3463: 5.1.x, and 5.4.4), not merely that
    this letter was not wanted."""
    enhanced = status or next(iter(_ENHANCED.findall(words)), "")
    return bool(_NO_MAILBOX.match(enhanced))


def _fits(rule: StopRule, enhanced: str, text: str) -> bool:
    return bool(re.fullmatch(rule.status, enhanced) and re.search(rule.words, text, re.IGNORECASE))
