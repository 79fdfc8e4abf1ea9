"""The way through the sample site that the guides under docs/guides describe, and the pictures they show of it.

Each walk does what its guide says, on the samples as `make run` loads them, and stops where a picture belongs. There the
controls the guide speaks of have to be in sight. With PORTAL_TAKE_PICTURES=1 the picture is also taken anew:

    PORTAL_TAKE_PICTURES=1 .venv/bin/python -m pytest tests/browser/test_guides.py
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from flask import Flask
from PIL import Image, ImageOps
from playwright.sync_api import Browser, Locator, Page, expect

from portal.cli import samples, work
from portal.sealing import Seal
from portal.services import jobs, last_runs
from tests.factories import NOON

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "guides" / "pictures"
#: the sample whose window is open
PLAN = "shili-service-plan"
DESK = f"/office/consultations/{PLAN}"
#: width, height and pixels per point of a telephone, and of a screen in the office
PHONE, SCREEN = (390, 816, 2), (1280, 800, 1)
#: more colours than a page of the portal has, edges of letters included
COLOURS = 64


class Album:
    """The sample site, the windows that look at it, and the names of the pictures that were reached."""

    def __init__(
        self, app: Flask, seal: Seal, chromium: Browser, address: str, is_taking: bool, language: str = "zh"
    ) -> None:
        self.app, self.seal, self.chromium, self.address, self.is_taking = app, seal, chromium, address, is_taking
        self.language = language
        self.reached: list[str] = []
        self.faults: list[str] = []
        samples.load(app.extensions["database"], seal, app.extensions["settings"], today=NOON.date())
        self.work()

    def window(self, device: tuple[int, int, int]) -> Page:
        """A fresh window; a script error in it is remembered as a fault."""
        width, height, scale = device
        context = self.chromium.new_context(
            viewport={"width": width, "height": height}, device_scale_factor=scale, base_url=self.address,
            locale="zh-CN", reduced_motion="reduce",
        )  # fmt: skip
        page = context.new_page()
        if self.language != "zh":
            page.goto(f"/?lang={self.language}")
        page.on("pageerror", lambda fault: self.faults.append(str(fault)))
        return page

    def staff(self, login: str) -> Page:
        """A window on a screen, with somebody of the samples signed in."""
        lines = samples.sign_ins(self.app.extensions["settings"].data_dir)
        password = next(line.split("　")[2] for line in lines if line.split("　")[1] == login)
        page = self.window(SCREEN)
        page.goto("/office/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        expect(page).to_have_url(re.compile("/office/$"))
        return page

    def work(self) -> None:
        """What the worker would have done by now."""
        database = self.app.extensions["database"]
        work.ask_for_due(database, NOON)
        while work.run_due(database, work.KINDS, lambda: jobs.Setting(self.seal, "", NOON)):
            pass

    def take(
        self, name: str, page: Page, *controls: Locator, top: Locator | None = None, only: Locator | None = None
    ) -> None:
        """A picture of the window with `top` at its upper edge, or of one thing. Every control has to be there to use."""
        for control in controls:
            expect(control).to_be_visible()
            expect(control).to_be_enabled()
        self.reached.append(name)
        if not self.is_taking:
            return
        page.evaluate("document.activeElement && document.activeElement.blur()")
        if top is None:
            page.evaluate("scrollTo(0, 0)")
        else:
            top.evaluate("node => scrollTo(0, node.getBoundingClientRect().top + scrollY - 12)")
        page.wait_for_timeout(300)
        drawn = Image.open(io.BytesIO((only or page).screenshot())).convert("RGB")
        if only is not None:
            drawn = ImageOps.expand(drawn, border=32, fill=drawn.getpixel((drawn.width - 1, drawn.height - 1)))
        folder = PICTURES / self.language
        folder.mkdir(parents=True, exist_ok=True)
        drawn.quantize(COLOURS, dither=Image.Dither.NONE).save(folder / f"{name}.png", optimize=True)


def say(page: Page, label: str, stance: str, words: str) -> Locator:
    """Opens the form beside a clause and fills it in; the form."""
    page.goto(f"/consultations/{PLAN}/")
    page.locator(f'a.gut[data-clause="{label}"]').click()
    form = page.locator(f'[id="c-{label}"] .panel form[data-keep]')
    expect(form).to_be_visible()
    form.get_by_label(stance, exact=True).check()
    form.get_by_label("意见和理由").fill(words)
    return form


def put(page: Page, form: Locator) -> None:
    form.get_by_role("button", name="放入我的意见").click()
    expect(page.get_by_role("status").first).to_contain_text("已放入“我的意见”")


def citizen(album: Album) -> None:
    """Finds a draft, comments on a telephone, sends for an enterprise, looks it up, appeals."""
    page = album.window(PHONE)
    page.goto("/")
    title = page.get_by_role("link", name="示例市强化企业科技创新服务工作方案")
    album.take("citizen-home", page, title, page.get_by_role("link", name="查询来稿", exact=True).first)
    title.click()
    form = say(
        page, "4-4-12", "建议修改", "专员走访的时间请提前在网上公布，乡镇的企业也可以预约，不要只去城里的大公司。"
    )
    album.take(
        "citizen-comment", page, form.get_by_role("button", name="放入我的意见"),
        form.locator("summary", has_text="附上依据材料"), top=page.locator("#panel-h"),
    )  # fmt: skip
    put(page, form)
    form = say(page, "3-1", "建议修改", "小微企业第一年多半够不到30万元，建议降到15万元。")
    form.locator("summary", has_text="直接修改条文").click()
    wording = form.get_by_label("建议改为")
    assert "30万元" in wording.input_value()
    wording.fill(wording.input_value().replace("30万元", "15万元"))
    expect(form.locator(".preview ins").first).to_be_visible()
    wording.evaluate("node => node.scrollTop = 0")
    album.take("citizen-wording", page, wording, top=form.locator("details", has_text="建议改为"))
    put(page, form)
    put(page, say(page, "4-1-1", "建议补充", "园区班车晚上八点就停了，加班的研发人员回不了家，请增加班次。"))

    page.get_by_role("link", name="检查并提交").click()
    expect(page.locator(".remarks > li")).to_have_count(3)
    expect(page.locator(".remarks").get_by_role("link", name="修改").first).to_be_visible()
    expect(page.locator(".remarks").get_by_role("button", name="删除").first).to_be_visible()
    aside = page.locator(".side section", has_text="今天先写到这里")
    album.take(
        "citizen-resume", page, aside.locator(".code").first, aside.get_by_role("button", name="接着写"), only=aside
    )
    page.get_by_label("企业", exact=True).check()
    page.get_by_label("单位名称").fill("示例市恒川新材料有限公司")
    page.get_by_label("统一社会信用代码").fill("91350100M000100Y43")
    page.get_by_label("姓名或联系人").fill("周女士")
    page.get_by_label("手机或固定电话").fill("0999-5550123")
    page.get_by_label(re.compile("我已阅读")).check()
    send = page.get_by_role("button", name="提交3条意见")
    album.take("citizen-enterprise", page, page.get_by_label("加盖公章的书面意见"), send, top=page.locator("#s2"))
    send.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已经收到您的意见")
    receipt = page.locator(".slip", has=page.locator("#receipt-secret"))
    album.take("citizen-receipt", page, receipt.get_by_role("link", name="下载回执（PDF）"), only=receipt)
    number, secret = page.locator("#receipt-number").inner_text(), page.locator("#receipt-secret").inner_text()

    office = album.staff("moderator")
    office.goto(f"{DESK}/moderation/")
    office.locator(".queue a", has_text="园区班车").first.click()
    office.locator("#reason_code").select_option("P4")
    office.locator("#note").fill("班车班次不是本方案规定的事项，已转交通运输部门。")
    office.get_by_role("button", name="不予公开", exact=False).last.click()
    expect(office.get_by_role("status").first).to_contain_text("不予公开")

    page.goto("/receipts/")
    page.get_by_label("受理编号").fill(number)
    page.get_by_label("查询码").fill(secret)
    page.locator("main").get_by_role("button", name="查询").click()
    expect(page.get_by_role("link", name=re.compile("^更正")).first).to_be_visible()
    expect(page.locator("summary", has_text="撤回这一条").first).to_be_visible()
    expect(page.locator("summary", has_text="撤回这件来稿")).to_be_visible()
    refused = page.locator(".answers > li", has_text="园区班车")
    refused.locator("summary", has_text="不同意，提出申诉").click()
    refused.get_by_label("为什么应当公开").fill("留住研发人员正是第四部分要解决的问题，班车是其中一项服务，请公开。")
    album.take("citizen-appeal", page, refused.get_by_role("button", name="提交申诉"), top=refused)
    refused.get_by_role("button", name="提交申诉").click()
    expect(page.locator(".answers")).to_contain_text("正在由没有参与原决定的人复核")


def _plan() -> str:
    return resources.files("portal.samples").joinpath("service-plan.txt").read_text(encoding="utf-8")


def publisher(album: Album) -> None:
    """Imports a draft that arrived damaged, settles it, publishes, extends, prepares a second version."""
    page = album.staff("publisher")
    page.get_by_role("link", name="导入征求意见稿").click()
    arrived = "首页 > 政务公开 > 征集调查\n" + _plan().replace("\n6.", "\n7.", 1)
    page.get_by_label("或者粘贴全文").fill(arrived)
    page.get_by_role("button", name="读入").click()
    go_on = page.get_by_role("link", name="填写公告和期限")
    expect(go_on).to_be_visible()
    album.take("publisher-outline", page, page.get_by_role("button", name="看过了，照原稿").first)
    go_on.click()
    page.get_by_label("文件类型").select_option("GFXWJ-E")
    today = date(2026, 3, 12)
    page.locator("#opens_on").fill(today.isoformat())
    page.locator("#closes_on").fill((today + timedelta(days=35)).isoformat())
    page.get_by_label("通信地址").fill("示例市新城路18号市科技局509室")
    page.get_by_label("起草说明", exact=True).fill(
        "一、起草背景及必要性\n为提高企业科技创新服务的实效，有必要制定本方案。"
    )
    expect(page.locator("main")).to_contain_text("符合规定")
    page.get_by_role("button", name="保存", exact=True).click()
    album.take(
        "publisher-notice", page, page.get_by_role("button", name="现在发布"),
        page.get_by_role("button", name="安排定时发布"), page.get_by_role("link", name="预览征求意见稿"),
        page.get_by_role("button", name="添加并保存"), top=page.get_by_role("heading", name="二、征求意见时间"),
    )  # fmt: skip
    page.get_by_role("button", name="现在发布").click()
    expect(page.get_by_role("status").first).to_contain_text("已经发布")

    page.goto(f"{DESK}/window/")
    expect(page.get_by_role("button", name="延期并公布")).to_be_visible()
    expect(page.get_by_label("延期公告")).to_be_visible()
    page.get_by_role("link", name="下一稿").click()
    second = _plan().replace("30万元", "20万元", 1).replace("每季度", "每月", 1)
    page.get_by_label("或者粘贴全文").fill(second)
    page.get_by_role("button", name="读入").click()
    page.goto(f"{DESK}/versions/")
    album.take(
        "publisher-versions", page, page.get_by_role("button", name=re.compile("^对，确认")).first,
        page.get_by_role("link", name=re.compile("^不对，改对应关系")).first,
        page.get_by_role("button", name="发布新稿"),
    )  # fmt: skip


def moderator(album: Album) -> None:
    """The queue by keyboard, masks, a campaign, an act on many and taking it back, a letter."""
    visitor = album.window(PHONE)
    words = "我在高新区租房创业，想预约专员上门，请打13800001234。走访的时间也请提前公布，不要临时通知。"
    put(visitor, say(visitor, "4-4-12", "建议修改", words))
    visitor.get_by_role("link", name="检查并提交").click()
    visitor.get_by_role("button", name="提交1条意见").click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("已经收到您的意见")
    album.work()

    page = album.staff("moderator")
    page.goto(f"{DESK}/moderation/")
    page.locator(".queue a", has_text="想预约专员上门").first.click()
    album.take(
        "moderator-queue", page, page.locator('[data-key="a"]', has_text="隐去1处后公开"), page.locator("#reason_code"),
        page.locator('[data-key="s"]'), page.locator('[data-key="w"]', has_text="不予公开"),
        page.get_by_role("link", name="筛选"), page.get_by_label("再隐去一处"),
    )  # fmt: skip
    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.get_by_role("button", name=re.compile("^撤销"))).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press("z")
    expect(page.get_by_role("button", name="隐去1处后公开")).to_be_visible()

    page.goto(f"{DESK}/register/")
    page.get_by_role("link", name="相近意见", exact=True).click()
    page.locator("main h3 a").first.click()
    album.take("moderator-campaign", page, page.get_by_role("link", name=re.compile("逐条看")))
    expect(page.get_by_role("button", name="保存名称")).to_be_visible()
    expect(page.get_by_role("button", name="合并两组")).to_be_visible()

    page.goto(f"{DESK}/moderation/?list=1")
    page.get_by_role("button", name=re.compile("^批量办理这")).click()
    page.get_by_label("公开", exact=True).check()
    album.take(
        "moderator-bulk", page, page.get_by_role("button", name="开始办理"),
        page.get_by_role("button", name="保存这一页的选择"),
    )  # fmt: skip
    page.get_by_role("button", name="开始办理").click()
    album.work()
    page.reload()
    expect(page.get_by_role("button", name="整批撤销")).to_be_visible()

    page.goto(f"{DESK}/register/new")
    page.get_by_label("提出方式").select_option("letter")
    page.get_by_label("收到日期").fill("2026-03-11")
    page.get_by_label("邮戳日期").fill("2026-03-09")
    page.get_by_role("textbox", name="来件全文").fill(
        "第三部分第（一）条：青苗企业库的研发费用门槛偏高，建议按营业收入的比例来定。\n"
        "第四部分第12项：专员走访的结果应当在三个工作日内答复企业。"
    )
    page.get_by_role("button", name="按段落分条").click()
    expect(page.get_by_label("第2条针对的条款")).to_have_value(re.compile("第四部分"))
    album.take(
        "moderator-letter", page, page.get_by_role("button", name="交复核"),
        page.get_by_role("button", name="存起来，稍后再办"), top=page.get_by_role("button", name="按段落分条"),
    )  # fmt: skip
    for path, control in (("mail/", "导入"), ("sheets/", "上传，看一看")):
        page.goto(f"{DESK}/{path}")
        expect(page.get_by_role("button", name=control)).to_be_visible()


def drafter(album: Album) -> None:
    """Keeps a summary, looks at the points, routes, answers."""
    page = album.staff("drafter")
    page.goto(f"{DESK}/summary/")
    page.locator("summary", has_text="填写").click()
    page.get_by_label("座谈、走访、张贴、邀请等").fill("召开企业座谈会2次，走访企业18家，在政务服务大厅张贴公告。")
    page.locator("details", has=page.locator("#outreach")).get_by_role("button", name="保存").click()
    page.get_by_role("button", name="留存这份汇总，供签发和下载").click()
    album.work()
    page.goto(f"{DESK}/summary/")
    album.take(
        "drafter-summary", page, *(page.get_by_role("link", name=kind, exact=True) for kind in ("DOCX", "PDF", "XLSX")),
        page.get_by_role("link", name="修订底稿（Word，带修订标记和批注）"),
        page.get_by_role("link", name=re.compile("^归档包（ZIP）")), top=page.locator("#kept"),
    )  # fmt: skip
    page.get_by_role("link", name="观点", exact=True).click()
    page.goto(f"{DESK}/points/3-2")
    for control in ("合并选中的观点", "命名"):
        expect(page.get_by_role("button", name=re.compile(f"^{control}")).first).to_be_visible()
    page.get_by_role("link", name="分办", exact=True).click()
    expect(page.get_by_role("button", name="照此分办")).to_be_visible()
    expect(page.get_by_role("button", name="保存分办")).to_be_visible()
    page.get_by_role("link", name="答复", exact=True).first.click()
    expect(page.get_by_role("link", name="情况说明", exact=False).first).to_be_visible()
    page.goto(f"{DESK}/responses/1")
    page.get_by_label("采纳", exact=True).check()
    page.get_by_label("修改后条文").fill(
        "建立青苗企业库，面向注册成立满1年、上年度研发费用不低于15万元或者占营业收入比重不低于10%的企业常年开放入库，"
        "每年新增入库企业800家以上。"
    )
    page.locator("#reason").fill("意见有道理，已增加按营业收入比重计算的办法。")
    page.get_by_role("button", name="看和原文的差别").click()
    expect(page.locator("#answer ins").first).to_be_visible()
    album.take("drafter-answer", page, page.get_by_role("button", name="保存答复").last)

    page = album.staff("publisher")
    page.goto(f"{DESK}/responses/publication")
    expect(page.get_by_role("heading", name="公布采纳情况").first).to_be_visible()


def operator(album: Album) -> None:
    """The page that says how the installation is."""
    with album.app.extensions["database"].transaction() as session:
        last_runs.note(session, last_runs.WORKER, NOON)
        last_runs.note(session, last_runs.RETENTION, NOON - timedelta(hours=9))
        last_runs.note(session, last_runs.BACKUP, NOON - timedelta(hours=10), {"rows": 1204, "bytes": 3 << 20})
    page = album.staff("admin")
    page.get_by_role("link", name="运行", exact=True).click()
    album.take(
        "operator-running", page,
        *(page.get_by_role("link", name=name).first for name in ("发不出的邮件", "邮件服务器", "保存期限")),
    )  # fmt: skip
    page.goto("/office/running/mail")
    expect(page.get_by_role("button", name="发一封测试邮件")).to_be_visible()
    page.goto("/office/running/retention")
    expect(page.get_by_role("button", name="先看一看会怎样")).to_be_visible()


#: the walk of each guide, and the pictures it comes by
WALKS: dict[str, Callable[[Album], None]] = {
    "citizen": citizen,
    "publisher": publisher,
    "moderator": moderator,
    "drafter": drafter,
    "operator": operator,
}
