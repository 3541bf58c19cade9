"""An operator's journey: bytes rot; the night's scrub finds it, the desk shows it, the second store mends it.

And another: the library moves from the disk to an S3 server while a reader watches a lecture.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from library_server.catalogue.assets.objects import named_objects
from library_server.library import Library
from storage_config.s3.buckets import check_buckets
from tests.support.libraries import open_library_at
from tests.support.pages import SCREENS, open_desk
from tests.support.servers.s3_server import ADMIN, S3Server
from tests.support.servers.serving import serving


def tianyuan(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "library_server.cli", *words]
    environment = {**os.environ, "TIANYUAN_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def own_home(sample_library: Library, tmp_path: Path) -> Path:
    """The sample, in a home that the test may harm."""
    home = tmp_path / "home"
    shutil.copytree(sample_library.settings.home, home)
    return home


@pytest.mark.long
def test_damaged_bytes_are_found_shown_and_repaired(own_home: Path, tmp_path: Path, browser: Browser) -> None:
    (own_home / "tianyuan.toml").write_text(f'replica = "{tmp_path / "second"}"\n', encoding="utf-8")
    copied = tianyuan(own_home, "storage", "copy", "--from", "filesystem", "--to", str(tmp_path / "second"), "--json")
    assert json.loads(copied.stdout)["lacking"] == 0
    library = open_library_at(own_home)
    rotten = next(named_objects(library.database, "originals/"))
    path = library.store.local_path(rotten.key)
    assert path is not None
    sound = path.read_bytes()
    with serving(own_home, "--workers", "1") as (address, _):
        (own_home / "tianyuan.toml").write_text("", encoding="utf-8")
        path.write_bytes(sound[:-1] + bytes([sound[-1] ^ 1]))
        assert tianyuan(own_home, "storage", "scrub", "--json").returncode == 3
        for screen in SCREENS:
            page = open_desk(browser, address, own_home, screen)
            expect(page.locator(".wrong")).to_contain_text("有 1 份原件坏了，0 份不在了")
            expect(page.locator(".figure")).to_contain_text("MB")  # the worker has counted
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert Axe().run(page).violations_count == 0
            page.locator("td a.title").first.click()
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            page.context.close()
        (own_home / "tianyuan.toml").write_text(f'replica = "{tmp_path / "second"}"\n', encoding="utf-8")
        mended = tianyuan(own_home, "storage", "scrub", "--json")
        assert json.loads(mended.stdout)["mended"] == 1
        assert path.read_bytes() == sound
        page = open_desk(browser, address, own_home, "phone")
        expect(page.get_by_text("没有发现坏的和缺的")).to_be_visible()
        closed = browser.new_page(base_url=address)
        closed.goto("/desk/")
        expect(closed.get_by_role("heading", name="工作台没有打开")).to_be_visible()
        closed.close()
    library.database.engine.dispose()


@pytest.mark.long
def test_the_library_moves_while_a_reader_watches(own_home: Path, s3_server: S3Server, browser: Browser) -> None:
    toml = own_home / "tianyuan.toml"
    settings = s3_server.home(own_home, ADMIN, s3_bucket_prefix="moved-by-night")
    check_buckets(settings, fix=True)
    toml.write_text(toml.read_text().replace('"s3"', '"filesystem"', 1), encoding="utf-8")
    move = ("storage", "copy", "--from", "filesystem", "--to", "s3", "--switch", "--json")
    seconds = 0.0
    for step in ("before", "moving", "moved"):
        with serving(own_home, "--workers", "1", "--no-jobs") as (address, _):
            page = browser.new_page(base_url=address)
            page.goto("/search?q=春梢&kind=lecture")
            page.locator("article").first.click()
            page.wait_for_url("**/records/**")
            page.goto(page.url.replace("/records/", "/watch/"))
            page.wait_for_function("() => document.querySelector('video').readyState >= 2")
            page.evaluate("document.querySelector('video').play()")
            page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")
            if step != "moved":
                result = tianyuan(own_home, *move)
                assert result.returncode == 0, result.stderr
                assert json.loads(result.stdout)["switched"] is True
            at = page.evaluate("document.querySelector('video').currentTime")
            page.wait_for_function("at => document.querySelector('video').currentTime > at + 0.5", arg=at)
            seconds += at
            page.close()
        if step == "moving":
            shutil.rmtree(own_home / "objects")  # the disk is removed
    assert seconds > 1
