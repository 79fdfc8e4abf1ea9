"""Things the tests need again and again, each made by one call with nothing but what matters to the test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import drafts
from portal.access import Actor, Role
from portal.models import Account, Bureau, Comment, Consultation
from portal.rules import window
from portal.rules.words import Channel
from portal.sealing import Seal
from portal.services import accounts, baskets, commenting, importing, publishing

PASSWORD = "Correct-horse-battery"

#: noon on a Thursday in Beijing; the window of consultation() is open then
NOON = datetime(2026, 3, 12, 4, 0, tzinfo=UTC)

DRAFT = """示例市河湖保洁工作方案（征求意见稿）

为加强河湖日常保洁，结合我市实际，制定本方案。

一、总体要求
坚持政府主导、社会参与，做到水面无漂浮物、岸坡无垃圾。

二、重点任务
（一）建立巡查制度。城区河道每日巡查一次，农村河道每周巡查一次。（责任部门：市水利局、市城市管理局）
1.落实巡查人员。每公里配备保洁员1名。
2.公开巡查记录。巡查记录每月在门户网站公布。
（二）加大投入。市级财政每年安排专项资金200万元。（责任部门：市财政局）

三、保障措施
（一）加强领导。建立联席会议制度。
（二）强化监督。设立举报电话，及时办理群众投诉。
"""


@dataclass
class World:
    """A bureau with its staff and whatever a test adds."""

    session: Session
    seal: Seal
    bureau: Bureau
    staff: dict[Role, Account] = field(default_factory=dict)

    def actor(self, role: Role) -> Actor:
        return self.staff[role].actor


def world(session: Session, seal: Seal, name: str = "示例市水利局", code: str = "slj") -> World:
    """A bureau with one account per role; logins are the roles' values."""
    bureau = Bureau(code=code, name=name, short_name="市水利局")
    session.add(bureau)
    made = World(session, seal, bureau)
    prefix = "" if code == "slj" else f"{code}-"
    for role in Role:
        made.staff[role] = accounts.create(
            session,
            login=prefix + role.value,
            name=f"示例{role.label}",
            role=role,
            bureau=bureau,
            password=PASSWORD,
            at=NOON,
        )
    return made


def colleague(made: World, login: str = "colleague", name: str = "周青") -> Actor:
    """A second moderator of the bureau."""
    account = accounts.create(
        made.session, login=login, name=name, role=Role.MODERATOR, bureau=made.bureau, password=PASSWORD, at=NOON
    )
    made.session.flush()
    return account.actor


def notice(**changes: object) -> publishing.Notice:
    """A notice that may be published: 30 days, everything that is due."""
    values: dict[str, object] = {
        "title": "示例市河湖保洁工作方案",
        "document_type": "QT",
        "opens_on": window.day_in_beijing(NOON - timedelta(days=10)),
        "closes_on": window.day_in_beijing(NOON + timedelta(days=20)),
        "explanatory_note": "一、起草背景\n为加强河湖保洁。",
        "contact_unit": "示例市水利局",
        "phone": "0999-5550100",
        "email": "hhbj@example.gov.cn",
        "postal_address": "示例市滨河路1号",
    } | changes
    return publishing.Notice(**values)  # type: ignore[arg-type]


def prepared(made: World, slug: str = "hehu", text: str = DRAFT, **changes: object) -> Consultation:
    """A consultation with its notice filled, not yet published."""
    publisher = made.actor(Role.PUBLISHER)
    at = NOON - timedelta(days=11)
    found = importing.import_draft(
        made.session, publisher, made.bureau, drafts.parse(text), source_name="方案.txt", at=at, slug=slug
    )
    publishing.fill_notice(made.session, publisher, found, notice(**changes), at)
    found.notice = publishing.notice_text(found)
    made.session.flush()
    return found


def consultation(made: World, slug: str = "hehu", text: str = DRAFT, **changes: object) -> Consultation:
    """A published consultation whose window is open at NOON."""
    found = prepared(made, slug, text, **changes)
    opens_at = found.window.opens_at if found.window else NOON
    publishing.publish(made.session, made.actor(Role.PUBLISHER), found, opens_at)
    return found


def clause(found: Consultation, *path: str) -> object:
    """The clause with these printed numbers from the root."""
    return next(c for c in found.version.clauses if tuple(c.path) == path and c.number)


def submission(
    made: World,
    found: Consultation,
    *bodies: str,
    path: tuple[str, ...] = ("二、", "（一）"),
    kind: str = "citizen",
    organisation: str = "",
    name: str = "",
    email: str = "",
    stance: str = "change",
    proposed_text: str = "",
    quote: str = "",
    region: str = "",
    at: datetime = NOON,
) -> list[Comment]:
    """One submission with a comment for each body; the comments, in order."""
    on = clause(found, *path) if path else None
    receipt = commenting.register(
        made.session,
        made.seal,
        found,
        identity=commenting.Identity(
            kind=kind, organisation=organisation, name=name or ("张三" if organisation else ""), email=email,
            phone="13800000000" if organisation else "", has_read_notice=True, region=region,
        ),
        remarks=[(on, baskets.Remark(stance, body, proposed_text, quote)) for body in bodies],  # type: ignore[misc]
        channel=Channel.WEB,
        received_at=at,
    )  # fmt: skip
    return list(
        made.session.scalars(
            select(Comment)
            .join(Comment.submission)
            .where(Comment.submission.has(receipt_number=receipt.number))
            .order_by(Comment.position)
        )
    )
