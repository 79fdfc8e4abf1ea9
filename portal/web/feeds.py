"""For feed readers, calendars and search engines: what was published, until when, and what there is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, render_template, request, url_for

from portal.access import Permission
from portal.models import Consultation
from portal.rules import window
from portal.rules.words import Standing
from portal.services import listing, mapping
from portal.web import deadlines as calendar_file
from portal.web.gate import now, permit, session, settings
from portal.web.site import current as site

blueprint = Blueprint("feeds", __name__)

ATOM = "http://www.w3.org/2005/Atom"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
#: how many consultations the feed holds, and the map for people; the map for search engines may hold 50,000 addresses
NEWEST = 50
LISTED = 200
MAPPED = 12_000
RULES = ("help", "privacy", "moderation")


def absolute(endpoint: str, **values: Any) -> str:
    """The whole address of a page, as it is written outside the site."""
    return settings().public_url + url_for(endpoint, **values)


def _answer(body: str | bytes, mimetype: str) -> Response:
    answer = Response(body, content_type=f"{mimetype}; charset=utf-8")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def _xml(root: ET.Element) -> bytes:
    found: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _period(entry: listing.Entry) -> str:
    """The window, and what it was before it was extended."""
    words = f"征求意见时间：{window.words(entry.window.opens_at, entry.window.closes_at)}"
    before = entry.consultation.superseded_windows
    if not before:
        return f"{words}。"
    return f"{words}，已延期，原定截至{window.closing_words(before[-1].closes_at)}。"


def _withdrawal(consultation: Consultation) -> str:
    """That it was withdrawn, when and why."""
    at = consultation.withdrawn_at
    assert at is not None, "asked only of what was withdrawn"
    return f"这次征求意见已于{window.instant_words(at)}撤回，不再接收意见。理由：{consultation.withdrawal_reason}"


def _told(entry: listing.Entry) -> str:
    """What a reader is told of a consultation, in a sentence or two."""
    match entry.standing:
        case Standing.WITHDRAWN:
            return f"{_withdrawal(entry.consultation)}\n{_period(entry)}"
        case Standing.ANSWERED:
            return f"{_period(entry)}采纳情况已经公布。"
    return _period(entry)


@blueprint.get("/feeds/consultations.atom")
@permit(Permission.READ)
def atom() -> Response:
    """The newest consultations and what is new of each: a further draft, an extension, the results, its withdrawal."""
    entries = sorted(listing.newest(session(), now(), NEWEST), key=lambda entry: entry.changed_at, reverse=True)
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")

    def add(parent: ET.Element, name: str, words: str = "", **attributes: str) -> ET.Element:
        child = ET.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        child.text = words or None
        return child

    add(feed, "id", absolute(".atom"))
    add(feed, "title", site().name)
    add(feed, "updated", _stamp(entries[0].changed_at if entries else datetime(2000, 1, 1, tzinfo=UTC)))
    add(feed, "link", rel="self", type="application/atom+xml", href=absolute(".atom"))
    add(feed, "link", rel="alternate", type="text/html", href=absolute("consultations.home"))
    add(add(feed, "author"), "name", site().owner)
    for entry in entries:
        consultation = entry.consultation
        is_answered, number = entry.standing is Standing.ANSWERED, consultation.version.number
        draft = f"征求意见稿第{number}稿" if number > 1 else "征求意见稿"
        if entry.standing is Standing.WITHDRAWN:
            draft += "，已撤回"
        item = add(feed, "entry")
        address = absolute("consultations.reader", slug=consultation.slug)
        add(item, "id", address)
        add(item, "title", f"{consultation.title}（{'采纳情况' if is_answered else draft}）")
        add(item, "published", _stamp(consultation.first_published_at or entry.window.opens_at))
        add(item, "updated", _stamp(entry.changed_at))
        add(item, "link", rel="alternate", type="text/html", href=address)
        if is_answered:
            add(item, "link", rel="related", type="text/html", href=absolute("results.show", slug=consultation.slug))
        if number > 1:
            compared = absolute("public_versions.compare", slug=consultation.slug, old=number - 1, new=number)
            add(item, "link", rel="related", type="text/html", href=compared)
        add(add(item, "author"), "name", consultation.publisher)
        if consultation.document_type:
            add(item, "category", term=consultation.document_type.name)
        add(item, "summary", _told(entry))
    return _answer(_xml(feed), "application/atom+xml")


@blueprint.get("/feeds/deadlines.ics")
@permit(Permission.READ)
def deadlines() -> Response:
    """The deadlines to come, as a calendar; one that was moved or called off says so under the name it always had."""
    events = [_deadline(entry) for entry in listing.deadlines(session(), now())]
    return _answer(calendar_file.text(site().name, events), "text/calendar")


def _deadline(entry: listing.Entry) -> calendar_file.Event:
    consultation, host = entry.consultation, settings().public_url.split("://")[-1].split("/")[0]
    is_withdrawn = entry.standing is Standing.WITHDRAWN
    return calendar_file.Event(
        # named by the first window: an extension moves what somebody has imported
        uid=f"{consultation.slug}-{consultation.windows[0].id}@{host}",
        sequence=len(consultation.superseded_windows) + is_withdrawn,
        changed_at=entry.changed_at,
        # a deadline is the last minute one can still send in: at 24:00 the day is over
        starts_at=entry.window.closes_at - timedelta(minutes=1),
        ends_at=entry.window.closes_at,
        summary=f"{'征求意见已撤回' if is_withdrawn else '征求意见截止'}：{consultation.title}",
        description=f"{_told(entry)}\n{consultation.publisher}",
        url=absolute("consultations.reader", slug=consultation.slug),
        is_cancelled=is_withdrawn,
    )


@blueprint.get("/sitemap.xml")
@permit(Permission.READ)
def sitemap() -> Response:
    """Every public page, for search engines."""
    ET.register_namespace("", SITEMAP)
    root = ET.Element(f"{{{SITEMAP}}}urlset")

    def add(address: str, changed_at: datetime | None = None) -> None:
        item = ET.SubElement(root, f"{{{SITEMAP}}}url")
        ET.SubElement(item, f"{{{SITEMAP}}}loc").text = address
        if changed_at is not None:
            ET.SubElement(item, f"{{{SITEMAP}}}lastmod").text = _stamp(changed_at)

    for endpoint in ("consultations.home", "consultations.index", ".overview", ".site_map"):
        add(absolute(endpoint))
    for name in RULES:
        add(absolute("consultations.rules", name=name))
    for each in mapping.addresses(session(), now(), MAPPED):
        add(absolute("consultations.reader", slug=each.slug), max(each.changed_at, each.answered_at or each.changed_at))
        add(absolute("consultations.notice", slug=each.slug), each.changed_at)
        if each.has_note:
            add(absolute("consultations.note", slug=each.slug), each.changed_at)
        if each.answered_at is not None:
            add(absolute("results.show", slug=each.slug), each.answered_at)
    return _answer(_xml(root), "application/xml")


@blueprint.get("/robots.txt")
@permit(Permission.READ)
def robots() -> Response:
    """What a crawler need not fetch: the office, receipts, one's own baskets, searches."""
    lines = [
        "User-agent: *",
        *(
            f"Disallow: {path}"
            for path in ("/office/", "/receipts/", "/subscriptions/", "/search", "/consultations/*/comment$")
        ),
        f"Sitemap: {absolute('.sitemap')}",
    ]
    return _answer("\n".join(lines) + "\n", "text/plain")


@blueprint.get("/sitemap")
@permit(Permission.READ)
def site_map() -> str:
    """The map of the site, for people (网站地图)."""
    return render_template("feeds/map.html", entries=listing.newest(session(), now(), LISTED))


@blueprint.get("/open-data")
@permit(Permission.READ)
def overview() -> str:
    """What programs, feed readers and calendars can fetch (开放数据与订阅)."""
    return render_template("feeds/overview.html", absolute=absolute)
