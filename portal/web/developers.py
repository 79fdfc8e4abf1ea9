"""The page for whoever writes programs against this site: addresses, keys, problems. It is drawn from the description."""

from __future__ import annotations

import json

from flask import Blueprint, render_template

from portal.access import Permission
from portal.rules.words import HappeningKind
from portal.web import openapi, problems
from portal.web.api_schemas import SCHEMAS
from portal.web.gate import permit, settings

blueprint = Blueprint("developers", __name__)


def N_(words: str) -> str:  # noqa: N802 — gettext's own name for words that are translated later
    return words


#: what each operation does, as the page says it
MEANINGS = {
    "consultations": N_("征求意见，最新的在前"),
    "consultation": N_("一次征求意见和它的公告"),
    "clauses": N_("公众看到的条款，按顺序"),
    "comments": N_("公开的意见，按收到的先后"),
    "description": N_("这个接口的说明"),
    "submit": N_("提交一位提出人的意见"),
    "queue": N_("本单位待审的意见，最急的在前"),
    "commentInHand": N_("一条意见、其中的个人信息和已有的决定"),
    "decide": N_("对一条意见作出决定"),
}


#: what is pushed when something happens
EVENT = {
    "type": HappeningKind.EXTENDED.value,
    "timestamp": "2026-03-12T12:00:00+08:00",
    "data": {
        "slug": "hehu-baojie",
        "title": "示例市河湖保洁工作方案",
        "bureau": {"code": "slj", "name": "示例市水利局"},
        "opens_at": "2026-03-02T00:00:00+08:00",
        "closes_at": "2026-04-12T00:00:00+08:00",
        "url": "https://portal.example.gov.cn/consultations/hehu-baojie/",
        "api": "https://portal.example.gov.cn/api/v1/consultations/hehu-baojie",
    },
}


@blueprint.get("/developers")
@permit(Permission.READ)
def show() -> str:
    """What the interface offers, in words."""
    operations = [
        (method.upper(), path, operation) for path, item in openapi.PATHS.items() for method, operation in item.items()
    ]
    kinds = [(kind, status, title) for status, (kind, title) in problems.KINDS.items()]
    kinds.append((problems.WINDOW[0], 409, problems.WINDOW[1]))
    return render_template(
        "developers/show.html",
        operations=operations,
        meanings=MEANINGS,
        kinds=sorted(kinds, key=lambda kind: kind[1]),
        base=f"{settings().public_url}/api/v1",
        event=json.dumps(EVENT, ensure_ascii=False, indent=2),
        happenings=list(HappeningKind),
        example=json.dumps(SCHEMAS["NewSubmission"]["examples"][0], ensure_ascii=False, indent=2),
    )
