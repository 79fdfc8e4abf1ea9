"""What belongs to the page and not to the draft, and lines that a page width broke."""

from __future__ import annotations

import pytest

from portal.drafts import parse
from portal.drafts.lines import read_lines
from portal.drafts.pages import is_chrome, is_spam, page_furniture, page_number
from portal.drafts.wraps import Measure, mends

CHROME = [
    "您现在的位置:首页 > 政策法规 > 产业", "当前位置：首页 > 政务公开", "打印", "【打印】    【字体：大  中  小】", "浏览次数：774",
    "上一条:关于印发某某方案的通知", "下一篇：没有了", "扫一扫在手机打开当前页", "版权所有：某某市人民政府", "分享到：",
    "主办：某某市人民政府 承办：某某局", "Produced By 大汉网络", "A+大    A+中    A+小", "（责任编辑：某某）", "网站首页 | 加入收藏",
]  # fmt: skip
PROSE = [
    "一、总体要求", "坚持问题导向，加强领导。", "（一）建设网站地图服务平台，提升公共服务能力。", "来源合法、用途正当。", "首页要突出便民服务。",
    "推动数据分享，打造共享平台。",
]  # fmt: skip


@pytest.mark.parametrize("line", CHROME)
def test_buttons_paths_and_footers_are_the_pages(line: str) -> None:
    assert is_chrome(line)


@pytest.mark.parametrize("line", PROSE)
def test_words_of_a_draft_are_not(line: str) -> None:
    assert not is_chrome(line)


def test_spam_is_known_and_districts_are_not() -> None:
    assert is_spam("亚洲AV无码一区二区三区在线观看")
    assert not is_spam("全市划分为一区两园三中心，统筹推进。")


@pytest.mark.parametrize(
    ("line", "number"),
    [("- 12 -", "12"), ("— 3 —", "3"), ("第 5 页 共 20 页", "5"), ("7", "7"), ("1 0", "10"), ("I I", "II"), ("3/20", "3"), ("第五页", None)],
)  # fmt: skip
def test_page_numbers(line: str, number: str | None) -> None:
    assert page_number(line) == number


def wrapped(columns: int = 20) -> str:
    sentences = [
        "一、总体要求",
        "坚持以人民为中心的发展思想，统筹推进城乡建设和环境保护，不断提高公共服务水平，到2025年基本建成现代化的服务体系。",
        "二、主要任务",
        "（一）完善基础设施。加快道路、供水、供电、通信等设施建设，优先安排民生项目，逐步缩小城乡差距，增强群众的获得感和幸福感。",
        "（二）强化要素保障。统筹安排土地、资金、人才等要素，建立重点项目库，实行清单化管理，确保各项任务按期完成并取得实效。",
        "三、组织实施",
        "各部门要按照职责分工，细化工作措施，明确时间节点，加强督促检查，及时总结推广好的经验做法，形成齐抓共管的工作格局。",
    ]  # fmt: skip
    lines = [s[i : i + columns] for s in sentences for i in range(0, len(s), columns)]
    for page, at in enumerate(range(12, len(lines), 13), 1):
        lines.insert(at, f"- {page} -")
    return "示例方案\n" + "\n".join(lines)


@pytest.mark.parametrize("columns", [18, 20, 24])
def test_lines_a_page_width_broke_are_joined(columns: int) -> None:
    text = wrapped(columns)
    assert Measure(read_lines(text)).wrapped
    nodes = parse(text).nodes
    assert [node.number for node in nodes] == ["一、", "二、", "（一）", "（二）", "三、"]
    assert all("\n" not in node.text for node in nodes)
    assert nodes[2].heading == "完善基础设施。"
    assert nodes[2].text.endswith("获得感和幸福感。")


def test_a_text_of_whole_paragraphs_is_not_taken_for_wrapped() -> None:
    assert not Measure(read_lines(wrapped(1000))).wrapped


def test_the_title_at_the_head_of_every_page_is_set_aside() -> None:
    title = "示例市公共服务规划方案"
    page = ["支持企业创新发展，加快推进重点项目建设。"] * 12
    lines = [title, *page, title, "3", *page, title, "4", *page[:4], title, "5"]
    furniture = page_furniture(read_lines("\n".join(lines)), wrapped=True)
    assert [lines[i] for i in sorted(furniture)] == [title, "3", title, "4", title, "5"]


@pytest.mark.parametrize(
    ("left", "right", "is_one"),
    [
        (
            "第三条　市场主体权利平等、机会平等，依法享受国家和本市支持发展的",
            "各项政策，任何单位不得侵犯其权益。",
            True,
        ),
        ("第一条　为了优化营商环境，解放和发展社会生产力，根据《示例条例》", "等法律、法规，制定本条例。", True),
        ("（五）支持攻关。实施工业强基工程，加快", "突破智能数控、在线诊断等关键技术，形成突破。", True),
        (
            "为深入贯彻新发展理念，推动新城高质量发展，加强对规划建设的引导，统",
            "一、可持续的空间格局，特制定本导则。",
            True,
        ),
        ("（五）支持攻关。实施工业强基工程，加快突破。", "鼓励骨干企业承担项目。", False),
        ("一、总体要求", "坚持问题导向，加强领导。", False),
        ("（一）加强领导。成立专班，定期", "（二）加大投入。安排资金。", False),
        ("高技能人才占技能劳动者比例达到30%", "创新环境明显改善。政策更加完善。", False),
    ],
)
def test_a_paragraph_broken_in_mid_sentence(left: str, right: str, is_one: bool) -> None:
    assert mends(left, right) == is_one
