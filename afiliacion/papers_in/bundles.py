"""Files that an officer brings together: some, or a ZIP of thousands, which a worker opens. What became of each is a row."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Final

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from afiliacion import wake
from afiliacion.cases.outcome import Act, Actor, ActorKind
from afiliacion.database.bulk_writes import copy_in
from afiliacion.papers_in import bringing, reading
from afiliacion.papers_in.bringing import Origin
from afiliacion.papers_in.models import Bundle, BundleFile, BundlePart, Door

log = logging.getLogger(__name__)

#: How a ZIP begins; what is inside is not trusted to say so.
ZIP: Final = b"PK\x03\x04"
_PART: Final = 2**20
#: Files taken in one transaction: what a worker that dies leaves to be done again.
STEP: Final = 50
LEASE: Final = dt.timedelta(minutes=5)
STRIKES: Final = 3
#: What one file of a bundle may weigh: more is no sheet.
LARGEST: Final = 25 * 2**20
_EMPTY: Final = "El archivo está vacío (0 bytes): vuelva a guardarlo o pídalo de nuevo."
_LARGE: Final = f"Pesa más de {LARGEST // 2**20} MB: no es una hoja. Si es una foto, guárdela con menor resolución."
_NONE_INSIDE: Final = "El ZIP no trae ningún archivo."
_INTERRUPTED: Final = "Se interrumpió {} veces al abrirlo y ya no se intenta. Traiga los archivos en ZIP más pequeños."
_BROKEN: Final = "No se pudo abrir por un error interno ({}). Avise a sistemas con este texto; después puede traerlo otra vez."
Status = Bundle.Status


def is_zip(start: bytes) -> bool:
    """Whether a file that begins so is to be opened."""
    return start.startswith(ZIP)


def bring_files(files: Sequence[tuple[str, bytes]], origin: Origin) -> Bundle:
    """Take some files (name, body) as one bundle: each becomes a document, or is told why it is none."""
    digest = hashlib.sha256(b"".join(hashlib.sha256(body).digest() for _, body in files)).hexdigest()
    name = bringing.plain_name(files[0][0]) if len(files) == 1 else f"{len(files)} archivos"
    with transaction.atomic():
        bundle = Bundle.objects.create(**_fields(name, digest, origin), status=Status.UNPACKED, finished_at=origin.act.now)
        _take(bundle, 0, files, origin)
    return bundle


def bring_zip(name: str, file: IO[bytes], origin: Origin) -> Bundle:
    """Keep a ZIP until a worker has opened it. The same one by the same person while it waits is taken once."""
    digest = hashlib.sha256()
    for part in _parts(file):
        digest.update(part)
    with transaction.atomic():
        bundle, new = Bundle.objects.get_or_create(
            sha256=digest.hexdigest(), brought_by_id=origin.act.actor.user_id, status__in=Bundle.UNFINISHED,
            defaults=_fields(bringing.plain_name(name), digest.hexdigest(), origin),
        )  # fmt: skip
        if new:
            copy_in(
                BundlePart._meta.db_table, ("bundle_id", "number", "body"), ((bundle.pk, n, part) for n, part in enumerate(_parts(file)))
            )
            wake.after_commit(bringing.READ)
    return bundle


def due() -> QuerySet[Bundle]:
    """The bundles to be opened that no worker holds, by the database's clock."""
    return Bundle.objects.filter(Q(lease_until=None) | Q(lease_until__lt=Now()), status__in=Bundle.UNFINISHED).order_by("pk")


def open_due() -> bool:
    """Open one bundle that waits; whether there was one."""
    bundle = _claim()
    if bundle is None:
        return False
    try:
        _unpack(bundle)
    except ValueError as why:
        _end(bundle, Status.FAILED, str(why))
    except Exception as error:
        log.exception("the bundle %s could not be opened", bundle.pk)
        _end(bundle, Status.FAILED, _BROKEN.format(type(error).__name__))
    return True


def retry(bundle: Bundle) -> bool:
    """Open a bundle again that failed; whether it had failed and its bytes are there."""
    there = Bundle.objects.filter(pk=bundle.pk, status=Status.FAILED, parts__number=0)
    again = there.update(status=Status.WAITING, attempts=0, error="", finished_at=None, lease_until=None)
    if again:
        wake.after_commit(bringing.READ)
    return bool(again)


def _claim() -> Bundle | None:
    with transaction.atomic():
        bundle = due().select_for_update(skip_locked=True).first()
        if bundle is None:
            return None
        bundle.attempts += 1
        Bundle.objects.filter(pk=bundle.pk).update(attempts=F("attempts") + 1, status=Status.UNPACKING, lease_until=Now() + LEASE)
    if bundle.attempts > STRIKES:
        _end(bundle, Status.FAILED, _INTERRUPTED.format(STRIKES))
        return _claim()
    return bundle


def _unpack(bundle: Bundle) -> None:
    """Take the files behind those already taken, some a transaction; at the end the ZIP's bytes go."""
    origin = Origin(Door(bundle.door), bundle.on, _act(bundle))
    archive = b"".join(bytes(body) for (body,) in bundle.parts.order_by("number").values_list("body"))
    taken = bundle.files.count()
    portion: list[tuple[str, bytes]] = []
    n = 0
    for n, entry in enumerate(reading.unpacked(archive), 1):
        if n <= taken:
            continue
        portion.append(entry)
        if len(portion) == STEP:
            _take_more(bundle, n - STEP, portion, origin)
            portion = []
    if not n:
        raise ValueError(_NONE_INSIDE)
    _take_more(bundle, n - len(portion), portion, origin)
    if _end(bundle, Status.UNPACKED, ""):
        bundle.parts.all().delete()


def _take_more(bundle: Bundle, first: int, files: Sequence[tuple[str, bytes]], origin: Origin) -> None:
    with transaction.atomic():
        ours = Bundle.objects.filter(pk=bundle.pk, attempts=bundle.attempts, status=Status.UNPACKING)
        if ours.update(lease_until=Now() + LEASE):
            _take(bundle, first, files, origin)


def _take(bundle: Bundle, first: int, files: Iterable[tuple[str, bytes]], origin: Origin) -> None:
    for position, (name, body) in enumerate(files, first):
        row = BundleFile(bundle=bundle, position=position, filename=bringing.plain_name(name))
        if not body:
            row.problem = _EMPTY
        elif len(body) > LARGEST:
            row.problem = _LARGE
        else:
            row.paper, new = bringing.bring(body, name, origin)
            row.again = not new
        row.save()


def _end(bundle: Bundle, status: Bundle.Status, error: str) -> bool:
    ours = Bundle.objects.filter(pk=bundle.pk, attempts=bundle.attempts, status=Status.UNPACKING)
    return bool(ours.update(status=status, error=error[:500], lease_until=None, finished_at=Now()))


def _act(bundle: Bundle) -> Act:
    planteles = None if bundle.planteles is None else frozenset(bundle.planteles)
    return Act(Actor(ActorKind.PERSON, bundle.brought_name, bundle.brought_by_id), bundle.brought_at, planteles)


def _fields(name: str, sha256: str, origin: Origin) -> dict[str, object]:
    planteles = origin.act.planteles
    return {
        "name": name, "sha256": sha256, "door": origin.door, "on": origin.on, "brought_at": origin.act.now,
        "brought_by_id": origin.act.actor.user_id, "brought_name": origin.act.actor.name,
        "planteles": None if planteles is None else sorted(planteles),
    }  # fmt: skip


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while part := file.read(_PART):
        yield part
