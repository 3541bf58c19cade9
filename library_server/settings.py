"""Settings of the whole library: the stores' settings and the server's own."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode

from library_server.database.url import parse_database_url
from library_server.secret_key import load_or_create_key, validate_key
from storage_config.errors import InvalidSettings
from storage_config.settings import StorageSettings, load_settings
from storage_config.units import parse_reserve, parse_size

_HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?\Z")
_ADDRESS = re.compile(r"https?://[^\s/?#]+", re.IGNORECASE)
_RATE = r"^(off|[1-9][0-9]{0,8}/(second|minute|hour|day))$"
DATABASE_NAME = "library.db"


class Settings(StorageSettings):
    """Every setting of the library. See `docs/operators/settings.md`, which a test holds complete."""

    retired: ClassVar[frozenset[str]] = frozenset({"redis_url"})

    database_url: SecretStr | None = Field(default=None, description="SQLAlchemy URL; SQLite in the home if unset.")
    secret_key: SecretStr | None = Field(default=None, description="Signs grants; made and kept if unset.")
    base_url: str | None = Field(default=None, description="Public address, for links that leave the site.")
    trusted_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Hosts that are answered: names, or .domain for all under it; any if empty."
    )
    delivery: Literal["direct", "redirect", "accel"] = Field(default="direct", description="How bytes go out.")
    hls_cache_bytes: int = Field(default=20_000_000_000, ge=50_000_000, description="Budget of remuxed video.")
    derivatives_budget: str = Field(
        default="40%", description="Most that derived files may take: bytes, or a share of the disk they lie on."
    )
    transcribe_command: str | None = Field(
        default=None,
        repr=False,
        description="Speech to text: a command with {wav}, {out} and {language}; none if unset.",
    )
    promised_bytes: str = Field(default="3TB", description="Originals that were promised to readers, for the share.")
    proxies: int = Field(default=0, ge=0, le=5, description="Reverse proxies in front, whose X-Forwarded-* count.")
    rate_limit: str = Field(
        default="1200/minute", pattern=_RATE, description="Searches and API requests of one client address; off: none."
    )
    desk_rate_limit: str = Field(
        default="20/minute", pattern=_RATE, description="Attempts of one client address to enter the desk; off: none."
    )
    metrics_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.0/8", "::1/128"), description="Networks whose clients may read /metrics."
    )
    workers: int | None = Field(default=None, ge=1, le=64, description="Web processes; from the cores if unset.")

    @field_validator("trusted_hosts", "metrics_networks", mode="before")
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        """Return a list as TOML has it, or words between commas or spaces."""
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("trusted_hosts")
    @classmethod
    def _are_hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        bad = [host for host in value if not _HOST.match(host)]
        if bad:
            raise ValueError(f"a host is a name without scheme and port, or .domain: {', '.join(bad)}")
        return value

    @field_validator("metrics_networks")
    @classmethod
    def _validate_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)  # raises `ValueError` with the network in it
        return value

    @field_validator("base_url")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value and not _ADDRESS.match(value):
            raise ValueError("an address with scheme and host: https://library.example.cn")
        return value

    @field_validator("transcribe_command")
    @classmethod
    def _names_the_sound(cls, value: str | None) -> str | None:
        if value and "{wav}" not in value:
            raise ValueError("the command names the file of the sound as {wav}")
        return value

    @field_validator("secret_key")
    @classmethod
    def _can_sign(cls, value: SecretStr | None) -> SecretStr | None:
        return None if value is None else SecretStr(validate_key(value.get_secret_value()))

    @field_validator("database_url")
    @classmethod
    def _names_a_database(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = parse_database_url(value.get_secret_value())
        return SecretStr(url.render_as_string(hide_password=False))

    @field_validator("derivatives_budget", "promised_bytes")
    @classmethod
    def _are_amounts(cls, value: str) -> str:
        parse_reserve(value, 1)
        return value

    @property
    def promise(self) -> int:
        """Bytes of originals that were promised."""
        return parse_size(self.promised_bytes)

    @property
    def database_address(self) -> str:
        """The SQLAlchemy URL in force; it may hold a password."""
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return f"sqlite:///{self.home / DATABASE_NAME}"

    @property
    def index_folder(self) -> Path:
        """Where the indexes live; all of it can be rebuilt."""
        return self.home / "index"

    @property
    def cache_folder(self) -> Path:
        """Where remuxed video waits; all of it can be made again."""
        return self.home / "cache"

    def signing_key(self) -> str:
        """Return the key that signs grants and links to the desk: as set, or made once and kept in the home.

        Raises `InvalidSettings` where the file in the home holds no usable key.
        """
        if self.secret_key is not None:
            return self.secret_key.get_secret_value()
        return load_or_create_key(self.home / "secret_key")


def read_settings(**overrides: Any) -> Settings:
    """Return the settings in force, with the home made if it is missing: open to its owner only. Raises
    `InvalidSettings`.
    """
    settings = load_settings(Settings, overrides)
    try:
        settings.home.parent.mkdir(parents=True, exist_ok=True)
        settings.home.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        if isinstance(error, FileExistsError):
            raise InvalidSettings("home_not_a_folder", path=str(settings.home)) from error
        raise InvalidSettings("home_unusable", path=str(settings.home), detail=error.strerror or "") from error
    return settings
