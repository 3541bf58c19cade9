"""Web archives: a description or a refusal, whatever they are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest_tools.formats.ebooks.html import mht
from library_server.catalogue.passages.serialization import parse_passages
from tests.properties.test_texts import readable

pytestmark = pytest.mark.property
TEXT = "江边的芭蕉绿了。" * 60
pieces = st.lists(
    st.sampled_from([
        b"--x\r\n", b"--x--\r\n", b"\r\n", b"Content-Type: text/html; charset=gb2312\r\n",
        b"Content-Type: image/png\r\n",
        b"Content-Transfer-Encoding: base64\r\n", b"Content-Transfer-Encoding: quoted-printable\r\n",
        b"Content-Location: http://x/a.htm\r\n", b"Content-ID: <a>\r\n", b"Content-Location: \xff[::]\r\n",
        TEXT.encode("gbk"), TEXT.encode(), b"<img src='http://[a'>", b"<a href='//['>", b"<base href='http://['>",
        b"<frameset><frame src=a.htm>", b"=C3=", b"<p>", b"Content-Type: multipart/related; boundary=x\r\n",
    ]) | st.binary(max_size=20), max_size=20,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces)
def test_web_archives(tmp_path: Path, parts: list[bytes]) -> None:
    path = tmp_path / "b.mht"
    path.write_bytes(b"Content-Type: multipart/related; boundary=x\r\n\r\n" + b"".join(parts))
    description = readable(lambda: mht.describe(path, tmp_path))
    assert description is None or parse_passages((tmp_path / description.derived[0].file).read_bytes())
