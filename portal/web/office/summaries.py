"""The summary on screen and as files; what staff write for it; signing it, and releasing it to the public."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from portal import reports
from portal.access import Permission
from portal.errors import AlreadyDone, NotThere, NotValid
from portal.models import Consultation, FrozenSummary
from portal.reports import changes, html
from portal.reports.opinions import APART, Opinions
from portal.reports.references import SHOWN, pieces
from portal.reports.summary import Since, Summary, imbalances
from portal.rules import plaintext
from portal.rules.words import Channel, JobState, PointKind, RespondentKind, SummaryState
from portal.services import building, desk, hiding, narrating, points, summaries
from portal.web import display
from portal.web.gate import LARGEST, actor, commit, now, permit, session, settings

blueprint = Blueprint("summaries", __name__, url_prefix="/office/consultations/<slug>/summary")

#: so many published opinions stand on the page itself; of more, each is on a page of its own
LISTED = 400


@blueprint.get("/")
@permit(Permission.READ_SUMMARY)
def show(slug: str) -> str:
    """The summary as it stands now, and those that were kept."""
    return _page(desk.consultation(session(), actor(), slug))


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form of a paragraph and could not be kept."""

    place: str
    words: str
    paragraph_id: int | None
    sentence: str
    #: the stamp of the words the form was filled from; empty when they have changed and are shown again
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Outreach:
    """The field of what was done to reach people; with the sentence when what was typed could not be kept."""

    words: str
    #: the stamp of the words as they were shown
    seen: str
    sentence: str = ""


#: large summaries that were shown lately, by their digests; what was kept never changes, only more of it may be hidden
_thawed: dict[tuple[str, datetime | None], Summary] = {}
_THAWED = 2


def _shown(consultation: Consultation, kept: list[FrozenSummary]) -> Summary | None:
    """The summary as it stands; of a large consultation the newest that was kept, None before there is one."""
    if not building.is_large(consultation):
        return summaries.summarise(session(), consultation, now(), settings().public_url)
    if not kept:
        return None
    key = (kept[0].digest, hiding.last_hidden_at(session(), consultation.id))
    if key not in _thawed:
        while len(_thawed) >= _THAWED:
            _thawed.pop(next(iter(_thawed)), None)
        _thawed[key] = summaries.shown(session(), kept[0])
    return _thawed[key]


#: by digest, whether a kept summary tells answers: it has to be read whole for that, and never changes
_tells_answers: dict[str, bool] = {}


def _too_early(consultation: Consultation, kept: list[FrozenSummary]) -> set[int]:
    """The numbers of the signed summaries that may not be public yet, since they tell answers that are not."""
    if consultation.results_published_at is not None:
        return set()
    found = set()
    for each in kept:
        if each.state is SummaryState.RELEASED and each.released_at is None:
            if each.digest not in _tells_answers:
                _tells_answers[each.digest] = summaries.tells_answers(each)
            if _tells_answers[each.digest]:
                found.add(each.number)
    return found


