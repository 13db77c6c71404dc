"""Check the servers named by DATABASE_URL and REDIS_URL before anything relies on them."""

from afiliacion.operations.servers.problem import Problem

OLDEST_POSTGRES = 15


def check_database(url: str) -> None:
    """Raises Problem unless a PostgreSQL of at least version 15 answers at `url`."""
    import psycopg  # noqa: PLC0415 - slow to import, and most runs use the embedded server

    try:
        with psycopg.connect(url, connect_timeout=5) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        raise Problem(f"El servidor PostgreSQL de DATABASE_URL no responde: {_first_line(error)}") from error
    if version < OLDEST_POSTGRES:
        raise Problem(f"El servidor de DATABASE_URL es PostgreSQL {version}; se necesita {OLDEST_POSTGRES} o posterior.")


def check_role(url: str) -> None:
    """Raises Problem if the user of `url` is a superuser: an office never works as one."""
    import psycopg  # noqa: PLC0415 - likewise

    with psycopg.connect(url, connect_timeout=5) as connection:
        superuser = connection.execute("SELECT current_user FROM pg_roles WHERE rolname = current_user AND rolsuper").fetchone()
    if superuser:
        raise Problem(
            f"El usuario «{superuser[0]}» de DATABASE_URL es superusuario de PostgreSQL: la oficina no trabaja así. "
            "Cree el dueño y el usuario de la aplicación como dice docs/operations.md, «Servers»."
        )


def check_broker(url: str) -> None:
    """Raises Problem unless a Redis or Valkey answers at `url` (redis://, rediss:// or redis+socket://)."""
    import redis  # noqa: PLC0415 - likewise

    try:
        with redis.Redis.from_url(url.replace("redis+socket:", "unix:", 1), socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise Problem(f"El servidor Redis o Valkey de REDIS_URL no responde: {_first_line(error)}") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), type(error).__name__)
