"""A book asks no server for anything, neither the library nor another, whatever its pages name."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories.ebooks import drawn
from tests.factories.epubs import epub
from tests.factories.palm_books import mobi
from tests.support.pages import touched_page, wait_for_text
from tests.support.reading.books_on_screen import open_book
from tests.support.servers.serving import free_port, serving_folder

HTML = '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:xlink="http://www.w3.org/1999/xlink">'
FIXED = '<meta property="rendition:layout">pre-paginated</meta>'
# `#` is the address of a server, and each way has a path of its own
HEAD = """<meta http-equiv="refresh" content="0;url=#asked/refresh"/><base href="#asked/base/"/>
<link rel="stylesheet" href="#asked/sheet.css"/><link rel="prefetch" href="#asked/prefetch"/>
<link rel="icon" href="#asked/icon"/><script src="#asked/script.js"></script>
<style>@import "#asked/import.css"; @import url(#asked/import2.css); body { background: url('#asked/style.png') }
p { background-image: u\\72l(#asked/escaped.png) } @font-face { font-family: f; src: url(#asked/font.woff) }
h1 { font-family: f; background: -webkit-image-set('#asked/set.png' 1x) }</style><meta name="viewport"
content="width=600, height=800"/>"""
BODY = """<h1>没有外面的书</h1><img src="#asked/img.png" alt=""/><img srcset="#asked/srcset.png 1x" alt=""/>
<p style="background:url(#asked/attribute.png)">江边的芭蕉</p><video poster="#asked/poster.png"></video>
<audio autoplay="" src="#asked/audio.mp3"></audio><video autoplay=""><source src="#asked/source.mp4"/></video>
<iframe src="#asked/frame.html"></iframe><iframe srcdoc="&lt;img src='#asked/srcdoc.png'>"></iframe>
<object data="#asked/object.svg"></object><embed src="#asked/embed.svg"/><input type="image" src="#asked/input.png"/>
<table background="#asked/table.png"><tr><td>表</td></tr></table>
<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="#asked/svg.png" width="9" height="9"/>
<image xlink:href="#asked/svg2.png" width="9" height="9"/><rect width="9" height="9" fill="url(#asked/paint.svg#a)"/>
<image width="9" height="9"><set attributeName="href" to="#asked/animated.png"/></image>
<style>@import "#asked/svg.css";</style></svg>"""
INSIDE = '<p><img id="in" src="p.png" alt=""/><a href="{}">{}</a></p>'
TINY = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="


class Outside(ThreadingHTTPServer):
    """A server that is not the library; `paths` are those that it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.paths: list[str] = []


class _Answer(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Outside)
        self.server.paths.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def outside() -> Iterator[Outside]:
    server = Outside()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def page_of(body: str, *servers: str) -> str:
    """A page of a book that asks each server in every way."""
    parts = [
        part.replace("#a)", "\0").replace("#", server).replace("\0", "#a)")
        for part in (HEAD, BODY)
        for server in servers
    ]
    heads, bodies = parts[: len(servers)], parts[len(servers) :]
    sheet = f'<?xml-stylesheet href="{servers[0]}asked/instruction.css" type="text/css"?>'
    return f"{sheet}{HTML}<head><title/>{''.join(heads)}</head><body>{''.join(bodies)}{body}</body></html>"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, outside: Outside) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server, and the numbers of its books by title."""
    files = tmp_path_factory.mktemp("files")
    port = free_port()
    servers = (f"http://127.0.0.1:{outside.server_port}/", f"http://127.0.0.1:{port}/", "/")
    outside_link = f"{servers[0]}opened"
    for title, metadata in (("流式的书", ""), ("固定的书", FIXED)):
        links = "".join(
            INSIDE.format(href, name)
            for href, name in (
                ("javascript:document.body.replaceChildren()", "脚本"),
                ("data:text/html,x", "数据"),
                ("2.xhtml", "下一章"),
                (outside_link, "外面"),
            )
        )
        links += f'<img id="data" src="{TINY}" alt=""/><svg xmlns="http://www.w3.org/2000/svg" width="99" height="40">'
        links += '<a xlink:href="2.xhtml"><text y="20">图里的链接</text></a></svg>'
        members: dict[str, bytes | str] = {
            "1.xhtml": page_of(links, *servers),
            "2.xhtml": page_of("<p>第二章到了</p>", *servers),
            "p.png": drawn(form="PNG", size=(20, 20)),
        }
        epub(files / f"{title}.epub", title, metadata, members)
    palm = page_of("", *servers).partition("?>")[2]
    (files / "旧书.mobi").write_bytes(mobi(palm.encode(), {503: "旧的电子书".encode()}))
    with serving_folder(files, tmp_path_factory.mktemp("library") / "home", port) as served:
        yield served


@pytest.fixture
def page(browser: Browser, library: tuple[str, dict[str, str]]) -> Iterator[Page]:
    with touched_page(browser, library[0], width=900) as page:
        yield page


def answered(page: Page) -> list[str]:
    """The addresses that a book asked the library for, as the library answers."""
    addresses: list[str] = []
    page.on("response", lambda response: addresses.append(response.url) if "asked" in response.url else None)
    return addresses


@pytest.mark.parametrize("title", ["流式的书", "固定的书", "旧的电子书"])
def test_pages_ask_no_server(title: str, page: Page, library: tuple[str, dict[str, str]], outside: Outside) -> None:
    asked = answered(page)
    frame = open_book(page, library[1][title], "江边的芭蕉")
    page.wait_for_timeout(500)
    assert asked == []
    assert [path for path in outside.paths if path != "/opened"] == []
    if title != "旧的电子书":
        for picture in ("#in", "#data"):
            assert frame.locator(picture).first.evaluate("image => image.naturalWidth"), picture


def test_links_lead_to_pages_of_the_book_and_to_the_web_alone(
    page: Page, library: tuple[str, dict[str, str]], outside: Outside
) -> None:
    opened: list[str] = []
    page.context.on("page", lambda window: opened.append(window.url))
    frame = open_book(page, library[1]["流式的书"], "江边的芭蕉")
    for name in ("脚本", "数据"):
        frame.get_by_text(name).dispatch_event("click")
    with page.context.expect_page() as window:
        frame.get_by_role("link", name="外面").dispatch_event("click")
    window.value.close()
    assert len(opened) == 1
    expect(frame.get_by_text("江边的芭蕉").first).to_be_attached()
    later = (
        "text => { setTimeout(() => text.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }))) }"
    )
    frame.get_by_text("图里的链接").evaluate(later)  # which takes the frame away
    wait_for_text(page, "第二章到了")
