"""Words of a school's own for what a list says (its "Oyente" is enrolled), said once by an officer and remembered for the plantel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from afiliacion.roll.models import Import, SchoolWord
from afiliacion.roll.parse.parsers import Words
from file_reader.words import key
from students.models import Plantel

_NAME: Final = 160


@dataclass(frozen=True, slots=True)
class Answers:
    """What officers said: of this list (`dates`: by column, the name of a reading), and of the plantel's words (by column)."""

    dates: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)


NOTHING_SAID: Final = Answers()


def answers(job: Import) -> Answers:
    """What officers said of a list, and of the words of its plantel."""
    words: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for word in SchoolWord.objects.filter(plantel=job.plantel_id).order_by("column", "word"):
        words[word.column].append((word.word, word.value))
    return Answers(job.answers.get("dates", {}), {column: tuple(pairs) for column, pairs in words.items()})


def say(plantel: Plantel, meanings: Mapping[tuple[str, str], str], *, name: str, now: dt.datetime) -> None:
    """Remember what words (column, as written) mean, in the name of an officer; an empty value: nothing is taken from such a cell."""
    for (column, written), value in meanings.items():
        said = {"written": written[:_NAME], "value": value, "said_by": name[:_NAME], "said_at": now}
        SchoolWord.objects.update_or_create(plantel=plantel, column=column, word=key(written), defaults=said)


def forget(plantel: Plantel, word_id: int) -> bool:
    """Take back what a word means; lists that were loaded stay as they are. Whether it was known."""
    return bool(SchoolWord.objects.filter(plantel=plantel, pk=word_id).delete()[0])
