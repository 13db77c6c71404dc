"""Two records that are one person can be merged, and taken apart again."""

import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from afiliacion.cases import states
from afiliacion.database import datafiles


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0017_without_curp"),
        ("students", "0007_merged_records"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="consentrequest",
            name="kind",
            field=models.CharField(
                choices=[
                    ("enrol", "Inscribir en el plantel"),
                    ("obtain_nss", "Registrar su NSS"),
                    ("correct_nss", "Corregir su NSS"),
                    ("disown_nss", "Quitarle un NSS que no es suyo"),
                    ("contact", "Cambiar sus datos personales"),
                    ("tutor", "Cambiar los datos de su madre, padre o tutor"),
                    ("merge", "Unir dos registros de la misma persona"),
                ],
                max_length=12,
                verbose_name="qué se pide",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="verb",
            field=models.CharField(
                choices=[
                    ("open", "Expediente abierto"),
                    ("continue", "Reinscripción"),
                    ("obtain_nss", "NSS obtenido"),
                    ("correct_nss", "NSS corregido"),
                    ("unify_nss", "NSS unificado por el IMSS"),
                    ("disown_nss", "El NSS no es del alumno"),
                    ("deliver_acuse", "Acuse entregado"),
                    ("retract_acuse", "Entrega del acuse deshecha"),
                    ("send_alta", "Alta enviada al IMSS"),
                    ("confirm_vigencia", "Vigencia confirmada por el IMSS"),
                    ("miss_vigencia", "El IMSS no reporta vigencia"),
                    ("reject_alta", "Alta rechazada por el IMSS"),
                    ("declare_cover", "Seguro que ya existía, declarado"),
                    ("retract_cover", "Declaración del seguro deshecha"),
                    ("escalate", "Enviado a la subdelegación"),
                    ("file_at_desk", "Presentado en la subdelegación"),
                    ("retract_filing", "Presentación en la subdelegación deshecha"),
                    ("want_more", "La subdelegación pidió algo más"),
                    ("retract_want_more", "Se deshizo «faltó algo»"),
                    ("return", "Regresó de la subdelegación"),
                    ("renounce", "Renuncia firmada"),
                    ("withdraw_renuncia", "Renuncia retirada"),
                    ("leave", "Baja escolar"),
                    ("undo_leave", "Baja escolar deshecha"),
                    ("send_baja", "Baja enviada al IMSS"),
                    ("operate_baja", "Baja operada por el IMSS"),
                    ("reject_baja", "Baja rechazada por el IMSS"),
                    ("owe_baja", "Falta enviar una baja al IMSS"),
                    ("drop_baja", "La baja ya no procede"),
                    ("lose_alta", "El alta dejó de valer"),
                    ("retract_move", "Cambio de registro patronal deshecho"),
                    ("rejoin", "Reingreso"),
                    ("reopen", "Expediente abierto de nuevo"),
                    ("note_coverage", "Cobertura anotada"),
                    ("note_clinic", "Clínica anotada"),
                    ("receive_papers", "Documentos recibidos"),
                    ("verify_papers", "Documentos verificados"),
                    ("reject_papers", "Documentos rechazados"),
                    ("retract_papers", "Recepción de documentos deshecha"),
                    ("hold", "Plazo en pausa"),
                    ("release", "Plazo reanudado"),
                    ("correct_person", "Datos corregidos"),
                    ("retract_correction", "Corrección de datos deshecha"),
                    ("merge", "Unido con otro registro de la misma persona"),
                    ("retract_merge", "Unión de registros deshecha"),
                    ("undo_load", "Carga de lista deshecha"),
                    ("reschedule", "Plazo recalculado"),
                    ("alert", "Atraso avisado a coordinación"),
                ],
                max_length=20,
            ),
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(verbose_name="cuándo")),
                ("actor_name", models.CharField(max_length=160, verbose_name="quién")),
                ("moved", models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ("joined_covers", models.BooleanField(default=False)),
                ("undone_at", models.DateTimeField(null=True, verbose_name="deshecha")),
                (
                    "actor",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="quién",
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.student",
                        verbose_name="registro que sigue",
                    ),
                ),
                (
                    "merged",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="students.student",
                        verbose_name="registro que se unió",
                    ),
                ),
            ],
            options={
                "verbose_name": "unión de registros",
                "verbose_name_plural": "uniones de registros",
                "constraints": [models.UniqueConstraint(condition=models.Q(("undone_at", None)), fields=("merged",), name="merge_once")],
            },
        ),
        migrations.RunPython(states.load_transitions, migrations.RunPython.noop),
        datafiles.sql("cases", "guards"),
        datafiles.sql("cases", "copies"),
    ]
