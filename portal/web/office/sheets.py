"""Sheets of opinions: the sheet that is offered, one that was filled in, what would become of every row."""

from __future__ import annotations

import io

import xlsxwriter
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access import Permission
from portal.errors import NotAllowed, NotValid
from portal.letters import opinions
from portal.letters.sheets import LARGEST_FILE, MOST_ROWS
from portal.models import Consultation, OpinionSheet
from portal.rules.words import SELF_SENT, Channel, RespondentKind, Stance
from portal.services import confirming, desk, opinion_sheets
from portal.web.forms import ActForm
from portal.web.gate import actor, commit, now, permit, seal, session, settings
from portal.web.office.forms import LateForm

blueprint = Blueprint("sheets", __name__, url_prefix="/office/consultations/<slug>/sheets")


@blueprint.route("/", methods=["GET", "POST"])
@permit(Permission.REGISTER)
def sheets(slug: str) -> str | Response | tuple[str, int]:
    """The sheets that were brought; a POST brings another one."""
    consultation = desk.consultation(session(), actor(), slug)
    form = ActForm()
    if request.method == "GET":
        return _list(consultation, form)
    chosen = request.files.get("file")
    data = chosen.read(LARGEST_FILE + 1) if chosen is not None else b""
    try:
        if chosen is None or not chosen.filename:
            raise NotValid("请选择填好的表格（.xlsx或.csv）。")
        kept = opinion_sheets.bring(session(), seal(), actor(), consultation, data, chosen.filename, now())
    except NotValid as refusal:
        session().rollback()
        form.blame(refusal)
        return _list(desk.consultation(session(), actor(), slug), form), 422
    commit()
    return redirect(url_for(".sheet", slug=slug, sheet_id=kept.id))


def _list(consultation: Consultation, form: ActForm) -> str:
    return render_template(
        "office/opinion_sheets.html",
        consultation=consultation,
        form=form,
        listed=opinion_sheets.listed(session(), actor(), consultation),
        most=MOST_ROWS,
        largest=LARGEST_FILE // 1024 // 1024,
    )


@blueprint.route("/<int:sheet_id>", methods=["GET", "POST"])
@permit(Permission.REGISTER)
def sheet(slug: str, sheet_id: int) -> str | Response | tuple[str, int]:
    """What would become of every row; a POST registers all of them, or confirms what another registered."""
    consultation = desk.consultation(session(), actor(), slug)
    found = opinion_sheets.sheet(session(), actor(), consultation, sheet_id)
    form = LateForm()
    if request.method == "GET":
        return _page(consultation, found, form)
    try:
        if request.form.get("act") == "confirm":
            done = opinion_sheets.confirm_all(session(), seal(), actor(), found, now(), settings().public_url)
        else:
            done = opinion_sheets.register_all(session(), seal(), actor(), found, form.typed("late_reason"), now())
    except (NotValid, NotAllowed) as refusal:
        session().rollback()
        form.blame(refusal)
        consultation = desk.consultation(session(), actor(), slug)
        return _page(consultation, opinion_sheets.sheet(session(), actor(), consultation, sheet_id), form), 422
    commit()
    return redirect(url_for(".sheet", slug=slug, sheet_id=sheet_id, done=done))


def _page(consultation: Consultation, found: OpinionSheet, form: LateForm) -> str:
    waiting = opinion_sheets.waiting(session(), found) if found.imported_at else []
    return render_template(
        "office/opinion_sheet.html",
        consultation=consultation,
        sheet=found,
        checked=opinion_sheets.check(seal(), found, now()),
        form=form,
        waiting=waiting,
        may_confirm=bool(waiting) and confirming.may_confirm(session(), actor(), waiting[0]),
    )


@blueprint.get("/template.xlsx")
@permit(Permission.REGISTER)
def template(slug: str) -> Response:
    """An empty sheet with the columns, what may stand in them, and an example beside them."""
    consultation = desk.consultation(session(), actor(), slug)
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        page = book.add_worksheet("意见")
        bold, wrap, text = (
            book.add_format({"bold": True, "bottom": 1}),
            book.add_format({"text_wrap": True, "valign": "top"}),
            book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
        )
        regions = consultation.bureau.regions
        offered = [name for name in opinions.COLUMNS if regions or name != "所在地区"]
        for place, name in enumerate(offered):
            wide = {"意见": 60, "建议改为": 40, "姓名或单位": 24, "条款": 24}.get(name, 14)
            page.set_column(place, place, wide, text if name in ("联系电话", "来稿编号", "条款") else wrap)
            page.write_string(0, place, name, bold)
            choices = regions if name == "所在地区" else _CHOICES.get(name, [])
            # a list inside the rule itself holds 255 characters; a longer one is told in the notes alone
            if choices and len(",".join(choices)) <= _LONGEST_RULE:
                page.data_validation(1, place, MOST_ROWS, place, {"validate": "list", "source": choices})
        page.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 100, wrap)
        told = [f"《{consultation.title}（征求意见稿）》意见表", *_NOTES]
        told += [f"“所在地区”来件写明的才填，照这里的名称写：{'、'.join(regions)}。"] if regions else []
        for row, line in enumerate(told):
            notes.write_string(row, 0, line)
    answer = Response(out.getvalue(), mimetype="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    answer.headers["Content-Disposition"] = (
        "attachment; filename=opinions.xlsx; filename*=UTF-8''%E6%84%8F%E8%A7%81%E8%A1%A8.xlsx"
    )
    return answer


_LONGEST_RULE = 255
_CHOICES = {
    "态度": [stance.label for stance in Stance],
    "提出人类别": [kind.label for kind in RespondentKind],
    "提出方式": [channel.label for channel in Channel if channel not in SELF_SENT],
}
_NOTES = (
    "每行一条意见。每一行是一个提出人；同一件来稿有几条意见的，在“来稿编号”写相同的编号。",
    "“条款”照征求意见稿写，例如：第三部分（二）5；第十五条第二款；专栏2。对全文的意见不填。",
    "“收到日期”写成2026-03-12。信函另填“邮戳日期”：截止前寄出的，不算逾期。",
    "提出人是单位的，“姓名或单位”写单位名称，“联系人”写姓名。",
    "整份表格没有错误才会导入；有错误的，页面逐行说明。",
)
