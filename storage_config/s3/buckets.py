"""The planned buckets, how those of the server differ from the plan, and the fix; nothing is changed unless asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE, Filter
from minio.error import S3Error
from minio.lifecycleconfig import (
    AbortIncompleteMultipartUpload,
    Expiration,
    LifecycleConfig,
    NoncurrentVersionExpiration,
    Rule,
)
from minio.objectlockconfig import DAYS, ObjectLockConfig
from minio.versioningconfig import VersioningConfig

from storage_config.errors import AccessDenied
from storage_config.s3.client import S3Client
from storage_config.s3.errors import translate_errors
from storage_config.settings import StorageSettings

ABORT_UPLOADS_DAYS, STAGING_DAYS, OLD_VERSIONS_DAYS, TRASH_DAYS = 2, 7, 30, 32
_RULE_PREFIX = "tianyuan-"
_RETRIES = 2


@dataclass(frozen=True)
class Bucket:
    """One bucket of the plan; days are whole days, 0 means never."""

    name: str
    versioned: bool = False
    expire_days: int = 0
    lock_days: int = 0

    def compared_settings(self) -> dict[str, str]:
        """Return the settings that are compared, by name, as text."""
        return {
            "versioning": "on" if self.versioned else "off",
            "object lock": f"{self.lock_days} d" if self.lock_days else "off",
            "abort uploads": f"{ABORT_UPLOADS_DAYS} d",
            "expire": f"{self.expire_days} d" if self.expire_days else "never",
            "expire old versions": f"{OLD_VERSIONS_DAYS} d" if self.versioned else "never",
        }


@dataclass(frozen=True)
class BucketDrift:
    """One setting of one bucket that differs from the plan; `is_fixed` where that setting was changed."""

    bucket: str
    setting: str
    current: str
    planned: str
    is_fixed: bool = False


def plan_buckets(settings: StorageSettings) -> tuple[Bucket, ...]:
    """Return the four buckets of these settings.

    The server empties the trash by itself, later than a sweep does: whole days are rounded in different ways.
    """
    prefix = settings.s3_bucket_prefix
    lock_days = settings.s3_object_lock_days
    return (
        Bucket(f"{prefix}-originals", versioned=True, lock_days=lock_days),
        Bucket(f"{prefix}-derivatives"),
        Bucket(f"{prefix}-staging", expire_days=STAGING_DAYS),
        Bucket(f"{prefix}-trash", expire_days=TRASH_DAYS),
    )


def check_buckets(settings: StorageSettings, *, fix: bool) -> list[BucketDrift]:
    """Return how the buckets differ from the plan; with `fix`, missing buckets are made and settings changed.

    Raises `AccessDenied` where the credentials may not read the settings, and the other errors of `translate_errors`.
    """
    client = S3Client(settings, _RETRIES).get_minio()
    drifts: list[BucketDrift] = []
    for bucket in plan_buckets(settings):
        with translate_errors(bucket.name):
            drifts.extend(_compare(client, bucket, fix=fix))
    return drifts


def build_policies(settings: StorageSettings) -> dict[str, dict[str, Any]]:
    """IAM policies of the three identities: web reads, ingest writes and cannot delete originals, admin may all.

    Only admin may look into the trash and empty it.
    """
    originals, derivatives, staging, trash = (bucket.name for bucket in plan_buckets(settings))
    everything = (originals, derivatives, staging)
    uploads = ["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"]
    read_statements = [
        _allow(["s3:ListBucket", "s3:GetBucketLocation"], everything, objects=False),
        _allow(["s3:GetObject"], everything, objects=True),
    ]
    return {
        "web": _build_policy(read_statements),
        "ingest": _build_policy(
            [
                *read_statements,
                _allow(uploads, everything, objects=True),
                _allow(["s3:DeleteObject"], (derivatives, staging), objects=True),
            ]
        ),
        "admin": _build_policy(
            [
                _allow(["s3:*"], (*everything, trash), objects=False),
                _allow(["s3:*"], (*everything, trash), objects=True),
            ],
        ),
    }


def _build_policy(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": statements}


def _allow(actions: list[str], buckets: tuple[str, ...], *, objects: bool) -> dict[str, Any]:
    tail = "/*" if objects else ""
    return {"Effect": "Allow", "Action": actions, "Resource": [f"arn:aws:s3:::{name}{tail}" for name in buckets]}


def _compare(client: Minio, bucket: Bucket, *, fix: bool) -> Iterator[BucketDrift]:
    if not client.bucket_exists(bucket.name):
        if fix:
            client.make_bucket(bucket.name, object_lock=bool(bucket.lock_days))
        yield BucketDrift(bucket.name, "bucket", "missing", "there", is_fixed=fix)
        if not fix:
            return
    try:
        current = _current_settings(client, bucket)
    except S3Error as error:
        if error.code not in {"AccessDenied", "AllAccessDisabled"}:
            raise
        raise AccessDenied("bucket_settings_hidden", what=bucket.name) from error
    differing = [
        (name, current[name], planned)
        for name, planned in bucket.compared_settings().items()
        if current[name] != planned
    ]
    names = {name for name, _, _ in differing}
    if fix and names:
        _fix_bucket(client, bucket, names)
        current = _current_settings(client, bucket)
    for name, before, planned in differing:
        yield BucketDrift(bucket.name, name, before, planned, is_fixed=fix and current[name] == planned)


def _current_settings(client: Minio, bucket: Bucket) -> dict[str, str]:
    rules = [rule for rule in _load_rules(client, bucket.name) if rule.status == ENABLED and _covers_all_objects(rule)]
    abort_days = [rule.abort_incomplete_multipart_upload.days_after_initiation for rule in rules
                  if rule.abort_incomplete_multipart_upload]  # fmt: skip
    expire_days = [rule.expiration.days for rule in rules if rule.expiration and rule.expiration.days]
    old_version_days = [
        rule.noncurrent_version_expiration.noncurrent_days for rule in rules if rule.noncurrent_version_expiration
    ]
    return {
        "versioning": "on" if client.get_bucket_versioning(bucket.name).status == ENABLED else "off",
        "object lock": _load_lock(client, bucket.name),
        "abort uploads": _format_shortest(abort_days),
        "expire": _format_shortest(expire_days),
        "expire old versions": _format_shortest(old_version_days),
    }


def _fix_bucket(client: Minio, bucket: Bucket, names: set[str]) -> None:
    """Set what differs. Rules that others made stay: one that conflicts with the plan is reported again."""
    if "versioning" in names and bucket.versioned:
        client.set_bucket_versioning(bucket.name, VersioningConfig(ENABLED))
    if "object lock" in names and bucket.lock_days:
        with suppress(S3Error):  # refused for a bucket that was not made to be locked: it stays in the list
            client.set_object_lock_config(bucket.name, ObjectLockConfig(GOVERNANCE, bucket.lock_days, DAYS))
    if names & {"abort uploads", "expire", "expire old versions"}:
        others = [
            rule for rule in _load_rules(client, bucket.name) if not (rule.rule_id or "").startswith(_RULE_PREFIX)
        ]
        client.set_bucket_lifecycle(bucket.name, LifecycleConfig([*others, *_planned_rules(bucket)]))


def _planned_rules(bucket: Bucket) -> Iterator[Rule]:
    def make_rule(name: str, **what: Any) -> Rule:
        return Rule(ENABLED, rule_filter=Filter(prefix=""), rule_id=_RULE_PREFIX + name, **what)

    yield make_rule("uploads", abort_incomplete_multipart_upload=AbortIncompleteMultipartUpload(ABORT_UPLOADS_DAYS))
    if bucket.expire_days:
        yield make_rule("expire", expiration=Expiration(days=bucket.expire_days))
    if bucket.versioned:
        yield make_rule("versions", noncurrent_version_expiration=NoncurrentVersionExpiration(OLD_VERSIONS_DAYS))


def _load_rules(client: Minio, name: str) -> list[Rule]:
    state = client.get_bucket_lifecycle(name)
    return list(state.rules) if state else []


def _covers_all_objects(rule: Rule) -> bool:
    return rule.rule_filter is None or not (
        rule.rule_filter.prefix or rule.rule_filter.tag or rule.rule_filter.and_operator
    )


def _load_lock(client: Minio, name: str) -> str:
    """Return how long new objects are locked."""
    try:
        state = client.get_object_lock_config(name)
    except S3Error as error:
        if error.code == "ObjectLockConfigurationNotFoundError":
            return "off"
        raise
    return f"{state.duration} d" if state.duration else "off"


def _format_shortest(days: Sequence[int | None]) -> str:
    stated = [count for count in days if count]
    return f"{min(stated)} d" if stated else "never"
