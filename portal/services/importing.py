"""From a draft that was read to a consultation being prepared, and the officer's corrections of its outline."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Actor, Permission, require
from portal.drafts.corrections import Correction, Target, apply, replay, simplified
from portal.drafts.draft import Doubt, Draft, Junk, Node
from portal.drafts.targets import read_targets
from portal.errors import AlreadyDone, Frozen, NotThere, NotValid
from portal.models import Bureau, Clause, Consultation, DraftVersion
from portal.rules import plaintext
from portal.services import audit, lineage


def import_draft(
    session: Session, actor: Actor, bureau: Bureau, draft: Draft, *, source_name: str, at: datetime, slug: str = ""
) -> Consultation:
    """Makes a consultation in preparation from a draft that was read. Raises NotValid when it has no clauses."""
    require(actor, Permission.IMPORT_DRAFT, bureau.id)
    if not draft.nodes:
        raise NotValid("没有从这份文件里读出条款。请检查文件内容，或直接粘贴征求意见稿全文。", fault="file")
    facts = draft.facts
    audit.take_turn(session)  # two officers importing at once get two numbers
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
        corrections=[],
        created_at=at,
    )
    consultation.versions.append(version)
    session.add(consultation)
    lay_out(session, version, draft)
    audit.record(session, actor, "draft.import", f"consultation:{consultation.slug}", at, {"source": source_name})
    return consultation


def plain_title(title: str) -> str:
    """The title of the instrument without “（征求意见稿）” and the marks around it."""
    title = re.sub(r"[（(]\s*(公开|公開)?征求意[见見](二|三)?稿\s*[）)]", "", title.strip()).strip("《》 　")
    return title[:480] or "未命名文件"


def lay_out(session: Session, version: DraftVersion, draft: Draft) -> None:
    """Fills a new version from a draft that was read: what was read, and its clauses."""
    _keep_reading(version, draft)
    _write_clauses(session, version, draft.nodes)
    session.flush()


def _keep_reading(version: DraftVersion, draft: Draft) -> None:
    """Keeps what the machine read, so that corrections can be undone and applied to a later reading."""
    version.source_text = "\n".join(draft.lines)
    version.facts = asdict(draft.facts)
    version.doubts = [_open_doubt(doubt) for doubt in draft.doubts]
    version.junk = [asdict(junk) for junk in draft.junk]
    version.read_nodes = [_node_as_json(node) for node in draft.nodes]


def _open_doubt(doubt: Doubt) -> dict[str, Any]:
    """A doubt as it is kept: its words with their places still open, so that a page can say it in its language."""
    return asdict(doubt) | {"settled": None}


def _lost(correction: Correction) -> Doubt:
    return Doubt(
        correction.target.line,
        "lost-correction",
        "原来对“%(clause)s”的修改没有找到对应的条款",
        "请核对新读入的内容，需要时重新修改。",
        {"clause": correction.target.number + correction.target.opening},
    )


def _node_as_json(node: Node) -> dict[str, Any]:
    kept = asdict(node)
    kept["path"] = list(node.path)
    kept["rows"] = [list(row) for row in node.rows]
    return kept


def _node_from_json(kept: dict[str, Any]) -> Node:
    return Node(**kept | {"path": tuple(kept["path"]), "rows": tuple(tuple(row) for row in kept["rows"])})


def _outline(version: DraftVersion) -> tuple[tuple[Node, ...], tuple[Correction, ...]]:
    """The clauses: what was read with every correction applied; and the corrections that found nothing."""
    return replay(
        [_node_from_json(kept) for kept in version.read_nodes],
        [Correction.from_json(kept) for kept in version.corrections],
        [Junk(**kept) for kept in version.junk],
    )


def _write_clauses(session: Session, version: DraftVersion, nodes: tuple[Node, ...]) -> None:
    """Lays the clauses anew: the outline, its citations, who answers for what, and the numeric targets."""
    responsibilities: dict[int, list[dict[str, object]]] = {}
    for found in drafts.read_responsibilities(nodes):
        responsibilities.setdefault(found.node, []).append({"role": found.role, "departments": list(found.departments)})
    if version.clauses:
        version.clauses = []
        session.flush()
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
    session.flush()
    lineage.propose(session, version)
    version.targets = [asdict(target) | {"node": nodes[target.node].label} for target in read_targets(nodes)]


# ── correcting the outline ────────────────────────────────────────────────────────────────────────────


def _open_version(actor: Actor, consultation: Consultation) -> DraftVersion:
    require(actor, Permission.IMPORT_DRAFT, consultation.bureau_id)
    version = consultation.version_in_preparation
    if version.published_at is not None:
        raise Frozen("征求意见稿已经发布，不能再改。如需调整，请发布下一稿。")
    return version


def correct(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    position: int,
    act: str,
    at: datetime,
    seen: int | None = None,
    doubt: int | None = None,
    **words: str,
) -> int:
    """Corrects one clause of a draft in preparation; gives the place of the clause that is now in hand.

    Acts: promote, demote (with what stands under it), split (at the character `cut` of its text), join (to the
    clause before), rewrite (number, heading, text), head (a lost heading, `title`, put back above it), drop (what
    stood under it moves up). `doubt` is the doubt the act settles. Raises Frozen once published, NotThere for a
    place that is none, NotValid when the act cannot be done.
    """
    version = _open_version(actor, consultation)
    _require_seen(version, seen)
    words = {name: plaintext.received(value) if name != "cut" else value for name, value in words.items()}
    nodes, _ = _outline(version)
    if not 0 <= position < len(nodes):
        raise NotThere("没有这一条款，可能已被他人调整。请刷新页面再试。")
    _apply(session, actor, consultation, version, nodes, Correction(act, Target.of(nodes[position]), words), at)
    _settle_by(version, doubt, actor, at)
    in_hand = position - 1 if act in ("join", "drop") else position
    return max(0, min(in_hand, len(version.clauses) - 1))


def _require_seen(version: DraftVersion, seen: int | None) -> None:
    """A page that is older than the last correction names other clauses by the same places: it may not act on them."""
    if seen is not None and seen != len(version.corrections):
        raise AlreadyDone("条款刚刚被调整过，您看到的已不是最新的。这一次没有修改，请看过以后再改。")


def correct_whole(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    act: str,
    at: datetime,
    line: int = 0,
    doubt: int | None = None,
) -> None:
    """An act on the whole draft: simplify (繁体转简体), separate (被误作“.”的“、”), restore (a line set aside).

    `doubt` is the doubt the act settles.
    """
    version = _open_version(actor, consultation)
    nodes, _ = _outline(version)
    if act not in ("simplify", "separate", "restore"):
        raise NotValid("没有这种修改。")
    _apply(session, actor, consultation, version, nodes, Correction(act, Target(line, "", "")), at)
    _settle_by(version, doubt, actor, at)


def _apply(
    session: Session,
    actor: Actor,
    consultation: Consultation,
    version: DraftVersion,
    nodes: tuple[Node, ...],
    correction: Correction,
    at: datetime,
) -> None:
    junk = [Junk(**kept) for kept in version.junk]
    changed = apply(nodes, correction, junk)
    version.corrections = [*version.corrections, correction.as_json()]
    _write_clauses(session, version, changed)
    if correction.act == "simplify":
        title = simplified(consultation.title)
        consultation.title = version.title = plain_title(title)
    session.flush()
    _record(session, actor, consultation, "draft.correct", at, correction)


def undo(session: Session, actor: Actor, consultation: Consultation, at: datetime) -> None:
    """Takes the last correction back; a doubt it settled is open again. Raises NotThere when there is none."""
    version = _open_version(actor, consultation)
    if not version.corrections:
        raise NotThere("没有可以撤销的修改。")
    last = Correction.from_json(version.corrections[-1])
    version.corrections = version.corrections[:-1]
    version.doubts = [
        doubt | {"settled": None} if (doubt.get("settled") or {}).get("step", 0) > len(version.corrections) else doubt
        for doubt in version.doubts
    ]
    nodes, _ = _outline(version)
    _write_clauses(session, version, nodes)
    session.flush()
    _record(session, actor, consultation, "draft.undo", at, last)


def _record(
    session: Session, actor: Actor, consultation: Consultation, act: str, at: datetime, correction: Correction
) -> None:
    details = {"act": correction.act, "number": correction.target.number, "line": correction.target.line}
    audit.record(session, actor, act, f"consultation:{consultation.slug}", at, details)


def read_again(
    session: Session, actor: Actor, consultation: Consultation, draft: Draft, *, source_name: str, at: datetime
) -> int:
    """Reads the draft anew, keeping every correction that still finds its clause; how many did not.

    Those are kept as doubts: nothing an officer did is lost without a word.
    """
    version = _open_version(actor, consultation)
    if not draft.nodes:
        raise NotValid("没有从这份文件里读出条款。请检查文件内容，或直接粘贴征求意见稿全文。", fault="file")
    _keep_reading(version, draft)
    version.source_name = source_name
    nodes, lost = _outline(version)
    version.corrections = [kept for kept in version.corrections if Correction.from_json(kept) not in lost]
    version.doubts = [*(_open_doubt(_lost(correction)) for correction in lost), *version.doubts]
    _write_clauses(session, version, nodes)
    session.flush()
    audit.record(
        session,
        actor,
        "draft.read_again",
        f"consultation:{consultation.slug}",
        at,
        {"source": source_name, "corrections_lost": len(lost)},
    )
    return len(lost)


def settle(session: Session, actor: Actor, consultation: Consultation, index: int, at: datetime) -> None:
    """Marks a doubt as looked at, or as open again; who did it and when is kept beside it."""
    version = _open_version(actor, consultation)
    if not 0 <= index < len(version.doubts):
        raise NotThere("没有这处疑问，可能已被他人处理。请刷新页面再试。")
    doubt = version.doubts[index]
    is_open = not doubt.get("settled")
    _mark(version, index, {"by": actor.name, "at": at.isoformat()} if is_open else None)
    session.flush()
    audit.record(
        session,
        actor,
        "draft.settle" if is_open else "draft.reopen",
        f"consultation:{consultation.slug}",
        at,
        {"code": doubt["code"], "line": doubt["line"]},
    )


def _settle_by(version: DraftVersion, index: int | None, actor: Actor, at: datetime) -> None:
    """A doubt is settled by the correction just made, and open again when that is taken back."""
    if index is not None and 0 <= index < len(version.doubts):
        _mark(version, index, {"by": actor.name, "at": at.isoformat(), "step": len(version.corrections)})


def _mark(version: DraftVersion, index: int, settled: dict[str, Any] | None) -> None:
    version.doubts = [
        doubt | {"settled": settled} if place == index else doubt for place, doubt in enumerate(version.doubts)
    ]
