"""Proposing words for a point, by an OpenAI-compatible service on the bureau's own network. Off unless it is set.

What comes back is a proposal: marked, in no summary until a person has read and saved it, and refused when a sentence
has no reference or one to a comment that does not make the point. Only public copies are sent.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import NotThere, NotValid
from portal.models import Consultation, Job, NarrativeParagraph
from portal.reports import references
from portal.services import audit, jobs, sorting

JOB = "wording.propose"
_MOST_COMMENTS = 40
_LONGEST_COMMENT, _LONGEST_ANSWER = 500, 800
_MOST_BYTES = 256 * 1024
_INSTRUCTION = (
    "你为政府部门撰写意见汇总。只根据下面给出的意见，用两三句平实的中文概括这一观点。每一句末尾用方括号注明所依据的意见编号，"
    "例如[C-34]或者[C-34、C-35]。不得写入意见中没有的内容，不评价，不用标题和列表。"
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the service said, or why there is nothing."""

    words: str = ""
    fault: str = ""


def ask(session: Session, actor: Actor, consultation: Consultation, key: str, at: datetime) -> Job:
    """Asks for words for one point, in the background."""
    require(actor, Permission.SORT_POINTS, consultation.bureau_id)
    point = sorting.point(session, consultation, key)
    audit.record(session, actor, "wording.ask", f"consultation:{consultation.slug}", at, {"point": point.key})
    return jobs.ask(
        session, JOB, at=at, actor=actor, consultation=consultation, key=f"{JOB}:{point.id}",
        arguments={"point": point.key}, total=1,
    )  # fmt: skip


def newest_jobs(session: Session, consultation: Consultation) -> dict[str, Job]:
    """For each point, by key, what became of the newest asking."""
    rows = session.scalars(
        select(Job).where(Job.kind == JOB, Job.consultation_id == consultation.id).order_by(Job.id)
    )  # fmt: skip
    return {job.arguments["point"]: job for job in rows}


def gather(session: Session, job: Job, setting: jobs.Setting) -> _Answer:
    """Asks the service; whatever goes wrong is an answer too, so that nobody waits for it again and again."""
    service, consultation = setting.wording, job.consultation
    if service is None or consultation is None:
        return _Answer(fault="没有设置文字服务。")
    point = sorting.point(session, consultation, job.arguments["point"])
    told = sorting.members(session, point)[:_MOST_COMMENTS]
    if not told:
        return _Answer(fault="这个观点没有公开的意见。")
    clause = point.clause.words if point.clause else "（针对全文）"
    said = "\n".join(f"[{comment.reference}] {comment.public_body[:_LONGEST_COMMENT]}" for comment in told)
    try:
        return _Answer(words=_asked(service, f"条款：{clause[:2000]}\n\n意见：\n{said}"))
    except (OSError, http.client.HTTPException):
        return _Answer(fault="文字服务没有回答，请稍后再试，或者自行撰写。")
    except (ValueError, KeyError, IndexError, TypeError):
        return _Answer(fault="文字服务的回答无法使用，请自行撰写。")


def apply(session: Session, job: Job, setting: jobs.Setting, answer: _Answer) -> bool:
    """Keeps the proposal, marked as one. Raises NotValid, with the sentence for the screen, when it may not stand."""
    consultation = job.consultation
    if consultation is None:
        raise NotThere("没有这次征求意见。")
    if answer.fault:
        raise NotValid(answer.fault)
    point = sorting.point(session, consultation, job.arguments["point"])
    own = {comment.reference for comment in sorting.members(session, point)}
    for sentence in references.sentences(answer.words):
        found = references.referred(sentence)
        if not found or not own.issuperset(found):
            raise NotValid("文字服务的回答没有逐句注明这个观点的意见编号，已弃用。请自行撰写。")
    session.add(
        NarrativeParagraph(
            consultation_id=consultation.id, place=point.clause.label if point.clause else "", words=answer.words,
            is_proposed=True, written_by_id=None, written_at=setting.at,
        )
    )  # fmt: skip
    job.done = 1
    return True


KIND = jobs.Kind(apply, gather)


def _asked(service: jobs.WordingService, words: str) -> str:
    address = urlsplit(service.url)
    host, port = address.hostname or "", address.port or (443 if address.scheme == "https" else 80)
    _require_own_network(host, port)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=service.timeout)
    ends = time.monotonic() + service.timeout
    try:
        told = {
            "model": service.model,
            "temperature": 0,
            "messages": [{"role": "system", "content": _INSTRUCTION}, {"role": "user", "content": words}],
        }
        head = {"Content-Type": "application/json"}
        if service.key:
            head["Authorization"] = f"Bearer {service.key}"
        path = address.path.rstrip("/") + "/chat/completions"
        connection.request("POST", path, json.dumps(told, ensure_ascii=False).encode(), head)
        answer = connection.getresponse()
        if answer.status != 200:
            raise ValueError(f"status {answer.status}")
        content = b""
        # a service that drips is as silent as one that says nothing
        while piece := answer.read1(8192):
            content += piece
            if len(content) > _MOST_BYTES:
                raise ValueError("the answer does not end")
            if time.monotonic() > ends:
                raise TimeoutError("too slow")
    finally:
        connection.close()
    said = json.loads(content)["choices"][0]["message"]["content"]
    if not isinstance(said, str) or not said.strip() or len(said) > _LONGEST_ANSWER:
        raise ValueError("no words, or too many")
    return said.strip()


def _require_own_network(host: str, port: int) -> None:
    """Raises ValueError for an address outside: what people wrote does not leave the bureau's network."""
    for *_, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
        if not ipaddress.ip_address(str(address[0]).split("%")[0]).is_private:
            raise ValueError(f"{host} is not on a private network")
