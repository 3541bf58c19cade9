"""Settings that hold addresses and commands are refused at the start where they cannot work."""

from __future__ import annotations

from pathlib import Path

import pytest

from library_server.settings import read_settings
from storage_config.errors import InvalidSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("s3_endpoint", "https://s3.example.cn"),
        ("s3_endpoint", "http://127.0.0.1:9000"),
        ("s3_endpoint", "s3.example.cn/bucket"),
        ("s3_endpoint", "s3.example.cn:port"),
        ("other_s3_endpoint", "https://s3.example.cn"),
        ("base_url", "library.example.cn"),
        ("base_url", "ftp://library.example.cn"),
        ("transcribe_command", "whisper --output {out}"),
    ],
)
def test_a_setting_that_cannot_work_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=f"TIANYUAN_{name.upper()}"):
        read_settings(home=str(tmp_path), **{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("s3_endpoint", "s3.example.cn"),
        ("s3_endpoint", "127.0.0.1:9000"),
        ("s3_endpoint", "[::1]:9000"),
        ("base_url", "https://library.example.cn/path"),
        ("transcribe_command", "whisper {wav} {out}"),
    ],
)
def test_a_setting_that_works_is_kept(tmp_path: Path, name: str, value: str) -> None:
    assert getattr(read_settings(home=str(tmp_path), **{name: value}), name) == value
