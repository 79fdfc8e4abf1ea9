"""Reading a draft: files to lines, lines to clauses, the notice's facts, citations and what changed."""

from portal.drafts.citations import Cited, Step, citation, citations, cite, parse_citation
from portal.drafts.comparison import Change, compare
from portal.drafts.difference import difference, similarity
from portal.drafts.draft import Doubt, Draft, Facts, Junk, Node, Responsibility
from portal.drafts.reading import parse, read
from portal.drafts.responsibilities import read_responsibilities

__all__ = [
    "Change",
    "Cited",
    "Doubt",
    "Draft",
    "Facts",
    "Junk",
    "Node",
    "Responsibility",
    "Step",
    "citation",
    "citations",
    "cite",
    "compare",
    "difference",
    "parse",
    "parse_citation",
    "read",
    "read_responsibilities",
    "similarity",
]
