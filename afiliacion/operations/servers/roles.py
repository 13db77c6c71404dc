"""The database roles of an office: the owner creates and migrates, the application reads and writes rows.

The superuser of the embedded server never logs in; it makes these two in the server's single-user mode (docs/adr/0025-database-roles.md).
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import MutableMapping, Sequence
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

OWNER, APP = "afiliacion_owner", "afiliacion_app"
# Management commands that create tables, rights or databases; `manage.py` lets no other command log in as the owner.
OWNER_COMMANDS = frozenset({"migrate", "grant_rights", "rehearse"})
# What the application may do is afiliacion/operations/sql/rights.sql; here is who may log in.
_ACCESS = """\
# Written by ./run at each start.
local all postgres reject
local all all scram-sha-256
"""
_ROLES = """\
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{owner}') THEN CREATE ROLE {owner}; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{app}') THEN CREATE ROLE {app}; END IF;
END $$;

ALTER ROLE {owner} LOGIN CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{owner_password}';

ALTER ROLE {app} LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '{app_password}';

ALTER DATABASE {database} OWNER TO {owner};

GRANT {app} TO {owner};

REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;

GRANT CONNECT ON DATABASE postgres, template1 TO {owner};

"""
# Of a database that an earlier version made as the superuser.
_TAKE_OVER = """\
ALTER SCHEMA public OWNER TO {owner};

DO $$ DECLARE found record; BEGIN
  FOR found IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND pg_get_userbyid(c.relowner) = 'postgres'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO {owner}', found.name);
  END LOOP;
  FOR found IN SELECT p.oid::regprocedure AS name FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND pg_get_userbyid(p.proowner) = 'postgres'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO {owner}', found.name);
  END LOOP;
END $$;

"""


def made_once(path: Path) -> str:
    """Return the secret in `path` (0600), made the first time; two processes making it at once agree on one."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def password(data: Path, role: str, *, throwaway: bool) -> str:
    """Return the password of a role of the embedded server. That of a throwaway server is fixed: its socket is closed to other users."""
    return "throwaway" if throwaway else made_once(data / f"{role}.password")


def statements(database: str, owner_password: str, app_password: str) -> list[tuple[str, str]]:
    """Return (database, SQL for the single-user mode) that makes the roles and gives `database` to the owner. They may be run again."""
    names = {"owner": OWNER, "app": APP, "database": database}
    roles = _ROLES.format(**names, owner_password=owner_password, app_password=app_password)
    return [("postgres", roles), (database, _TAKE_OVER.format(**names))]


def fingerprint(pairs: Sequence[tuple[str, str]]) -> str:
    """Return what tells whether a cluster has these very roles and passwords: a hash of the statements."""
    return hashlib.sha256("\0".join(part for pair in pairs for part in pair).encode()).hexdigest()


def write_access(directory: Path) -> None:
    """Write pg_hba.conf of the cluster in `directory`: passwords for all, no login for the superuser. The file's owner stays."""
    file = directory / "pg_hba.conf"
    if file.read_text() != _ACCESS:
        file.write_text(_ACCESS)


def url_of(url: str, database: str) -> str:
    """Return `url` with another database of the same server."""
    return urlsplit(url)._replace(path=f"/{database}").geturl()


def log_in_as_needed(command: str, environment: MutableMapping[str, str]) -> None:
    """Have `command` log in as the owner if it is one that must, and hide the owner's URL from every other command.

    `DATABASE_URL` names the application's role, `DATABASE_OWNER_URL` the owner's. `DATABASE_APP_URL` keeps the former for the owner.
    """
    owner = environment.pop("DATABASE_OWNER_URL", "")
    if owner and command in OWNER_COMMANDS:
        environment["DATABASE_APP_URL"] = environment["DATABASE_URL"]
        environment["DATABASE_URL"] = owner
