"""How things are said on a page."""

from __future__ import annotations

import pytest

from portal.models import Clause
from portal.web import display


@pytest.mark.parametrize(
    ("citation", "heading", "said"),
    [
        ("第三条", "办理时限。", "第三条　办理时限"),
        ("前言", "前言", "前言"),
        ("第三条", "", "第三条"),
    ],
)
def test_a_clause_is_called_by_citation_and_heading_and_never_twice_the_same(app, citation, heading, said):
    with app.test_request_context("/"):
        assert display.titled(Clause(citation=citation, heading=heading)) == said
        assert display.titled(None) == "全文"
