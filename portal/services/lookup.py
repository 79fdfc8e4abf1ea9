"""How each database is asked for the entries that have all tokens of a search, newest first.

SQLite's index walks its lists in the order of the keys and stops when there are enough. PostgreSQL's knows no
order: rare words are gathered whole and sorted, common ones are met soon when the table is walked from its end.
"""

from __future__ import annotations

from functools import cached_property

from sqlalchemy import ColumnElement, Select, cast, column, func, literal_column, select, table
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from portal.drafts.folding import Term
from portal.models import SearchEntry
from portal.rules.words import Findable
from portal.services import searching

#: so many entries are gathered whole; and so many that have all tokens are read for the exact phrase
GATHERED = 4000
#: how many of a common word's entries PostgreSQL reads for the exact phrase
READ = 1000
#: counts above this are told as "more than"
COUNTED = 999

#: SQLite's index, which no model knows
_WORDS = table("search_words", column("rowid"), column("search_words"))


class Lookup:
    """One search among the entries of one kind, of every consultation or of one."""

    def __init__(
        self, session: Session, wanted: list[Term], kind: Findable, consultation_id: int | None = None
    ) -> None:
        self._session = session
        self._is_sqlite = session.get_bind().dialect.name == "sqlite"
        self._whole = set().union(*(term.whole for term in wanted)) | {searching.scope_token(kind)}
        if consultation_id is not None:
            self._whole.add(searching.scope_token(consultation_id=consultation_id))
        self._beginnings = set().union(*(term.beginnings for term in wanted))
        self._phrases = [term.words for term in wanted if term.needs_reading]

    @cached_property
    def count(self) -> int:
        """How many entries there are, counted to COUNTED + 1."""
        if not self._phrases and not self._is_sqlite:
            return COUNTED + 1 if self._is_common else min(self._gathered, COUNTED + 1)
        return len(self._newest)

    def keys(self, before: int | None, limit: int) -> list[int]:
        """The keys of the newest entries, older than `before` when given."""
        if self.count == 0:
            return []
        if self._phrases or self._is_sqlite:
            known = [key for key in self._newest if before is None or key < before]
            if len(known) >= limit or self.count <= COUNTED:
                return known[:limit]
        return list(self._session.scalars(self._found(before).limit(limit)))

    @cached_property
    def _newest(self) -> list[int]:
        """The newest keys, as many as are counted: the first pages need no second look."""
        return list(self._session.scalars(self._found(None).limit(COUNTED + 1)))

    def _found(self, before: int | None) -> Select[int]:
        candidates = self._candidates(before)
        if not self._phrases:
            return candidates
        if self._is_sqlite:
            candidates = candidates.limit(GATHERED)
        elif self._is_common:
            candidates = candidates.limit(READ)
        chosen = candidates.subquery()
        place = func.instr if self._is_sqlite else func.strpos
        return (
            select(SearchEntry.id)
            .join(chosen, chosen.c[0] == SearchEntry.id)
            .where(*(place(SearchEntry.folded, phrase) > 0 for phrase in self._phrases))
            .order_by(SearchEntry.id.desc())
        )

    def _candidates(self, before: int | None) -> Select[int]:
        """The entries that have all tokens, newest first."""
        entry: ColumnElement[int]
        if self._is_sqlite:
            entry = _WORDS.c.rowid
            query = select(entry).where(_WORDS.c.search_words.match(self._asked))
        elif self._is_common:
            entry = SearchEntry.id  # type: ignore[assignment]
            query = select(entry).where(self._has_tokens)
        else:
            gathered = select(SearchEntry.id).where(self._has_tokens).cte("gathered").prefix_with("MATERIALIZED")
            entry = gathered.c.id
            query = select(entry)
        if before is not None:
            query = query.where(entry < before)
        return query.order_by(entry.desc())

    @property
    def _has_tokens(self) -> ColumnElement[bool]:
        return SearchEntry.tokens.op("@@")(cast(self._asked, TSQUERY))

    @property
    def _asked(self) -> str:
        """The question in the language of the index.

        A token is letters, digits and Chinese characters only, and stands in quotation marks: whatever somebody
        types, it has no syntax.
        """
        whole, beginnings = sorted(self._whole), sorted(self._beginnings)
        if self._is_sqlite:
            return " AND ".join([f'"{token}"' for token in whole] + [f'"{token}" *' for token in beginnings])
        return " & ".join([f"'{token}'" for token in whole] + [f"'{token}':*" for token in beginnings])

    @cached_property
    def _gathered(self) -> int:
        """How many entries have all tokens, counted to GATHERED + 1 in no order."""
        some: Select[int] = (
            select(literal_column("1")).select_from(SearchEntry).where(self._has_tokens).limit(GATHERED + 1)
        )
        return self._session.scalar(select(func.count()).select_from(some.subquery())) or 0

    @property
    def _is_common(self) -> bool:
        return not self._is_sqlite and self._gathered > GATHERED
