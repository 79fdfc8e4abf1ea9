"""Official words keep what an office needs of HTML and nothing that could act; the public's words never come near it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import richtext

WORD = """<html><head><style>p.MsoNormal{margin:0}</style><title>说明</title><xml><w:WordDocument/></xml></head><body>
<!--[if gte mso 9]><xml>x</xml><![endif]-->
<div class=WordSection1><h1 style='text-align:center'>起草说明</h1>
<p class=MsoNormal style="text-indent:32pt"><b><span lang=EN-US>一、</span>起草背景</b><o:p></o:p></p>
<p class=MsoNormal>为加强<i>河湖</i>保洁，<a href="https://example.gov.cn/a" onclick="x()">依据</a>。</p>
<table border=1 width=500><tr><td colspan=2 style="color:red">指标</td></tr><tr><td>一</td><td>二</td></tr></table>
<p class=MsoNormal>&nbsp;</p></div></body></html>"""


def test_what_a_word_processor_pastes_keeps_its_order_and_loses_the_rest():
    kept = richtext.cleaned(WORD)
    assert kept.splitlines()[:3] == [
        "<h2>起草说明</h2>",
        "<p><strong>一、起草背景</strong></p>",
        '<p>为加强<em>河湖</em>保洁，<a href="https://example.gov.cn/a">依据</a>。</p>',
    ]
    assert '<td colspan="2">指标</td>' in kept
    for gone in ("Mso", "style", "onclick", "<span", "xml", "说明</title>", "margin"):
        assert gone not in kept, gone


def test_plain_text_keeps_its_lines():
    text = "一、起草背景\n为加强保洁，a < b，R&D。\n\n二、依据"
    assert richtext.cleaned(text) == text
    assert str(richtext.shown(text)).splitlines() == [
        "<h3>一、起草背景</h3>",
        "<p>为加强保洁，a &lt; b，R&amp;D。</p>",
        "<h3>二、依据</h3>",
    ]


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<p>一</p><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="javascript:alert(1)">一</a>',
        '<a href=" java\tscript:alert(1)">一</a>',
        '<a href="data:text/html,<script>alert(1)</script>">一</a>',
        "<svg><p><style><!--</style><img src=x onerror=alert(1)>--></style></p></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<p style='background:url(javascript:alert(1))'>一</p>",
        "<iframe src=//example.com></iframe>",
        "<form action=//example.com><input name=a></form>",
        "<p><p><<script>script>alert(1)<</script>/script>",
        "<h2 id=main class=alert>一</h2>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<o:p onmouseover=alert(1)>一</o:p>",
    ],
)
def test_nothing_that_acts_comes_through(attack):
    for text in (attack, f"<p>前</p>{attack}<p>后</p>"):
        assert_harmless(str(richtext.shown(richtext.cleaned(text))))
        assert_harmless(str(richtext.shown(text)))  # as if a row had been changed behind the program's back


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, attrs))


def assert_harmless(page: str) -> None:
    parser = Tags()
    parser.feed(page)
    for tag, attributes in parser.seen:
        assert tag in richtext.TAGS, page
        for name, value in attributes:
            assert name in richtext.ATTRIBUTES.get(tag, ()), page
            assert name != "href" or re.match(r"(https?://|mailto:)", value or "", re.IGNORECASE), page


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(["<p>", "</p>", "<div>", "</div>", "<b>", "</b>", "<table>", "<tr>", "<td>", "</table>", "<li>",
                         "<ul>", "<br>", "<!--", "-->", "<script>", "</script>", "<a href='javascript:x'>", "</a>", "字",
                         "&lt;script&gt;", "&", "\n", "<h1>", "<svg>", "<o:p>", '"', "<"]),
        max_size=14,
    )
)  # fmt: skip
def test_cleaning_twice_is_cleaning_once(parts):
    once = richtext.cleaned("".join(parts))
    assert richtext.cleaned(once) == once
    assert_harmless(str(richtext.shown(once)))


def test_loose_words_become_paragraphs():
    assert richtext.cleaned("前言<p>一</p>中<b>间</b><div>二</div>尾").splitlines() == [
        "<p>前言</p>", "<p>一</p>", "<p>中<strong>间</strong></p>", "<p>二</p>", "<p>尾</p>",
    ]  # fmt: skip


def test_the_bare_words():
    assert richtext.words("<h2>说明</h2>\n<p>一<br>二</p>\n<table><tr><td>甲</td><td>乙</td></tr></table>") == (
        "说明\n一\n二\n甲　乙"
    )
    assert richtext.words("第一行\n<不是标签") == "第一行\n<不是标签"


def test_words_about_tags_are_words():
    assert richtext.cleaned("企业 <10 人的，a<b") == "企业 <10 人的，a<b"
