"""Reading a draft: files to lines, lines to clauses, the notice's facts, citations and what changed."""

from portal.drafts.difference import difference
from portal.drafts.draft import Doubt, Draft, Facts, Junk, Node, Responsibility
from portal.drafts.reading import parse, read

__all__ = ["Doubt", "Draft", "Facts", "Junk", "Node", "Responsibility", "difference", "parse", "read"]
