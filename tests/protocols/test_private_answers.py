"""Responses to readers hold nothing of withdrawn or restricted records, nor figures for operators."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.catalogue.dto import RecordDraft
from library_server.catalogue.enums import Access, Kind, WithdrawalReason
from library_server.catalogue.records import commands, revisions
from library_server.catalogue.records.commands import NewAsset
from library_server.catalogue.records.revisions import Actor
from library_server.desk.auth import COOKIE, MARKER, DeskAuth
from library_server.library import Library
from tests.support.libraries import open_library_at

PRIVATE = "张三本人要求，涉及肖像权"


def added(library: Library, title: str, access: Access = Access.PUBLIC, *, librarians_only: bool = False) -> str:
    with library.database.writing() as session:
        record_id = commands.add_record(session, RecordDraft(Kind.PHOTO, title, access=access))
        new = NewAsset("original", "image/jpeg", 3, title.encode().hex().ljust(64, "0")[:64], "originals/x",
                       librarians_only=librarians_only)  # fmt: skip
        commands.add_asset(session, record_id, new)
    return record_id


def withdraw(library: Library, record_id: str, reason: str) -> None:
    with library.database.writing() as session:
        commands.withdraw(session, record_id, reason)


@pytest.fixture
def librarian(library: Library) -> FlaskClient:
    client = create_app(library).test_client()
    client.get(f"/desk/enter?key={DeskAuth(library.settings.signing_key()).create_login_token()}")
    return client


@pytest.mark.parametrize("access", list(Access))
@pytest.mark.parametrize("reason", [PRIVATE, "", "并入 06h merged", "版权到期，见 /home/li/信.pdf", *WithdrawalReason])
@pytest.mark.slow
def test_a_withdrawn_record_tells_nothing_private(
    reason: str, access: Access, library: Library, client: FlaskClient
) -> None:
    record_id = added(library, "三门镇的一家人", access)
    withdraw(library, record_id, reason)
    for address in (f"/records/{record_id}", f"/read/{record_id}", f"/watch/{record_id}", f"/covers/{record_id}.jpg",
                    f"/api/v1/records/{record_id}", f"/covers/{record_id}.svg"):  # fmt: skip
        response = client.get(address)
        assert response.status_code in {404, 410}
        assert "三门镇" not in response.text
        assert not reason or (reason in response.text) <= (reason in list(WithdrawalReason)), address
    public = reason in list(WithdrawalReason)
    assert (reason in client.get(f"/records/{record_id}").text) is (public or not reason)
    assert client.get(f"/api/v1/records/{record_id}").get_json()["detail"] == (reason if public else "Withdrawn.")
    client.set_cookie("lang", "en")
    assert not public or reason not in client.get(f"/records/{record_id}").text  # in the reader's language


def test_an_undone_batch_is_not_named(library: Library, client: FlaskClient) -> None:
    record_id = added(library, "三门镇的一家人")
    with library.database.writing() as session:
        commands.get_record(session, record_id).batch_id = None
    withdraw(library, record_id, "批次 20260101-undone_batch 已撤销 batch undone")
    assert "20260101" not in client.get(f"/records/{record_id}").text
    assert "批次" not in client.get(f"/records/{record_id}").text


def test_a_librarian_sees_all_of_it_at_the_desk(library: Library, librarian: FlaskClient, client: FlaskClient) -> None:
    record_id = added(library, "三门镇的一家人", Access.PREMISES)
    withdraw(library, record_id, PRIVATE)
    page = librarian.get(f"/desk/records/{record_id}")
    assert page.status_code == 200
    assert all(text in page.text for text in ("三门镇的一家人", PRIVATE, "已收回", "到馆可看", "/desk/originals/"))
    assert page.headers["Cache-Control"] == "no-store"
    for typed in (record_id, f"http://library.example/records/{record_id}?q=x", f" /records/{record_id}/ "):
        response = librarian.get("/desk/records", query_string={"of": typed})
        assert response.headers["Location"] == f"/desk/records/{record_id}"
    assert "没有这条记录" in librarian.get("/desk/records/none").text
    assert "没有这条记录" in librarian.get("/desk/records", query_string={"of": "三门镇"}).text
    assert client.get(f"/desk/records/{record_id}").status_code == 403
    assert "三门镇" not in client.get(f"/desk/records/{record_id}").text


def test_readers_see_no_link_to_the_desk(library: Library, librarian: FlaskClient, client: FlaskClient) -> None:
    record_id = added(library, "渡口", librarians_only=True)
    page = client.get(f"/records/{record_id}")
    assert "馆员取原件" not in page.text
    assert "/desk/originals/" not in page.text
    shown = re.sub(r"<p[^>]* data-librarian hidden>.*?</p>", "", page.text, flags=re.DOTALL)
    assert "/desk/" not in shown
    assert librarian.get_cookie(MARKER) is not None
    assert librarian.get_cookie(COOKIE, path="/desk") is not None
    assert (
        librarian.get(f"/records/{record_id}").text == page.text
    )  # every visitor gets the same page, so that caches may keep it
    client.set_cookie(MARKER, "1")
    assert client.get("/desk/batches").status_code == 403


def test_digests_of_what_may_not_be_fetched_are_not_told(library: Library, client: FlaskClient) -> None:
    for access in Access:
        for librarians_only in (False, True):
            title = f"渡口 {access} {librarians_only}"
            (asset,) = client.get(f"/api/v1/records/{added(library, title, access, librarians_only=librarians_only)}"
                                  ).get_json()["assets"]  # fmt: skip
            is_open = access == Access.PUBLIC and not librarians_only
            assert ((asset["url"] is not None), (asset["sha256"] is not None)) == (is_open, is_open)


@pytest.mark.parametrize(
    ("address", "headers", "settings", "status"),
    [
        ("127.0.0.1", {}, {}, 200),
        ("::1", {}, {}, 200),
        ("::ffff:127.0.0.1", {}, {}, 200),
        ("192.0.2.7", {}, {}, 403),
        ("", {}, {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {}, 403),
        ("127.0.0.1", {"Via": "1.1 proxy"}, {}, 403),
        ("127.0.0.1", {"X-Forwarded-Host": "library.example"}, {}, 403),
        ("127.0.0.1", {"CF-Connecting-IP": "192.0.2.7"}, {}, 403),
        ("127.0.0.1", {"X-Real-IP": "192.0.2.7"}, {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {"proxies": 1}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, {"proxies": 1, "metrics_networks": "192.0.2.0/24"}, 200),
        ("192.0.2.7", {}, {"metrics_networks": "127.0.0.1, 192.0.2.7"}, 200),
    ],
)
def test_metrics_are_for_operators(
    address: str, headers: dict[str, str], settings: dict[str, object], status: int, library: Library
) -> None:
    from library_server.settings import read_settings

    opened = open_library_at(library.settings.home, read_settings(home=str(library.settings.home), **settings))
    client = create_app(opened).test_client()
    response = client.get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert response.status_code == status
    assert ("tianyuan_records" in response.text) is (status == 200)
    opened.database.engine.dispose()


def test_invalid_networks_of_operators_stop_the_start(library: Library) -> None:
    from library_server.settings import read_settings
    from storage_config.errors import InvalidSettings

    with pytest.raises(InvalidSettings, match="TIANYUAN_METRICS_NETWORKS"):
        read_settings(home=str(library.settings.home), metrics_networks="everyone")


def test_revisions_of_a_private_reason_stay_private(library: Library, client: FlaskClient) -> None:
    record_id = added(library, "三门镇的一家人")
    with library.database.writing() as session:
        revisions.revise(session, record_id, {"status": "withdrawn", "withdrawn_reason": PRIVATE}, Actor("test"))
    assert PRIVATE not in client.get(f"/records/{record_id}").text
