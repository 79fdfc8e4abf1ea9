"""What the site says of itself, and who looked at its pages."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Code, Digest, Line


class SiteSetting(Base):
    """One line of the footer or of the page tags, set by an administrator (网站信息)."""

    __tablename__ = "site_setting"

    key: Mapped[Code] = mapped_column(primary_key=True)
    value: Mapped[Line]


class RecentView(Base):
    """Somebody looked at a consultation within the last half hour: a keyed hash, no address (浏览).

    It is there so that looking again does not count again; it is erased when its half hour is over.
    """

    __tablename__ = "recent_view"

    trace: Mapped[Digest] = mapped_column(primary_key=True)
    counted_at: Mapped[datetime] = mapped_column(index=True)
