"""The cookie that holds the code of somebody's basket, one for each consultation."""

from __future__ import annotations

from flask import g, request
from werkzeug.wrappers import Response

from portal.models import Basket, Consultation
from portal.services import baskets as basket_service
from portal.web import gate

#: a basket may be taken up again for this long
_DAYS = 60


def _name(consultation: Consultation) -> str:
    return f"basket_{consultation.id}"


def code(consultation: Consultation) -> str:
    """The code this browser holds, or an empty text."""
    return request.cookies.get(_name(consultation), "")


def current(consultation: Consultation) -> Basket | None:
    """The basket this browser is filling; looked up once a request."""
    name = _name(consultation)
    if name not in g:
        setattr(g, name, basket_service.basket(gate.session(), gate.seal(), consultation.id, code(consultation)))
    found: Basket | None = g.get(name)
    return found


def remember(response: Response, consultation: Consultation, basket_code: str) -> None:
    """Gives the browser the code."""
    response.set_cookie(
        _name(consultation),
        basket_code,
        max_age=_DAYS * 86_400,
        httponly=True,
        samesite="Lax",
        secure=gate.settings().is_https,
    )


def forget(response: Response, consultation: Consultation) -> None:
    """Takes the code away after sending."""
    response.delete_cookie(_name(consultation), httponly=True, samesite="Lax", secure=gate.settings().is_https)
