"""The published result: the adoption feedback, its files, and a summary that was released."""

from __future__ import annotations

import io

from flask import Blueprint, render_template, send_file
from werkzeug.wrappers import Response

from portal import reports
from portal.access import Permission
from portal.errors import NotThere
from portal.models import Consultation
from portal.reports import adoption
from portal.services import reading, summaries
from portal.web.consultations import shared
from portal.web.gate import now, permit, session, settings

blueprint = Blueprint("results", __name__)


def _consultation(slug: str) -> Consultation:
    consultation = reading.published(session(), slug, now())
    if consultation.results_published_at is None or consultation.results_published_at > now():
        raise NotThere("采纳情况尚未公布。征求意见截止后，起草单位将逐条研究并在这里公布。")
    return consultation


@blueprint.get("/consultations/<slug>/results")
@permit(Permission.READ)
def show(slug: str) -> str:
    """The adoption feedback (意见采纳情况反馈)."""
    consultation = _consultation(slug)
    summary = summaries.summarise(session(), consultation, now(), settings().public_url)
    return render_template(
        "results/show.html",
        **shared(consultation),
        summary=summary,
        table=adoption.table(summary),
        letter=adoption.letter(summary),
        released=summaries.released_summary(session(), consultation),
        formats=reports.FORMATS,
    )


@blueprint.get("/consultations/<slug>/results.<extension>")
@permit(Permission.READ)
def download(slug: str, extension: str) -> Response:
    """The adoption table as a file: docx or xlsx."""
    consultation = _consultation(slug)
    # the cut-off is the publication: the same bytes whoever asks, whenever
    summary = summaries.summarise(
        session(), consultation, consultation.results_published_at or now(), settings().public_url
    )
    file = adoption.render(extension, adoption.table(summary))
    if file is None:
        raise NotThere("没有这种格式的文件。")
    return send_file(
        io.BytesIO(file.content), mimetype=file.mimetype, as_attachment=True,
        download_name=f"意见采纳情况反馈-{consultation.slug}.{extension}",
    )  # fmt: skip


@blueprint.get("/consultations/<slug>/summary.<extension>")
@permit(Permission.READ)
def released(slug: str, extension: str) -> Response:
    """The summary, once it was released."""
    consultation = reading.published(session(), slug, now())
    kept = summaries.released_summary(session(), consultation)
    if kept is None:
        raise NotThere("意见汇总报告尚未公开。")
    return reports_file(reports.public_copy(summaries.thaw(kept)), extension, consultation.slug)


def reports_file(summary: reports.Summary, extension: str, slug: str) -> Response:
    """A summary as a download. Raises NotThere for a format we do not write."""
    report = reports.FORMATS.get(extension)
    if report is None:
        raise NotThere("没有这种格式的文件。")
    return send_file(
        io.BytesIO(report.render(summary)), mimetype=report.MIMETYPE, as_attachment=True,
        download_name=f"意见汇总报告-{slug}.{extension}",
    )  # fmt: skip
