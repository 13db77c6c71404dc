"""The sheets with a file that waited to be reviewed when documents came to be read: each becomes a document, by the way it came."""

from django.db import migrations

_BRING = """
INSERT INTO papers_in_broughtpaper (
  evidence_id, filename, door, "on", brought_at, brought_by_id, brought_name, planteles, plantel_id, case_id, status, version, kind, proposal,
  certainty, reasons, decided_name, reason, said, attempts)
SELECT DISTINCT ON (c.id)
  e.evidence, '', CASE e.actor_kind WHEN 'student' THEN 'student' ELSE 'office' END, e.on, e.at, e.actor_id, e.actor_name, ARRAY[c.plantel_id],
  c.plantel_id, c.id, 'unread', 0, '', '', '', '[]', '', '', '{}', 0
FROM cases_case c JOIN cases_event e ON e.case_id = c.id
WHERE c.state IN ('SIN_NSS', 'NSS_OBTENIDO') AND c.papers @> '[["acuse", "received"]]'
  AND e.verb = 'receive_papers' AND e.data -> 'papers' ? 'acuse' AND e.evidence IN (SELECT sha256 FROM cases_evidence)
ORDER BY c.id, e.seq DESC
"""


class Migration(migrations.Migration):
    dependencies = [("papers_in", "0001_tables"), ("cases", "0021_answer_awaited")]

    operations = [migrations.RunSQL(_BRING, migrations.RunSQL.noop)]
