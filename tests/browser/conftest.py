"""A real browser against a real server. A missing browser is a failure, not a rest."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

#: headless, and silent towards the world: nothing is looked up or fetched
FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One headless Chromium for all tests of this process."""
    program = os.environ.get("PORTAL_TEST_CHROMIUM") or shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is missing: install Debian's package chromium and run the tests again.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def address(app, site) -> Iterator[str]:
    """The address of the application, served over loopback."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def page(chromium, address) -> Iterator[Page]:
    """A fresh window of 1280 by 900 that fails the test for a script error or a request that leaves the site."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, base_url=address, locale="zh-CN")
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: faults.append(request.url) if not request.url.startswith(address) else None)
    opened.faults = faults  # type: ignore[attr-defined]
    yield opened
    context.close()
    assert faults == []
