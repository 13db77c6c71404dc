"""A movement names the number and registro patronal, or the cover, that it is about; and what IMSS was told before becomes covers."""

import datetime as dt
import hashlib
import json
import re

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone

CHUNK = 2_000
CLOSED = ("BAJA", "RENUNCIA")
WHO = "Actualización del sistema"
canonical = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode


def plain(text):
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def make_covers(apps, schema_editor):
    """One cover for each person, number and registro of which IMSS has an alta that no baja has ended, as the cases say."""
    cases = apps.get_model("cases", "Case").objects.filter(alta_on__isnull=False, baja_operada_on=None).select_related("student", "plantel")
    last = 0
    while persons := list(cases.filter(student__gt=last).order_by("student").values_list("student", flat=True).distinct()[:CHUNK]):
        last = persons[-1]
        groups = {}
        for case in cases.filter(student__in=persons).order_by("pk"):
            groups.setdefault((case.student_id, case.student.nss or "", _registro(apps, case)), []).append(case)
        for key, group in groups.items():
            _make(apps, key, group)


def _registro(apps, case):
    """As the last alta was sent; else the plantel's of the day."""
    sent = apps.get_model("imss", "Errand").objects.filter(case=case, kind="send_alta", received_on__isnull=False).order_by("-pk").first()
    if sent and sent.movement:
        registro = plain(sent.movement["registro_patronal"])
        _remember(apps, case.plantel_id, registro)
        return registro
    return _of_plantel(apps, case.plantel_id, case.alta_on)


def _of_plantel(apps, plantel_id, day):
    rows = apps.get_model("students", "RegistroPatronal").objects.filter(plantel=plantel_id)
    in_force = rows.filter(valid_from__lte=day).order_by("-valid_from").first() or rows.filter(valid_from=None).first()
    return in_force.registro if in_force else ""


def _remember(apps, plantel_id, registro):
    """A registro altas went under and the plantel has no more was its registro before: cover under it is the school's."""
    rows = apps.get_model("students", "RegistroPatronal").objects.filter(plantel=plantel_id)
    if not registro or rows.filter(registro=registro).exists():
        return
    if now := rows.filter(valid_from=None).first():
        now.valid_from = _first_day(apps, plantel_id, now.registro)
        now.save(update_fields=["valid_from"])
    rows.create(plantel_id=plantel_id, registro=registro, valid_from=None, added_at=None)


def _first_day(apps, plantel_id, registro):
    """The day of the first movement of a plantel under a registro; today if there is none."""
    sent = apps.get_model("imss", "Errand").objects.filter(case__plantel=plantel_id, movement__isnull=False).order_by("requested_on")
    days = (errand.requested_on for errand in sent if plain(errand.movement["registro_patronal"]) == registro)
    return next(days, timezone.localdate())


def _make(apps, key, group):
    student, nss, registro = key
    steps = [("sent", min(case.alta_on for case in group), group[0].pk, "")]
    if vigentes := [case for case in group if case.vigencia_on]:
        steps.append(("proved", vigentes[0].vigencia_on, vigentes[0].pk, vigentes[0].vigencia_evidence))
    elif denied := [case for case in group if case.state == "SIN_VIGENCIA"]:
        steps.append(("denied", denied[0].state_since, denied[0].pk, ""))
    if resting := [case for case in group if case.coverage == "other"]:
        steps.append(("prevailed", resting[0].checked_on or resting[0].state_since, resting[0].pk, ""))
    if all(case.state in CLOSED and case.baja_sent_on for case in group):
        steps.append(("baja_sent", group[-1].baja_sent_on, group[-1].pk, ""))
    status = {"sent": "sent", "proved": "proved", "denied": "denied", "prevailed": "resting"}
    of_status = [step for step in steps if step[0] in status]
    owing = group[-1] if steps[-1][0] == "baja_sent" else None
    cover = apps.get_model("insurance", "Cover").objects.create(
        student_id=student, nss=nss, registro=registro, whose="ours", status=status[of_status[-1][0]], since=steps[0][1],
        status_on=of_status[-1][1], evidence=of_status[-1][3], stood=len(of_status) > 1, version=len(steps), owed_by=owing,
        baja_sent_on=owing and owing.baja_sent_on,
    )  # fmt: skip
    cover.head_hash = _log(apps, cover, steps)
    cover.save(update_fields=["head_hash"])


def _log(apps, cover, steps):
    """Write the log of a cover; return its last hash. The format as of this migration: insurance/log.py may have gone on since."""
    now, previous = timezone.now(), ""
    rows = []
    for seq, (what, on, case, evidence) in enumerate(steps, 1):
        at = now.astimezone(dt.UTC).isoformat(timespec="microseconds")
        content = [cover.pk, seq, what, on.isoformat(), at, "night", None, WHO, case, evidence, previous]
        digest = hashlib.sha256(canonical(content).encode()).hexdigest()
        rows.append(
            apps.get_model("insurance", "CoverEvent")(
                cover=cover, seq=seq, what=what, on=on, at=now, actor_kind="night", actor_name=WHO, case=case, evidence=evidence,
                prev_hash=previous, hash=digest,
            )
        )  # fmt: skip
        previous = digest
    apps.get_model("insurance", "CoverEvent").objects.bulk_create(rows)
    return previous


def name_subjects(apps, schema_editor):
    """Each movement under way names what it is about; of two about the same, the first."""
    errands = apps.get_model("imss", "Errand").objects.filter(kind__in=("send_alta", "send_baja"), status__in=("open", "parked"))
    taken = set()
    for errand in errands.select_related("case__student", "case__plantel").order_by("pk"):
        sent = errand.movement or {}
        nss = sent.get("nss") or errand.case.student.nss or ""
        given = sent.get("registro_patronal")
        errand.registro = plain(given) if given else _of_plantel(apps, errand.case.plantel_id, errand.requested_on)
        errand.nss = "" if (errand.kind, nss, errand.registro) in taken else nss
        taken.add((errand.kind, nss, errand.registro))
        if errand.kind == "send_baja":
            covers = apps.get_model("insurance", "Cover").objects.filter(student=errand.case.student, nss=nss, registro=errand.registro)
            errand.cover = covers.filter(ended_on=None).first()
        errand.save(update_fields=["nss", "registro", "cover"])


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0008_covers"),
        ("imss", "0005_chase_lease"),
        ("insurance", "0001_covers"),
        ("students", "0004_registros_by_date"),
    ]

    operations = [
        migrations.AddField(
            model_name="errand",
            name="cover",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="insurance.cover",
                verbose_name="aseguramiento",
            ),
        ),
        migrations.AddField(
            model_name="errand",
            name="nss",
            field=models.CharField(blank=True, db_default="", max_length=11, verbose_name="NSS"),
        ),
        migrations.AddField(
            model_name="errand",
            name="registro",
            field=models.CharField(blank=True, db_default="", max_length=16, verbose_name="registro patronal"),
        ),
        migrations.AddConstraint(
            model_name="errand",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["open", "parked"]), models.Q(("nss", ""), _negated=True)),
                fields=("kind", "nss", "registro"),
                name="errand_one_unfinished_movement",
            ),
        ),
        migrations.RunPython(make_covers),
        migrations.RunPython(name_subjects),
    ]
