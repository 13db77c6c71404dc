"""A NO of IMSS no longer says that it had the cover in its register: the rows are folded anew from their logs."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from afiliacion.insurance.facts import CoverFacts, CoverHappening, after

_CHUNK = 2000


def fold_anew(registry: Apps, _editor: BaseDatabaseSchemaEditor | None = None) -> None:
    """Write of each cover about which IMSS said NO what its log says by now."""
    cover, event = registry.get_model("insurance", "Cover"), registry.get_model("insurance", "CoverEvent")
    denied = event.objects.filter(what="denied").values("cover")
    for row in cover.objects.filter(pk__in=denied).iterator(chunk_size=_CHUNK):
        facts = CoverFacts()
        for what, on, evidence in event.objects.filter(cover=row).order_by("seq").values_list("what", "on", "evidence"):
            facts = after(facts, CoverHappening(what), on, evidence)
        cover.objects.filter(pk=row.pk).update(**facts._asdict())


class Migration(migrations.Migration):
    dependencies = [("insurance", "0003_merged")]
    operations = [migrations.RunPython(fold_anew, migrations.RunPython.noop)]
