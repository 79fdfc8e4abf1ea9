"""What stands around a page of a consultation: the one published before it and the one after."""

from __future__ import annotations

import time
from collections import OrderedDict
from threading import Lock

from flask import Flask, request

from portal.models import Consultation
from portal.services import listing
from portal.services.listing import Neighbour
from portal.web.gate import now, session

#: how long the neighbours of a consultation are remembered, in seconds; a new one appears after that
FRESH = 30.0
#: of how many consultations
MOST = 500
#: the pages that lead on
PAGES = {
    "consultations.reader", "consultations.notice", "consultations.note", "results.show", "public_versions.show",
    "public_versions.compare",
}  # fmt: skip

Pair = tuple[Neighbour | None, Neighbour | None]


class Remembered:
    """The neighbours this process has looked up lately: a page does not ask the database for them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._pairs: OrderedDict[str, tuple[float, Pair]] = OrderedDict()

    def of(self, consultation: Consultation) -> Pair | None:
        """The neighbours, where this page leads on to them."""
        if request.endpoint not in PAGES:
            return None
        at = time.monotonic()
        with self._lock:
            kept = self._pairs.get(consultation.slug)
        if kept is not None and at - kept[0] < FRESH:
            return kept[1]
        found = listing.neighbours(session(), consultation, now())
        with self._lock:
            self._pairs[consultation.slug] = (at, found)
            self._pairs.move_to_end(consultation.slug)
            if len(self._pairs) > MOST:
                self._pairs.popitem(last=False)
        return found


def init_app(app: Flask) -> None:
    """Lets the frame of every page know the neighbours."""
    app.jinja_env.globals["neighbours"] = Remembered().of