def _page(consultation: Consultation, typed: Typed | None = None, outreach: Outreach | None = None) -> str:
    kept = summaries.kept_summaries(session(), consultation)
    freezing = building.newest_freeze(session(), consultation) if building.is_large(consultation) else None
    summary = _shown(consultation, kept)
    if summary is None:
        return render_template(
            "office/summary_to_come.html", consultation=consultation, freezing=freezing, job_states=JobState
        )
    days = html.bars(summary)
    is_listed = len(summary.comments) <= LISTED

    def address(reference: str) -> str:
        """Where a reference leads: down the page, or to the opinion's own page."""
        return (
            f"#{reference}"
            if is_listed
            else url_for("consultations.comment", slug=consultation.slug, reference=reference)
        )

    may_release = actor().may(Permission.RELEASE_SUMMARY, consultation.bureau_id)
    return render_template(
        "office/summary.html",
        consultation=consultation,
        summary=summary,
        opinions=Opinions(summary),
        imbalances=list(imbalances(summary)),
        most=max((clause.totals.received for clause in summary.clauses), default=0),
        heat=html.heat,
        days=days,
        axis=html.axis(days),
        senders=_senders(summary),
        is_listed=is_listed,
        address=address,
        pieces=pieces,
        shown=SHOWN,
        apart=APART,
        kinds=PointKind,
        states=SummaryState,
        kept=kept,
        overtaken=summaries.overtaken(session(), consultation, now()),
        building=building.newest_jobs(session(), consultation),
        built={each.id: {file.name: file for file in building.files(session(), each)} for each in kept},
        job_states=JobState,
        may_see_contact=actor().may(Permission.SEE_CONTACT, consultation.bureau_id),
        since=_since(consultation, kept, summary),
        freezing=freezing,
        is_large=building.is_large(consultation),
        formats=reports.FORMATS,
        paragraphs=narrating.paragraphs(session(), consultation),
        stamp=plaintext.stamp,
        typed=typed,
        outreach=outreach or Outreach(consultation.outreach, plaintext.stamp(consultation.outreach)),
        ungathered=points.without_point(session(), consultation),
        is_gathering=points.is_being_gathered(session(), consultation),
        may_write=actor().may(Permission.SORT_POINTS, consultation.bureau_id),
        may_release=may_release,
        too_early=_too_early(consultation, kept) if may_release else set(),
    )


def _since(consultation: Consultation, kept: list[FrozenSummary], summary: Summary) -> Since | None:
    """What changed since the newest that was kept; a large page shows that one, with what it says of the one before."""
    if not kept or building.is_large(consultation):
        return summary.since
    return changes.since(summaries.thaw(kept[0]), summary)


def _senders(summary: Summary) -> tuple[list[Channel], list[tuple[RespondentKind, list[int], int]]]:
    """The submissions by kind and channel, for a table: the channels that occur, and a row for each kind."""
    many = {(kind, channel): count for kind, channel, count in summary.senders}
    channels = [channel for channel, _, _ in summary.by_channel]
    rows = [
        (kind, [many.get((kind, channel), 0) for channel in channels], pieces) for kind, pieces, _ in summary.by_kind
    ]  # fmt: skip
    return channels, rows


@blueprint.post("/")
@permit(Permission.READ_SUMMARY)
def freeze(slug: str) -> Response:
    """Keep the summary as it stands, for signing and download."""
    consultation = desk.consultation(session(), actor(), slug)
    building.freeze(session(), actor(), consultation, now(), settings().public_url)
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")


# ── what staff write ──────────────────────────────────────────────────────────────────────────────────


@blueprint.post("/narrative")
@permit(Permission.SORT_POINTS)
def write(slug: str) -> Response | tuple[str, int]:
    """Keep a paragraph; a sentence without its reference comes back with what is missing."""
    consultation = desk.consultation(session(), actor(), slug)
    place, words = request.form.get("place", "")[:64], request.form.get("words", "")
    number = request.form.get("paragraph", 0, type=int)
    paragraph_id = number if 0 < number <= LARGEST else None
    seen = request.form.get("seen", "")
    try:
        if "remove" in request.form and paragraph_id is not None:
            narrating.remove(session(), actor(), consultation, paragraph_id, now(), seen)
        else:
            narrating.write(session(), actor(), consultation, place, words, now(), paragraph_id, seen)
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        consultation = desk.consultation(session(), actor(), slug)
        is_collision = isinstance(refusal, AlreadyDone)
        typed = Typed(place, words, paragraph_id, display.sentence(refusal), "" if is_collision else seen)
        return _page(consultation, typed), 409 if is_collision else 400
    commit()
    return redirect(url_for(".show", slug=slug) + "#narrative")


@blueprint.post("/outreach")
@permit(Permission.SORT_POINTS)
def tell_outreach(slug: str) -> Response | tuple[str, int]:
    """Keep what was done to reach people; what cannot be kept comes back beside what stands."""
    consultation = desk.consultation(session(), actor(), slug)
    words, seen = request.form.get("outreach", ""), request.form.get("seen", "")
    try:
        narrating.tell_outreach(session(), actor(), consultation, words, now(), seen)
    except (NotValid, AlreadyDone) as refusal:
        session().rollback()
        consultation = desk.consultation(session(), actor(), slug)
        is_collision = isinstance(refusal, AlreadyDone)
        if is_collision:  # who was told has seen what stands
            seen = plaintext.stamp(consultation.outreach)
        page = _page(consultation, outreach=Outreach(words, seen, display.sentence(refusal)))
        return page, 409 if is_collision else 422
    commit()
    return redirect(url_for(".show", slug=slug) + "#facts")


