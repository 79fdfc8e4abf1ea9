"""The moderated summary as one HTML page that stands alone: its style inside it, nothing fetched from anywhere."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from portal.reports import phrases, sentences
from portal.reports.characters import for_xml, paragraphs, shortened
from portal.reports.opinions import APART, Opinions
from portal.reports.references import SHOWN, pieces
from portal.reports.story import QUOTE_LIMIT
from portal.reports.summary import ClauseSummary, Summary, require_balance
from portal.rules.words import PointKind

MIMETYPE = "text/html"
EXTENSION = "html"

_TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
_STEPS = 5


def render(summary: Summary) -> bytes:
    """The page of a summary. Raises TotalsDoNotBalance when its totals do not add up."""
    require_balance(summary)
    pieces = _template().generate(
        summary=summary,
        opinions=Opinions(summary),
        say=phrases,
        tell=sentences,
        apart=APART,
        kinds=PointKind,
        title=phrases.draft_name(summary),
        clauses=list(enumerate(summary.clauses)),
        days=bars(summary),
        axis=axis(bars(summary)),
        most=max((clause.totals.received for clause in summary.clauses), default=0),
    )
    return for_xml("".join(pieces)).encode()


def bars(summary: Summary) -> list[tuple[date, int, int]]:
    """The days from the first to the last with a comment, their figures and the heights of their bars (of 60)."""
    counts = dict(summary.by_day)
    spoken = [day for day, count in counts.items() if count]
    if not spoken:
        return []
    first, most = min(spoken), max(counts.values())
    days = [first + timedelta(days=n) for n in range((max(spoken) - first).days + 1)]
    return [(day, counts.get(day, 0), -(-58 * counts.get(day, 0) // most)) for day in days]


def axis(days: list[tuple[date, int, int]]) -> list[tuple[date, int, bool]]:
    """The days worth naming under the bars, each once: the first, the fullest (marked) and the last."""
    if not days:
        return []
    fullest = max(days, key=lambda each: each[1])[0]
    named = {days[0][0], fullest, days[-1][0]}
    return [(day, count, day == fullest and len(named) > 1) for day, count, _ in days if day in named]


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(paragraphs=paragraphs, quoted=quoted, pieces=pieces)
    environment.globals.update(heat=heat, shown=SHOWN)
    return environment.get_template("reports/summary.html")


def heat(count: int, most: int) -> int:
    """How dark a clause stands in the strip: 0 for none, then five equal steps up to the clause with the most."""
    return -(-_STEPS * count // most) if count else 0


def quoted(clause: ClauseSummary) -> str:
    """The words of a clause, shortened when long."""
    return shortened("\n".join(paragraphs(clause.text)), QUOTE_LIMIT)
