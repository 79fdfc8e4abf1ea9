"""A real browser against a real server. A missing browser is a failure, not a rest."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from werkzeug.serving import make_server


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
    context.set_default_timeout(120_000)
    opened = context.new_page()
    faults: list[str] = []
    opened.on("pageerror", lambda fault: faults.append(str(fault)))
    opened.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    opened.on("request", lambda request: faults.append(request.url) if not request.url.startswith(address) else None)
    opened.faults = faults  # type: ignore[attr-defined]
    yield opened
    context.close()
    assert faults == []
