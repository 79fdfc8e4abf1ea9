"""`python -m bench.complete_case OUTDIR [--draft FILE]`: one consultation from the draft to the published result.

A draft is published, three hundred comments arrive (`bench.voices`), and everything the office does with them is done
through the services: registered, moderated, masked, merged, grouped, pointed, summarised, signed, routed, answered,
published, adopted. Every file the portal writes is put into OUTDIR, and checked where it can be. OUTDIR/site is the
data folder of that site: `PORTAL_DATA_DIR=OUTDIR/site make run` shows its pages.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from docx import Document
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench import voices
from portal import config, drafts
from portal.access import Role
from portal.analysis.links import Groups
from portal.cli import samples, work
from portal.db import Database
from portal.drafts.corrections import simplified
from portal.models import Account, Bureau, Campaign, Clause, Comment, Consultation, FrozenSummary, OutgoingEmail
from portal.reports import adoption_files
from portal.rules import uploads, window
from portal.rules.words import Channel, CommentState, PointKind, SummaryState
from portal.sealing import Seal
from portal.services import (
    accounts,
    adopting,
    archiving,
    baskets,
    building,
    case_files,
    commenting,
    confirming,
    handing_in,
    importing,
    jobs,
    judging,
    moderation,
    points,
    publishing,
    reference,
    registering,
    responding,
    results,
    routing,
    sorting,
    summaries,
    verifying,
)
from portal.services.adopting import Issued
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
class Case:
    """The office at work on one consultation."""

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

    # ── points ────────────────────────────────────────────────────────────────────────────────────────

    def sort(self, at: datetime) -> None:
        """Points are made; people put together what was split, name the largest and mark the main ones."""
        with self.database.transaction() as session:
            points.ask(session, self.consultation(session), at)
        self.work(at)
        for name in ("merge", "rename"):
            with self.database.transaction() as session:
                getattr(self, f"_{name}_points")(session, at)
            self.work(at)

    def _spoken(self, each: points.Stored) -> str:
        """What most comments of a point argue."""
        return Counter(self.argued[number].name for number in each.numbers).most_common(1)[0][0]

    def _merge_points(self, session: Session, at: datetime) -> None:
        found, drafter = self.consultation(session), self.actor(session, "drafter")
        stored = points.stored(session, found)
        same: dict[tuple[int | None, str], list[str]] = defaultdict(list)
        for place, some in stored.items():
            for each in some:
                if each.point.kind in (PointKind.ARGUMENT, PointKind.SINGLE):
                    same[place, self._spoken(each)].append(each.point.key)
        split = [keys for keys in same.values() if len(keys) > 1]
        print(f"{sum(map(len, stored.values()))} points proposed, {len(split)} arguments in more than one")
        for keys in split[: len(split) // 2]:
            sorting.merge(session, drafter, found, keys, at)

    def _rename_points(self, session: Session, at: datetime) -> None:
        found, drafter = self.consultation(session), self.actor(session, "drafter")
        several = [
            each for some in points.stored(session, found).values() for each in some
            if each.point.kind is PointKind.ARGUMENT
        ]  # fmt: skip
        several.sort(key=lambda each: -len(each.numbers))
        for each in several[:6]:
            sorting.rename(session, drafter, found, each.point.key, self._spoken(each), at)
        for each in several[:3]:
            sorting.mark(session, drafter, found, each.point.key, True, at)

    # ── answers ───────────────────────────────────────────────────────────────────────────────────────

    def summarise(self, at: datetime, *, is_public: bool = False) -> int:
        """Freezes a summary, has it reviewed and released; its number."""
        with self.database.transaction() as session:
            kept = building.freeze(session, self.actor(session, "drafter"), self.consultation(session), at, self.url)
            assert kept is not None, "three hundred comments are gathered at once"
            number = kept.number
        for who, state in (("moderator", SummaryState.REVIEWED), ("publisher", SummaryState.RELEASED)):
            at += timedelta(hours=2)
            with self.database.transaction() as session:
                found = self.consultation(session)
                kept = summaries.kept_summary(session, found, number)
                building.sign(session, self.actor(session, who), found, kept, state, at)
                if is_public and state is SummaryState.RELEASED:
                    summaries.release(session, self.actor(session, who), found, kept, at)
        self.work(at)
        return number

    def route(self, at: datetime) -> None:
        """Each clause goes to the office the draft names, the whole draft to the bureau."""
        with self.database.transaction() as session:
            found = self.consultation(session)
            due_on = window.day_in_beijing(at) + timedelta(days=14)
            wanted = dict.fromkeys((0, *(c.id for c in found.version.clauses)), ("市科技局", due_on))
            wanted |= {
                clause_id: (office, due_on)
                for clause_id, office in routing.proposal(routing.wards(session, found)).items()
            }
            routing.route(session, self.actor(session, "publisher"), found, wanted, at)

    def answer(self, at: datetime) -> None:
        """Each argument is answered at once with all who make it, and the campaign as a whole."""
        with self.database.reader() as session:
            groups = self._answered_together(session, self.consultation(session))
        for numbers in groups:
            argument = Counter(self.argued[number] for number in numbers).most_common(1)[0][0]
            changed = argument.changed if argument.disposition in ("adopted", "partly_adopted") else ""
            if argument.disposition == "adopted" and argument.is_there:
                changed = "原稿已体现"
            with self.database.transaction() as session:
                found = self.consultation(session)
                open_ones = {c.number for c in responding.unanswered(session, found)} & set(numbers)
                if not open_ones:
                    continue
                responding.respond(
                    session, self.actor(session, "drafter"), found, sorted(open_ones),
                    disposition=argument.disposition, reason=argument.reason, changed_text=changed, at=at,
                    is_whole_campaign=argument.name == CAMPAIGN,
                )  # fmt: skip

    def _answered_together(self, session: Session, found: Consultation) -> list[list[int]]:
        """Comments by argument; two arguments that a campaign holds together are answered as one."""
        rows = session.execute(
            select(Comment.number, Comment.campaign_id, Campaign.is_short)
            .outerjoin(Campaign, Campaign.id == Comment.campaign_id)
            .where(Comment.consultation_id == found.id, Comment.state == CommentState.PUBLISHED)
        ).all()
        groups = Groups(range(found.comments_numbered + 1))
        first: dict[object, int] = {}
        for number, campaign_id, is_short in rows:
            argument = self.argued[number]
            groups.join(first.setdefault((argument.name, argument.label), number), number)
            if campaign_id is not None and not is_short:
                groups.join(first.setdefault(campaign_id, number), number)
        together: dict[int, list[int]] = defaultdict(list)
        for number, _, _ in rows:
            together[groups.group_of(number)].append(number)
        return list(together.values())

    def publish(self, at: datetime) -> None:
        """Publishes the result; before that it is refused, with one comment unanswered, and says which."""
        with self.database.transaction() as session:
            found = self.consultation(session)
            results.publish(session, self.seal, self.actor(session, "publisher"), found, at, public_url=self.url)
        at += timedelta(days=9)
        with self.database.transaction() as session:
            found = self.consultation(session)
            final = self._final(found)
            adopting.add(
                session, self.seal, self.actor(session, "publisher"), found,
                Issued(found.title, document_number="示科发〔2026〕3号", adopted_on=window.day_in_beijing(at)), final, at,
            )  # fmt: skip

    def refused(self, at: datetime) -> str:
        """What publishing says while the last answers are missing."""
        with self.database.reader() as session:
            found = self.consultation(session)
            return "；".join(str(each) for each in results.obstacles(session, found, at, results.Plan()))

    def _final(self, found: Consultation) -> uploads.Upload:
        """The document as adopted: the draft with everything in it that was adopted."""
        wanted: dict[str, str] = {}
        for argument in self.argued.values():
            if argument.disposition in ("adopted", "partly_adopted") and argument.changed:
                wanted.setdefault(argument.label, argument.changed)
        document = Document()
        document.add_heading(found.title, 0)
        for clause in found.version.clauses:
            document.add_paragraph(f"{clause.number}{clause.heading}{wanted.get(clause.label, clause.text)}")
        file = self.out / "正式文件.docx"
        document.save(str(file))
        return uploads.checked(file.read_bytes(), file.name)

    # ── files ─────────────────────────────────────────────────────────────────────────────────────────

    def write(self, number: int, at: datetime) -> None:
        """Every file of the summary, the result and the case."""
        with self.database.reader() as session:
            found = self.consultation(session)
            kept: FrozenSummary = summaries.kept_summary(session, found, number)
            for file in building.files(session, kept):
                name = archiving.FILE_NAMES.get(file.name, "归档包.zip")
                (self.out / name).write_bytes(file.content)
            feedback = results.whole(session, results.versions(session, found, at)[0])
            for extension, (render, _) in adoption_files.FORMATS.items():
                (self.out / f"意见采纳情况反馈.{extension}").write_bytes(render(feedback))
            for name in case_files.FILES:
                content, _, title = case_files.render(session, self.actor(session, "drafter"), found, name, at)
                (self.out / f"{title}.{name.rsplit('.', 1)[1]}").write_bytes(content)
        (self.out / "site" / "receipts.txt").write_text("\n".join(self.receipts) + "\n", encoding="utf-8")

    def verify(self) -> bool:
        """Checks each file against the database, as `summaries verify` does."""
        is_right = True
        with self.database.reader() as session:
            for name, title in (archiving.FILE_NAMES | {verifying.ARCHIVE: "归档包.zip"}).items():
                if (self.out / title).exists():
                    found = verifying.verify(session, name, (self.out / title).read_bytes())
                    print(f"verify {title}: {'; '.join(found.faults) or 'right'}")
                    is_right &= not found.faults
        return is_right


def run(out: Path, draft: Path) -> bool:
    """The whole case; whether every file is right."""
    settings = config.from_environment({"PORTAL_DATA_DIR": str(out / "site")})
    if (out / "site" / "portal.sqlite3").exists():
        print(f"{out} holds a case already", file=sys.stderr)
        return False
    out.mkdir(parents=True, exist_ok=True)
    case = Case(Database(settings.database_url), Seal(settings.sealing_key), settings.public_url, out)
    case.database.migrate()
    case.open(draft)
    case.receive()
    with case.database.reader() as session:
        closes_at = case.consultation(session).window.closes_at
    day = timedelta(days=1)
    case.work(closes_at + day)
    case.judge(closes_at + day)
    case.sort(closes_at + 2 * day)
    case.summarise(closes_at + 3 * day)
    case.route(closes_at + 4 * day)
    print("before the answers:", case.refused(closes_at + 4 * day)[:120])
    case.answer(closes_at + 12 * day)
    case.publish(closes_at + 15 * day)
    number = case.summarise(closes_at + 25 * day, is_public=True)
    with case.database.transaction() as session:
        session.execute(update(OutgoingEmail).values(sent_at=closes_at))  # part of a story, owed to nobody
    case.write(number, closes_at + 26 * day)
    with case.database.reader() as session:
        found = case.consultation(session)
        states = Counter(session.scalars(select(Comment.state).where(Comment.consultation_id == found.id)))
        told = {state.value: many for state, many in states.items()}
    print(json.dumps(told, ensure_ascii=False))
    return case.verify()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.complete_case", description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, metavar="OUTDIR")
    sample = Path(__file__).resolve().parent.parent / "portal/samples/five-year-plan.txt"
    parser.add_argument("--draft", type=Path, default=sample, help="a draft as text; a sample plan otherwise")
    arguments = parser.parse_args()
    sys.exit(0 if run(arguments.out, arguments.draft) else 1)


if __name__ == "__main__":
    main()
