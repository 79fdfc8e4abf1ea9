"""Acts on many comments, and the background work of the bureau."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotAllowed, NotValid
from portal.models import BulkAct, Job
from portal.rules.words import CommentState
from portal.services import bulk, jobs, moderation, reference
from portal.services.sifting import Sieve
from portal.web.gate import actor, asked_number, commit, now, permit, session
from portal.web.office.forms import BulkForm
from portal.web.office.moderation import number_of
from portal.web.office.queue_page import asked, sifted_words
from portal.web.refusals import STATUS

blueprint = Blueprint("bulk", __name__, url_prefix="/office")


@blueprint.post("/consultations/<slug>/moderation/bulk")
@permit(Permission.MODERATE)
def begin(slug: str) -> Response:
    """Make the list of what an act on many would touch."""
    given = asked(slug)
    act = bulk.begin(session(), actor(), given.among[0], given.sieve, now())
    commit()
    return redirect(url_for(".show", act_id=act.id))


@blueprint.get("/bulk/<int:act_id>/")
@permit(Permission.MODERATE)
def show(act_id: int) -> str:
    """The list before it begins; afterwards how far it is and what it left."""
    return _page(bulk.found(session(), actor(), act_id), BulkForm(formdata=None))


def _page(act: BulkAct, form: BulkForm) -> str:
    is_waiting = act.started_at is None
    if form.to.data is None:
        form.to.data = act.to_state.value
    return render_template(
        "office/bulk.html",
        act=act,
        form=form,
        consultation=act.consultation,
        sifted=sifted_words(Sieve.read(act.sieve)),
        state=Sieve.read(act.sieve).state or CommentState.PENDING,
        allowed=[
            to for to, states in bulk.FROM.items() if (Sieve.read(act.sieve).state or CommentState.PENDING) in states
        ],
        listed=bulk.listed(session(), act, asked_number("after") or 0) if is_waiting else None,
        exceptions=bulk.exceptions(session(), act),
        job=session().get(Job, act.job_id) if act.job_id else None,
        may_undo=bulk.may_undo(session(), act),
        undone_by=bulk.undone_by(session(), act),
        undoes=session().get(BulkAct, act.undoes_id) if act.undoes_id else None,
        reasons=reference.reasons_in_force(session()),
        needs_second=moderation.needs_second_person(session()),
        is_proposed=is_waiting and act.reason_code != "",
    )


@blueprint.post("/bulk/<int:act_id>/exceptions")
@permit(Permission.MODERATE)
def leave_out(act_id: int) -> Response:
    """Pick comments of the page on screen out of the act."""
    act = bulk.found(session(), actor(), act_id)
    shown = _numbers("shown")
    bulk.leave_out(session(), actor(), act, sorted(set(shown) - set(_numbers("touch"))), shown)
    commit()
    return redirect(url_for(".show", act_id=act_id, after=request.args.get("after"), kept=1, _anchor="list"))


def _numbers(name: str) -> list[int]:
    return [int(n) for n in request.form.getlist(name) if n.isascii() and n.isdecimal() and len(n) < 10]


@blueprint.post("/bulk/<int:act_id>/start")
@permit(Permission.MODERATE)
def start(act_id: int) -> str | Response | tuple[str, int]:
    """Begin the act; a job does it."""
    act = bulk.found(session(), actor(), act_id)
    form = BulkForm()
    try:
        try:
            to = CommentState(form.typed("to"))
        except ValueError:
            raise NotValid("请选择怎样办理。", fault="to") from None
        bulk.start(
            session(), actor(), act, to, at=now(), reason_code=form.typed("reason_code"), note=form.typed("note"),
            merged_into=number_of(form.typed("merged_into")),
        )  # fmt: skip
    except (NotValid, NotAllowed) as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(bulk.found(session(), actor(), act_id), form), STATUS.get(type(refusal), 422)
    commit()
    return redirect(url_for(".show", act_id=act_id))


@blueprint.post("/bulk/<int:act_id>/undo")
@permit(Permission.MODERATE)
def undo(act_id: int) -> Response:
    """Take the whole act back."""
    act = bulk.found(session(), actor(), act_id)
    bulk.undo(session(), actor(), act, now())
    commit()
    back = bulk.undone_by(session(), act)
    return redirect(url_for(".show", act_id=back.id if back else act_id))


# ── background work ───────────────────────────────────────────────────────────────────────────────────


@blueprint.get("/jobs/")
@permit(Permission.ENTER_OFFICE)
def tasks() -> str:
    """The background work of the bureau, the newest first."""
    listed = jobs.of_bureau(session(), actor())
    return render_template(
        "office/jobs.html", jobs=listed, acts=bulk.of_job(session(), [job.id for job in listed]), open=jobs.OPEN_STATES
    )


@blueprint.post("/jobs/<int:job_id>/<any(stop, go_on):turn>")
@permit(Permission.ENTER_OFFICE)
def steer(job_id: int, turn: str) -> Response:
    """Let a job stop after the step in hand, or go on where it was."""
    job = jobs.job(session(), actor(), job_id)
    (jobs.stop if turn == "stop" else jobs.go_on)(session(), actor(), job, now())
    commit()
    return redirect(_back(job))


def _back(job: Job) -> str:
    act = bulk.of_job(session(), [job.id]).get(job.id)
    if act is not None and request.args.get("from") == "act":
        return url_for(".show", act_id=act.id)
    return url_for(".tasks")
