"""The published result: the adoption feedback in its versions, its files, the document issued in the end."""

from __future__ import annotations

import io

from flask import Blueprint, render_template, request, send_file
from werkzeug.wrappers import Response

from portal import reports
from portal.access import Permission
from portal.errors import NotThere
from portal.models import Consultation, PublishedResult
from portal.reports import adoption_files
from portal.rules.words import Disposition
from portal.services import adopting, hiding, published_results, reading, scorecards, summaries
from portal.web import files
from portal.web.consultations import shared
from portal.web.gate import asked_number, now, permit, session, settings

blueprint = Blueprint("results", __name__)


def _consultation(slug: str) -> Consultation:
    consultation = reading.published(session(), slug, now())
    if consultation.results_published_at is None or consultation.results_published_at > now():
        raise NotThere("采纳情况尚未公布。征求意见截止后，起草单位将逐条研究并在这里公布。")
    return consultation


def _version(consultation: Consultation, number: int | None) -> tuple[PublishedResult, list[PublishedResult]]:
    """The version asked for, or the newest; and all of them."""
    found = published_results.versions(session(), consultation, now())
    chosen = next((each for each in found if number is None or each.number == number), None)
    if chosen is None:
        raise NotThere("没有这一版采纳情况，请看最新的一版。")
    return chosen, found


@blueprint.get("/consultations/<slug>/results")
@permit(Permission.READ)
def show(slug: str) -> str:
    """The adoption feedback (意见采纳情况反馈) as it stands."""
    return _page(_consultation(slug), None)


@blueprint.get("/consultations/<slug>/results/versions/<int:number>")
@permit(Permission.READ)
def version(slug: str, number: int) -> str:
    """One version of the feedback, also one that was corrected since."""
    return _page(_consultation(slug), number)


def _page(consultation: Consultation, number: int | None) -> str:
    result, every = _version(consultation, number)
    try:
        outcome = Disposition(request.args["outcome"]) if request.args.get("outcome") else None
    except ValueError:
        outcome = None
    subject = request.args.get("subject", "")[:500]
    page = published_results.page(session(), result, asked_number("page") or 1, outcome, subject)
    released = summaries.released_summary(session(), consultation)
    return render_template(
        "results/show.html",
        **shared(consultation),
        result=result,
        versions=every,
        feedback=published_results.feedback_of(session(), result),
        hidden_at=hiding.last_hidden_at(session(), consultation.id),
        page=page,
        outcome=outcome,
        subject=subject,
        document=adopting.current(session(), consultation, now()),
        released=released,
        overtaken=summaries.overtaken(session(), consultation, now()) if released else None,
        formats=reports.FORMATS,
        files=adoption_files.FORMATS,
    )


@blueprint.get("/consultations/<slug>/results.<extension>")
@permit(Permission.READ)
def download(slug: str, extension: str) -> Response:
    """The feedback as a file; the same bytes whoever asks, whenever."""
    consultation = _consultation(slug)
    if extension not in adoption_files.FORMATS:
        raise NotThere("没有这种格式的文件。")
    result, _ = _version(consultation, asked_number("version"))
    render, mimetype = adoption_files.FORMATS[extension]
    suffix = f"-第{result.number}版" if result.number > 1 else ""
    return send_file(
        io.BytesIO(render(published_results.whole(session(), result))), mimetype=mimetype, as_attachment=True,
        download_name=f"意见采纳情况反馈-{consultation.slug}{suffix}.{extension}",
    )  # fmt: skip


@blueprint.get("/consultations/<slug>/adopted")
@permit(Permission.READ)
def adopted(slug: str) -> str:
    """The document issued in the end, and how it came about: the address an official page can link back to."""
    consultation = reading.published(session(), slug, now())
    document = adopting.current(session(), consultation, now())
    if document is None:
        raise NotThere("正式文件尚未公布。")
    return render_template("results/adopted.html", **shared(consultation), document=document)


@blueprint.get("/consultations/<slug>/adopted/file")
@permit(Permission.READ)
def adopted_file(slug: str) -> Response:
    """The file of the document."""
    return files.answer(adopting.file(session(), reading.published(session(), slug, now()), now()))


@blueprint.get("/bureaus/")
@permit(Permission.READ)
def bureaus() -> str:
    """The bureaus of this site, each with its figures."""
    return render_template("results/bureaus.html", bureaus=scorecards.bureaus(session(), now()))


@blueprint.get("/bureaus/<code>/")
@permit(Permission.READ)
def scorecard(code: str) -> str:
    """What one bureau did with what it heard."""
    return render_template(
        "results/scorecard.html", card=scorecards.of_bureau(session(), code, now(), settings().answer_days)
    )


@blueprint.get("/consultations/<slug>/summary.<extension>")
@permit(Permission.READ)
def released(slug: str, extension: str) -> Response:
    """The summary, once it was released."""
    consultation = reading.published(session(), slug, now())
    kept = summaries.released_summary(session(), consultation)
    if kept is None:
        raise NotThere("意见汇总报告尚未公开。")
    return reports_file(reports.public_copy(summaries.shown(session(), kept)), extension, consultation.slug)


def reports_file(summary: reports.Summary, extension: str, slug: str) -> Response:
    """A summary as a download. Raises NotThere for a format we do not write."""
    report = reports.FORMATS.get(extension)
    if report is None:
        raise NotThere("没有这种格式的文件。")
    return send_file(
        io.BytesIO(report.render(summary)), mimetype=report.MIMETYPE, as_attachment=True,
        download_name=f"意见汇总报告-{slug}.{extension}",
    )  # fmt: skip
