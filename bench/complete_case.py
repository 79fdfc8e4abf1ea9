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
from datetime import datetime, timedelta
from pathlib import Path

from docx import Document
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bench.case_office import CAMPAIGN, Office
from portal import config
from portal.analysis.links import Groups
from portal.db import Database
from portal.models import Campaign, Comment, Consultation, FrozenSummary, OutgoingEmail
from portal.reports import adoption_files
from portal.rules import uploads, window
from portal.rules.words import CommentState, PointKind, SummaryState
from portal.sealing import Seal
from portal.services import (
    adopting,
    archiving,
    building,
    case_files,
    points,
    published_results,
    responding,
    results,
    routing,
    sorting,
    summaries,
    verifying,
)
from portal.services.adopting import Issued


class Case(Office):
    """The same office from the points to the published result and its files."""

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
            feedback = published_results.whole(session, published_results.versions(session, found, at)[0])
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
    case = Case(
        Database(settings.database_url), Seal(settings.sealing_keys, settings.index_key), settings.public_url, out
    )
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
