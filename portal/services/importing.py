"""From a draft that was read to a consultation being prepared, and the officer's corrections of its outline."""

from __future__ import annotations

import re
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Actor, Permission, require
from portal.drafts.draft import Draft, Node
from portal.drafts.rebuild import relabel
from portal.errors import Frozen, NotThere, NotValid
from portal.models import Bureau, Clause, Consultation, DraftVersion
from portal.services import audit


def import_draft(
    session: Session, actor: Actor, bureau: Bureau, draft: Draft, *, source_name: str, at: datetime, slug: str = ""
) -> Consultation:
    """Makes a consultation in preparation from a draft that was read. Raises NotValid when it has no clauses."""
    require(actor, Permission.IMPORT_DRAFT, bureau.id)
    if not draft.nodes:
        raise NotValid("没有从这份文件里读出条款。请检查文件内容，或直接粘贴征求意见稿全文。", fault="file")
    facts = draft.facts
    title = plain_title(facts.draft_title or facts.title or source_name)
    number = (session.scalar(select(func.max(Consultation.number))) or 0) + 1
    consultation = Consultation(
        number=number,
        slug=slug or f"{at.year}-{number:03d}",
        bureau=bureau,
        title=title,
        notice="",
        contact_unit=facts.drafting_bureau or facts.issuing_bureau or bureau.name,
        phone="；".join(facts.phones),
        fax="；".join(facts.faxes),
        email="；".join(facts.emails),
        postal_address="；".join(facts.postal_addresses),
        postcode="；".join(facts.postcodes),
        subject=facts.columns.get("主题分类", ""),
        created_at=at,
    )
    version = DraftVersion(
        number=1,
        title=title,
        source_name=source_name,
        source_text="\n".join(draft.lines),
        facts=asdict(facts),
        doubts=[asdict(doubt) for doubt in draft.doubts],
        junk=[asdict(junk) for junk in draft.junk],
        created_at=at,
    )
    consultation.versions.append(version)
    _write_clauses(version, draft.nodes, draft)
    session.add(consultation)
    session.flush()
    audit.record(session, actor, "draft.import", f"consultation:{consultation.slug}", at, {"source": source_name})
    return consultation


def plain_title(title: str) -> str:
    """The title of the instrument without “（征求意见稿）” and the marks around it."""
    title = re.sub(r"[（(]\s*(公开|公開)?征求意[见見](二|三)?稿\s*[）)]", "", title.strip()).strip("《》 　")
    return title[:480] or "未命名文件"


def _write_clauses(version: DraftVersion, nodes: tuple[Node, ...], draft: Draft | None) -> None:
    responsibilities: dict[int, list[dict[str, object]]] = {}
    for found in draft.responsibilities if draft else ():
        responsibilities.setdefault(found.node, []).append({"role": found.role, "departments": list(found.departments)})
    version.clauses = [
        Clause(
            position=position,
            parent_position=node.parent,
            depth=node.depth,
            kind=node.kind,
            number=node.number,
            heading=node.heading,
            text=node.text,
            rows=[list(row) for row in node.rows],
            path=list(node.path),
            label=node.label,
            citation=drafts.citation(nodes, position),
            line=node.line,
            responsibilities=responsibilities.get(position, []),
        )
        for position, node in enumerate(nodes)
    ]


# ── correcting the outline ────────────────────────────────────────────────────────────────────────────


def _nodes(version: DraftVersion) -> list[Node]:
    return [
        Node(
            kind=clause.kind,
            number=clause.number,
            heading=clause.heading,
            text=clause.text,
            path=tuple(clause.path),
            depth=clause.depth,
            parent=clause.parent_position,
            line=clause.line,
            label=clause.label,
            rows=tuple(tuple(row) for row in clause.rows),
        )
        for clause in version.clauses
    ]


def correct(
    session: Session, actor: Actor, consultation: Consultation, position: int, act: str, at: datetime, **words: str
) -> None:
    """Corrects one clause of a draft in preparation: `act` is promote, demote, drop, up-join or rewrite.

    promote and demote move the clause and what stands under it one level; drop removes the clause alone and
    leaves what stood under it to the clause above; join adds its words to the clause before; rewrite takes
    number, heading and text from `words`. Raises Frozen once published, NotThere for an unknown clause.
    """
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    version = consultation.version
    if version.published_at is not None:
        raise Frozen("征求意见稿已经发布，不能再改。如需调整，请发布下一稿。")
    nodes = _nodes(version)
    if not 0 <= position < len(nodes):
        raise NotThere("没有这一条款，可能已被他人调整。请刷新页面再试。")
    before = nodes[position]
    responsibilities = {id(node): clause.responsibilities for node, clause in zip(nodes, version.clauses, strict=True)}
    match act:
        case "promote" | "demote":
            step = -1 if act == "promote" else 1
            deepest = nodes[position - 1].depth + 1 if position else 0
            if not 0 <= before.depth + step <= deepest:
                raise NotValid("这一条款不能再移动层级了。")
            last = position + 1
            while last < len(nodes) and nodes[last].depth > before.depth:
                last += 1
            for index in range(position, last):
                kept = responsibilities[id(nodes[index])]
                nodes[index] = replace(nodes[index], depth=nodes[index].depth + step)
                responsibilities[id(nodes[index])] = kept
        case "drop" | "join":
            if position == 0 and act == "join":
                raise NotValid("第一条前面没有可以并入的条款。")
            if act == "join":
                above = nodes[position - 1]
                text = "\n".join(part for part in (above.text, f"{before.number}{before.heading}", before.text) if part)
                kept = responsibilities[id(above)] + responsibilities[id(before)]
                nodes[position - 1] = replace(above, text=text)
                responsibilities[id(nodes[position - 1])] = kept
            del nodes[position]
            for index in range(position, len(nodes)):
                if nodes[index].depth <= before.depth:
                    break
                kept = responsibilities[id(nodes[index])]
                nodes[index] = replace(nodes[index], depth=nodes[index].depth - 1)
                responsibilities[id(nodes[index])] = kept
        case "rewrite":
            kept = responsibilities[id(before)]
            nodes[position] = replace(
                before,
                number=words.get("number", before.number).strip(),
                heading=words.get("heading", before.heading).strip(),
                text=words.get("text", before.text).strip(),
            )
            responsibilities[id(nodes[position])] = kept
        case _:
            raise NotValid("没有这种修改。")
    if not nodes:
        raise NotValid("至少要留下一个条款。")
    kept_in_order = [responsibilities[id(node)] for node in nodes]
    rebuilt = relabel(nodes)
    for clause in list(version.clauses):
        session.delete(clause)
    version.clauses = []
    session.flush()
    _write_clauses(version, rebuilt, None)
    for clause, kept in zip(version.clauses, kept_in_order, strict=True):
        clause.responsibilities = kept
    session.flush()
    audit.record(
        session,
        actor,
        "draft.correct",
        f"consultation:{consultation.slug}",
        at,
        {"act": act, "clause": before.label, "number": before.number},
    )
