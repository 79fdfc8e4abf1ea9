"""The page for whoever writes programs against this site: addresses, keys, problems. It is drawn from the description."""

from __future__ import annotations

import json

from flask import Blueprint, render_template

from portal.access import Permission
from portal.web import openapi, problems
from portal.web.api_schemas import SCHEMAS
from portal.web.gate import permit, settings

blueprint = Blueprint("developers", __name__)

#: what each operation does, as the page says it
MEANINGS = {
    "consultations": "征求意见，最新的在前",
    "consultation": "一次征求意见和它的公告",
    "clauses": "公众看到的条款，按顺序",
    "comments": "公开的意见，按收到的先后",
    "description": "这个接口的说明",
    "submit": "提交一位提出人的意见",
    "queue": "本单位待审的意见，最急的在前",
    "commentInHand": "一条意见、其中的个人信息和已有的决定",
    "decide": "对一条意见作出决定",
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
        example=json.dumps(SCHEMAS["NewSubmission"]["examples"][0], ensure_ascii=False, indent=2),
    )
