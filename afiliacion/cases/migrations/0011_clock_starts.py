"""What a rule counts from becomes a value of its row, and cases keep when they were recorded, corrected, resumed and lost another cover.

No due date moves: a rule that ruled before goes on counting as it did; from the day of the upgrade on, a copy of it counts from the latest
event. In an office without cases yet the rules are simply filled. `recorded_on` stays empty in old cases: their events do not say it.
"""

import django.contrib.postgres.fields
from django.db import connection, migrations, models
from django.utils import timezone

from afiliacion.cases import states
from afiliacion.database import datafiles

STARTS = [
    ("inscripcion", "inscripción"),
    ("registro", "registro en la oficina"),
    ("correccion", "corrección del NSS"),
    ("reanudacion", "regreso de la subdelegación, de la renuncia o de la baja"),
    ("acuse", "entrega del acuse"),
    ("envio", "envío al IMSS"),
    ("consulta", "última consulta"),
    ("presentacion", "presentación en la subdelegación"),
    ("cobertura_perdida", "pérdida de la otra cobertura"),
    ("estado", "llegada al estado actual"),
]
# The starts of each key as the code had them, and as rows have them from now on.
BEFORE = {
    "acuse": ["inscripcion"],
    "alta": ["acuse"],
    "vigencia": ["envio"],
    "revision": ["consulta"],
    "atencion": ["estado"],
    "subdelegacion": ["presentacion"],
    "baja": ["estado"],
}
NOW = {
    "acuse": ["inscripcion", "registro", "correccion", "reanudacion"],
    "alta": ["acuse", "registro", "reanudacion"],
    "vigencia": ["envio", "reanudacion", "cobertura_perdida"],
    "revision": ["consulta"],
    "atencion": ["estado", "cobertura_perdida"],
    "subdelegacion": ["presentacion", "estado", "cobertura_perdida"],
    "baja": ["estado"],
}

# Only the owner of the tables can do this, and it is undone in the same transaction.
OPEN = """
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE cases_clockrule DISABLE TRIGGER cases_clockrule_append_only;
ALTER TABLE cases_case DISABLE TRIGGER cases_guard_move;
"""
CLOSE = """
ALTER TABLE cases_case ENABLE TRIGGER cases_guard_move;
ALTER TABLE cases_clockrule ENABLE TRIGGER cases_clockrule_append_only;
"""
# The last day of an event of these verbs, as the fold has it: what a list brought and was undone did not take these facts back.
LAST = """
UPDATE cases_case c SET {column} = e."on"
FROM (SELECT DISTINCT ON (case_id) case_id, "on" FROM cases_event WHERE verb IN ({verbs}) ORDER BY case_id, seq DESC) e
WHERE e.case_id = c.id
"""
# The events that say who covers a person, each beside what was said before it.
COVER = """
CREATE TEMP TABLE cases_cover ON COMMIT DROP AS
SELECT case_id, seq, verb, "on", said, coalesce(lag(said) OVER (PARTITION BY case_id ORDER BY seq), 'none') AS before
FROM (
  SELECT case_id, seq, verb, "on", CASE verb WHEN 'confirm_vigencia' THEN 'ours' WHEN 'operate_baja' THEN 'none'
    WHEN 'undo_load' THEN data -> 'before' ->> 'coverage' ELSE coalesce(data ->> 'coverage', 'none') END AS said
  FROM cases_event WHERE verb IN ('note_coverage', 'miss_vigencia', 'reject_alta', 'confirm_vigencia', 'operate_baja')
    OR verb = 'undo_load' AND jsonb_typeof(data -> 'before') = 'object'
) s
"""
LOST = """
UPDATE cases_case c SET cover_lost_on = l."on"
FROM (SELECT DISTINCT ON (case_id) case_id, "on" FROM cases_cover
      WHERE before IN ('other', 'other_school') AND said <> before AND verb <> 'undo_load'
      ORDER BY case_id, seq DESC) l
WHERE l.case_id = c.id
"""
# The alert was about a clock that a correction, or another cover, has ended.
ALERTED = """
UPDATE cases_case c SET alerted_on = NULL
WHERE c.alerted_on IS NOT NULL AND EXISTS (
  SELECT FROM (
    SELECT case_id, seq FROM cases_event WHERE verb IN ('correct_nss', 'disown_nss')
    UNION ALL SELECT case_id, seq FROM cases_cover
    WHERE said <> before AND (said IN ('other', 'other_school') OR before IN ('other', 'other_school')) AND verb <> 'undo_load'
  ) n WHERE n.case_id = c.id AND n.seq > (SELECT max(seq) FROM cases_event a WHERE a.case_id = c.id AND a.verb IN ('alert', 'undo_load'))
)
"""
REST = """
UPDATE cases_case SET turn = 'nadie'
WHERE coverage = 'other' AND state IN ('ALTA_ENVIADA', 'SIN_VIGENCIA', 'EN_SUBDELEGACION') AND turn <> 'nadie'
"""


