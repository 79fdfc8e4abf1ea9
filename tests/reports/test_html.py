"""The page that stands alone, parsed by the rules of HTML."""

from __future__ import annotations

import re
from dataclasses import replace

import html5lib
import pytest

from portal.reports import html, phrases
from tests.reports.conftest import single


def parsed(content: bytes):
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(content, transport_encoding="utf-8")


def words(tree) -> str:
    return re.sub(r"\s+", "", "".join(tree.itertext()))


def test_is_valid_and_says_every_figure(summary):
    tree = parsed(html.render(summary))
    text = words(tree)
    assert phrases.sum_of(summary.totals) in text
    assert phrases.answers_words(summary) in text
    for clause in summary.clauses:
        if clause.totals.received:
            assert re.sub(r"\s", "", phrases.clause_figures(clause)) in text
    for line in summary.comments:
        assert f"[{line.reference}]{line.respondent}" in text


def test_tables_hold_the_totals(summary):
    tree = parsed(html.render(summary))
    feet = ["".join(foot.itertext()).split() for foot in tree.iter("tfoot")]
    joined = ["".join(foot) for foot in feet]
    assert f"合计{summary.submissions}{summary.totals.received}" in joined
    assert f"合计{summary.totals.received}" in joined
    numbers = [summary.totals.received, *(count for _, count in summary.totals.parts())]
    assert "合计" + "".join(map(str, numbers)) in joined


def test_fetches_nothing(summary):
    tree = parsed(html.render(summary))
    assert not [node for node in tree.iter() if node.tag in ("script", "link", "img", "iframe", "object")]
    assert not [node for node in tree.iter() if node.get("src")]
    assert "url(" not in html.render(summary).decode()


def test_links_lead_to_what_is_there(summary):
    tree = parsed(html.render(summary))
    places = {node.get("id") for node in tree.iter() if node.get("id")}
    for link in tree.iter("a"):
        target = link.get("href") or ""
        assert not target.startswith("#") or target[1:] in places


def test_what_the_public_writes_is_text():
    body = "<script>alert(1)</script>\"'&amp;{{ 7*7 }}"
    tree = parsed(html.render(single(body, respondent="<b>x</b>")))
    assert not list(tree.iter("script"))
    assert body in "".join(tree.itertext())


def test_an_address_that_is_no_web_address_is_no_link(summary):
    tree = parsed(html.render(replace(summary, url="javascript:alert(1)")))
    assert not [link for link in tree.iter("a") if (link.get("href") or "").startswith("javascript")]


def test_no_comments_at_all(silent):
    assert "未收到社会公众提出的意见建议" in words(parsed(html.render(silent)))


@pytest.mark.parametrize(
    ("count", "most", "step"), [(0, 9, 0), (1, 100, 1), (20, 100, 1), (21, 100, 2), (100, 100, 5), (1, 1, 5)]
)
def test_the_strip_has_five_steps(count, most, step):
    assert html.heat(count, most) == step
