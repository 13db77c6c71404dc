"""What people and IMSS wrote leaves the hashed events: each text goes to a row that can be erased, the event keeps a commitment to it.

Every chain that holds is hashed anew; one that was already broken keeps its hashes, so that `verify_history` still finds it.
"""

import hashlib
import json
import uuid
from collections import namedtuple
from datetime import UTC

import django.db.models.deletion
from django.db import connection, migrations, models

from afiliacion.database import datafiles

CHUNK = 2_000
# The format as of this migration: what stays in an event's data, and what the hash covers; facts.py and history.py may have gone on since.
STRUCTURED = frozenset(
    {"enrolment", "papers", "kind", "to", "same_registro_patronal", "resend_alta", "coverage", "before", "rule", "due_on"}
)
canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode

# Only the owner of the tables can do this, and it is undone in the same transaction.
OPEN = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE cases_event DISABLE TRIGGER cases_event_append_only;
ALTER TABLE cases_case DISABLE TRIGGER cases_guard_move;
ALTER TABLE cases_case DISABLE TRIGGER cases_tally_moved;
"""
CLOSE = """
ALTER TABLE cases_case ENABLE TRIGGER cases_tally_moved;
ALTER TABLE cases_case ENABLE TRIGGER cases_guard_move;
ALTER TABLE cases_event ENABLE TRIGGER cases_event_append_only;
"""
Row = namedtuple(  # noqa: PYI024 - types would say nothing here
    "Row",
    "id case_id seq verb from_state to_state on at actor_kind actor_id actor_name reason data evidence prev_hash hash",
)
READ = f"""
SELECT {", ".join(f'"{name}"' for name in Row._fields)} FROM cases_event WHERE case_id = ANY(%s) ORDER BY case_id, seq
"""  # noqa: S608 - our own names
WRITE_EVENTS = """
UPDATE cases_event e SET data = v.data, prev_hash = v.prev_hash, hash = v.hash
FROM unnest(%s::bigint[], %s::jsonb[], %s::text[], %s::text[]) v (id, data, prev_hash, hash) WHERE e.id = v.id
"""
WRITE_DETAILS = """
INSERT INTO cases_eventdetail (case_id, seq, salt, payload) SELECT * FROM unnest(%s::bigint[], %s::int[], %s::uuid[], %s::jsonb[])
"""
WRITE_HEADS = """
UPDATE cases_case c SET head_hash = v.hash FROM unnest(%s::bigint[], %s::text[]) v (id, hash) WHERE c.id = v.id
"""


def take_texts_out(apps, schema_editor):
    with connection.cursor() as cursor:
        heads = _next(cursor, 0)
        if not heads:
            return
        cursor.execute(OPEN)
        while heads:
            _convert(cursor, heads)
            heads = _next(cursor, max(heads))
        cursor.execute(CLOSE)


def _next(cursor, last):
    """The next cases by id: (version, hash of the last event) as the case says."""
    cursor.execute("SELECT id, version, head_hash FROM cases_case WHERE id > %s ORDER BY id LIMIT %s", [last, CHUNK])
    return {case_id: (version, head) for case_id, version, head in cursor.fetchall()}


def _convert(cursor, heads):
    cursor.execute(READ, [list(heads)])
    histories = {}
    for row in map(Row._make, cursor.fetchall()):
        histories.setdefault(row.case_id, []).append(row._replace(data=json.loads(row.data)))
    events, details, new_heads = [], [], {}
    for case_id, old in histories.items():
        divided = [(row, *_divided(row)) for row in old]
        details += [(case_id, row.seq, salt, canonical(texts)) for row, _, texts, salt in divided if texts]
        rows = [row._replace(data=data) for row, data, _, _ in divided]
        if _whole(old, *heads[case_id]):
            rows = _chained(rows)
            new_heads[case_id] = rows[-1].hash
        events += [(row.id, canonical(row.data), row.prev_hash, row.hash) for row in rows]
    for statement, found in ((WRITE_EVENTS, events), (WRITE_DETAILS, details), (WRITE_HEADS, list(new_heads.items()))):
        if found:
            cursor.execute(statement, [list(column) for column in zip(*found, strict=True)])


def _divided(row):
    """The event's new data, its texts and their salt."""
    before = row.data.get("before") or {}
    texts = {name: str(value) for name, value in {**row.data, "reason": row.reason}.items() if value and name not in STRUCTURED}
    if before.get("umf"):
        texts["umf_before"] = before["umf"]
    data = {name: value for name, value in row.data.items() if name in STRUCTURED}
    if before:
        data["before"] = {name: value for name, value in before.items() if name != "umf"}
    salt = uuid.uuid4()
    if texts:
        data |= {"personal": sorted(texts), "commitment": _sha256(f"{salt}{canonical(texts)}")}
    return data, texts, salt


def _whole(rows, version, head):
    """Whether the chain holds in the format it had."""
    previous = ""
    for seq, row in enumerate(rows, 1):
        content = [*_head(row), row.reason, row.data, row.evidence, row.prev_hash]
        if (row.seq, row.prev_hash, row.hash) != (seq, previous, _sha256(canonical(content))):
            return False
        previous = row.hash
    return (len(rows), previous) == (version, head)


def _chained(rows):
    """The events hashed anew."""
    chained, previous = [], ""
    for row in rows:
        new_hash = _sha256(canonical([*_head(row), row.data, row.evidence, previous]))
        chained.append(row._replace(prev_hash=previous, hash=new_hash))
        previous = new_hash
    return chained


def _head(row):
    """What the hash covers first, in both formats."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    return [
        row.case_id, row.seq, row.verb, row.from_state, row.to_state, row.on.isoformat(), at, row.actor_kind, row.actor_id, row.actor_name,
    ]  # fmt: skip


def _sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_defaults")]

    operations = [
        migrations.CreateModel(
            name="EventDetail",
            fields=[
                ("pk", models.CompositePrimaryKey("case_id", "seq", blank=True, editable=False, primary_key=True, serialize=False)),
                (
                    "case",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="cases.case",
                    ),
                ),
                ("seq", models.PositiveIntegerField()),
                ("salt", models.UUIDField()),
                ("payload", models.JSONField()),
            ],
            options={"verbose_name": "texto de un hecho", "verbose_name_plural": "textos de hechos"},
        ),
        datafiles.sql("cases", "erasable_texts"),
        migrations.RunPython(take_texts_out),
        migrations.RemoveField("event", "reason"),
        migrations.AddField(
            "event",
            "detail",
            models.ForeignObject(
                from_fields=["case", "seq"],
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="cases.eventdetail",
                to_fields=["case", "seq"],
            ),
        ),
    ]
