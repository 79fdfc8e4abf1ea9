"""How often something may be done: token buckets in the memory of this server process.

Limits go by the visitor's signed session and by the thing that is asked for, never by network address: a school of
five hundred behind one address is five hundred sessions. What the buckets know is lost when the process ends, and
each process counts for itself, so two processes allow twice as much. They keep a crowd from wearing the site out;
what must hold exactly (tries of a code, one submission for one basket) the database keeps.
"""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, session

from portal.errors import TooMany
from portal.web import gate

_MOST_KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Limit:
    """So many at once, and one more every `seconds`."""

    name: str
    most: int
    seconds: float


SUBMIT = Limit("submit", 20, 30)
LOOK_UP = Limit("look_up", 20, 15)
#: of one receipt number, whoever asks: sixty bits of secret are not guessed, and not tried either
LOOK_UP_ONE = Limit("look_up_one", 30, 60)
EMAIL_CODE = Limit("email_code", 6, 300)
#: letters that ask for confirmation of a subscription
SUBSCRIBE = Limit("subscribe", 6, 120)
#: answers to the plain question a consultation takes; whoever has scripts pays with work instead
ANSWER = Limit("answer", 40, 2)


class Buckets:
    """What is left of each limit."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str], tuple[float, datetime]] = {}
        self._turn = threading.Lock()

    def take(self, limit: Limit, key: str, at: datetime) -> float:
        """Takes one; 0, or how many seconds to wait until there is one again."""
        with self._turn:
            if len(self._left) > _MOST_KEPT:
                self._left.clear()
            left, before = self._left.get((limit.name, key), (float(limit.most), at))
            left = min(limit.most, left + max(0.0, (at - before).total_seconds()) / limit.seconds)
            if left < 1:
                self._left[limit.name, key] = (left, at)
                return (1 - left) * limit.seconds
            self._left[limit.name, key] = (left - 1, at)
            return 0


def _buckets() -> Buckets:
    found: Buckets = current_app.extensions.setdefault("buckets", Buckets())
    return found


def visitor() -> str:
    """Who this is, without knowing who: the token of the signed session; empty where there is no session."""
    return str(session.get("csrf_token", ""))


def wait_for(limit: Limit, key: str) -> float:
    """Takes one of the limit; 0, or how many seconds to wait."""
    return _buckets().take(limit, key, gate.now())


def require(limit: Limit, key: str) -> None:
    """Raises TooMany, saying when to try again, once the limit is used up."""
    wait = _buckets().take(limit, key, gate.now()) if key else 0
    if wait:
        raise TooMany(
            "操作太频繁了，请在%(minutes)s分钟后再试。您写的内容都在，不会丢失。", minutes=math.ceil(wait / 60)
        )


def is_usual(consultation: str) -> bool:
    """Whether submissions to this consultation come at an ordinary rate; counts one."""
    rate = gate.settings().usual_rate
    return _buckets().take(Limit("usual", rate, 60 / rate), consultation, gate.now()) == 0
