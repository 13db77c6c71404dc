"""The bytes of a list between its preview and its confirmation: on disk, named by row and hash, gone after a while."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from afiliacion.dashboard.models import RollUpload
from students.models import Ciclo, Plantel

_NAME_LENGTH: Final = 160


class Expired(LookupError):
    """The file is not there any more; str() says in Spanish what to do."""


def keep(
    content: bytes, *, filename: str, owner: User, plantel: Plantel, ciclo: Ciclo, enrolled_on: dt.date | None, now: dt.datetime
) -> RollUpload:
    """Keep a list for its owner, and delete the files of lists that waited too long."""
    _forget(now)
    upload = RollUpload.objects.create(
        owner=owner, plantel=plantel, ciclo=ciclo, enrolled_on=enrolled_on, filename=filename[-_NAME_LENGTH:],
        sha256=hashlib.sha256(content).hexdigest(), uploaded_at=now,
    )  # fmt: skip
    path = _path(upload)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return upload


def body(upload: RollUpload) -> bytes:
    """The bytes as they came.

    Raises:
        Expired: if they waited too long, or are not what was brought.
    """
    if timezone.now() - upload.uploaded_at > _kept_for():
        _path(upload).unlink(missing_ok=True)
    try:
        content = _path(upload).read_bytes()
    except FileNotFoundError as error:
        raise Expired("La lista caducó y su archivo se borró: vuelva a subirla.") from error
    if hashlib.sha256(content).hexdigest() != upload.sha256:
        raise Expired("El archivo guardado está dañado: vuelva a subir la lista.")
    return content


def is_kept(upload: RollUpload) -> bool:
    return _path(upload).is_file()


def _path(upload: RollUpload) -> Path:
    return Path(settings.DATA_DIR) / "uploads" / f"{upload.pk}-{upload.sha256}"


def _kept_for() -> dt.timedelta:
    return dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS)


def _forget(now: dt.datetime) -> None:
    """A list holds hundreds of people's data: its file does not outlive its purpose."""
    oldest = (now - _kept_for()).timestamp()
    for path in (Path(settings.DATA_DIR) / "uploads").glob("*-*"):
        # Another upload may be deleting the same file.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
