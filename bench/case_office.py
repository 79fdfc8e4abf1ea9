"""The office of the complete case: it publishes the draft, receives what people send, and decides what is public."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench import voices
from portal import drafts
from portal.access import Role
from portal.cli import samples, work
from portal.db import Database
from portal.drafts.corrections import simplified
from portal.models import Account, Bureau, Campaign, Clause, Comment, Consultation
from portal.rules import window
from portal.rules.words import Channel, CommentState
from portal.sealing import Seal
from portal.services import (
    accounts,
    baskets,
    commenting,
    confirming,
    handing_in,
    importing,
    jobs,
    judging,
    moderation,
    publishing,
    reference,
    registering,
)
from portal.services.identity import Identity

SLUG = "case"
#: what the letter that many send asks for
CAMPAIGN = "免申即享"
#: when a draft names no window of its own
DEFAULT_WINDOW = (date(2026, 3, 2), date(2026, 4, 1))
#: what a web page has made of two words, as the officer corrects it after the original
MENDED = {
    "??萍夹椭行∑髽I": "科技型中小企业",
    "？？萍夹椭行∑髽I": "科技型中小企业",
    "??顚S?、": "专款专用、",
    "？？顚S？、": "专款专用、",
}
DOCUMENT_TYPE = "QT"


@dataclass
class Office:
    """The office at work on one consultation, until the comments are decided on and grouped."""

    database: Database
    seal: Seal
    url: str
    out: Path
    staff: dict[str, int] = field(default_factory=dict)
    #: for each comment by its number what it argues
    argued: dict[int, voices.Argument] = field(default_factory=dict)
    receipts: list[str] = field(default_factory=list)

    def actor(self, session: Session, who: str):  # type: ignore[no-untyped-def]
        return session.get_one(Account, self.staff[who]).actor

    def consultation(self, session: Session) -> Consultation:
        return session.scalars(select(Consultation).where(Consultation.slug == SLUG)).one()

    def work(self, at: datetime) -> None:
        """Lets the worker do what is due."""
        work.ask_for_due(self.database, at)
        work.run_due(self.database, work.KINDS, lambda: jobs.Setting(self.seal, self.url, at))

    # ── the draft ─────────────────────────────────────────────────────────────────────────────────────

    def open(self, file: Path) -> None:
        """Imports the draft, settles its doubts, publishes it with a notice."""
        draft = drafts.parse(file.read_text(encoding="utf-8"))
        opens_on, closes_on = DEFAULT_WINDOW
        if draft.facts.opens_on and draft.facts.closes_on:
            opens_on, closes_on = map(date.fromisoformat, (draft.facts.opens_on, draft.facts.closes_on))
        opens_at, _ = window.bounds(opens_on, closes_on)
        with self.database.transaction() as session:
            reference.fill(session)
            bureau = Bureau(code="kjj", name=draft.facts.issuing_bureau or "示例市科学技术局", short_name="市科技局")
            session.add(bureau)
            self._hire(session, bureau)
            publisher = self.actor(session, "publisher")
            found = importing.import_draft(
                session, publisher, bureau, draft, source_name=file.name, at=opens_at - timedelta(days=3), slug=SLUG
            )
            if any(doubt["code"] == "traditional" for doubt in found.version.doubts):
                importing.correct_whole(session, publisher, found, "simplify", opens_at - timedelta(days=2))
                bureau.name = simplified(bureau.name)
                for name in ("contact_unit", "postal_address"):
                    setattr(found, name, simplified(getattr(found, name)))
            self._mend(session, found, opens_at - timedelta(days=2))
            wanted = publishing.Notice(
                title=found.title, document_type=DOCUMENT_TYPE, opens_on=opens_on, closes_on=closes_on,
                explanatory_note="一、起草背景\n贯彻落实上级关于支持企业科技创新的部署。\n二、主要内容\n明确目标、任务和保障措施。",
                contact_unit=found.contact_unit, phone=found.phone, email=found.email or "kjj@example.gov.cn",
                postal_address=found.postal_address or "示例市创新路1号",
                shortened_reason="上级文件已明确配套方案的印发时限，为使政策衔接、企业及早受益，本次征求意见期限适当缩短。"
                if (closes_on - opens_on).days < 30 else "",
            )  # fmt: skip
            publishing.fill_notice(session, publisher, found, wanted, opens_at - timedelta(days=1))
            publishing.publish(session, publisher, found, opens_at)
            found.outreach = "在门户网站、政务新媒体发布公告，向行业协会和重点企业发函，召开企业座谈会2次。"

    def _hire(self, session: Session, bureau: Bureau) -> None:
        lines = []
        people = [(login, name, role) for role, (login, name) in samples.STAFF.items()]
        people += [("moderator2", "复核员（示例）", Role.MODERATOR), ("drafter2", "起草人员二（示例）", Role.DRAFTER)]
        for login, name, role in people:
            password = accounts.easy_password()
            # of today: a password of the days of the draft would have to be changed at once
            made = accounts.create(
                session, login=login, name=name, role=role, bureau=bureau, password=password, at=datetime.now(UTC)
            )
            session.flush()
            self.staff[login] = made.id
            lines.append(f"{role.label}　{login}　{password}")
        (self.out / "site").mkdir(parents=True, exist_ok=True)
        (self.out / "site" / samples.SIGN_INS).write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _mend(self, session: Session, found: Consultation, at: datetime) -> None:
        for position, clause in enumerate(list(found.version.clauses)):
            text = clause.text
            for broken, whole in MENDED.items():
                text = text.replace(broken, whole)
            if text != clause.text:
                importing.correct(
                    session, self.actor(session, "publisher"), found, position, "rewrite", at,
                    number=clause.number, heading=clause.heading, text=text,
                )  # fmt: skip

    # ── what arrives, and the desk ────────────────────────────────────────────────────────────────────

    def receive(self) -> None:
        """Everybody sends; the office registers what does not come by the website; the desk decides next morning."""
        with self.database.reader() as session:
            found = self.consultation(session)
            places = [voices.Place(clause.label, clause.heading, clause.text) for clause in found.version.clauses]
            opens_at, length = found.window.opens_at, found.window.closes_at - found.window.opens_at
        numbers: dict[int, int] = {}
        letters = voices.compose(places)
        for position, letter in enumerate(letters):
            on = (opens_at + length * letter.day * 0.999).astimezone(window.BEIJING).date()
            received_at = datetime.combine(on, time(*letter.clock), window.BEIJING)
            with self.database.transaction() as session:
                found = self.consultation(session)
                first = found.comments_numbered + 1
                if letter.way == "web":
                    self._sent(session, found, letter, received_at)
                else:
                    self._registered(session, found, letter, received_at)
                numbers[position] = first
                for number, said in enumerate(letter.remarks, first):
                    self.argued[number] = said.argument
            with self.database.transaction() as session:
                for number in range(first, first + len(letter.remarks)):
                    self._decide(session, letter, number, received_at + timedelta(hours=20), numbers)
        print(f"{len(letters)} letters, {sum(len(letter.remarks) for letter in letters)} comments")

    def _clause(self, found: Consultation, label: str) -> Clause | None:
        return next(clause for clause in found.version.clauses if clause.label == label) if label else None

    def _sent(self, session: Session, found: Consultation, letter: voices.Letter, at: datetime) -> None:
        receipt = commenting.register(
            session, self.seal, found,
            identity=Identity(
                kind=letter.kind, organisation=letter.organisation, name=letter.name,
                phone="13800000000" if letter.organisation else "",
                email="someone@example.com" if letter.organisation else "", has_read_notice=True,
            ),
            remarks=[
                (self._clause(found, said.argument.label), baskets.Remark(said.argument.stance, said.body, said.proposed))
                for said in letter.remarks
            ],
            channel=Channel.WEB, received_at=at,
        )  # fmt: skip
        self.receipts.append(f"{receipt.number} {receipt.secret} {letter.voice} {len(letter.remarks)}")

    def _registered(self, session: Session, found: Consultation, letter: voices.Letter, at: datetime) -> None:
        first, second = self.actor(session, "moderator"), self.actor(session, "moderator2")
        typed = []
        for said in letter.remarks:
            clause = self._clause(found, said.argument.label)
            cited, label = (clause.citation, clause.label) if clause else ("全文", "")
            typed.append(registering.Typed(cited, said.body, said.argument.stance, said.proposed, label))
        filled = registering.Filled(
            channel=letter.way, received_on=at.date(), received_time=at.time(), kind=letter.kind,
            organisation=letter.organisation, name=letter.name, remarks=typed,
            postmarked_on=at.date() if letter.way == "letter" else None,
            text="\n".join(said.body for said in letter.remarks),
        )  # fmt: skip
        at += timedelta(hours=1)
        made = registering.begin(session, self.seal, first, found, filled, at)
        handing_in.hand_in(session, first, made, made.revision, at)
        confirming.confirm(session, self.seal, second, made, made.revision, at + timedelta(hours=1), self.url)

    def _decide(
        self, session: Session, letter: voices.Letter, number: int, at: datetime, numbers: dict[int, int]
    ) -> None:
        found = self.consultation(session)
        actor = self.actor(session, "moderator")
        comment = session.scalars(
            select(Comment).where(Comment.consultation_id == found.id, Comment.number == number)
        ).one()
        code, note = letter.withheld
        if code:
            moderation.decide(
                session, actor, comment, CommentState.WITHHELD, revision=0, at=at, reason_code=code, note=note
            )
        elif letter.repeats is not None:
            moderation.decide(
                session, actor, comment, CommentState.MERGED, revision=0, at=at, merged_into=numbers[letter.repeats],
                note="同一提出人以另一方式再次来稿，文字相同。",
            )  # fmt: skip
        else:
            own = moderation.own_numbers(found)
            masks = moderation.suggested_masks(comment, own)
            moderation.decide(session, actor, comment, CommentState.PUBLISHED, revision=0, at=at, masks=masks, own=own)

    def judge(self, at: datetime) -> None:
        """What the machine left apart of the campaign is joined by hand, and the campaign is named."""
        with self.database.transaction() as session:
            found, moderator = self.consultation(session), self.actor(session, "moderator")
            numbers = [number for number, argument in self.argued.items() if argument.name == CAMPAIGN]
            parts = session.scalars(
                select(Campaign)
                .join(Comment, Comment.campaign_id == Campaign.id)
                .where(Comment.consultation_id == found.id, Comment.number.in_(numbers), Campaign.is_short.is_(False))
                .distinct()
                .order_by(Campaign.comments.desc(), Campaign.id)
            ).all()
            print(f"the campaign was found in {len(parts)} parts")
            for other in parts[1:]:
                judging.join(session, moderator, found, parts[0], other, at)
            if parts:
                judging.rename(session, moderator, found, parts[0], CAMPAIGN, at)
