"""What can be searched: one row for each public title, clause and comment, beside the words it is found by."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, Text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Prose
from portal.rules.words import Findable


class SearchEntry(Base):
    """A public text in the index of the search. On SQLite the table search_words (FTS5) follows it by triggers.

    The key is made of the key of the thing itself, so that the newest comes first on both databases and building
    the index again changes nothing.
    """

    __tablename__ = "search_entry"
    __table_args__ = (
        Index("ix_search_entry_tokens", "tokens", postgresql_using="gin", postgresql_with={"fastupdate": "off"}).ddl_if(
            dialect="postgresql"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False)
    kind: Mapped[Findable]
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultation.id"), index=True)
    subject_id: Mapped[int]
    #: the words in one width, case and script; a phrase is looked for in them
    folded: Mapped[Prose]
    #: the tokens, each once, parted by spaces
    tokens: Mapped[str] = mapped_column(Text().with_variant(TSVECTOR(), "postgresql"))
