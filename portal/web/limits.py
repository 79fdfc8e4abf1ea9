"""How often something may be done.

Limits go by the visitor's signed session and by the thing that is asked for, never by network address: a school of
five hundred behind one address is five hundred sessions. With `PORTAL_REDIS_URL` all servers count together
(`shared_limits`); without it each process counts for itself, two allow twice as much, and what the buckets know is
lost when the process ends. They keep a crowd from wearing the site out; what must hold exactly (tries of a code, one
submission for one basket) the database keeps.
"""

from __future__ import annotations

import math

from flask import current_app, session

from portal.errors import TooMany
from portal.web import gate
from portal.web.buckets import Buckets, Limit
from portal.web.shared_limits import SharedBuckets

SUBMIT = Limit("submit", 20, 30)
LOOK_UP = Limit("look_up", 20, 15)
#: of one receipt number, whoever asks: sixty bits of secret are not guessed, and not tried either
LOOK_UP_ONE = Limit("look_up_one", 30, 60)
EMAIL_CODE = Limit("email_code", 6, 300)
#: letters that ask for confirmation of a subscription
SUBSCRIBE = Limit("subscribe", 6, 120)
#: answers to the plain question a consultation takes; whoever has scripts pays with work instead
ANSWER = Limit("answer", 40, 2)
#: tries of one's own password by somebody who is signed in
OWN_PASSWORD = Limit("own_password", 10, 60)
#: tests of one address that is told of events
TRY_WEBHOOK = Limit("try_webhook", 10, 30)
#: tries of the code of a new installation, whoever tries
SET_UP = Limit("set_up", 10, 60)


def buckets() -> Buckets | SharedBuckets:
    """What is left of each limit: in Redis when there is one, else in this process."""
    found: Buckets | SharedBuckets | None = current_app.extensions.get("buckets")
    if found is None:
        url = gate.settings().redis_url
        found = current_app.extensions.setdefault("buckets", SharedBuckets(url) if url else Buckets())
    return found


def visitor() -> str:
    """Who this is, without knowing who: the token of the signed session; empty where there is no session."""
    return str(session.get("csrf_token", ""))


def wait_for(limit: Limit, key: str) -> float:
    """Takes one of the limit; 0, or how many seconds to wait."""
    return buckets().take(limit, key, gate.now())


def require(limit: Limit, key: str) -> None:
    """Raises TooMany, saying when to try again, once the limit is used up."""
    wait = buckets().take(limit, key, gate.now()) if key else 0
    if wait:
        raise TooMany(
            "操作太频繁了，请在%(minutes)s分钟后再试。您写的内容都在，不会丢失。", minutes=math.ceil(wait / 60)
        )


def is_usual(consultation: str) -> bool:
    """Whether submissions to this consultation come at an ordinary rate; counts one."""
    rate = gate.settings().usual_rate
    return buckets().take(Limit("usual", rate, 60 / rate), consultation, gate.now()) == 0
