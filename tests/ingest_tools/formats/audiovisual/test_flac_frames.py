"""The end of a FLAC recording is found whatever its compressed sound looks like."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ingest_tools.formats.audiovisual.completeness import flac_frames

pytestmark = pytest.mark.property
BLOCK, RATE = 4096, 44_100


def header(number: int, *, form: int = 0xC9, layout: int = 0x18) -> bytes:
    """The header of a frame of 4,096 samples at 44.1 kHz, of two channels of 16 bits, unless told."""
    coded = bytes([number]) if number < 0x80 else bytes([0xC0 | number >> 6, 0x80 | number & 0x3F])
    start = bytes((0xFF, 0xF8, form, layout)) + coded
    return start + bytes([flac_frames._crc8(start)])


def head_of(frames: int) -> bytes:
    packed = RATE << 44 | 1 << 41 | 15 << 36 | frames * BLOCK
    return b"fLaC\x80\0\0\x22" + BLOCK.to_bytes(2, "big") * 2 + bytes(6) + packed.to_bytes(8, "big") + bytes(16)


_false_headers = st.builds(header, st.integers(0, 2047), form=st.integers(0x10, 0xFF), layout=st.integers(0, 255))
_payloads = st.lists(st.binary(max_size=60) | _false_headers, max_size=4).map(b"".join)


@given(st.lists(_payloads, min_size=2, max_size=9), st.integers(0, 1000))
@example([b"\1", b"\2", header(3, layout=0x78)], 0)
@example([b"\1", b"\2", header(1, form=0xCA)], 0)
@example([b"\1", b"\2", header(0)], 0)
@example([b"\1", b"\2", header(0)], 1000)
def test_bytes_that_look_like_a_frame_are_none(payloads: list[bytes], first: int) -> None:
    frames = b"".join(header(first + number) + payload for number, payload in enumerate(payloads))
    ended = first + len(payloads)
    head = head_of(ended)
    found = flac_frames.flac_seconds(io.BytesIO(head + frames), head, len(head + frames))
    assert found is not None
    assert found * RATE >= ended * BLOCK - 1
    assert found * RATE <= ended * BLOCK + 1


@given(st.binary(max_size=300), st.integers(0, 255), st.integers(0, 255))
def test_any_bytes_give_a_time_within_the_recording_or_none(data: bytes, form: int, layout: int) -> None:
    head = head_of(100)
    whole = head + data + header(3, form=form, layout=layout) + data
    found = flac_frames.flac_seconds(io.BytesIO(whole), head, len(whole))
    assert found is None or 0 < found <= 100 * BLOCK / RATE


def test_a_recording_of_one_frame() -> None:
    head = head_of(1)
    whole = head + header(0) + bytes(50)
    assert flac_frames.flac_seconds(io.BytesIO(whole), head, len(whole)) == BLOCK / RATE
