"""Buckets as code, and whether a store can be used, against a real S3 server."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from minio.commonconfig import ENABLED, Filter
from minio.lifecycleconfig import Expiration, LifecycleConfig, Rule
from minio.versioningconfig import SUSPENDED, VersioningConfig

from library_server.cli import main
from library_server.translations.rendering import render
from storage_config.errors import (
    AccessDenied,
    BucketNotFound,
    ClockSkewed,
    InvalidCredentials,
    StorageError,
    StorageUnreachable,
)
from storage_config.s3.buckets import build_policies, check_buckets
from storage_config.s3.client import S3Client
from storage_config.stores.factory import open_store
from storage_config.stores.health import check_store
from tests.support.servers.s3_server import ADMIN, WEB, S3Server

_number = itertools.count()


@pytest.fixture
def prefix() -> str:
    return f"buckets-{next(_number)}"


def storage(home: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["storage", *words], env={"TIANYUAN_HOME": str(home)})


def test_buckets_are_made_compared_and_mended_only_when_asked(s3_server: S3Server, tmp_path: Path, prefix: str) -> None:
    settings = s3_server.settings(tmp_path, s3_bucket_prefix=prefix)
    missing = check_buckets(settings, fix=False)
    assert {(drift.bucket, drift.setting, drift.current) for drift in missing} == {
        (f"{prefix}-{kind}", "bucket", "missing") for kind in ("originals", "derivatives", "staging", "trash")
    }
    assert all(drift.is_fixed for drift in check_buckets(settings, fix=True))
    assert check_buckets(settings, fix=False) == []

    client = S3Client(settings, 1).get_minio()
    foreign = Rule(ENABLED, rule_filter=Filter(prefix="theirs/"), rule_id="theirs", expiration=Expiration(days=9))
    client.set_bucket_lifecycle(f"{prefix}-staging", LifecycleConfig([foreign]))
    client.set_bucket_versioning(f"{prefix}-originals", VersioningConfig(SUSPENDED))
    drifts = check_buckets(settings, fix=False)
    assert {(drift.setting, drift.current, drift.planned, drift.is_fixed) for drift in drifts} == {
        ("versioning", "off", "on", False),
        ("abort uploads", "never", "2 d", False),
        ("expire", "never", "7 d", False),
    }
    assert all(drift.is_fixed for drift in check_buckets(settings, fix=True))
    assert check_buckets(settings, fix=False) == []
    lifecycle = client.get_bucket_lifecycle(f"{prefix}-staging")
    assert lifecycle is not None
    assert "theirs" in {rule.rule_id for rule in lifecycle.rules}


def test_originals_can_be_locked_and_what_could_not_be_is_still_listed(
    s3_server: S3Server, tmp_path: Path, prefix: str
) -> None:
    locked = s3_server.settings(tmp_path, s3_bucket_prefix=prefix, s3_object_lock_days=30)
    check_buckets(locked, fix=True)
    assert check_buckets(locked, fix=False) == []
    late = s3_server.settings(tmp_path, s3_bucket_prefix=f"{prefix}-late")
    check_buckets(late, fix=True)
    asked = late.model_copy(update={"s3_object_lock_days": 30})
    drifts = check_buckets(asked, fix=True)
    assert [drift.setting for drift in drifts] == ["object lock"]
    assert [drift for drift in drifts if not drift.is_fixed] == check_buckets(
        asked, fix=False
    )  # as far as the server allows


@pytest.mark.slow
def test_the_command_prints_what_differs(s3_server: S3Server, tmp_path: Path, prefix: str) -> None:
    s3_server.home(tmp_path, s3_bucket_prefix=prefix)
    refused = storage(tmp_path, "check")
    assert refused.exit_code == 1
    assert "storage check --create" in refused.output
    created = storage(tmp_path, "check", "--create", "--policies", str(tmp_path / "policies"))
    assert created.exit_code == 0, created.output
    assert "已改" in created.output
    whole = storage(tmp_path, "check", "--json")
    assert whole.exit_code == 0
    report = json.loads(whole.stdout)
    assert isinstance(report.pop("permissions"), list)
    assert report == {
        "settings_seen": True, "reachable": True, "writable": True, "agrees": True, "differences": [],
    }  # fmt: skip
    client = S3Client(s3_server.settings(tmp_path), 1).get_minio()
    client.delete_bucket_lifecycle(f"{prefix}-derivatives")
    differs = storage(tmp_path, "check")
    assert differs.exit_code == 3
    assert "abort uploads: never -> 2 d" in differs.output
    assert json.loads(storage(tmp_path, "check", "--json").stdout)["differences"] == [
        {"bucket": f"{prefix}-derivatives", "setting": "abort uploads", "found": "never", "wanted": "2 d",
         "mended": False},
    ]  # fmt: skip
    for identity in ("web", "ingest", "admin"):
        policy = json.loads((tmp_path / f"policies/{identity}.json").read_text())
        assert policy["Statement"][0]["Resource"][0] == f"arn:aws:s3:::{prefix}-originals"


def test_policies_give_no_more_than_is_needed(s3_server: S3Server, tmp_path: Path) -> None:
    policy_of = build_policies(s3_server.settings(tmp_path))

    def actions(identity: str, bucket: str) -> set[str]:
        statements = policy_of[identity]["Statement"]
        of_bucket = [item for item in statements if any(bucket in name for name in item["Resource"])]
        return {action for item in of_bucket for action in item["Action"]}

    assert not any("Put" in action or "Delete" in action for action in actions("web", "originals"))
    assert "s3:PutObject" in actions("ingest", "originals")
    assert "s3:DeleteObject" not in actions("ingest", "originals")
    assert "s3:DeleteObject" in actions("ingest", "derivatives")
    assert actions("web", "trash") == actions("ingest", "trash") == set()
    assert actions("admin", "originals") == {"s3:*"}


def test_a_disk_is_checked_too(tmp_path: Path) -> None:
    result = storage(tmp_path / "home", "check", "--json")
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["writable"] is True


@pytest.mark.slow
def test_read_only_credentials_serve_pages_and_take_nothing_in(
    s3_server: S3Server, tmp_path: Path, prefix: str
) -> None:
    check_buckets(s3_server.settings(tmp_path, s3_bucket_prefix=prefix), fix=True)
    home = tmp_path / "home"
    reading = s3_server.home(home, WEB, s3_bucket_prefix=prefix)
    check_store(open_store(reading), writing=False)
    with pytest.raises(AccessDenied, match="credentials only read"):
        check_store(open_store(reading), writing=True)
    assert storage(home, "check", "--light", "--read-only").exit_code == 0
    (tmp_path / "a.txt").write_text("天元")
    refused = CliRunner().invoke(main, ["ingest", str(tmp_path / "a.txt")], env={"TIANYUAN_HOME": str(home)})
    assert refused.exit_code == 1
    assert "只能读" in refused.output


@pytest.mark.parametrize(
    ("changed", "raised", "says"),
    [
        ({"identity": ("admin", "wrong")}, InvalidCredentials, "TIANYUAN_S3_SECRET_KEY"),
        ({"identity": ("nobody", "x")}, InvalidCredentials, "TIANYUAN_S3_ACCESS_KEY"),
        ({"s3_bucket_prefix": "nowhere"}, BucketNotFound, "storage check --create"),
        ({"s3_endpoint": "127.0.0.1:9"}, StorageUnreachable, "没有应答"),
    ],
)
@pytest.mark.slow
def test_what_stands_in_the_way_is_said(
    s3_server: S3Server, tmp_path: Path, prefix: str, changed: dict[str, object], raised: type[StorageError], says: str
) -> None:
    check_buckets(s3_server.settings(tmp_path, s3_bucket_prefix=prefix), fix=True)
    settings = s3_server.settings(tmp_path, **{"s3_bucket_prefix": prefix, **changed})  # type: ignore[arg-type]
    with pytest.raises(raised) as refused:
        check_store(open_store(settings, patient=False), writing=True)
    assert says in render(refused.value.message, str)


def test_a_wrong_clock_is_said(
    s3_server: S3Server, tmp_path: Path, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = s3_server.settings(tmp_path, ADMIN, s3_bucket_prefix=prefix)
    check_buckets(settings, fix=True)
    monkeypatch.setattr("minio.time.utcnow", lambda: datetime.now(UTC) - timedelta(hours=2))
    with pytest.raises(ClockSkewed, match="clock skewed"):
        check_store(open_store(settings), writing=False)
