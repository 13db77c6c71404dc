"""Choose the user PostgreSQL runs as: it refuses root, and it needs a user with a name."""

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from afiliacion.operations.servers.problem import Problem

CLOSED = (
    "PostgreSQL no puede ejecutarse como root en este sistema (los espacios de nombres de usuario están cerrados). "
    "Ejecute ./run como usuario ordinario, o indique un servidor con DATABASE_URL."
)


@dataclass(frozen=True)
class Identity:
    """A command prefix and, if files must belong to another user, which."""

    prefix: tuple[str, ...] = ()
    owner: int | None = None

    def take_over(self, directory: Path, *, data: Path, program: Path) -> None:
        """Make `directory`, below our `data`, the identity's. Raises Problem, and changes nothing, if it could not reach it."""
        if self.owner is None:
            return
        if not all(_succeeds([*self.prefix, "test", "-x", str(path)]) for path in (data.parent, program)):
            raise Problem(CLOSED)
        data.chmod(data.stat().st_mode | 0o011)  # it may pass through; what is there stays closed to it
        self.give(directory)

    def give(self, directory: Path) -> None:
        """Hand `directory` over with all that is in it."""
        if self.owner is not None and directory.stat().st_uid != self.owner:
            for each in (directory, *directory.rglob("*")):
                os.chown(each, self.owner, -1, follow_symlinks=False)


def of(directory: Path) -> Identity:
    """Return the identity that can own and serve `directory`. Raises Problem when root has no way to become another user.

    As root the server runs in a namespace of one user: no account is added, no permission of a parent changed, and
    the files stay root's. Where such namespaces are closed (most containers) it becomes `nobody`.
    """
    if os.geteuid() and _has_name(os.geteuid()):
        return Identity()
    if not os.geteuid() and (owner := directory.stat().st_uid):
        return _become(owner, directory.stat().st_gid)
    user = _named_user()
    namespace = ("unshare", "--user", f"--map-user={user.pw_uid}", f"--map-group={user.pw_gid}")
    if shutil.which("unshare") and _succeeds([*namespace, "true"]):
        return Identity(namespace)
    return _become(user.pw_uid, user.pw_gid)


def _succeeds(command: Sequence[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603 - fixed words and our paths


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _named_user() -> pwd.struct_passwd:
    """Return a user that is not root, `nobody` if it exists: any will do for the namespace."""
    ordinary = sorted((user for user in pwd.getpwall() if user.pw_uid), key=lambda user: user.pw_name != "nobody")
    if not ordinary:
        raise Problem(CLOSED)
    return ordinary[0]


def _become(uid: int, gid: int) -> Identity:
    if os.geteuid() or not shutil.which("setpriv"):
        raise Problem(CLOSED)
    drop = ("setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--pdeathsig=keep", "--")
    return Identity(drop, uid)