# ── a kept summary ────────────────────────────────────────────────────────────────────────────────────


def _kept(slug: str, number: int) -> tuple[Consultation, FrozenSummary]:
    consultation = desk.consultation(session(), actor(), slug)
    return consultation, summaries.kept_summary(session(), consultation, number)


@blueprint.get("/<int:number>.<extension>")
@permit(Permission.READ_SUMMARY)
def download(slug: str, number: int, extension: str) -> Response:
    """One kept summary as a file."""
    return _file(slug, number, extension, f"意见汇总报告-{slug}-{number}.{extension}")


@blueprint.get("/<int:number>/redline.docx")
@permit(Permission.READ_SUMMARY)
def download_redline(slug: str, number: int) -> Response:
    """The draft with the proposed wordings of a kept summary as tracked changes."""
    return _file(slug, number, building.REDLINE, f"修订底稿-{slug}-{number}.docx")


def _file(slug: str, number: int, name: str, shown_as: str) -> Response:
    """The file as it was built in the background; a small one that is not there yet is made at once."""
    _, kept = _kept(slug, number)
    file = building.built(session(), kept, name)
    if file is not None:
        media_type, content = file.media_type, file.content
    elif name in (*reports.FORMATS, building.REDLINE) and building.is_small(session(), kept):
        media_type, content = building.made(session(), kept, name)
    else:
        raise NotThere("这个文件还在后台生成，请稍后再来。汇总页上看得到进度。")
    return send_file(io.BytesIO(content), mimetype=media_type, as_attachment=True, download_name=shown_as)


@blueprint.get("/<int:number>/archive.zip")
@permit(Permission.READ_SUMMARY)
def download_archive(slug: str, number: int) -> Response:
    """Everything in one archive, without what only a few may see."""
    return _file(slug, number, building.ARCHIVE, f"归档包-{slug}-{number}.zip")


@blueprint.post("/<int:number>/archive-restricted")
@permit(Permission.SEE_CONTACT)
def ask_restricted(slug: str, number: int) -> Response:
    """Ask for the archive with original words and contact data; it is logged."""
    consultation, kept = _kept(slug, number)
    building.ask_restricted(session(), actor(), consultation, kept, now())
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")


@blueprint.get("/<int:number>/archive-restricted.zip")
@permit(Permission.SEE_CONTACT)
def download_restricted(slug: str, number: int) -> Response:
    """The archive with original words and contact data."""
    return _file(slug, number, building.SEALED_ARCHIVE, f"归档包（限制查阅）-{slug}-{number}.zip")


@blueprint.post("/<int:number>/build")
@permit(Permission.READ_SUMMARY)
def build(slug: str, number: int) -> Response:
    """Ask for the files again, after building them failed."""
    consultation, kept = _kept(slug, number)
    building.ask(session(), consultation, kept, now(), actor())
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")


@blueprint.post("/<int:number>/sign")
@permit(Permission.READ_SUMMARY)
def sign(slug: str, number: int) -> Response:
    """Sign one kept summary as reviewed, or as released to the drafters."""
    consultation, kept = _kept(slug, number)
    try:
        state = SummaryState(request.form.get("state", ""))
    except ValueError:
        raise NotThere("没有这一步。") from None
    building.sign(session(), actor(), consultation, kept, state, now(), request.form.get("note", ""))
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")


@blueprint.post("/<int:number>/release")
@permit(Permission.RELEASE_SUMMARY)
def release(slug: str, number: int) -> Response:
    """Let the public see one kept summary."""
    consultation, kept = _kept(slug, number)
    summaries.release(session(), actor(), consultation, kept, now())
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")
