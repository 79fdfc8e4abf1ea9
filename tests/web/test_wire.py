"""What goes over the wire: little, and a static file once."""

from __future__ import annotations

import re

import pytest

from tests import factories
from tests.house.test_words import ROOT

READER = "/consultations/plan/"


@pytest.fixture
def plan(app, seal):
    """The five-year plan of the samples, published: sixty clauses."""
    text = (ROOT / "portal/samples/five-year-plan.txt").read_text(encoding="utf-8")
    with app.extensions["database"].writer() as session:
        factories.consultation(factories.world(session, seal), slug="plan", text=text)
        session.commit()
    return app


@pytest.mark.parametrize("way", ["gzip", "br", "zstd"])
def test_a_browser_that_can_read_it_is_sent_little(plan, way):
    asks = {"Accept-Encoding": way}
    client = plan.test_client()
    plain = client.get(READER)
    answer = client.get(READER, headers=asks)
    assert answer.headers["Content-Encoding"] == way
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.data) < len(plain.data) / 3
    assert "Content-Encoding" not in plain.headers
    everything = len(answer.data)
    for address in set(re.findall(r'(?:href|src)="(/static/[^"#]+)', plain.get_data(as_text=True))):
        with client.get(address.replace("&amp;", "&"), headers=asks) as file:
            assert file.status_code == 200
            everything += len(file.data)
    assert everything <= 150 * 1024 / 2


def test_a_static_file_is_fetched_once_and_again_when_it_changed(plan):
    client = plan.test_client()
    addresses = re.findall(r'(/static/css/[a-z]+\.css\?v=[0-9a-f]{10})"', client.get(READER).get_data(as_text=True))
    assert len(addresses) >= 3
    for address in addresses:
        with client.get(address) as file:
            assert file.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        with client.get(address, headers={"If-None-Match": file.headers["ETag"]}) as again:
            assert again.status_code == 304
    with client.get(addresses[0].split("?")[0]) as file:
        assert file.headers["Cache-Control"] == "no-cache"
    assert client.get("/static/css/none.css?v=0123456789").status_code == 404
