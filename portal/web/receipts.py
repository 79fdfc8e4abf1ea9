"""The receipt: what was received, and what became of it. Number and secret open it; no account."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import AlreadyDone, NotThere, NotValid, Refusal, WindowNotOpen
from portal.models import Submission
from portal.reports import qr
from portal.reports import receipt as paper
from portal.rules.receipts import canonical, normal_receipt_number
from portal.rules.uploads import size_words
from portal.services import amending, receipts, reference
from portal.services import tracking as tracking_service
from portal.services.baskets import Remark, printed_code
from portal.services.tracking import Story
from portal.web import limits, tracking
from portal.web.forms import ActForm, AppealForm, CorrectionForm, TrackForm
from portal.web.gate import commit, now, permit, seal, session, settings
from portal.web.refusals import STATUS

blueprint = Blueprint("receipts", __name__, url_prefix="/receipts")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def look_up() -> str | Response | tuple[str, int]:
    """Ask for number and secret."""
    form = TrackForm()
    if request.method == "GET":
        form.number.data = request.args.get("number", "")
        return render_template("receipts/look_up.html", form=form)
    number = normal_receipt_number(form.typed("number"))
    try:
        if number is None:
            raise NotValid("受理编号有误，请核对，例如 26-07-00091-3。", fault="number")
        if _opened(number, form.typed("secret")) is None:
            raise NotValid("受理编号或查询码不对，请核对回执。", fault="secret")
    except NotValid as refusal:
        form.blame(refusal)
        return render_template("receipts/look_up.html", form=form), 422
    answer = redirect(url_for(".show", number=number))
    tracking.remember(answer, number, printed_code(form.typed("secret")))
    return answer


def _opened(number: str, secret: str) -> Submission | None:
    """The submission when the secret is its own. Raises TooMany for somebody who tries and tries."""
    limits.require(limits.LOOK_UP, limits.visitor())
    limits.require(limits.LOOK_UP_ONE, number)
    return tracking_service.tracked(session(), seal(), number, secret)


@blueprint.get("/<number>")
@permit(Permission.COMMENT)
def show(number: str) -> str | Response:
    """One receipt, for the browser that holds its secret; others are asked for it. A link may carry the secret."""
    if key := request.args.get("key", ""):
        answer = redirect(url_for(".show", number=number))
        if _opened(number, key) is not None:
            tracking.remember(answer, number, printed_code(key))
        return answer
    secret = tracking.secret()
    submission = tracking_service.tracked(session(), seal(), number, secret) if secret else None
    if submission is None:
        return redirect(url_for(".look_up", number=number))
    return _page(submission, secret, is_new="sent" in request.args)


def _held(number: str) -> tuple[Submission, str]:
    """The submission this browser holds the secret of. Raises NotThere."""
    secret = tracking.secret()
    submission = tracking_service.tracked(session(), seal(), number, secret) if secret else None
    if submission is None:
        raise NotThere("请先在“查询来稿”填写受理编号和查询码。")
    return submission, secret


def _page(
    submission: Submission, secret: str, *, is_new: bool = False, appeal: AppealForm | None = None, appealed: int = 0
) -> str:
    consultation = submission.consultation
    told = tracking_service.stories(session(), submission)
    return render_template(
        "receipts/show.html",
        submission=submission,
        consultation=consultation,
        secret=secret,
        link=f"{settings().public_url}{url_for('.show', number=submission.receipt_number)}?key={secret}",
        qr=qr.path(f"{settings().public_url}{url_for('.show', number=submission.receipt_number)}"),
        is_new=is_new,
        stories=told,
        confidential={s.comment.id: receipts.confidential(seal(), s.comment) for s in told},
        steps=tracking_service.steps(submission, told, now()),
        are_results_out=_are_results_out(submission),
        state=consultation.state(now()),
        window=consultation.window,
        reasons={reason.code: reason.words for reason in reference.withholding_reasons(session())},
        appeal=appeal or AppealForm(formdata=None),
        appealed=appealed,
        act=ActForm(formdata=None),
    )


def _are_results_out(submission: Submission) -> bool:
    out_at = submission.consultation.results_published_at
    return out_at is not None and out_at <= now()


@blueprint.get("/<number>/receipt.pdf")
@permit(Permission.COMMENT)
def pdf(number: str) -> Response:
    """The receipt on paper."""
    submission, secret = _held(number)
    return on_paper(submission, secret)


def on_paper(submission: Submission, secret: str) -> Response:
    """The receipt as a file to be printed."""
    made = paper.render(_paper(submission, secret))
    return _file(made, paper.MIMETYPE, f"receipt-{submission.receipt_number}.pdf")


@blueprint.get("/<number>/receipt.json")
@permit(Permission.COMMENT)
def payload(number: str) -> Response:
    """The very bytes the digest is of: `sha256sum` of this file is what the receipt says."""
    submission, _ = _held(number)
    body = canonical(receipts.payload_of(seal(), submission))
    return _file(body, "application/json", f"receipt-{submission.receipt_number}.json")


def _file(body: bytes, mimetype: str, name: str) -> Response:
    answer = Response(body, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f"attachment; filename={name}"
    return answer


def _paper(submission: Submission, secret: str) -> paper.Paper:
    consultation = submission.consultation
    return paper.Paper(
        title=consultation.title,
        publisher=consultation.publisher,
        number=submission.receipt_number,
        secret=secret,
        received_at=submission.received_at,
        channel=submission.channel.label,
        respondent=f"{submission.respondent.organisation or submission.respondent.shown_as}"
        f"（{submission.respondent.kind.label}）",
        region=submission.respondent.region,
        letter=submission.letter.name if submission.letter else "",
        digest=submission.receipt_digest,
        address=f"{settings().public_url}{url_for('receipts.show', number=submission.receipt_number)}",
        remarks=tuple(
            paper.Remark(
                citation=told.citation,
                heading=comment.clause.heading if comment.clause else "",
                stance=told.words.stance.label,
                reference=comment.reference,
                body=told.words.body,
                quote=told.words.quoted,
                proposed_text=told.words.proposed_text,
                confidential=told.confidential,
                evidence=f"{told.evidence.name}（{size_words(told.evidence.size)}）" if told.evidence else "",
            )
            for comment in submission.first_comments
            for told in (receipts.told(seal(), comment),)
        ),
    )


@blueprint.route("/<number>/comments/<int:comment>/correct", methods=["GET", "POST"])
@permit(Permission.COMMENT)
def correct(number: str, comment: int) -> str | Response | tuple[str, int]:
    """Put new words in the place of a comment, before the window closes."""
    submission, _ = _held(number)
    try:
        story = _story(submission, comment)
        if request.method == "GET":
            amending.require_amendable(submission, comment, now())
    except (NotThere, AlreadyDone, WindowNotOpen) as refusal:
        if request.method == "POST":
            raise  # with the words that were typed
        return render_template("receipts/settled.html", submission=submission, refusal=refusal), STATUS[type(refusal)]
    form = CorrectionForm(obj=story.comment)
    status = 200
    if request.method == "GET":
        form.revision.data = str(story.comment.revision)
        form.confidential.data = receipts.confidential(seal(), story.comment)
        if story.comment.clause is not None and not story.comment.proposed_text:
            form.proposed_text.data = story.comment.clause.text or story.comment.clause.heading
    else:
        remark = Remark(form.typed("stance"), form.typed("body"), form.typed("proposed_text"), form.typed("quote"))
        try:
            amending.correct(
                session(), seal(), submission, comment, remark,
                revision=_revision(), at=now(), confidential=form.typed("confidential"),
            )  # fmt: skip
        except (NotValid, AlreadyDone) as refusal:
            session().rollback()
            status = _blamed(form, refusal)
            submission, _ = _held(number)
            story = _story(submission, comment)
        else:
            commit()
            return redirect(url_for(".show", number=number, _anchor="opinions"))
    page = render_template(
        "receipts/correct.html", submission=submission, consultation=submission.consultation, story=story, form=form
    )
    return page, status


def _blamed(form: CorrectionForm, refusal: Refusal) -> int:
    form.blame(refusal)
    return STATUS.get(type(refusal), 422)


def _story(submission: Submission, number: int) -> Story:
    found = [s for s in tracking_service.stories(session(), submission) if s.comment.number == number]
    if not found:
        raise NotThere("这条意见已经更正或撤回过，请看回执页最新的情况。")
    return found[0]


def _revision() -> int:
    typed = request.form.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1


@blueprint.post("/<number>/comments/<int:comment>/withdraw")
@permit(Permission.COMMENT)
def withdraw(number: str, comment: int) -> Response:
    """Take one comment back, before the window closes."""
    submission, _ = _held(number)
    amending.withdraw(session(), seal(), submission, comment, revision=_revision(), at=now())
    commit()
    return redirect(url_for(".show", number=number, _anchor="opinions"))


@blueprint.post("/<number>/withdraw")
@permit(Permission.COMMENT)
def withdraw_all(number: str) -> Response:
    """Take everything back, before the window closes."""
    submission, _ = _held(number)
    amending.withdraw_all(session(), seal(), submission, now())
    commit()
    return redirect(url_for(".show", number=number, _anchor="opinions"))


@blueprint.post("/<number>/comments/<int:comment>/appeal")
@permit(Permission.COMMENT)
def appeal(number: str, comment: int) -> str | Response | tuple[str, int]:
    """Object to a withholding, once."""
    submission, secret = _held(number)
    form = AppealForm()
    try:
        amending.appeal(session(), submission, comment, form.typed("appeal"), now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _page(_held(number)[0], secret, appeal=form, appealed=comment), 422
    commit()
    return redirect(url_for(".show", number=number, _anchor="opinions"))
