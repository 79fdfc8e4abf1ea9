"""Importing a draft and correcting its outline."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from portal import drafts
from portal.access import Permission
from portal.errors import NotValid, Refusal
from portal.models import Bureau, Clause, Consultation
from portal.rules import plaintext
from portal.services import desk, importing
from portal.web import display
from portal.web.forms import ActForm
from portal.web.gate import account, actor, asked_number, commit, now, permit, session
from portal.web.office.forms import ImportForm
from portal.web.outline import clause_at, lines_of, passages, source_lines

blueprint = Blueprint("drafts", __name__, url_prefix="/office")


@blueprint.route("/import", methods=["GET", "POST"])
@permit(Permission.IMPORT_DRAFT)
def import_draft() -> str | Response | tuple[str, int]:
    """Read a file or a pasted text."""
    form = ImportForm()
    if request.method == "GET":
        return render_template("office/import.html", form=form)
    signed_in = account()
    if signed_in is None:
        return redirect(url_for("accounts.sign_in"))
    try:
        draft, name = read_draft(form)  # before any transaction: a slow file holds nobody up
        bureau = session().get_one(Bureau, signed_in.bureau_id)
        consultation = importing.import_draft(session(), actor(), bureau, draft, source_name=name, at=now())
    except Refusal as refusal:
        session().rollback()
        form.blame(refusal if isinstance(refusal, NotValid) else NotValid(display.sentence(refusal), fault="file"))
        return render_template("office/import.html", form=form), 422
    commit()
    return redirect(url_for(".outline", slug=consultation.slug))


def read_draft(form: ImportForm) -> tuple[drafts.Draft, str]:
    """The draft in the file, or in the text that was pasted, and what the source is called."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return drafts.read(upload.read(), upload.filename), plaintext.received(upload.filename)[:200]
    if form.typed("text").strip():
        return drafts.parse(form.typed("text")), gettext("粘贴的文本")
    raise NotValid("请选择文件，或粘贴征求意见稿全文。", fault="text")


@blueprint.get("/consultations/<slug>/outline")
@permit(Permission.IMPORT_DRAFT)
def outline(slug: str) -> str:
    """The outline beside the source, doubts first."""
    consultation = desk.consultation(session(), actor(), slug)
    return _outline_page(consultation, ImportForm(formdata=None))


def _outline_page(consultation: Consultation, form: ImportForm) -> str:
    version = consultation.version_in_preparation
    position = asked_number("clause")
    in_hand = next((clause for clause in version.clauses if clause.position == position), None)
    junk = {item["line"]: (item["text"].strip(), item["why"]) for item in version.junk}
    by_line: dict[int, Clause] = {}
    for clause in version.clauses:
        by_line.setdefault(clause.line, clause)
    hand_lines, show = lines_of(version.clauses, in_hand), request.args.get("show", "")
    waiting = [doubt["line"] for doubt in version.doubts if not doubt.get("settled")]
    return render_template(
        "office/outline.html",
        consultation=consultation,
        version=version,
        clauses=version.clauses,
        source=version.source_text.split("\n"),
        lines=source_lines(version.source_text, junk, waiting, hand_lines, show),
        shows_all=show == "all",
        hand_lines=hand_lines,
        doubt_lines=set(waiting) - {1},  # what is said of the whole file stands at its first line
        doubtful={line: clause_at(version.clauses, line) for line in waiting},
        clause_lines=by_line,
        in_hand=in_hand,
        targets=[target for target in version.targets if in_hand is not None and target["node"] == in_hand.label],
        form=form,
        act=ActForm(formdata=None),
    )


@blueprint.post("/consultations/<slug>/outline/<int:position>/<act>")
@permit(Permission.IMPORT_DRAFT)
def correct(slug: str, position: int, act: str) -> Response:
    """Correct one clause."""
    consultation = desk.consultation(session(), actor(), slug)
    words = {name: request.form[name] for name in ("number", "heading", "text", "cut", "title") if name in request.form}
    seen, doubt = request.form.get("seen", type=int), request.form.get("doubt", type=int)
    in_hand = importing.correct(session(), actor(), consultation, position, act, now(), seen, doubt, **words)
    commit()
    if doubt is not None:
        return _to_next_doubt(consultation, doubt)
    return redirect(url_for(".outline", slug=slug, clause=in_hand) + "#hand")


@blueprint.post("/consultations/<slug>/outline/<act>")
@permit(Permission.IMPORT_DRAFT)
def correct_whole(slug: str, act: str) -> Response:
    """Undo the last correction, or an act on the whole draft: to simplified script, points to 、, restore a line."""
    consultation = desk.consultation(session(), actor(), slug)
    if act == "undo":
        importing.undo(session(), actor(), consultation, now())
    else:
        line = request.form.get("line", 0, type=int)
        doubt = request.form.get("doubt", type=int)
        importing.correct_whole(session(), actor(), consultation, act, now(), line, doubt)
        if doubt is not None:
            commit()
            return _to_next_doubt(consultation, doubt)
    commit()
    back = request.form.get("clause", type=int)
    return redirect(url_for(".outline", slug=slug, clause=back) + ("#hand" if back is not None else "#outline"))


@blueprint.post("/consultations/<slug>/outline/doubts/<int:index>")
@permit(Permission.IMPORT_DRAFT)
def settle(slug: str, index: int) -> Response:
    """Mark a doubt as looked at, or open it again."""
    consultation = desk.consultation(session(), actor(), slug)
    importing.settle(session(), actor(), consultation, index, now())
    commit()
    return _to_next_doubt(consultation, index)


def _to_next_doubt(consultation: Consultation, index: int) -> Response:
    """On to the next doubt that is open, or to the head of the list when none is left behind this one."""
    doubts = consultation.version_in_preparation.doubts
    following = next((i for i in range(index, len(doubts)) if not doubts[i].get("settled")), None)
    anchor = f"#doubt-{following}" if following is not None else "#doubts-h"
    return redirect(url_for(".outline", slug=consultation.slug) + anchor)


@blueprint.post("/consultations/<slug>/read-again")
@permit(Permission.IMPORT_DRAFT)
def read_again(slug: str) -> str | Response | tuple[str, int]:
    """Read the file anew, or another one; the corrections made by hand are kept."""
    form = ImportForm()
    try:
        draft, name = read_draft(form)
        consultation = desk.consultation(session(), actor(), slug)
        importing.read_again(session(), actor(), consultation, draft, source_name=name, at=now())
    except Refusal as refusal:
        session().rollback()
        form.blame(refusal if isinstance(refusal, NotValid) else NotValid(display.sentence(refusal), fault="file"))
        return _outline_page(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for(".outline", slug=slug))


@blueprint.get("/consultations/<slug>/preview")
@permit(Permission.IMPORT_DRAFT)
def preview(slug: str) -> str:
    """The draft as the public will read it."""
    consultation = desk.consultation(session(), actor(), slug)
    return render_template(
        "office/preview.html", consultation=consultation, passages=passages(consultation.version_in_preparation.clauses)
    )
