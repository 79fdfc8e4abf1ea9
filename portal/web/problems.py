"""Errors of the JSON interface as problem+json (RFC 9457): what happened and what to do, in the language asked for."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request
from flask_babel import get_locale, gettext

from portal import errors
from portal.web import display
from portal.web.gate import settings

MEDIA_TYPE = "application/problem+json"

#: the kinds of problem: the name at the end of `type`, and what it is called; by status unless a refusal has its own
KINDS: dict[int, tuple[str, str]] = {
    400: ("malformed", "请求不完整"),
    401: ("key-needed", "需要密钥"),
    403: ("not-allowed", "不能办理"),
    404: ("not-found", "没有找到"),
    405: ("method", "不支持这种请求方法"),
    409: ("conflict", "与现在的情况不符"),
    413: ("too-large", "内容太大"),
    415: ("media-type", "不支持的格式"),
    422: ("not-valid", "内容有误"),
    429: ("too-many", "请求太频繁"),
    500: ("fault", "系统出了问题"),
    503: ("busy", "系统暂时繁忙"),
}
WINDOW = ("window-not-open", "不在征求意见时间内")

#: what is said for a status where nobody said more
SENTENCES = {
    400: "请求不完整，不是有效的JSON或者缺少内容。请检查后再试。",
    404: "没有这个地址或者内容，请核对网址。",
    405: "这个地址不支持这种请求方法。请看应答头Allow。",
    413: "请求的内容太大，最大4 MB。请分成几次提交。",
    415: "请用application/json提交。",
    500: "系统出了问题，我们会尽快查明。这一次可能没有完成，请稍后再试。",
    503: "系统暂时繁忙，这一次没有保存。请稍等一分钟再试。",
}


def is_asked() -> bool:
    """Whether the request is for the JSON interface."""
    return request.path.startswith("/api/")


def of(status: int, message: str, refusal: errors.Refusal | None = None, **more: Any) -> Response:
    """One problem. `more` are members of its own."""
    kind, title = WINDOW if isinstance(refusal, errors.WindowNotOpen) else KINDS.get(status, KINDS[400])
    body: dict[str, Any] = {
        "type": f"{settings().public_url}/developers#{kind}",
        "title": gettext(title),
        "status": status,
        "detail": message,
        **more,
    }
    if status == 422:
        body["errors"] = _errors(refusal)
    if isinstance(refusal, errors.WindowNotOpen) and isinstance(sent := request.get_json(silent=True), dict):
        body["submission"] = sent
    answer = Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Language"] = "en" if str(get_locale() or "zh").startswith("en") else "zh-CN"
    answer.vary.add("Accept-Language")
    return answer


def _errors(refusal: errors.Refusal | None) -> list[dict[str, str]]:
    """What is wrong with which field, as JSON pointers into what was sent; a bare name is a parameter or header."""
    if isinstance(refusal, errors.Faults):
        faults: list[errors.NotValid] = refusal.faults
    else:
        faults = [refusal] if isinstance(refusal, errors.NotValid) else []
    return [{"field": fault.fault, "detail": display.sentence(fault)} for fault in faults]


def challenge(refusal: errors.Refusal) -> dict[str, str]:
    """The header that says how to show who one is (RFC 6750)."""
    if not isinstance(refusal, errors.NoKey):
        return {}
    fault = ', error="invalid_token"' if "Authorization" in request.headers else ""
    return {"WWW-Authenticate": f'Bearer realm="api"{fault}'}
