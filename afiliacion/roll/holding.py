"""The bytes of a list between the admin's preview and its confirmation: on disk, readable by us alone, gone after a while."""

from __future__ import annotations

import contextlib
import datetime as dt
import secrets
from pathlib import Path

from django.conf import settings

from afiliacion.roll.findings import UnreadableFile


def hold(content: bytes, *, now: dt.datetime) -> str:
    """Keep the bytes and return the name to ask for them; lists nobody confirmed in time are deleted."""
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _forget(folder, now)
    path = folder / secrets.token_hex(16)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path.name


def held(name: str) -> bytes:
    """The bytes kept under `name` (never a path of the caller's: only its last part counts).

    Raises:
        UnreadableFile: if they were confirmed already or waited too long.
    """
    try:
        return (_folder() / Path(name).name).read_bytes()
    except OSError as error:
        raise UnreadableFile("Esa lista ya se cargó o caducó: si falta algo, vuelva a subirla.") from error


def release(name: str) -> None:
    """Forget the bytes kept under `name`."""
    (_folder() / Path(name).name).unlink(missing_ok=True)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "rolls"


def _forget(folder: Path, now: dt.datetime) -> None:
    oldest = (now - dt.timedelta(hours=settings.UPLOADS_KEPT_HOURS)).timestamp()
    for path in folder.iterdir():
        # Another upload may be deleting the same file.
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()
