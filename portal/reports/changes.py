"""What a summary says that the one before it did not."""

from __future__ import annotations

from portal.reports.summary import Since, Summary


def since(before: Summary, after: Summary) -> Since:
    """The comments and points that are new in the later summary, those that grew, and what is no longer public."""
    old = {line.reference: line for line in before.comments}
    new = {line.reference: line for line in after.comments}
    old_points = {point.key: point for clause in before.clauses for point in clause.points}
    founded, grown = [], []
    for clause in after.clauses:
        for point in clause.points:
            earlier = old_points.get(point.key)
            added = tuple(each for each in point.references if each not in (earlier.references if earlier else ()))
            if earlier is None:
                founded.append((clause.citation, point.title, point.references))
            elif added:
                grown.append((clause.citation, point.title, len(earlier.references), added))
    return Since(
        number=before.number,
        cut_off_at=before.cut_off_at,
        received=after.totals.received - before.totals.received,
        published=after.totals.published - before.totals.published,
        new=tuple(each for each in new if each not in old),
        gone=tuple(each for each in old if each not in new),
        new_points=tuple(founded),
        grown_points=tuple(grown),
        answered=sum(
            1
            for each, line in new.items()
            if line.disposition and not (each in old and old[each].disposition is line.disposition)
        ),
    )
