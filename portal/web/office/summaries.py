"""The summary on screen and as files, for the drafting bureau; releasing it to the public."""

from __future__ import annotations

import io

from flask import Blueprint, redirect, render_template, send_file, url_for
from werkzeug.wrappers import Response

from portal import reports
from portal.access import Permission
from portal.reports import redline
from portal.reports.summary import imbalances
from portal.services import desk, summaries
from portal.web.forms import ActForm
from portal.web.gate import actor, commit, now, permit, session, settings
from portal.web.results import reports_file

blueprint = Blueprint("summaries", __name__, url_prefix="/office/consultations/<slug>/summary")


@blueprint.get("/")
@permit(Permission.READ_SUMMARY)
def show(slug: str) -> str:
    """The summary as it stands now, and those that were kept."""
    consultation = desk.consultation(session(), actor(), slug)
    summary = summaries.summarise(session(), consultation, now(), settings().public_url)
    return render_template(
        "office/summary.html",
        consultation=consultation,
        summary=summary,
        imbalances=list(imbalances(summary)),
        most=max((clause.totals.received for clause in summary.clauses), default=0),
        busiest=max((count for _, count in summary.by_day), default=0),
        kept=summaries.kept_summaries(session(), consultation),
        formats=reports.FORMATS,
        act=ActForm(formdata=None),
        may_release=actor().may(Permission.RELEASE_SUMMARY, consultation.bureau_id),
    )


@blueprint.post("/")
@permit(Permission.READ_SUMMARY)
def freeze(slug: str) -> Response:
    """Keep the summary as it stands, for download."""
    consultation = desk.consultation(session(), actor(), slug)
    summaries.freeze(session(), actor(), consultation, now(), settings().public_url)
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")


@blueprint.get("/<int:number>.<extension>")
@permit(Permission.READ_SUMMARY)
def download(slug: str, number: int, extension: str) -> Response:
    """One kept summary as a file."""
    consultation = desk.consultation(session(), actor(), slug)
    kept = summaries.kept_summary(session(), consultation, number)
    return reports_file(summaries.thaw(kept), extension, f"{consultation.slug}-{number}")


@blueprint.get("/<int:number>/redline.docx")
@permit(Permission.READ_SUMMARY)
def download_redline(slug: str, number: int) -> Response:
    """The draft with the proposed wordings of a kept summary as tracked changes."""
    consultation = desk.consultation(session(), actor(), slug)
    summary = summaries.thaw(summaries.kept_summary(session(), consultation, number))
    return send_file(
        io.BytesIO(redline.render(summary)), mimetype=redline.MIMETYPE, as_attachment=True,
        download_name=f"修订底稿-{consultation.slug}-{number}.docx",
    )  # fmt: skip


@blueprint.post("/<int:number>/release")
@permit(Permission.RELEASE_SUMMARY)
def release(slug: str, number: int) -> Response:
    """Let the public see one kept summary."""
    consultation = desk.consultation(session(), actor(), slug)
    kept = summaries.kept_summary(session(), consultation, number)
    summaries.release(session(), actor(), consultation, kept, now())
    commit()
    return redirect(url_for(".show", slug=slug) + "#kept")
