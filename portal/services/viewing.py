"""How often a consultation was looked at: each person once in half an hour, in whichever process."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.models import Consultation, RecentView

#: looking again within this time does not count again
AGAIN = timedelta(minutes=30)


def count(session: Session, seen: Mapping[str, str], at: datetime) -> int:
    """Counts those who looked: from the trace of somebody at a consultation to its slug. How many were new.

    The database decides who is new, so that two processes that saw the same person count once.
    """
    if not seen:
        return 0
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    insert = (sqlite.insert if on_sqlite else postgresql.insert)(RecentView)
    # in one order: two processes that write the same traces wait for one another instead of for ever
    rows = [{"trace": trace, "counted_at": at} for trace in sorted(seen)]
    is_over = RecentView.counted_at <= at - AGAIN
    new = session.scalars(
        insert.values(rows)
        .on_conflict_do_update(index_elements=["trace"], set_={"counted_at": at}, where=is_over)
        .returning(RecentView.trace)
        .execution_options(synchronize_session=False)
    ).all()
    session.execute(
        delete(RecentView).where(RecentView.counted_at <= at - AGAIN).execution_options(synchronize_session=False)
    )
    views = Counter(seen[trace] for trace in new)
    if views:
        chosen = Consultation.slug.in_(views)
        session.execute(select(Consultation.id).where(chosen).order_by(Consultation.id).with_for_update(key_share=True))
        session.execute(
            update(Consultation)
            .where(chosen)
            .values(views=Consultation.views + case(dict(views), value=Consultation.slug, else_=0))
            .execution_options(synchronize_session=False)
        )
    return sum(views.values())
