"""Loads the sample consultations through the same services the office uses, so that nothing about them is special."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Role
from portal.config import Settings
from portal.db import Database
from portal.drafts.script import quoted
from portal.errors import Refusal
from portal.models import Account, Bureau, Clause, Comment, Consultation, OutgoingEmail
from portal.rules import window
from portal.rules.words import Channel, CommentState, SummaryState
from portal.sealing import Seal
from portal.services import (
    accounts,
    baskets,
    commenting,
    importing,
    moderation,
    publishing,
    responding,
    results,
    summaries,
)
from portal.services.identity import Identity

#: login and name of the sample account of each role
STAFF = {
    Role.ADMINISTRATOR: ("admin", "系统管理员（示例）"),
    Role.SECURITY: ("security", "安全管理员（示例）"),
    Role.PUBLISHER: ("publisher", "发布员（示例）"),
    Role.MODERATOR: ("moderator", "审核员（示例）"),
    Role.DRAFTER: ("drafter", "起草人员（示例）"),
    Role.AUDITOR: ("auditor", "审计员（示例）"),
}
#: the file under the data folder that keeps the passwords of the sample accounts
SIGN_INS = "staff-sign-ins.txt"


def _data(name: str) -> Any:
    return json.loads(resources.files("portal.samples").joinpath(name).read_text(encoding="utf-8"))


def _text(name: str) -> str:
    return resources.files("portal.samples").joinpath(name).read_text(encoding="utf-8")


def sign_ins(data_dir: Path) -> list[str]:
    """The kept sign-ins of the sample accounts, one line each; empty when there are none."""
    file = data_dir / SIGN_INS
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def load(database: Database, seal: Seal, settings: Settings, today: date | None = None) -> bool:
    """Loads staff and samples into a database that has no account; True when it did.

    Every date is counted from `today` (Beijing), so that on any day one consultation is open, one closes
    soon, and one is answered.
    """
    now = datetime.now(UTC)
    with database.transaction() as session:
        if session.scalar(select(func.count(Account.id))):
            return False
        staff = _make_staff(session, settings, now)
        loader = _Loader(session, seal, staff, settings, today or window.day_in_beijing(now), now)
        for entry in _data("consultations.json"):
            loader.load(entry)
        # these letters are part of a story, not owed to anybody
        session.execute(update(OutgoingEmail).values(sent_at=now))
    return True


def _make_staff(session: Session, settings: Settings, at: datetime) -> dict[Role, Account]:
    first = _data("consultations.json")[0]
    bureau = Bureau(
        code=first["bureau"], name=first["bureau_name"], short_name=first["bureau_short_name"], regions=first["regions"]
    )
    session.add(bureau)
    made: dict[Role, Account] = {}
    lines = []
    for role, (login, name) in STAFF.items():
        password = accounts.easy_password()
        made[role] = accounts.create(
            session, login=login, name=name, role=role, bureau=bureau, password=password, at=at
        )
        lines.append(f"{role.label}　{login}　{password}")
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file = settings.data_dir / SIGN_INS
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")
    return made


@dataclass
class _Loader:
    session: Session
    seal: Seal
    staff: dict[Role, Account]
    settings: Settings
    today: date
    now: datetime

    def load(self, entry: dict[str, Any]) -> None:
        """One sample: imported, published, commented, moderated and, when it is the answered one, answered."""
        publisher = self.staff[Role.PUBLISHER]
        opens_on = self.today + timedelta(days=entry["timing"]["opens"])
        closes_on = self.today + timedelta(days=entry["timing"]["closes"])
        opens_at, _closes_at = window.bounds(opens_on, closes_on)
        draft = drafts.parse(_text(entry["text_file"]))
        consultation = importing.import_draft(
            self.session, publisher.actor, publisher.bureau, draft, source_name=entry["text_file"],
            at=opens_at - timedelta(days=1), slug=entry["slug"],
        )  # fmt: skip
        consultation.is_sample = True
        contact = entry["contact"]
        notice = publishing.Notice(
            title=entry["title"],
            document_type=entry["document_type"],
            opens_on=opens_on,
            closes_on=closes_on,
            explanatory_note=entry["explanatory_note"],
            contact_unit=contact["unit"],
            phone=contact["phone"],
            fax=contact["fax"],
            email=contact["email"],
            postal_address=contact["postal_address"],
            postcode=contact["postcode"],
            subject=entry["subject"],
            shortened_reason=entry["shortened_reason"],
        )
        publishing.fill_notice(self.session, publisher.actor, consultation, notice, opens_at - timedelta(hours=8))
        opening = f"为{entry['purpose']}，根据{entry['basis']}，我单位研究起草了"
        consultation.notice = publishing.notice_text(consultation).replace("我单位研究起草了", opening, 1)
        publishing.publish(self.session, publisher.actor, consultation, opens_at)
        for submission in _data("submissions.json"):
            if submission["consultation"] == entry["slug"]:
                self._receive(consultation, submission, opens_on)
        if entry["timing"].get("answered_on") is not None:
            answered_on = self.today + timedelta(days=entry["timing"]["answered_on"])
            self._answer(consultation, datetime.combine(answered_on, time(10, 30), window.BEIJING))
        self.session.expire_all()

    def _receive(self, consultation: Consultation, sample: dict[str, Any], opens_on: date) -> None:
        received = sample["received"]
        received_at = datetime.combine(
            opens_on + timedelta(days=received["days_after_open"]), time.fromisoformat(received["time"]), window.BEIJING
        )
        received_at = min(received_at, self.now)
        postmarked = sample.get("postmarked_days_after_open")
        channel = Channel(sample["channel"])
        receipt = commenting.register(
            self.session,
            self.seal,
            consultation,
            identity=Identity(
                kind=sample["kind"],
                organisation=sample.get("organisation", ""),
                uscc=sample.get("uscc", ""),
                name=sample.get("name", ""),
                phone=sample.get("phone", ""),
                email=sample.get("email", ""),
                region=sample.get("region", ""),
                is_name_public=sample.get("publish_name", False),
                has_read_notice=True,
            ),
            remarks=[
                (
                    self._clause(consultation, comment["clause"], comment.get("quote", "")),
                    baskets.Remark(
                        comment["stance"], comment["body"], comment.get("proposed_text", ""), comment.get("quote", "")
                    ),
                )
                for comment in sample["comments"]
            ],
            channel=channel,
            received_at=received_at,
            registered_by_id=None if channel is Channel.WEB else self.staff[Role.MODERATOR].id,
            postmarked_on=opens_on + timedelta(days=postmarked) if postmarked is not None else None,
        )
        comments = self.session.scalars(
            select(Comment)
            .where(Comment.consultation_id == consultation.id)
            .order_by(Comment.number.desc())
            .limit(len(sample["comments"]))
        ).all()[::-1]
        for comment, said in zip(comments, sample["comments"], strict=True):
            try:
                self._review(consultation, comment, said, min(received_at + timedelta(hours=5), self.now))
            except Refusal as refusal:
                raise ValueError(f"sample {receipt.number}: {refusal}") from refusal

    def _clause(self, consultation: Consultation, path: str, quote: str) -> Clause | None:
        """The clause with these printed numbers, or the unnumbered paragraph under it that holds the quotation."""
        if not path:
            return None
        for clause in consultation.version.clauses:
            here = clause.path == path.split() and (clause.number or quote)
            if here and (not quote or quoted(quote, clause.printed)):
                return clause
        raise ValueError(f"no clause {path!r} in {consultation.slug}")

    def _review(self, consultation: Consultation, comment: Comment, said: dict[str, Any], at: datetime) -> None:
        state = CommentState(said["review"]["state"])
        if state is not CommentState.PENDING:
            own = moderation.own_numbers(consultation)
            masks = moderation.suggested_masks(comment, own) if state is CommentState.PUBLISHED else []
            moderation.decide(
                self.session, self.staff[Role.MODERATOR].actor, comment, state, revision=0, at=at,
                reason_code=said["review"].get("reason", ""), note=said["review"].get("note", ""), masks=masks, own=own,
            )  # fmt: skip
        if said.get("disposition") and state is CommentState.PUBLISHED:
            responding.respond(
                self.session, self.staff[Role.DRAFTER].actor, consultation, [comment.number],
                disposition=said["disposition"], reason=said.get("reason", ""),
                changed_text=said.get("changed_text", ""), at=at + timedelta(days=1),
            )  # fmt: skip

    def _answer(self, consultation: Consultation, at: datetime) -> None:
        publisher = self.staff[Role.PUBLISHER].actor
        results.publish(self.session, self.seal, publisher, consultation, at, public_url=self.settings.public_url)
        kept = summaries.freeze(self.session, publisher, consultation, at, self.settings.public_url)
        reviewer = self.staff[Role.MODERATOR].actor
        summaries.sign(self.session, reviewer, consultation, kept, SummaryState.REVIEWED, at)
        summaries.sign(self.session, publisher, consultation, kept, SummaryState.RELEASED, at)
        summaries.release(self.session, publisher, consultation, kept, at)
