"""Packs and office documents of any bytes: a refusal or a result, and no name that leads out."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest_tools.archives import rar
from ingest_tools.archives.zip_names import decode_names
from ingest_tools.formats.documents import office_types, reader_formats
from ingest_tools.rejections import REASONS, RejectedError
from ingest_tools.sources.packs import unpack_worker
from tests.factories.office_documents import compound_file
from tests.factories.packs import raw_zip

pytestmark = pytest.mark.property
one_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
heads = st.sampled_from([b"Rar!\x1a\x07\x00", b"Rar!\x1a\x07\x01\x00", b"CAJ\0", b"KDH ", b""])


@one_folder
@given(heads, st.binary(max_size=300))
def test_headers_of_any_bytes_are_read_to_their_end(tmp_path: Path, head: bytes, rest: bytes) -> None:
    path = tmp_path / "a"
    path.write_bytes(head + rest)
    codes = []
    try:
        rar.check(path)
    except RejectedError as refusal:
        codes.append(refusal.code)
    try:
        reader_formats.refuse(head + rest, ".bin")
    except RejectedError as refusal:
        codes.append(refusal.code)
    assert set(codes) <= REASONS.keys()


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=8))
def test_every_name_is_decoded(names: list[bytes]) -> None:
    decoded = decode_names(names)
    assert len(decoded) == len(names)
    assert decoded == [_utf8(raw) or name for name, raw in zip(decoded, names, strict=True)]


def _utf8(raw: bytes) -> str | None:
    with suppress(UnicodeDecodeError):
        return raw.decode()
    return None


@one_folder
@given(
    st.dictionaries(st.binary(min_size=1, max_size=12), st.binary(max_size=20), min_size=1, max_size=5),
    st.sampled_from([0, 0x800]),
)
def test_members_of_any_name_stay_in_their_folder(tmp_path: Path, members: dict[bytes, bytes], flags: int) -> None:
    folder = tmp_path / "out"
    folder.mkdir(exist_ok=True)
    before = sorted(tmp_path.iterdir())
    with suppress(RejectedError):
        list(unpack_worker.unpack(raw_zip(tmp_path / "a.zip", members, flags=flags), "a.zip", folder))
    assert {path.name for path in tmp_path.iterdir()} - {path.name for path in before} <= {"a.zip"}
    for path in sorted(folder.rglob("*"), reverse=True):
        assert path.resolve().is_relative_to(folder)
        path.rmdir() if path.is_dir() else path.unlink()


@one_folder
@given(
    st.sampled_from(["WordDocument", "Current User", "Workbook", "EncryptedPackage"]),
    st.binary(max_size=200),
    st.integers(0, 6000),
    st.binary(max_size=8),
)
def test_old_documents_of_any_bytes_have_a_kind_or_none(
    tmp_path: Path, name: str, content: bytes, at: int, noise: bytes
) -> None:
    path = compound_file(tmp_path / "a", {name: content})
    data = bytearray(path.read_bytes())
    data[at : at + len(noise)] = noise
    path.write_bytes(data)
    try:
        outcome = office_types.office_type(path).suffix
    except RejectedError as refusal:
        outcome = refusal.code
    assert outcome in REASONS or outcome.startswith(".")
