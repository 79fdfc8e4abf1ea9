"""Where somebody says who they are: 我叫张三, 联系人：王小明, 我是李四, a name under the letter.

Chinese names have no mark of their own, so only the words around a name give it away. A label or 我叫 followed by a
surname is enough; 我是 is followed by anything at all (我是高新企业) and is believed only when it ends like a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from portal.rules.masking import COMPOUND_SURNAMES

_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向"
    "汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季"
    "裴霍涂成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤穆农司卓古吉缪简车项连芦麦褚娄窦戚岑"
    "景党宫费卜冷晏席卫米柏宗瞿桂佟应臧闵苟邬边卞姬仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝匡隆"
    "晋丘籍逯冼仝娜奚昌酆廉皮湛禹狄贝计伏成谈茅危支昝裘经诸钮嵇滑荀羊於惠封芮羿储汲邴糜松井富乌巴弓牧隗山宓"
    "蓬郗班仰秋伊暴钭厉戎祖束幸韶郜蓟薄印宿怀邰鄂索咸赖蔺屠阴胥莘贡劳逄扶堵宰郦雍濮寿扈燕冀郏浦茹习宦鱼容慎"
    "戈庾暨衡步满弘禄阙沃蔚夔晁勾訾阚毋乜鞠丰巢蒯荆红竺权盖桓帅揭楚沐郁洪代旷亓尧冒库战初矫展时云乐水元平常海亢闪撒哈门鄢占智"
)
# Surnames that begin everyday words too often to be believed after a mere 我是.
_COMMON_WORDS_BEGIN = frozenset(
    "应时商成明向项连路单任于方文万安高华白党关温解管游简车农司易尚包左古景房曾常云乐水元平经计支初战展库代"
    "丰红权寿满步容慎富印怀秋山松封储皮危贡劳扶燕习伏谈羊鱼班祖宿薄阴海门占智"
)

# Everyday words that begin with a surname.
_EVERYDAY = (
    "方式 方法 方案 方面 方便 方向 高级 高新 高校 高中 高管 高度 高兴 常用 常委 安全 "
    "安排 安置 全部 于是 应当 应该 应届 时间 成立 成员 成功 成都 任何 任务 任职 项目 "
    "单位 单独 路线 路口 路灯 金额 金融 白天 白色 平台 平安 平时 明确 明年 明显 温度 党员 党委 连续 "
    "万元 万分 文件 文化 文明 石家 江苏 江西 安徽 云南 宁夏 贵州 向来 向往 管理 管委 申请 "
    "易于 尚未 包括 包含 左右 古代 关于 关注 关心 房东 房主 房屋 车主 车辆 车位 农民 农户 司机 "
    "商户 商家 解决 解答 简单 游客 华侨 谢谢 施工 别人 米饭 马上 高层 高龄 高三 高二 "
    "高一 廉租 牛奶 夏天 黄色 江北 江南 马路 严重 严格 童年 费用 边上 房子 冷漠 支持 经济 经过 经常 水电 "
    "水平 元旦 盖章 曾多 曾经 曾向 曾在 查出 冷眼 计划 初中 代表 代办 丰富 红色 权利 权益 寿命 满意 步行 容易 慎重 富裕 印章 怀疑 秋天 山区 "
    "封闭 储备 贡献 劳动 扶持 扶贫 习惯 谈话 班级 祖国 宿舍 冀北 燕山 伊犁 展示 时候 云计 乐意 平等 洪水 "
    "幸福 荣誉 和谐 广大 国家 全体 全市 盛会 强烈 范围 纪律 章程 符合 严禁 简化 尤其 凌晨 毕业 甘肃 季节 "
    "康复 温馨 熊猫 钟点 顾客 毛病 段落 雷电 龙头 汤药 舒适 童话 蓝天 管道 蒙古 房产 解释 艾滋 穆斯 吉林 "
    "麦田 景区 党组 费率 冷库 席位 卫生 米面 柏油 宗旨 桂花 商务 沙石 荣获 桑拿 池塘 查询 麻烦 隆重"
)
_NOT_NAMES = frozenset(_EVERYDAY.split())
_AS_TITLE = (
    "局长 处长 科长 主任 经理 先生 女士 老师 同志 书记 厂长 院长 校长 村长 师傅 医生 总 工 某 某某 小姐 大爷 大妈 "
    "市长 县长 区长 镇长 乡长 部长 厅长 委员 教授 院士 站长 队长 所长 会长 律师 警官 大夫 阿姨 奶奶 爷爷 大姐 大哥 "
    "某人 女 男 氏 家 老 总监 董事长 总经理 秘书长"
)
_TITLES = frozenset(_AS_TITLE.split())
_NOT_A_PERSON = re.compile(
    "局|委|街道|公司|办|中心|院|厂|所|科|处|部|区|县|市|镇|乡|村|企业|协会|集团|单位|银行|学校|大学|政府"
)
_PLACES_AND_POSTS = "人员户司局厂店村市县区镇乡院校站部处科者会"
_BELONGS = frozenset(_PLACES_AND_POSTS + "业商师帮群路街")

_WORDS_END = frozenset("头生工友民长手兵迷童年女子妈爸性式型级层线片段")

# What follows a name when no punctuation does.
_AFTER = re.compile(
    "电话|手机|联系|身份|家住|住|今年|现|是|在|系|来自|邮箱|微信|地址|男|女|和|与|的|想|对|希望|建议|认为|反映|及|（|工作|年龄|提出|提议|特|就|关于|向|因|要求|请求|申请|诉求|不在|日期|时间|敬上|谨上|性别"
)

_HAN = "[\u3400-\u9fff\U00020000-\U0003ffff]"
_WITH_DOT = rf"{_HAN}{{1,10}}(?:[·•・]{_HAN}{{1,10}}){{1,3}}"
_ROLE = (
    "市民|村民|居民|业主|住户|职工|群众|家长|教师|老师|网友|读者|患者|学生|农民|农户|商户|乘客|退休职工|纳税人|从业者"
    "|经营者|负责人|车主|房主|店主|业主代表|群众代表|村民代表|居民代表|一[名位个][\u4e00-\u9fff]{2,8}"
)
_RELATION = (
    "妈妈?|爸爸?|父亲|母亲|爱人|老伴|妻子|丈夫|老公|老婆|儿子|女儿|孩子|孙子|孙女|外孙女?|哥哥?|弟弟?|姐姐?|妹妹?"
    "|爷爷|奶奶|姥姥|姥爷|公公|婆婆|岳父|岳母"
)
_SAYS_NAME = re.compile(
    rf"(?P<sure>(?<!大家)(?<!别人)我(?:们家)?(?:(?:{_RELATION})(?:的名字)?)?(?:姓名|名)?叫(?:做|作)?"
    r"|我的(?:名字|姓名)[是叫]?|本人(?:姓名|名叫|叫)|(?:真实)?姓名叫?|联[系络]人(?:姓名)?"
    r"|署名|签名|签字|落款|户主|户名|法定代表人|法人代表|法人(?=:)|监护人"
    r"|(?:申请|投诉|建议|反映|来信|提议|收件|经办|控告|举报|发帖|意见|提出|留言|当事|受害|产权|承包|缴费|投保|填表|填写|报告|诉求|求助|委托|承租|代理|收款|持卡)人)"
    r"(?P<label>(?:(?:及|和|与|、|/)(?:联系)?(?:电话|方式|手机))?[ \t]{0,3}[:是为()][ \t]{0,3}|[ \t]{1,3})?"
    rf"(?P<name>{_WITH_DOT}|{_HAN}{{2,7}})"
    rf"|(?P<maybe>我是|本人(?:是|系)?|鄙人|我系|(?<=我姓{_HAN}[,、 ])(?:名字?)?叫|[免贵鄙敝]{{1,2}}姓|(?:{_RELATION})名?叫|我(?:的|家)?(?:{_RELATION}))"
    rf"[ \t]{{0,2}}(?P<perhaps>{_WITH_DOT}|{_HAN}{{2,7}})"
    rf"|(?:{_ROLE})[ \t]{{0,2}}:[ \t]{{0,3}}(?P<signed>{_WITH_DOT}|{_HAN}{{2,4}})(?!{_HAN})"
)
_SEX = re.compile(r"[,、( ]{1,2}[男女][,。、 )]")
_IN_LIST = re.compile(rf"[、,/ ][ ]?(?P<name>{_HAN}{{2,4}})(?!{_HAN})")
_CLOSES = "(?:敬上|敬启|谨上|谨启|谨呈|呈上|拜上|敬呈|手书|亲笔|于[0-9]{4}年)"
# A line of its own at the end, a dash before it, or 敬上 behind it: how a letter is signed.
_SIGNATURE = re.compile(
    rf"(?:(?P<line>\n)[ \t]{{0,20}}|(?P<dash>-{{2,4}})[ \t]{{0,2}}|(?P<role>(?:{_ROLE})[ \t]?))"
    rf"(?P<name>{_WITH_DOT}|{_HAN}{{2,4}}?)[ \t]{{0,3}}(?P<closes>{_CLOSES}|\((?:签名|签字|手印)\))?"
    r"(?=(?P<rest>[ \t]{0,20}\n?[ \t]{0,20}[0-9]{4}[年./-][0-9]{1,2}[月./-][0-9]{1,2}日?)?\s{0,20}\Z"
    r"|(?P<on>[ \t]{0,3}\n)|(?(closes)|(?!)))"
)
_BESIDE = re.compile(
    rf"(?:(?P<line>\n[ \t]{{0,3}})|(?<!{_HAN})|(?<=[给找叫请向])|(?<=联系|市民|村民|居民|业主|住户|职工|家长|教师|学生|农民|商户))"
    rf"(?P<name>{_WITH_DOT}|{_HAN}{{2,4}}?)"
    r"[ \t,、(]{0,3}(?:[男女])?[ \t,、]{0,2}(?:[0-9]{1,3}岁)?[ \t,:、(]{0,3}(?:的?(?:联系)?(?:电话|手机号?码?|方式|身份证号?码?)[是为:]?[ \t]?)?\Z"
)
_GREETING_ENDS = re.compile(r"(?:敬礼|此致|谢谢|感谢|[顺即]?[颂祝]\w{1,3})[!。,]?\s{0,3}\Z")
_SENTENCE_ENDS = re.compile(r"[。!?;.][\s\"”)]{0,3}\Z")


def names(text: str) -> Iterator[tuple[int, int, bool]]:
    """Start, end and whether it is sure, of every name a text says of somebody; half-width text in."""
    after = 0
    found = [*_said(text), *_signed(text)]
    for start, end, is_sure in sorted(found, key=lambda span: (span[0], not span[2], -span[1])):
        if start >= after:
            yield start, end, is_sure
            after = end


def beside(text: str, at: int) -> tuple[int, int, bool] | None:
    """A name that stands right before a number at an offset: 吕望舒 139…, 反馈给万里：139…. Sure only under a letter."""
    match = _BESIDE.search(text[max(0, at - 24) : at])
    if match is None or whole_name(match["name"]) is None:
        return None
    start = max(0, at - 24) + match.start("name")
    return start, start + len(match["name"]), match["line"] is not None and len(match["name"]) > 2


def _said(text: str) -> Iterator[tuple[int, int, bool]]:
    at = 0
    while match := _SAYS_NAME.search(text, at):
        if match["signed"] is not None:
            start, is_sure = match.start("signed"), len(match["signed"]) > 2
            found = whole_name(match["signed"])
        elif match["maybe"] is not None:
            # 我是荣盛A3区的业主: a letter or digit right behind means that the words go on.
            behind = text[match.end() : match.end() + 1]
            goes_on = behind.isascii() and behind.isalnum()
            found = None if goes_on else _name_in(match["perhaps"], is_sure=False, is_labelled=False)
            start = match.start("perhaps")
            # 本人金小满，女，教师: nobody goes on like that after anything but a name.
            is_sure = found is not None and _SEX.match(text, start + found[0]) is not None
        else:
            is_labelled = match["label"] is not None or match["sure"].startswith(("我", "本人"))
            found = _name_in(match["name"], is_sure=True, is_labelled=is_labelled)
            start, is_sure = match.start("name"), True
        if found is None:
            # The run may itself hold the next cue (姓名联系人张三): go on just behind this one.
            at = start
            continue
        length, ends_well = found
        yield start, start + length, is_sure and ends_well
        at = start + length
        # 提议人：苗小秋、廉小北: what follows in the list are names like the first.
        while is_sure and ends_well and (other := _IN_LIST.match(text, at)) and whole_name(other["name"]):
            yield other.start("name"), other.end("name"), len(other["name"]) > 2
            at = other.end("name")


def _signed(text: str) -> Iterator[tuple[int, int, bool]]:
    for match in _SIGNATURE.finditer(text):
        if match["on"] is not None and not (match["closes"] or match["dash"]):
            # A line in the middle: signed only when the greeting is right above it.
            before = text[max(0, match.start() - 12) : match.start()]
            is_sure = _GREETING_ENDS.search(before) is not None
            if not is_sure:
                continue
        elif match["line"] is not None and not match["closes"]:
            before = text[max(0, match.start() - 12) : match.start()]
            is_sure = _GREETING_ENDS.search(before) is not None or (
                len(match["name"]) > 2 and _SENTENCE_ENDS.search(before) is not None
            )
        elif match["role"] is not None:
            is_sure = match["closes"] is not None
        else:
            is_sure = True
        if whole_name(match["name"]) is not None:
            yield match.start("name"), match.end("name"), is_sure


def whole_name(run: str) -> tuple[int, bool] | None:
    """Whether a run of Han characters is a name and nothing else: its length, and True; None when it is not."""
    if any(dot in run for dot in "·•・"):
        return len(run), True
    surname = 2 if run[:2] in COMPOUND_SURNAMES and len(run) > 2 else 1
    if surname == 1 and run[0] not in _SURNAMES:
        return None
    if not surname < len(run) <= surname + 2 or not _is_like_a_name(run, surname, is_sure=True):
        return None
    if run[-1] in _PLACES_AND_POSTS:
        return None
    return len(run), True


def _name_in(run: str, *, is_sure: bool, is_labelled: bool) -> tuple[int, bool] | None:
    """The length of the name a run of Han characters begins with, and whether it ends where a name would."""
    if any(dot in run for dot in "·•・"):
        cut = _AFTER.search(run, run.rindex(next(dot for dot in run if dot in "·•・")) + 2)
        return (cut.start() if cut else len(run)), True
    if run[:2] in COMPOUND_SURNAMES:
        surname = 2
    elif run[0] in _SURNAMES:
        surname = 1
    else:
        return None
    is_common = surname == 1 and not is_labelled and run[0] in _COMMON_WORDS_BEGIN
    for length in (surname + 1, surname + 2):
        if is_common and (length == 2 or run[:length][-1] in _WORDS_END):
            continue  # 我是高三, 我是高年级生
        following = _AFTER.match(run, length)
        # 李亚男 ends with a word that may also follow a name: at the very end of a run it belongs to the name.
        ends = len(run) == length or (following is not None and following.end() < len(run))
        if ends and _is_like_a_name(run[:length], surname, is_sure=is_sure):
            return length, not is_common
    # After a label or 我叫 a name is there even if the sentence runs on; after 我是 it is not.
    if is_sure and not is_common and len(run) > surname + 1 and not _NOT_A_PERSON.search(run):
        length = surname + 2
        if _is_like_a_name(run[:length], surname, is_sure=True):
            return min(length, len(run)), False
    return None


def _is_like_a_name(word: str, surname: int, *, is_sure: bool) -> bool:
    given = word[surname:]
    if word[:2] in _NOT_NAMES or word in _NOT_NAMES or given in _TITLES or _NOT_A_PERSON.search(word):
        return False
    return is_sure or word[-1] not in _BELONGS
