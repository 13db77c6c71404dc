"""The database learns the moves of the verbs that undo what was noted by mistake."""

from django.db import migrations, models

from afiliacion.cases import states


def load_transitions(apps, schema_editor):
    table = apps.get_model("cases", "Transition")
    table.objects.all().delete()
    table.objects.bulk_create([table(verb=verb, from_state=source, to_state=target) for verb, source, target in states.rows()])


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_lists")]

    operations = [
        migrations.AlterField(model_name="event", name="verb", field=models.CharField(choices=states.Verb.choices, max_length=20)),
        migrations.RunPython(load_transitions, migrations.RunPython.noop),
    ]
