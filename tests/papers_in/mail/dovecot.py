"""A Dovecot of its own, on a free port, with one mailbox that is empty."""

from __future__ import annotations

import imaplib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import needs

USER, PASSWORD = "hojas", "clave-de-prueba"
_CONFIG = """
base_dir = {home}/run
log_path = {home}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_login_user = {login}
default_internal_group = {group}
first_valid_uid = 1
mail_location = maildir:{home}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
"""


class Server:
    """Where it listens; `put` leaves a message in the mailbox, `flags` tells those of each."""

    def __init__(self, port: int) -> None:
        self.port = port

    @property
    def url(self) -> str:
        return f"imap://{USER}:{PASSWORD}@127.0.0.1:{self.port}/INBOX"

    def put(self, *messages: bytes) -> None:
        with self._box() as box:
            for message in messages:
                assert box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), message)[0] == "OK"

    def flags(self) -> list[tuple[bytes, ...]]:
        with self._box() as box:
            box.select()
            found = box.fetch("1:*", "(FLAGS)")[1]
            return [imaplib.ParseFlags(each) for each in found if isinstance(each, bytes)]

    @contextmanager
    def _box(self) -> Iterator[imaplib.IMAP4]:
        with imaplib.IMAP4("127.0.0.1", self.port, timeout=20) as box:
            box.login(USER, PASSWORD)
            yield box


@contextmanager
def running() -> Iterator[Server]:
    """A server, stopped at the end."""
    program = needs.tool("dovecot", "dovecot-imapd")
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    config = home / "dovecot.conf"
    config.write_text(_CONFIG.format(home=home, port=port, password=PASSWORD, **_identities(home)))
    order = [program, "-F", "-c", str(config)]
    process = subprocess.Popen(order, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - Dovecot
    try:
        _wait_for(port, process, home)
        yield Server(port)
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def _identities(home: Path) -> dict[str, str | int]:
    """As root, the mail belongs to an unprivileged user, as Dovecot wants it; any other user runs all of it."""
    home.chmod(0o755)
    (home / "mail").mkdir()
    if os.geteuid():
        me = pwd.getpwuid(os.geteuid())
        return {"internal": me.pw_name, "login": me.pw_name, "group": os.getgid(), "uid": me.pw_uid, "gid": me.pw_gid}
    nobody = pwd.getpwnam("nobody")
    os.chown(home / "mail", nobody.pw_uid, nobody.pw_gid)
    return {"internal": "dovecot", "login": "dovenull", "group": "dovecot", "uid": nobody.pw_uid, "gid": nobody.pw_gid}


def _wait_for(port: int, process: subprocess.Popen[bytes], home: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.05)
    log = home / "dovecot.log"
    raise AssertionError(log.read_text() if log.exists() else "Dovecot did not start")
