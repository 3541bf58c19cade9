"""A POST to the desk is accepted from the desk's own pages only (cross-site request forgery)."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from library_server.app import create_app
from library_server.library import Library

ADDRESS = "/desk/same/apart"
FORM = {"one": "0000000000000000", "other": "0000000000000001"}
ACCEPTED = 409  # the form was read: there is no such pair of records
REFUSED = 403
OWN, FOREIGN = "http://localhost", "http://example.org"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        # a browser that sends Sec-Fetch-Site is believed, whatever else it sends
        ({"Sec-Fetch-Site": "same-origin"}, ACCEPTED),
        ({"Sec-Fetch-Site": "none"}, ACCEPTED),
        ({"Sec-Fetch-Site": "same-site"}, REFUSED),
        ({"Sec-Fetch-Site": "cross-site"}, REFUSED),
        ({"Sec-Fetch-Site": ""}, REFUSED),
        ({"Sec-Fetch-Site": "cross-site", "Origin": OWN, "Referer": f"{OWN}/desk/same"}, REFUSED),
        ({"Sec-Fetch-Site": "same-origin", "Origin": FOREIGN}, ACCEPTED),
        # next is Origin, which every browser sends with a POST since about 2015
        ({"Origin": OWN}, ACCEPTED),
        ({"Origin": FOREIGN}, REFUSED),
        ({"Origin": "null"}, REFUSED),
        ({"Origin": "null", "Referer": f"{OWN}/desk/same"}, REFUSED),
        ({"Origin": "http://localhost:8000"}, REFUSED),
        ({"Origin": "http://[localhost"}, REFUSED),
        ({"Origin": FOREIGN, "Referer": f"{OWN}/desk/same"}, REFUSED),
        # older browsers, those of set-top boxes among them, send the Referer alone
        ({"Referer": f"{OWN}/desk/same"}, ACCEPTED),
        ({"Referer": f"{FOREIGN}/desk/same"}, REFUSED),
        ({"Referer": f"{FOREIGN}/http://localhost/"}, REFUSED),
        ({"Referer": "http://localhost@example.org/"}, REFUSED),
        ({"Referer": ""}, REFUSED),
        # what names no origin at all is not from a page of ours
        ({}, REFUSED),
    ],
)
def test_a_post_is_accepted_from_our_own_pages(desk: FlaskClient, headers: dict[str, str], status: int) -> None:
    assert desk.post(ADDRESS, data=FORM, headers=headers).status_code == status


def test_a_page_may_be_opened_from_anywhere(desk: FlaskClient) -> None:
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": FOREIGN}):
        assert desk.get("/desk/same", headers=headers).status_code == 200
        assert desk.head("/desk/same", headers=headers).status_code == 200


def test_a_post_without_a_session_is_refused(library: Library) -> None:
    client = create_app(library).test_client()
    assert client.post(ADDRESS, data=FORM, headers={"Sec-Fetch-Site": "same-origin"}).status_code == REFUSED
