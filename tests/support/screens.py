"""Screens that pages are opened on in a browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.support.commands import tianyuan

SCREENS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1280, "height": 800}}


def open_desk(browser: Browser, address: str, home: Path, screen: str) -> Page:
    """A librarian's page of the desk, opened by the link that `tianyuan desk` prints."""
    context = browser.new_context(viewport=SCREENS[screen], base_url=address, locale="zh-CN")  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(tianyuan(home, "desk", "--base-url", address).stdout.strip())
    assert page.url == f"{address}/desk/batches"
    page.goto("/desk/storage")
    return page
