"""From a refusal to a page: what happened, what to do, and everything that was typed handed back."""

from __future__ import annotations

from flask import Flask, Response, render_template, request, url_for
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, InternalError, OperationalError
from werkzeug.exceptions import HTTPException

from portal import db, errors
from portal.web import display, problems

Answer = tuple[str | Response, int, dict[str, str]]

#: which status an answer carries; a refusal not listed is 422
STATUS: dict[type[errors.Refusal], int] = {
    errors.WindowNotOpen: 409,
    errors.AlreadyDone: 409,
    errors.Frozen: 409,
    errors.NotAllowed: 403,
    errors.NotThere: 404,
    errors.TooMany: 429,
    errors.SignedOut: 401,
    errors.NoKey: 401,
}

_HTTP = {
    400: "请求不完整，请返回上一页再试。",
    403: "您不能查看这一页。",
    404: "没有找到这一页。它可能已移动，请从首页重新进入。",
    405: "这一页不能这样使用，请返回上一页再试。",
    413: "提交的内容太大了：文件最大20 MB，文字最多12 MB。请删减后再试。",
    429: "操作太频繁了，请稍等片刻再试。",
    500: "系统出了问题，我们会尽快查明。您刚才的操作可能没有完成，请稍后再试。",
    503: "系统暂时繁忙，您的内容还没有保存。请稍等一分钟，再提交一次。",
}
#: for a page that was only to be looked at
_BUSY = "系统暂时繁忙，请稍等一分钟再打开。"
#: waiting a minute would not help: somebody has to make room first
_KEEPS_NOTHING = (
    "系统现在存不下新的内容，您这一次没有提交成功。您写的内容都在，请复制保存，过一两个小时再试；"
    "急需提交的，可以按征求意见公告里的电话、信函等方式提出。"
)

#: fields of a form that are never handed back
_PRIVATE = {"csrf_token", "password", "secret", "code"}
#: fields that were chosen or carried along, not written
_CHOSEN = {
    "stance", "kind", "to", "revision", "reason_code", "disposition", "document_type", "seen", "at", "line", "clause",
    "masks", "also", "back", "opens_on", "closes_on", "closes_time", "publishes_at", "act", "is_name_public", "has_read_notice",
    "key", "quote_after", "label",
    "channel", "received_on", "received_time", "postmarked_on", "pieces", "is_organisation_hidden", "is_contact_dropped",
    "is_minor", "challenge", "has_guardian_consent", "signing", "notice_version", "work", "homepage",
    "identity_needed", "grace_minutes",
}  # fmt: skip


#: what a page calls the fields of its form, by its endpoint; of such a form only these are handed back. A name that
#: ends in a hyphen stands for all that go on with a number
_CALLED: dict[str, dict[str, str]] = {
    "notices.edit": {
        "title": "文件名称", "subject": "主题分类", "shortened_reason": "缩短期限的理由", "contact_unit": "起草单位",
        "email": "电子邮箱", "phone": "电话", "fax": "传真", "postal_address": "通信地址", "postcode": "邮编",
        "notice": "公告正文", "explanatory_note": "起草说明", "title-": "附件名称", "attachment_title": "附件名称",
    },
}  # fmt: skip


def _typed() -> list[tuple[str, str]]:
    """What was written into the form that was sent, so that nobody loses it: what the page calls it, and the words."""
    called = _CALLED.get(request.endpoint or "")
    found = []
    for name, value in request.form.items():
        if not value.strip() or name in _PRIVATE | _CHOSEN or name.startswith("seen-"):
            continue
        if called is None:
            found.append((gettext("您写的内容"), value))
        elif label := called.get(name.rstrip("0123456789")):
            found.append((gettext(label), value))
    return found


def _latest() -> str:
    """The address of the page whose form was sent, as it stands now; empty where the form has none of its own."""
    rule = request.url_rule
    if rule is None or "GET" not in (rule.methods or ()):
        return ""
    return url_for(rule.endpoint, **(request.view_args or {}))


def waiting(refusal: errors.Refusal) -> dict[str, str]:
    """The header that says when to try again, where the refusal knows."""
    if not isinstance(refusal, errors.TooMany):
        return {}
    minutes, seconds = refusal.places.get("minutes"), refusal.places.get("seconds")
    wait = int(str(minutes)) * 60 if minutes else int(str(seconds or 0))
    return {"Retry-After": str(wait)} if wait else {}


def _words(status: int) -> str:
    """The sentence for a status where nobody said more."""
    said = problems.SENTENCES if problems.is_asked() else _HTTP
    return str(gettext(said.get(status) or _HTTP.get(status, _HTTP[400])))


def _page(
    status: int, message: str, headers: dict[str, str] | None = None, refusal: errors.Refusal | None = None
) -> Answer:
    if problems.is_asked():
        return problems.of(status, message, refusal), status, headers or {}
    typed = _typed() if request.method == "POST" and status != 413 else []
    # a form that was too large could not be read; what lies in the basket is still there
    slug = (request.view_args or {}).get("slug") if status in (413, 429, 503) else None
    is_public = slug is not None and not request.path.startswith("/office")
    basket = url_for("comments.review", slug=slug) if is_public else ""
    latest = _latest() if request.method == "POST" and status == 409 else ""
    page = render_template(
        "errors/refusal.html", status=status, message=message, typed=typed, basket=basket, latest=latest
    )
    return page, status, headers or {}


def init_app(app: Flask) -> None:
    """Answers refusals, HTTP errors, a missing form token and a busy database with a page."""

    @app.errorhandler(errors.Refusal)
    def refused(refusal: errors.Refusal) -> Answer:
        headers = waiting(refusal) | problems.challenge(refusal)
        return _page(STATUS.get(type(refusal), 422), display.sentence(refusal), headers, refusal)

    @app.errorhandler(CSRFError)
    def forged(_fault: CSRFError) -> Answer:
        return _page(400, gettext("页面放置太久或浏览器没有接受 Cookie，请返回上一页刷新后再提交。您写的内容在下面。"))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InternalError)  # psycopg's word for a database that may only be read
    def busy(fault: OperationalError | InternalError) -> Answer:
        app.logger.error("database: %s", fault.orig)
        if request.method != "GET" and db.keeps_nothing(fault):
            return _page(503, gettext(_KEEPS_NOTHING), {"Retry-After": "3600"})
        words = gettext(_BUSY) if request.method == "GET" and not problems.is_asked() else _words(503)
        return _page(503, words, {"Retry-After": "60"})

    @app.errorhandler(IntegrityError)
    def collided(fault: IntegrityError) -> Answer:
        app.logger.warning("two at once: %s", fault.orig)
        return _page(409, gettext("刚才有人同时办理了同一件事，您的这一次没有保存。请返回看一看，需要时再提交一次。"))

    @app.errorhandler(HTTPException)
    def failed(fault: HTTPException) -> Answer:
        status = fault.code or 500
        # which methods there are, and where else to look
        headers = {name: value for name, value in fault.get_headers() if name in ("Allow", "Retry-After")}
        return _page(status, _words(status), headers)