def upgrade(apps, schema_editor):
    datafiles.load(apps, "cases", "clock_rules", key="cobertura")
    with connection.cursor() as cursor:
        cursor.execute(OPEN)
        _rules(apps.get_model("cases", "ClockRule").objects, in_use=apps.get_model("cases", "Case").objects.exists())
        cursor.execute(LAST.format(column="corrected_on", verbs="'correct_nss', 'disown_nss'"))
        cursor.execute(LAST.format(column="resumed_on", verbs="'return', 'withdraw_renuncia', 'rejoin'"))
        for statement in (COVER, LOST, ALERTED, REST, CLOSE):
            cursor.execute(statement)


def _rules(rules, *, in_use):
    today = timezone.localdate()
    # A new office has it from its defaults already, which did not know of starts then.
    rules.filter(key="cobertura").update(starts=["consulta"])
    for key, now in NOW.items():
        rules.filter(key=key, **({"valid_from__gte": today} if in_use else {})).update(starts=now)
        if not in_use:
            continue
        earlier = rules.filter(key=key, valid_from__lt=today)
        earlier.update(starts=BEFORE[key])
        if now != BEFORE[key]:
            _go_on(rules, earlier, today, now)


def _go_on(rules, earlier, today, starts):
    """The newest rule of each plantel (and of all of them) goes on from today, counted from the latest event."""
    kept = [field.name for field in rules.model._meta.fields if field.name not in ("id", "valid_from", "starts")]
    for rule in earlier.order_by("plantel_id", "-valid_from").distinct("plantel_id"):
        if not rules.filter(key=rule.key, plantel=rule.plantel, valid_from=today).exists():
            rules.create(**{name: getattr(rule, name) for name in kept}, valid_from=today, starts=starts)


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0010_bajas"),
        ("students", "0005_plantel_zone"),
    ]

    operations = [
        migrations.AlterField(
            model_name="clockrule",
            name="key",
            field=models.CharField(
                choices=[
                    ("acuse", "Entrega del acuse por el alumno"),
                    ("alta", "Envío del alta por la escuela"),
                    ("vigencia", "Respuesta esperada del IMSS"),
                    ("revision", "Nueva consulta de la vigencia"),
                    ("atencion", "Atención de un caso sin vigencia"),
                    ("subdelegacion", "Seguimiento en la subdelegación"),
                    ("baja", "Envío de la baja por la escuela"),
                    ("traslado", "Llegada al otro plantel en un cambio"),
                    ("cobertura", "Nueva consulta de una cobertura ajena"),
                    ("visto_bueno", "Respuesta de otro plantel a una solicitud"),
                ],
                max_length=20,
                verbose_name="plazo",
            ),
        ),
        migrations.AddField(
            model_name="clockrule",
            name="starts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(choices=STARTS, max_length=20),
                blank=True,
                default=list,
                size=None,
                verbose_name="se cuenta desde lo último de",
            ),
        ),
        migrations.AddField("case", "recorded_on", models.DateField(null=True, verbose_name="registrado")),
        migrations.AddField("case", "corrected_on", models.DateField(null=True, verbose_name="NSS corregido")),
        migrations.AddField("case", "resumed_on", models.DateField(null=True, verbose_name="reanudado")),
        migrations.AddField("case", "cover_lost_on", models.DateField(null=True, verbose_name="perdió la otra cobertura")),
        migrations.RunPython(upgrade, migrations.RunPython.noop),
        migrations.RunPython(states.load_transitions, migrations.RunPython.noop),
    ]
