"""Figures for Prometheus: what was asked of the site, and what waits in the database."""

from __future__ import annotations

import hmac
import os
from collections.abc import Iterable

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess

from portal.access import Permission
from portal.services import measuring
from portal.web.gate import broker, database, now, permit, session, settings

blueprint = Blueprint("measures", __name__)

#: of this process; with PROMETHEUS_MULTIPROC_DIR set, of all processes together
_OWN = CollectorRegistry()
_REQUESTS = Counter(
    "portal_requests", "Requests answered, by rule of the address.", ("rule", "method", "status"), registry=_OWN
)
_SECONDS = Histogram(
    "portal_request_seconds", "Time to answer, in seconds.", ("rule",), registry=_OWN,
    buckets=(0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 3, 10),
)  # fmt: skip


def count(rule: str, method: str, status: int, taken: float) -> None:
    """One request was answered."""
    _REQUESTS.labels(rule, method, str(status)).inc()
    _SECONDS.labels(rule).observe(taken)


def _requests() -> bytes:
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return bytes(generate_latest(_OWN))
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return bytes(generate_latest(registry))


def _gauges(found: measuring.Measures, waiting_at_broker: int | None, clock_apart: float | None) -> bytes:
    """What the database says at this moment, and the broker where one is set."""
    registry = CollectorRegistry()

    def gauge(name: str, words: str, values: Iterable[tuple[str, float]], label: str = "") -> None:
        made = Gauge(name, words, (label,) if label else (), registry=registry)
        for value, number in values:
            (made.labels(value) if label else made).set(number)

    gauge("portal_submissions", "Submissions received so far.", [("", found.submissions)])
    gauge("portal_comments", "Comments by state.", [(s.value, n) for s, n in found.comments.items()], "state")
    gauge("portal_letters_waiting", "Letters owed and not sent yet.", [("", found.letters_waiting)])
    gauge("portal_letters_given_up", "Letters that wait for a person.", [("", found.letters_given_up)])
    gauge("portal_oldest_letter_seconds", "Age of the oldest letter owed.", [("", found.oldest_letter)])
    gauge("portal_jobs", "Background jobs by state.", [(s.value, n) for s, n in found.jobs.items()], "state")
    gauge("portal_oldest_job_seconds", "Age of the oldest job that is due.", [("", found.oldest_job)])
    gauge("portal_webhooks", "Addresses in use that are told of events.", [("", found.webhooks)])
    gauge(
        "portal_webhook_deliveries", "Deliveries owed to addresses in use, by what became of them.",
        [(s.value, n) for s, n in found.deliveries.items()], "state",
    )  # fmt: skip
    gauge(
        "portal_webhook_deliveries_failing", "Deliveries that wait for another try.", [("", found.deliveries_failing)]
    )
    gauge("portal_oldest_webhook_delivery_seconds", "Age of the oldest delivery owed.", [("", found.oldest_delivery)])
    if broker() is not None:
        gauge("portal_broker_up", "Whether the broker answers.", [("", waiting_at_broker is not None)])
        gauge("portal_broker_waiting", "Jobs that wait at the broker.", [("", waiting_at_broker or 0)])
    if clock_apart is not None:
        gauge("portal_clock_apart_seconds", "How far ahead of the database server's clock.", [("", clock_apart)])
    gauge(
        "portal_consultations", "Published consultations by where they stand.",
        [(s.value, n) for s, n in found.consultations.items()], "standing",
    )  # fmt: skip
    return bytes(generate_latest(registry))


def _may_look() -> bool:
    """From this machine itself, or with the token; what a proxy passes on comes from elsewhere."""
    token = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token and hmac.compare_digest(given.encode(), token.encode()):
        return True
    is_passed_on = any(request.headers.get(name) for name in ("X-Forwarded-For", "Forwarded", "X-Real-Ip", "Via"))
    return not is_passed_on and (request.remote_addr or "") in ("127.0.0.1", "::1")


@blueprint.get("/metrics")
@permit(Permission.READ)
def show() -> Response:
    """The figures, for a machine that is allowed to see them; nobody else learns that they are there."""
    if not _may_look():
        abort(404)
    queue = broker()
    body = _requests() + _gauges(
        measuring.measure(session(), now()), queue.length() if queue else None, database().clock_apart()
    )
    return Response(body, mimetype="text/plain", headers={"Cache-Control": "no-store"})
