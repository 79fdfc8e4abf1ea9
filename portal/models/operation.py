"""When what happens by itself happened last."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, Code


class LastRun(Base):
    """The last time something of the operation was done (最近一次): the worker's round, a backup, the erasing."""

    __tablename__ = "last_run"

    name: Mapped[Code] = mapped_column(primary_key=True)
    ran_at: Mapped[datetime]
    #: what came of it, in figures
    outcome: Mapped[dict[str, Any]]
