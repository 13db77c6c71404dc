"""What `check --deploy` says of an installation beyond Django: its database role, what the database logs, its proxy and addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as Caution
from django.db import connections

_ROLES = "Cree dos usuarios, el dueño y el de la aplicación, como dice docs/operations.md, «Servers», y ejecute ./run manage migrate."


@register(Tags.security, deploy=True)
def proxy(**_: Any) -> list[CheckMessage]:
    """Check that what was said of HTTPS, the proxy and the address fits together."""
    found: list[CheckMessage] = []
    if settings.SECURE_SSL_REDIRECT and not settings.TRUSTED_PROXIES:
        found.append(
            Caution(
                "Con HTTPS=1 y sin TRUSTED_PROXIES todas las páginas se redirigen sin fin: la oficina no sabe que se llegó por HTTPS.",
                hint="Ponga delante un proxy con HTTPS (docs/install/) y TRUSTED_PROXIES=1.",
                id="operations.W001",
            )
        )
    if settings.SECURE_SSL_REDIRECT and urlsplit(settings.OFFICE_URL).scheme != "https":
        found.append(
            Caution(
                f"Los correos y papeles llevan {settings.OFFICE_URL}, que no es una dirección https.",
                hint="Ponga en OFFICE_URL la dirección con que se llega a la oficina.",
                id="operations.W002",
            )
        )
    return found


@register(Tags.database, deploy=True)
def database(databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Check the application's role and what the server writes to its log. Asked with `check --deploy --database default`."""
    return [message for alias in databases or () for message in (*_role(alias), *_log(alias))]


def _role(alias: str) -> Iterator[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT current_user, rolsuper, pg_has_role(current_user, relowner, 'USAGE'), has_schema_privilege('public', 'CREATE') "
            "FROM pg_roles, pg_class WHERE rolname = current_user AND pg_class.oid = 'cases_event'::regclass"
        )
        user, superuser, owner, creates = cursor.fetchone()
    if superuser:
        yield Error(f"La oficina entra a PostgreSQL como «{user}», que es superusuario.", hint=_ROLES, id="operations.E002")
    elif owner or creates:
        yield Error(f"La oficina entra a PostgreSQL como «{user}», que es dueño de las tablas.", hint=_ROLES, id="operations.E003")


def _log(alias: str) -> Iterator[CheckMessage]:
    wanted = {"log_min_error_statement": "panic", "log_error_verbosity": "terse", "log_parameter_max_length_on_error": "0"}
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(wanted)])
        found = dict(cursor.fetchall())
    wrong = [f"{name} = {value}" for name, value in wanted.items() if found.get(name, value) != value]
    if wrong:
        yield Caution(
            "La bitácora de PostgreSQL puede guardar CURP, NSS y textos de las filas que rechaza.",
            hint=f"Ponga en su configuración: {'; '.join(wrong)}.",
            id="operations.W003",
        )
