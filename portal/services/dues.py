"""When something that waits is due, also after the machine's clock was moved."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def is_due(column: InstrumentedAttribute[Any], at: datetime, longest: timedelta) -> ColumnElement[bool]:
    """What has reached its time; and what stands further ahead than the `longest` wait there is.

    The second was put there while the clock was wrong: it would wait for days after the clock was set back.
    """
    return or_(column <= at, column > at + longest)
