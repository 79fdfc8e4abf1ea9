"""Invented comments among which near-identical ones are planted, so that what is found can be compared with what is true.

The others are made to be mistaken for them: they share stock phrases, quote the same clauses word for word, and are
put together from the same pieces.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

LEVELS = (0.0, 0.05, 0.10, 0.20)

_WHO = "企业 小微企业 个体工商户 科研院所 高校 园区 街道 社区 乡镇 行业协会 居民 农户 合作社 老年人 青年人才 外来务工人员 养老机构 幼儿园 医院 物业公司 商会 创业团队 毕业生 残疾人家庭 快递员 网约车司机 商贩 种植大户 银行 担保公司 检测机构 孵化器 主管部门 窗口人员 评审专家 驻村干部 志愿者 家长 教师 医生".split()  # noqa: SIM905
_WHAT = "申报材料 补贴资金 审批流程 停车位 公交线路 路灯 充电桩 养老床位 学位 职称评定 研发费用 贷款贴息 专利转化 实验设备 数据接口 公示名单 考核指标 责任分工 监督电话 办理时限 信用记录 场地租金 社保缴费 培训课程 灌溉渠道 污水管网 垃圾分类点 电梯加装 消防通道 噪声扰民 绿化带 农产品冷链 技术合同 首台套产品 人才公寓 子女入学 落户条件 绩效评价 第三方评估 年度预算 政府采购 招标门槛 电子证照 档案查询 投诉渠道 应急预案 排水井盖 河道保洁 共享单车 夜间照明 助餐点 家庭医生 门诊报销 工伤认定 劳动仲裁 欠薪线索".split()  # noqa: SIM905
_FAULT = "规定得过于笼统 没有写明由谁负责 手续太多 周期太长 标准不一致 基层很难执行 与去年的做法相互矛盾 缺少可以核对的数字 门槛偏高 信息公开不及时 各区做法不同 重复提交 没有留出过渡期 对新办的不公平 资金到账慢 无人回应 只写了鼓励二字 看不出怎样申请 容易流于形式 覆盖面太窄 名额分配不透明 与上位文件的提法不同 没有考虑偏远村庄 忽略了不会上网的人 收费项目不清楚 验收之后没人管 责任在两个部门之间推来推去 平时找不到人".split()  # noqa: SIM905
_DO = "分年度列出 公开到每一个项目 改为告知承诺 合并成一张表 明确到具体科室 委托专业机构核验 在网上全程可查 提前三十天公告 设立专门窗口 由财政直接拨付 按季度通报 引入群众评议 写进考核办法 简化为两个环节 允许容缺受理 统一编号管理 和信用等级挂钩 每半年复核一次 先试点再推开 向社会征集方案 列入明年的实事清单 交给街道统筹 保留纸质渠道 增加现场答疑 限定在十个工作日内办完 建立退出机制 补充英文说明 取消没有依据的证明 设置咨询热线 由人大代表视察".split()  # noqa: SIM905
_WHY = "才能落到实处 大家心里才有底 可以少跑几趟 避免重复投入 也便于以后核查 否则好政策会打折扣 不然很可能无人申报 对守规矩的人才公平 能够真正减轻负担 有利于留住人才 让群众看得见变化 防止钱花了没效果 这样监督起来也方便 邻近几个市已经这样做了 去年的经验说明行得通 花钱不多见效却快 年轻人也愿意回来 老人出门就安心了 企业敢于长期投入 可以减少不必要的纠纷 基层也不至于两头为难 省下来的时间可以搞生产 比单纯发钱更管用".split()  # noqa: SIM905
_STORY = """
[我|我们一家|本人]在{place}[住|生活|干]了{n}年
[我们厂|我们店|公司|合作社][去年|前年|上半年|这两年]因为{what}[耽误了|白等了|多花了]{n}[个月|天]
[上个月|前些日子|春节前|上周][我|邻居|老父亲]去{place}[办|问|打听]{what}[跑了{n}趟|排了{n}分钟的队|没有问出结果]
{who}[向我反映|常常抱怨|和我谈起]{what}{fault}
{place}的{what}[一直|多年来|到现在还是]{fault}
[村里|楼上|同一条街上][有{n}户人家|好几家]都[遇到过|吃过|碰见过]{what}的[问题|亏|麻烦]
我[做|接触|研究]{what}[方面的工作|这一块]已经{n}年
[今年春天|去年底|入冬以后]{place}[因为|为了]{what}[开过一次座谈会|闹出过纠纷|上过本地新闻]
[我女儿|我爱人|我同学|我徒弟][所在|工作]的{who}也[碰到|卡在]{what}[的麻烦|这一关|上面]
从{place}到[市里|区里|大厅][办一次|问一趟]{what}要花{n}[个小时|分钟|块钱]
[单位里|班组里|小区里][有{n}个人|大家都]等着{what}
{place}[曾经|早就|试着]把{what}{do}
[听说|报上说|据我所知]{place}[{what}的钱|给{what}的预算][只用了{n}%|到年底还剩一半|批得很慢]
[前年修订|上一版文件出来]以后，{who}[反而更难碰到|还是不清楚|才第一次听说]{what}
""".split()  # noqa: SIM905
_CLAIM = """
[关于|说到|至于]{what}，[征求意见稿|这一稿|文件]{fault}
{who}[最关心的是|真正发愁的是|盼了很久的是]{what}
[建议|希望|最好|请]把{what}{do}，{why}
[希望|盼望|但愿]{what}[能够|可以|早日]{do}
{what}[不应当只面向|不能光考虑|也要照顾]{who}
[对{who}来说|站在{who}的角度看]，{what}{fault}
[可否|能不能|是否可以]将{what}{do}
{who}[和|与]{who}的{what}[应当分开规定|不能混为一谈|标准要统一]
[如果|要是|倘若]{what}[继续|还是]{fault}，{who}[就会吃亏|只好放弃|迟早要有意见]
[请在|建议在]{what}[后面|一段|那一条里][加上|写明]{do}[的要求|这一句|]
[把{what}{do}，比把{what}{do}更要紧|先把{what}{do}，再谈{what}]
{what}[要|必须|理应]{do}，{why}
[不赞成|我反对|想不通为什么]由{who}[承担|负责|牵头]{what}
{n}%的[比例|标准|增幅]对{who}[并不现实|偏高|太低]
{what}的[期限|时间]最好[改成|延长到|缩短到]{n}天，{why}
[至少|起码]应当让{who}[参与|旁听|监督]{what}的[讨论|验收|评分]
[现在|眼下]{who}[办|申请|咨询]{what}，{fault}
[同时也要考虑|别忘了|还得顾及]{who}的{what}[怎样衔接|由谁出钱|何时兑现]
{what}[和|同]{what}[其实是一回事|常常互相打架]，[应当|不妨]{do}
[光靠|单凭]{who}[解决不了|管不好]{what}，{why}
[附件里|表格中|第二部分]的{what}[写得含糊|少了一栏|数字对不上]，{who}[看不懂|没法填|无从下手]
[与其|不要]给{who}[多发钱|挂牌子]，[不如|还是]把{what}{do}
""".split()  # noqa: SIM905
_PLACE = "东关街道 柳林镇 北河村 新城大道 老火车站一带 开发区 西山社区 城南批发市场 河湾小区 大桥乡 南苑 三里铺 古槐街 工业园二期 清水沟 白杨路 青石巷 汽车站 文化广场 职教园区".split()  # noqa: SIM905
_STOCK = "建议加大资金支持力度 请有关部门认真研究 希望尽快出台实施细则 感谢政府为群众办实事 建议进一步明确责任单位 希望能够真正落到实处 总体上我支持这个文件 以上意见供参考 建议加强宣传引导 希望充分听取基层意见 请予以采纳 建议完善配套政策 建议建立长效机制 建议加强部门协同 望领导重视 建议进一步优化营商环境 希望多为老百姓考虑 建议加强事中事后监管".split()  # noqa: SIM905
_SHORT = "支持！ 同意 赞成。 没有意见 坚决拥护 反对 支持支持 很好 同意第三条 希望早日实施".split()  # noqa: SIM905
_GREETING = "您好， 尊敬的领导：您好！ 各位领导好： 你好，我是一名普通市民。 编制组的同志们： 征求意见工作组：".split()  # noqa: SIM905
_QUOTING = "第{n}条规定“{quote}” 征求意见稿提出“{quote}” 文中“{quote}”这一句 原文：{quote}".split()  # noqa: SIM905
_CHARACTERS = sorted(set("".join(_WHO + _WHAT + _FAULT + _DO + _WHY)))


@dataclass(frozen=True, slots=True)
class Planted:
    """Texts; to which planted cluster each belongs (-1: none); and how much of it was edited (None: an original)."""

    texts: list[str] = field(default_factory=list)
    clusters: list[int] = field(default_factory=list)
    levels: list[float | None] = field(default_factory=list)


def plant(number: int, seed: int = 5) -> Planted:
    """About a quarter of the texts in clusters of 2 to 60, one campaign of a hundredth of all, the others alone."""
    chance = random.Random(seed)
    clauses = [_clause(chance) for _ in range(300)]
    made: list[tuple[str, int, float | None]] = []
    sizes = [number // 100]
    while sum(sizes) < number * 0.26:
        sizes.append(round(2 * 30 ** chance.random()))
    seen: set[str] = set()
    for cluster, size in enumerate(sizes):
        original = _long_comment(chance, clauses)
        seen.add(original)
        made.append((original, cluster, None))
        for _ in range(size - 1):
            level = chance.choice(LEVELS)
            made.append((edited(original, level, chance), cluster, level))
    while len(made) < number:
        if chance.random() < 0.02:
            made.append((chance.choice(_SHORT), -1, None))
            continue
        text = comment(chance, clauses)
        if text not in seen:
            seen.add(text)
            made.append((text, -1, None))
    chance.shuffle(made)
    return Planted(*(list(each) for each in zip(*made, strict=True)))


def copies_of(texts: Sequence[str], number: int, seed: int = 6) -> list[tuple[int, str]]:
    """Copies of some of the texts with a tenth edited, and of which text each is."""
    chance = random.Random(seed)
    chosen = chance.sample([i for i, text in enumerate(texts) if len(text) >= 35], number)
    return [(i, edited(texts[i], 0.1, chance)) for i in chosen]


def comment(chance: random.Random, clauses: Sequence[str]) -> str:
    """What somebody might write: some of his own, often a stock phrase, often a clause quoted word for word."""
    parts = [_sentence(chance) for _ in range(chance.choice((1, 2, 2, 3, 3, 4, 5)))]
    if chance.random() < 0.6:
        parts.insert(chance.randrange(len(parts) + 1), chance.choice(_STOCK))
    if chance.random() < 0.25:
        parts.append(chance.choice(_STOCK))
    if chance.random() < 0.35:
        quote = chance.choice(clauses)
        if chance.random() < 0.5:
            quote = quote[: chance.randrange(15, 60)]
        parts.insert(0, chance.choice(_QUOTING).format(n=chance.randrange(1, 40), quote=quote))
    if chance.random() < 0.15:
        parts[0] = chance.choice(_GREETING) + parts[0]
    return "。".join(parts) + chance.choice(("。", "！", ""))


def edited(text: str, level: float, chance: random.Random) -> str:
    """A copy with this share of its characters edited: six in ten replaced, two put in, two taken out.

    From a tenth on, three in ten also have their sentences in another order; a quarter have a greeting before them,
    a quarter a sentence of their own behind them.
    """
    characters = list(text)
    for _ in range(round(level * len(characters))):
        at, kind = chance.randrange(len(characters)), chance.random()
        if kind < 0.6:
            characters[at] = chance.choice(_CHARACTERS)
        elif kind < 0.8:
            characters.insert(at, chance.choice(_CHARACTERS))
        else:
            del characters[at]
    copy = "".join(characters)
    if level >= 0.1 and chance.random() < 0.3:
        sentences = copy.split("。")
        chance.shuffle(sentences)
        copy = "。".join(sentences)
    if chance.random() < 0.25:
        copy = chance.choice(_GREETING) + copy
    if chance.random() < 0.25:
        copy += "。" + _sentence(chance) + "。"
    return copy


def _long_comment(chance: random.Random, clauses: Sequence[str]) -> str:
    """What a campaign asks people to send: more than one sentence."""
    while len(text := comment(chance, clauses)) < 35:
        pass
    return text


def _sentence(chance: random.Random) -> str:
    return _filled(chance.choice(_STORY if chance.random() < 0.35 else _CLAIM), chance)


def _clause(chance: random.Random) -> str:
    parts = [f"{chance.choice(_WHAT)}由{chance.choice(_WHO)}会同{chance.choice(_WHO)}{chance.choice(_DO)}"]
    for _ in range(int(math.log2(chance.randrange(2, 32)))):
        parts.append(
            _filled(chance.choice(("{who}应当将{what}{do}", "推动{what}与{what}{do}", "到{n}年底{what}{do}")), chance)
        )
    return "，".join(parts)


def _filled(pattern: str, chance: random.Random) -> str:
    """A pattern with one of each [choice|of|words] and with words for its {places}."""
    while "[" in pattern:
        before, rest = pattern.split("[", 1)
        choice, after = rest.split("]", 1)
        pattern = before + chance.choice(choice.split("|")) + after
    pieces = pattern.split("{")
    out = [pieces[0]]
    for piece in pieces[1:]:
        name, rest = piece.split("}")
        out += (str(chance.randrange(2, 98)) if name == "n" else chance.choice(_WORDS[name]), rest)
    return "".join(out)


_WORDS = {"who": _WHO, "what": _WHAT, "fault": _FAULT, "do": _DO, "why": _WHY, "place": _PLACE}
