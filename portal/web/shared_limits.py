"""Buckets that every server process shares, kept in Redis; this process's own while Redis is away.

Taking one is a script that Redis runs in one piece, by its own clock, so that no two processes take the last one and
no clock of a server matters. A visitor's token is not sent to Redis, only its hash. Redis is waited for a quarter of
a second; when it does not answer, each process counts for itself and looks again after some seconds.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from datetime import datetime
from threading import Lock

import redis

from portal.web.buckets import Buckets, Limit

log = logging.getLogger("portal.limits")

#: seconds Redis is waited for
TIMEOUT = 0.25
#: seconds before Redis is asked again after it did not answer
LOOK_AGAIN = 5.0

_TAKE = """
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local most, seconds = tonumber(ARGV[1]), tonumber(ARGV[2])
local kept = redis.call('HMGET', KEYS[1], 'left', 'at')
local left, at = tonumber(kept[1]) or most, tonumber(kept[2]) or now
left = math.min(most, left + math.max(0, now - at) / seconds)
local wait = 0
if left < 1 then wait = (1 - left) * seconds else left = left - 1 end
redis.call('HSET', KEYS[1], 'left', string.format('%.6f', left), 'at', string.format('%.6f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil((most - left) * seconds * 1000) + 1000)
return string.format('%.6f', wait)
"""


class SharedBuckets:
    """What is left of each limit, for all servers together. Same as `Buckets`, and never fails."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT, retry=None, health_check_interval=30
        )
        self._take = self._redis.register_script(_TAKE)
        self._own = Buckets()
        self._turn = Lock()
        self._away_until = 0.0
        self.is_away = False

    def take(self, limit: Limit, key: str, at: datetime) -> float:
        """Takes one; 0, or how many seconds to wait. `at` counts only while Redis is away."""
        if time.monotonic() < self._away_until:
            return self._own.take(limit, key, at)
        name = f"portal:limit:{limit.name}:{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        try:
            wait = float(self._take(keys=[name], args=[limit.most, limit.seconds]))
        except (redis.RedisError, OSError, ValueError) as fault:
            self._lost(fault)
            return self._own.take(limit, key, at)
        self._found()
        return wait if math.isfinite(wait) else 0.0

    def answers(self) -> bool:
        """Whether Redis is there now."""
        try:
            return bool(self._redis.ping())
        except (redis.RedisError, OSError):
            return False

    def _lost(self, fault: Exception) -> None:
        with self._turn:
            self._away_until = time.monotonic() + LOOK_AGAIN
            if not self.is_away:
                # the kind of fault only: a message may hold the address with its password
                log.warning("Redis is away (%s): every server process counts for itself", type(fault).__name__)
            self.is_away = True

    def _found(self) -> None:
        if self.is_away:
            with self._turn:
                self.is_away = False
            log.warning("Redis is back: the servers share their limits again")
