"""Locks that the kernel releases when their holder ends, however it ends."""

import fcntl
import os
from pathlib import Path


class Lock:
    """An flock on a file: exclusive or shared, never waited for, and never inherited by a child."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        return self._descriptor is not None

    def take(self, *, shared: bool = False) -> bool:
        """Return True if the lock is now ours, False if another process holds it in a way that excludes us."""
        if self._descriptor is None:
            self._descriptor = _take(self.path, os.O_CREAT, shared=shared)
        return self.held

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def taken(path: Path, *, shared: bool = False) -> bool:
    """Return whether another process holds the lock in a way that excludes us now."""
    try:
        descriptor = _take(path, 0, shared=shared)
    except FileNotFoundError:
        return False
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


def _take(path: Path, flags: int, *, shared: bool) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
