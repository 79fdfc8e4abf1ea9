"""A disk that is full: the public reads on, what was typed comes back, and nothing acknowledged is lost."""

import re

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.models import Submission
from tests.crash.site import Site, open_consultation
from tests.crash.visitors import Visitor


def words_of(n):
    return f"第{n}条：" + "建议把每日巡查的时间和结果在网上公开。" * 40


def send(visitor, n):
    """Somebody fills a basket and sends it: the last answer."""
    _, _, page = visitor.ask("GET", "/consultations/hehu/clauses/2-1")
    visitor.token = re.search(r'name="csrf_token"[^>]* value="([^"]+)"', page).group(1)
    answer = visitor.ask("POST", "/consultations/hehu/clauses/2-1", stance="change", body=words_of(n))
    return answer if answer[0] != 302 else visitor.send()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_full_disk_is_said_and_loses_nothing(database_url, tmp_path):
    database = Database(database_url)
    open_consultation(database)
    file = tmp_path / "portal.sqlite3"
    shown, refused = [], None
    with Site(database_url, tmp_path / "site") as site:
        site.kill("server 0")
        site.kill("server 1")
        site.kill("worker")
        site.start("server 0", largest_file=file.stat().st_size + 300_000)
        site.wait("server 0")
        for n in range(400):
            visitor = Visitor(site.ports[0])
            status, place, page = send(visitor, n)
            if status != 302:
                refused = (n, status, page)
                break
            shown.append(re.search(r"/receipts/([\d-]+)", place).group(1))
        assert refused is not None
        n, status, page = refused
        assert status == 503
        assert "存不下新的内容" in page
        # what was typed comes back, or lies in the basket the page leads to
        if words_of(n)[:60] not in page:
            assert "/consultations/hehu/comment" in page
            _, _, basket = visitor.ask("GET", "/consultations/hehu/comment")
            assert words_of(n)[:60] in basket
        status, _, page = Visitor(site.ports[0]).ask("GET", "/consultations/hehu/")
        assert status == 200
        assert "建立巡查制度" in page
        # room again: everything that was shown is there, and sending works
        site.kill("server 0")
        site.start("server 0")
        site.wait("server 0")
        status, place, _ = send(Visitor(site.ports[0]), 1000)
        assert status == 302
        shown.append(re.search(r"/receipts/([\d-]+)", place).group(1))
    with database.reader() as session:
        assert session.scalars(select(Submission.receipt_number).order_by(Submission.id)).all() == shown
        assert session.connection().exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.engine.dispose()
    assert len(shown) > 10
