"""Settings of the stores, read from `TIANYUAN_*` in the environment or `tianyuan.toml` in the home."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self, TypeVar

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage_config.errors import InvalidSettings
from storage_config.messages import CodedError, Message
from storage_config.units import parse_reserve

PREFIX = "TIANYUAN_"
_ENDPOINT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?\Z")
_LOCATION = r"^(filesystem|s3|other-s3|/.+)$"
_BUCKET_PREFIX = r"^[a-z0-9][a-z0-9-]{1,40}$"
_S3_NEEDED = ("endpoint", "access_key", "secret_key")
S3_FIELDS = (*_S3_NEEDED, "secure", "region", "bucket_prefix")
_TYPE_FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "literal_error": ("setting_choice", ("expected",)), "enum": ("setting_choice", ("expected",)),
    "int_parsing": ("setting_integer", ()), "int_from_float": ("setting_integer", ()),
    "float_parsing": ("setting_number", ()), "bool_parsing": ("setting_boolean", ()),
    "greater_than_equal": ("setting_at_least", ("ge",)), "greater_than": ("setting_above", ("gt",)),
    "less_than_equal": ("setting_at_most", ("le",)), "less_than": ("setting_below", ("lt",)),
    "string_pattern_mismatch": ("setting_pattern", ("pattern",)),
}  # fmt: skip
"""The faults that Pydantic finds by itself (its usage errors), as a code of ours and what of their context is said."""
S = TypeVar("S", bound="StorageSettings")


class StorageSettings(BaseSettings):
    """Settings of the stores. Every field is also an environment variable `TIANYUAN_<NAME>`."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, hide_input_in_errors=True)
    retired: ClassVar[frozenset[str]] = frozenset()
    """Settings of earlier versions: accepted so that an old environment still starts, and ignored."""

    home: Path = Field(default=Path("var"), description="Data folder.")
    storage: Literal["filesystem", "s3"] = Field(default="filesystem", description="Where originals live.")
    s3_endpoint: str | None = Field(default=None, description="host:port of the S3 server.")
    s3_access_key: str | None = Field(default=None, repr=False)
    s3_secret_key: SecretStr | None = None
    s3_secure: bool = True
    s3_region: str | None = Field(default=None, description="Region of the buckets; asked of the server if unset.")
    s3_bucket_prefix: str = Field(default="tianyuan", pattern=_BUCKET_PREFIX)
    moving_from: str | None = Field(
        default=None, pattern=_LOCATION, description="Store still read for what has not moved: a place, as replica."
    )
    replica: str | None = Field(
        default=None, pattern=_LOCATION, description="Second store to mend from: filesystem, s3, other-s3 or a folder."
    )
    other_s3_endpoint: str | None = Field(default=None, description="host:port of another S3 server: other-s3.")
    other_s3_access_key: str | None = Field(default=None, repr=False)
    other_s3_secret_key: SecretStr | None = None
    other_s3_secure: bool = True
    other_s3_region: str | None = None
    other_s3_bucket_prefix: str = Field(default="tianyuan", pattern=_BUCKET_PREFIX)
    disk_reserve: str = Field(default="2%", description="Free room left on the disks: bytes or a share.")
    s3_object_lock_days: int = Field(default=0, ge=0, le=36_500, description="Days no original can be deleted; 0: off.")

    @model_validator(mode="after")
    def _check_s3(self) -> Self:
        if self.storage == "s3" and not (self.s3_endpoint and self.s3_access_key and self.s3_secret_key):
            raise ValueError("storage=s3 needs s3_endpoint, s3_access_key and s3_secret_key")
        if self.storage in (self.moving_from, self.replica):
            raise ValueError("moving_from and replica must name another store than storage")
        return self

    @field_validator("s3_endpoint", "other_s3_endpoint")
    @classmethod
    def _check_endpoint(cls, value: str | None) -> str | None:
        if value and not _ENDPOINT.match(value):
            raise ValueError("a host and a port without scheme and path: s3.example.cn:9000")
        return value

    @field_validator("disk_reserve")
    @classmethod
    def _check_reserve(cls, value: str) -> str:
        parse_reserve(value, 0)
        return value

    @property
    def objects_folder(self) -> Path:
        """The folder of the filesystem store."""
        return self.home / "objects"

    def require_s3(self) -> Self:
        """These settings, which name an S3 server. Raises `InvalidSettings` where they do not."""
        missing = [f"{PREFIX}S3_{name.upper()}" for name in _S3_NEEDED if not getattr(self, f"s3_{name}")]
        if missing:
            raise InvalidSettings("s3_not_set", names=", ".join(missing))
        return self

    def with_other_s3(self) -> Self:
        """These settings with the other S3 server as their S3 server. Raises `InvalidSettings` where they name none."""
        values = {name: getattr(self, f"other_s3_{name}") for name in S3_FIELDS}
        missing = [f"{PREFIX}OTHER_S3_{name.upper()}" for name in _S3_NEEDED if not values[name]]
        if missing:
            raise InvalidSettings("other_s3_not_set", names=", ".join(missing))
        return self.model_copy(update={f"s3_{name}": value for name, value in values.items()})


def load_settings(
    kind: type[S], overrides: dict[str, Any] | None = None, *, file_values: Mapping[str, Any] | None = None
) -> S:
    """Read settings: `overrides` first, then the environment, then `tianyuan.toml` in the home.

    `file_values` are taken in the place of that file. Settings that are `retired` are ignored. Raises
    `InvalidSettings` that names every unknown or bad setting and what is allowed.
    """
    known = set(kind.model_fields)
    given = {name[len(PREFIX) :].lower(): value for name, value in os.environ.items() if name.startswith(PREFIX)}
    given.update(overrides or {})
    home = Path(given.get("home", kind.model_fields["home"].default))
    merged = {
        **(_read_toml(home / "tianyuan.toml") if file_values is None else file_values),
        **given,
        "home": home.absolute(),
    }
    merged = {name: value for name, value in merged.items() if name not in kind.retired}
    unknown = sorted(set(merged) - known)
    if unknown:
        names = ", ".join(PREFIX + name.upper() for name in unknown)
        allowed = ", ".join(PREFIX + name.upper() for name in sorted(known))
        raise InvalidSettings("unknown_setting", names=names, allowed=allowed)
    try:
        return kind(**merged)
    except ValidationError as error:
        faults = [_message_of(fault) for fault in error.errors()]
        raise InvalidSettings(faults=faults) from None  # the cause may hold what was given


def _message_of(fault: ErrorDetails) -> Message:
    """Return what is wrong with a setting: as we say it, or else in the words of Pydantic."""
    context = fault.get("ctx", {})
    cause = context.get("error")
    name = PREFIX + "_".join(map(str, fault["loc"])).upper()
    explanation: Message | str = fault["msg"]
    if isinstance(cause, CodedError):
        explanation = cause.message
    elif fault["type"] in _TYPE_FAULTS:
        code, parameters = _TYPE_FAULTS[fault["type"]]
        explanation = Message(code, {key: str(context[key]).replace(" or ", ", ") for key in parameters})
    return Message("setting_fault", {"name": name, "fault": explanation})


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if not path.is_file():
            return {}
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InvalidSettings("not_toml", path=str(path), detail=str(error)) from error
    except (OSError, ValueError) as error:  # not readable, a name too long, a NUL in it
        detail = str(getattr(error, "strerror", None) or error)
        raise InvalidSettings("settings_unreadable", path=str(path), detail=detail) from error
