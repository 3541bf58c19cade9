"""The address of the database: SQLite or PostgreSQL, checked before anything connects, and shown without secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storage_config.messages import CodedError

if TYPE_CHECKING:
    from sqlalchemy import URL

ALLOWED = "sqlite:////folder/library.db, postgresql://user:password@host:5432/database"
_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+pysqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


class InvalidDatabaseUrl(CodedError, ValueError):
    """Not an address of a database that the library can use. The message never repeats it: it may hold a password."""

    code = "bad_database_url"


def parse_database_url(text: str) -> URL:
    """Return the URL with the driver of this library and the password in its place. Raises `InvalidDatabaseUrl`.

    libpq also takes a password in the query; SQLAlchemy hides only the one before the host.
    """
    from sqlalchemy import make_url  # most commands of the settings need no SQLAlchemy
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError):
        raise InvalidDatabaseUrl("not_a_database_url", allowed=ALLOWED) from None
    driver = _DRIVERS.get(url.drivername)
    if driver is None:
        raise InvalidDatabaseUrl("database_not_supported", driver=url.drivername[:40], allowed=ALLOWED)
    if not url.database or url.database == ":memory:":
        raise InvalidDatabaseUrl("no_database_named", allowed=ALLOWED)
    url = _with_credentials_before_the_host(url.set(drivername=driver))
    if url.password and not url.username:
        raise InvalidDatabaseUrl("password_without_user", allowed=ALLOWED)
    return url


def _with_credentials_before_the_host(url: URL) -> URL:
    for option, part in (("user", "username"), ("password", "password")):
        given = url.query.get(option)
        if given is not None:
            value = given if isinstance(given, str) else given[0]
            url = url.difference_update_query([option]).set(**{part: value})  # type: ignore[arg-type]
    return url


def describe_database(url: URL) -> str:
    """Return where the database is, for sentences and logs: no user, no password, no options."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    host = url.host or url.query.get("host") or "localhost"
    port = f":{url.port}" if url.port else ""
    return f"{host}{port}/{url.database}"
