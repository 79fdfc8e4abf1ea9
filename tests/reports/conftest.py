"""A small workshop for Summary values: honest totals, deterministic words, as large as a test asks."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from portal.reports.summary import (
    CampaignLine,
    ClauseSummary,
    CommentLine,
    FigureLine,
    Paragraph,
    PointLine,
    Since,
    Summary,
    Totals,
)  # fmt: skip
from portal.rules.words import Channel, Disposition, PointKind, RespondentKind, Stance

OPENS_AT = datetime(2022, 2, 9, 16, tzinfo=UTC)
CLOSES_AT = datetime(2022, 3, 12, 16, tzinfo=UTC)

HALL = (
    "围绕新材料、生物医药、智能装备三个方向，建设三个公共中试基地。基地按照保本微利原则提供服务，收费标准由运营单位自行制定"
    "并报区科技局备案。对首次使用基地的科技型中小企业，由区级财政给予适当补助。"
)
CLAUSES = [
    ("第一部分", "总体要求", "以提升企业自主创新能力为核心，完善创新体系，力争到2025年高新技术企业达到500家。"),
    ("第二部分第（一）条", "建设公共中试基地", HALL * 2),
    ("第二部分第（二）条", "共享大型科研仪器", "推动高校、科研院所的大型科研仪器向企业开放，建立服务成本补偿机制。"),
    ("第二部分第（三）条", "完善运行评价", "每年对基地运行情况进行一次评价，评价结果与补助挂钩。"),
    ("第三部分第（一）条", "梯次培育科技企业", "建立科技型中小企业、高新技术企业、创新型领军企业梯次培育机制。"),
    ("第三部分第（二）条第5项", "搭建企业科技人才服务平台", "搭建平台，为企业提供人才引进、职称评审、子女入学等服务。"),
    ("第四部分第（一）条", "引育创新团队", "引进高层次创新团队，给予最高500万元支持。"),
    ("第四部分第（二）条", "安居服务", "对符合条件的青年科技人才，提供人才公寓或者租房补贴。"),
    ("第五部分第（一）条", "组织领导", "成立区科技创新工作领导小组，统筹推进各项工作。"),
    ("第五部分第（二）条", "资金保障", "设立科技创新专项资金，每年不少于5000万元。"),
]  # fmt: skip
BODIES = [
    "收费标准由运营单位自行制定，三个基地的价格可能差很多，小企业没有比较的余地。建议由区科技局会同区财政局制定最高限价并向社会公布。",
    "价格之外更要写明怎么预约、怎么排队。去年我们借用外地设备，等了七周。\n建议公开设备档期、预约顺序和最长等待时间，超过时间的说明原因。",
    "赞成。",
    "“适当补助”看不出补多少，不如直接减半。",
    "请明确中试中形成的数据和改进成果归谁所有，否则企业不敢拿核心配方来做。",
    "图书馆都能开到晚上九点，中试基地夜里也应该能用，机时便宜一半更好。",
    "请问外区注册、在本区纳税的企业能不能享受这项政策？",
    "建议增加对县域企业的支持，平台应面向全市各县（市、区）企业开放；同时注意不要重复建设，现有的国家级重点实验室、工程技术研究中心（如CNAS认可的检测中心）可以先行共享，避免把钱都花在买设备上，而没有人会用、没有人维护。",
]
TITLES = dict(
    zip(
        BODIES,
        (
            "收费应有最高限价", "写明预约和排队规则", "只表示赞成", "“适当补助”应有明确标准", "明确数据和改进成果的归属",
            "夜间和周末也应开放", "外区注册、本区纳税的企业能否享受", "支持县域企业，避免重复建设",
        ),
        strict=True,
    )
)  # fmt: skip
NAMES = {
    RespondentKind.CITIZEN: ["王**", "陈*", "李**", "张*", "䶮**", "阿卜杜拉·买**"],
    RespondentKind.ENTERPRISE: ["恒川新材料有限公司", "远山智能装备股份有限公司", "𬭎业铜材有限公司"],
    RespondentKind.ASSOCIATION: ["新材料产业协会"],
    RespondentKind.INSTITUTION: ["示例大学材料学院"],
    RespondentKind.PUBLIC_BODY: ["区发展和改革局"],
}
REASONS = {
    Disposition.ADOPTED: "已在条文中明确。",
    Disposition.PARTLY_ADOPTED: "最高限价由价格主管部门按权限确定，本方案明确公布要求。",
    Disposition.NOT_ADOPTED: "资金安排按预算程序另行编列，本方案不作规定。",
    Disposition.EXPLAINED: "外区注册、在本区纳税的企业按现行规定可以享受。",
}
CHANGED = "收费标准由区科技局会同区财政局核定最高限价，并向社会公布。"


def comment(number: int, clause: tuple[str, str, str] | None, pick: random.Random, *, answered: bool) -> CommentLine:
    kind = pick.choice([*RespondentKind, RespondentKind.CITIZEN, RespondentKind.ENTERPRISE, RespondentKind.CITIZEN])
    disposition = pick.choice(list(REASONS)) if answered else None
    proposes = number % 4 == 1
    return CommentLine(
        reference=f"C-{number}",
        receipt_number=f"22-01-{number:05d}-X",
        clause_label=f"n{number}" if clause else "",
        clause_citation=clause[0] if clause else "",
        respondent=pick.choice(NAMES[kind]),
        respondent_kind=kind,
        channel=pick.choice([Channel.WEB, Channel.WEB, Channel.EMAIL, Channel.LETTER, Channel.MEETING]),
        received_at=OPENS_AT + timedelta(hours=pick.randrange(30 * 24)),
        stance=pick.choice(list(Stance)),
        body=pick.choice(BODIES),
        proposed_text="收费标准由区科技局会同区财政局制定最高限价，运营单位在限价内自行确定。" if proposes else "",
        original_text="收费标准由运营单位自行制定并报区科技局备案。" if proposes or answered else "",
        disposition=disposition,
        reason=REASONS[disposition] if disposition else "",
        changed_text=CHANGED if disposition in (Disposition.ADOPTED, Disposition.PARTLY_ADOPTED) else "",
    )


def share(total: int, members, pick: random.Random):
    """The total dealt out over the members at random: pairs that sum to it."""
    dealt = Counter(pick.choice(members) for _ in range(total))
    return tuple((member, dealt[member]) for member in members)


def assemble(clauses: list[ClauseSummary], *, submissions: int | None = None, seed: int = 1, **fields) -> Summary:
    """A balanced Summary of the clauses given."""
    pick = random.Random(seed)
    names = ("received", "pending", "published", "withheld", "merged", "withdrawn")
    sums = {name: sum(getattr(clause.totals, name) for clause in clauses) for name in names}
    reasons: Counter[tuple[str, str]] = Counter()
    for clause in clauses:
        for code, words, count in clause.totals.withheld_by_reason:
            reasons[code, words] += count
    received = sums["received"]
    pieces = submissions if submissions is not None else (received + 1) // 2
    by_channel, by_kind = share(received, list(Channel), pick), share(received, list(RespondentKind), pick)
    channel_pieces = dict(share(pieces, list(Channel), pick))
    kind_pieces = dict(share(pieces, list(RespondentKind), pick))
    answers = Counter(line.disposition for clause in clauses for line in clause.comments if line.disposition)
    days = [date(2022, 2, 10) + timedelta(days=n) for n in range(31)]
    values = {
        "consultation": "qiye-chuangxin",
        "draft_title": "衡水市企业自主创新能力提升实施方案（征求意见稿）",
        "bureau": "衡水市科学技术局",
        "document_type": "规范性文件",
        "version": 2,
        "published_at": datetime(2022, 2, 10, 1, tzinfo=UTC),
        "opens_at": OPENS_AT,
        "closes_at": CLOSES_AT,
        "window_words": "2022年2月10日至2022年3月12日24时（含当日，北京时间）",
        "channels": ("网上提交", "电子邮件", "信函"),
        "cut_off_at": datetime(2022, 3, 12, 16, tzinfo=UTC),
        "submissions": pieces,
        "totals": Totals(**sums, withheld_by_reason=tuple((*key, n) for key, n in sorted(reasons.items()))),
        "by_channel": tuple((member, channel_pieces[member], count) for member, count in by_channel),
        "by_kind": tuple((member, kind_pieces[member], count) for member, count in by_kind),
        "by_stance": share(received, list(Stance), pick),
        "by_day": share(received, days, pick),
        "clauses": tuple(clauses),
        "dispositions": tuple((kind, answers[kind]) for kind in Disposition if answers[kind]),
        "url": "https://yijian.example.gov.cn/consultations/qiye-chuangxin/",
    }
    return Summary(**(values | fields))


def points(lines: list[CommentLine]) -> tuple[PointLine, ...]:
    """A point for each of the texts there are, as the machine would find them."""
    by_words: dict[str, list[CommentLine]] = {}
    for line in lines:
        by_words.setdefault(line.body, []).append(line)
    made = []
    for words, found in by_words.items():
        kind = PointKind.APPROVAL if words == "赞成。" else PointKind.ARGUMENT if len(found) > 1 else PointKind.SINGLE
        title = TITLES.get(words, "其他")
        references = tuple(line.reference for line in found)
        made.append(
            PointLine(
                hashlib.sha256(words.encode()).hexdigest()[:12],
                title,
                kind,
                references,
                references[0],
                is_named=title != "其他",
            )
        )
    return tuple(sorted(made, key=lambda point: (point.kind is PointKind.APPROVAL, -len(point.references))))


def told(summary: Summary) -> Summary:
    """The summary with everything that is told of it beside its figures."""
    lines = summary.comments
    if not lines:
        return summary
    cut = len(lines) // 3
    first = lines[0].reference
    return replace(
        summary,
        number=2,
        views=8412,
        outreach="2月16日在政务大厅召开企业座谈会；在12个社区公告栏张贴二维码。",
        campaigns=(
            CampaignLine(
                "收费应有最高限价", lines[1].reference, cut + 4, 3,
                tuple(line.reference for line in lines[1 : 1 + cut]), date(2022, 2, 15), date(2022, 3, 1),
            ),
        ),
        figures=(
            FigureLine(
                "n1", "第二部分第（一）条", "对首次使用企业的补助", "30%",
                (("50%", (first,)), ("40%以上", (lines[2].reference,) if len(lines) > 2 else (first,))),
            ),
        ),
        narrative=(
            Paragraph("", f"多数企业希望写明收费的最高限价。[{first}]"),
            Paragraph("n1", f"对本条的意见集中在收费和排队。[{first}]请起草处室重点研究。"),
        ),
        since=Since(
            1, datetime(2022, 3, 1, 16, tzinfo=UTC), 12, 9, tuple(line.reference for line in lines[-3:]), ("C-900",),
            (("第二部分第（一）条", "写明预约和排队规则", (first,)),), (("第一部分", "提高目标", 2, (first,)),), 4,
        ),
        digest="ab" * 32,
    )  # fmt: skip


def make(comments: int = 60, *, answered: bool = True, seed: int = 1, clauses: int = 12, **fields) -> Summary:
    """A Summary with so many published comments over so many clauses; the last two clauses get none."""
    pick = random.Random(seed)
    plan = [(f"{CLAUSES[n % 10][0]}" if n < 10 else f"第{n}条", *CLAUSES[n % 10][1:]) for n in range(clauses)]
    spots: list[tuple[str, str, str] | None] = [None, *plan[:-2]]
    dealt = Counter(min(int(pick.expovariate(0.3)), len(spots) - 1) for _ in range(comments))
    made, number = [], 0
    for at, spot in enumerate([None, *plan]):
        published = dealt[(at + 3) % len(spots)] if at < len(spots) else 0
        lines = []
        for _ in range(published):
            number += 1
            lines.append(comment(number, spot, pick, answered=answered and number % 9 != 0))
        merged, withheld, withdrawn, pending = published // 4, published // 10, published // 15, published // 20
        totals = Totals(
            received=published + merged + withheld + withdrawn + pending,
            pending=pending,
            published=published,
            withheld=withheld,
            merged=merged,
            withdrawn=withdrawn,
            withheld_by_reason=(("P4", "与草案无关", withheld),) if withheld else (),
        )
        made.append(
            ClauseSummary(
                label=f"n{at}" if spot else "",
                kind="item",
                number=str(at),
                heading=spot[1] if spot else "",
                citation=spot[0] if spot else "",
                text=spot[2] if spot else "",
                depth=1,
                totals=totals,
                by_stance=share(totals.received, list(Stance), pick),
                by_kind=share(totals.received, list(RespondentKind), pick),
                comments=tuple(lines),
                points=points(lines),
            )
        )
    return told(assemble(made, seed=seed, **fields))


def single(body: str, **changes) -> Summary:
    """A Summary with one published comment."""
    line = replace(comment(1, CLAUSES[1], random.Random(3), answered=False), body=body, **changes)
    clause = ClauseSummary(
        label="n1", kind="item", number="（一）", heading="建设公共中试基地", citation="第二部分第（一）条",
        text=CLAUSES[1][2], depth=1, totals=Totals(received=1, published=1),
        by_stance=((line.stance, 1),), by_kind=((line.respondent_kind, 1),), comments=(line,),
    )  # fmt: skip
    return assemble([clause], submissions=1)


def of_comments(*said: dict) -> Summary:
    """A Summary of one clause with a published comment for each of these changes to a plain one, each its own piece."""
    (clause,) = single("意见").clauses
    plain = replace(clause.comments[0], proposed_text="", original_text=CLAUSES[1][2])
    lines = tuple(
        replace(plain, reference=f"C-{number}", receipt_number=f"22-01-{number:05d}-X", **changes)
        for number, changes in enumerate(said, 1)
    )
    count = len(lines)
    whole = replace(
        clause, totals=Totals(received=count, published=count), by_stance=((plain.stance, count),),
        by_kind=((plain.respondent_kind, count),), comments=lines,
    )  # fmt: skip
    return assemble([whole], submissions=count)


@pytest.fixture(scope="session")
def summary() -> Summary:
    return make()


@pytest.fixture(scope="session")
def silent() -> Summary:
    return make(0)


@pytest.fixture(scope="session")
def unbalanced() -> Summary:
    whole = make(20)
    return replace(whole, totals=replace(whole.totals, received=whole.totals.received + 1))
