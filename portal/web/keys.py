"""Keys of the JSON interface at the gate: `Authorization: Bearer …` and nothing else says who is asking."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from flask import Flask, g, request
from sqlalchemy.exc import OperationalError
from werkzeug.wrappers import Response

from portal.access import Permission, Scope, require
from portal.errors import NoKey, NotAllowed, TooMany
from portal.models import ApiKey
from portal.services import api_keys
from portal.web import gate, limits
from portal.web.buckets import Limit

P = ParamSpec("P")
R = TypeVar("R")


def keyed(permission: Permission, scope: Scope) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Lets a view run for a key of this scope. A member of staff's own key also needs that person's permission."""

    def wrap(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            found = _recognised()
            _require_rate(found)
            if scope.value not in found.scopes:
                raise NotAllowed("这个密钥没有这项用途。")
            if found.account is not None:
                if gate.owes_factor(found.account) or gate.owes_password(found.account):
                    raise NotAllowed("请先登录网站，办理“我的账号”里要求的事，再使用个人密钥。")
                g.acting = found.account.actor
                require(g.acting, permission)
            return view(*args, **kwargs)

        gate.PERMISSIONS[guarded] = permission
        return guarded

    return wrap


def current() -> ApiKey:
    """The key this request came with."""
    return cast(ApiKey, g.api_key)


def _recognised() -> ApiKey:
    kind, _, key = request.headers.get("Authorization", "").partition(" ")
    if not kind:
        raise NoKey("这里需要密钥。请在请求头Authorization里写“Bearer”和密钥。")
    # a look of its own: the write lock is taken when something is written, not when somebody arrives
    with gate.database().reader() as looking:
        found = api_keys.recognised(looking, gate.seal(), key.strip(), gate.now()) if kind.lower() == "bearer" else None
    if found is None:
        raise NoKey("密钥不对，或者已经过期、撤销。")
    g.api_key = found
    return found


def _require_rate(key: ApiKey) -> None:
    rate = Limit("api_key", key.per_minute, 60 / key.per_minute)
    if wait := limits.wait_for(rate, str(key.id)):
        raise TooMany("请求太频繁，请在%(seconds)s秒后再试。", seconds=math.ceil(wait))


def init_app(app: Flask) -> None:
    """Notes when a key was last used."""

    @app.after_request
    def note(response: Response) -> Response:
        found: ApiKey | None = g.get("api_key")
        if found is not None and api_keys.is_due_for_noting(found, gate.now()):
            gate.begin_writing()
            # what was asked for is done: a busy database is no reason to say otherwise
            with suppress(OperationalError), gate.database().transaction() as writing:
                api_keys.note_use(writing, found.id, gate.now())
        return response
