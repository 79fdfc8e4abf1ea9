"""What counts as personal data in a comment, and the many numbers of a plan that do not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.analysis.personal_data import Span, find, masked

# Invented people, numbers of no one: what is written, and what the public sees.
FOUND = [
    # TC-E01 … TC-E07
    ("我叫张三，电话13812345678，住鹿泉区获鹿镇海山大街12号", "我叫张*，电话138****5678，住鹿泉区获鹿镇"),
    ("身份证11010519491231002X", "身份证11*************02X"),
    ("编号110105199001011234", "编号11*************234"),
    ("１３８１２３４５６７８", "138****5678"),
    ("138 1234 5678", "138****5678"),
    ("一三八一二三四五六七八", "138****5678"),
    ("身份证号：１１０１０５１９４９１２３１００２Ｘ。", "身份证号：11*************02X。"),
    ("身份证11010519491231002x", "身份证11*************02X"),
    # mobiles as people write them
    ("请致电13812345678", "请致电138****5678"),
    ("手机+86 138-1234-5678。", "手机138****5678。"),
    ("手机：(+86)13812345678", "手机：138****5678"),
    ("8613812345678是我的号码", "138****5678是我的号码"),
    ("138-1234-5678", "138****5678"),
    ("138—1234—5678", "138****5678"),
    ("138.1234.5678", "138****5678"),
    ("138 12345678", "138****5678"),
    ("1381234 5678", "138****5678"),
    ("138 123 45678", "138****5678"),
    ("1 3 8 1 2 3 4 5 6 7 8", "138****5678"),
    ("138\u200b1234\u200b5678", "138****5678"),
    ("138　1234　5678", "138****5678"),
    ("𝟏𝟑𝟖𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖", "138****5678"),
    ("幺三八一二三四五六七八", "138****5678"),
    ("壹叁捌壹贰叁肆伍陆柒捌", "138****5678"),
    ("138一二三四5678", "138****5678"),
    ("联系13812345678或15912345678", "联系138****5678或159****5678"),
    ("13812345678、15912345678", "138****5678、159****5678"),
    ("Tel13812345678", "Tel138****5678"),
    ("微信13812345678", "微信138****5678"),
    ("微信同号：19912345678，谢谢", "微信同号：199****5678，谢谢"),
    # telephones
    ("电话0316-5212183", "电话0316-***2183"),
    ("电话（0316）5212183", "电话0316-***2183"),
    ("座机03165212183", "座机0316-***2183"),
    ("０３１６－５２１２１８３", "0316-***2183"),
    ("010-82012802转801", "010-***2802"),
    ("0316 5212183", "0316-***2183"),
    ("家里电话：82012802", "家里电话：***2802"),
    ("电话5212183，晚上在家", "电话***2183，晚上在家"),
    # identity numbers
    ("身份证号码：110105 19491231 002X", "身份证号码：11*************02X"),
    ("1101 0519 4912 3100 2X", "11*************02X"),
    ("身份证130110201002290012", "身份证13*************012"),
    ("身份证号130503670401001", "身份证号【已隐去】"),
    ("440524188001010014", "44*************014"),
    # e-mail
    ("邮箱lisi2020@163.com", "邮箱l***@163.com"),
    ("邮箱：lisi2020 @ 163.com", "邮箱：l***@163.com"),
    ("lisi＠163．com", "l***@163.com"),
    ("发到li.si(at)qq.com也行", "发到l***@qq.com也行"),
    ("lisi#163.com", "l***@163.com"),
    ("12345678@qq.com", "1***@qq.com"),
    # names
    ("我叫王小明，是一名教师", "我叫王**，是一名教师"),
    ("我叫王小明是一名教师", "我叫王**是一名教师"),
    ("我叫张三住在乡下", "我叫张*住在乡下"),
    ("我的名字是欧阳娜娜。", "我的名字是欧阳**。"),
    ("我叫阿依古丽·买买提，来自伊犁", "我叫阿**，来自伊犁"),
    ("姓名：李四 电话：无", "姓名：李* 电话：无"),
    ("联系人：王小明", "联系人：王**"),
    ("联系人王小明电话见下", "联系人王**电话见下"),
    ("建议人：赵六", "建议人：赵*"),
    ("我是张三，住在附近", "我是张*，住在附近"),
    ("本人李四，今年52岁", "本人李*，今年52岁"),
    ("签名：周亚男", "签名：周**"),
    ("姓名：王小明。以上是王小明的意见", "姓名：王**。以上是王**的意见"),
    # addresses
    ("家住安次区银河北路阳光小区3号楼2单元501室", "家住安次区"),
    ("住址：河北省石家庄市鹿泉区获鹿镇海山大街12号", "住址：河北省石家庄市鹿泉区获鹿镇"),
    ("我家住海山大街12号", "我家住【已隐去】"),
    ("通讯地址：廊坊市新华路华园里1号，请回复", "通讯地址：廊坊市，请回复"),
    ("我住在阳光小区3号楼2单元501", "我住在【已隐去】"),
    ("住鹿泉区获鹿镇海山村", "住鹿泉区获鹿镇"),
    ("位于阳光花园5栋1单元302室的住户", "位于【已隐去】的住户"),
    # cards, plates, accounts
    ("银行卡6222020200112230012", "银行卡【已隐去】"),
    ("卡号6222 0202 0011 2230 012", "卡号【已隐去】"),
    ("账号4111111111111111", "账号【已隐去】"),
    ("我的车冀R12345被贴条", "我的车【已隐去】被贴条"),
    ("车牌冀R·D12345", "车牌【已隐去】"),
    ("车牌京a8h6k9", "车牌【已隐去】"),
    ("微信号zhangsan_01", "微信号【已隐去】"),
    ("微信：zhangsan", "微信：【已隐去】"),
    ("加V zhangsan2020", "加V 【已隐去】"),
    ("wxid_a1b2c3d4e5", "【已隐去】"),
    ("QQ：12345678", "QQ：【已隐去】"),
    ("qq号 123456", "qq号 【已隐去】"),
    ("扣扣12345678", "扣扣【已隐去】"),
]

UNTOUCHED = [
    # TC-E04, TC-E05 and the traps of the drafts
    "全区财政科技支出10264万元",
    "13812345678910",
    "技术合同成交64755项",
    "2021-2025年",
    "2021—2025年，到2035年",
    "冀办传〔2021〕70号",
    "实施“13558”战略",
    "13558战略",
    "统一社会信用代码91131000MA0000007U",
    "统一社会信用代码：911310000000000190",
    "91130110MA0000A007",
    "到2035年建成科技强区",
    "联系市科技局",
    "请拨打12345热线",
    "12315投诉",
    "热线400-123-4567",
    "联系人：市科技局",
    "联系人：高新区管委会",
    "联系人和联系方式应当公开",
    "联系人方式不清楚",
    # amounts and counts
    "投资13812345678元",
    "共计13912345678 元",
    "产值138.12345678亿元",
    "增长3.13812345678倍",
    "电话费20000000元",
    "电话20220310打过一次",
    "编号138123456",
    "序号1381234567",
    "订单号13812345678901234567890",
    "13 14 15 16 17 18各条",
    "第13、14、15、16、17、18项",
    "1.3 1.4 1.5 1.6 1.7 1.8",
    "2021年12月7日至12月21日",
    "2021-12-07至2021-12-21",
    "2021.12.07—2021.12.21",
    "邮编065000",
    "邮政编码：050200",
    "网站标识码1310000001",
    "冀ICP备05010518号",
    "冀公网安备13100002000123号",
    "GB/T 9704-2012",
    "GB 32100-2015",
    "工单20191123001",
    # words that begin like names
    "我是高新技术企业",
    "我是廊坊市民",
    "我是一名教师",
    "我是石家庄人",
    "我是江苏人",
    "我是安次区居民",
    "我是党员，支持这个方案",
    "我是农民",
    "我是于2020年毕业的",
    "本人对第三条有意见",
    "本人于2022年参加工作",
    "本人强烈反对第三条",
    "本人高度赞成",
    "本人曾多次反映",
    "我叫了三次车",
    "姓名、联系方式为必填",
    "姓名应当保密",
    "申请人应当提交材料",
    "法定代表人变更后",
    "联系人：王局长",
    "署名文章不予采用",
    # places that are nobody's home
    "建议在和平路12号建充电桩",
    "新华路华园里1号的办公楼",
    "住房公积金应当提高",
    "住宅小区建设要加快",
    "住建局3号文件",
    "住院报销比例",
    "居住在农村的老人",
    "住在城市里的人",
    "网址http://www.lf.gov.cn",
    "办公地址：廊坊市新华路华园里1号",
    "地铁3号线沿线",
    "一户一表改造",
    # letters
    "微信公众号已发布",
    "微信小程序",
    "开通WeChat官方账号",
    "QQ音乐",
    "万人拥有专利4.59件",
    "京津冀协同发展",
    "京A股市场",
    "沪深300指数",
    "新能源汽车A00级",
    "@所有人",
    "C++与Python@3版本",
    "第三十五条第二款第（一）项",
    "一三五七九",
    "二〇二一年十二月七日",
    "一九七八年以来",
    "强烈反对第三条！",
    "",
]


@pytest.mark.parametrize(("text", "shown"), FOUND)
def test_found_and_masked(text, shown):
    spans = find(text)
    assert spans
    assert masked(text, spans) == shown


@pytest.mark.parametrize("text", UNTOUCHED)
def test_left_alone(text):
    assert find(text) == ()


def test_the_table_is_large_and_half_of_it_is_traps():
    assert len(FOUND) + len(UNTOUCHED) >= 120
    assert len(UNTOUCHED) >= len(FOUND)


@pytest.mark.parametrize(
    ("text", "kind", "confidence"),
    [
        ("13812345678", "mobile", "high"),
        ("一三八一二三四五六七八", "mobile", "low"),
        ("编码A13812345678", "mobile", "low"),
        ("11010519491231002X", "id", "high"),
        ("110105199001011234", "id", "low"),
        ("6222020200112230012", "card", "high"),
        ("4111111111111111", "card", "low"),
        ("卡号6222020200112230015", "card", "low"),
        ("lisi@163.com", "email", "high"),
        ("kjj@lf.gov.cn", "email", "low"),
        ("我叫张三", "name", "high"),
        ("我是张三", "name", "low"),
        ("我叫张三提点意见", "name", "low"),
        ("QQ群：12345678", "qq", "low"),
        ("位于阳光花园5栋1单元302室", "address", "low"),
        ("0316-5212183", "landline", "high"),
        ("冀R12345", "plate", "high"),
    ],
)
def test_says_how_sure_it_is(text, kind, confidence):
    assert [(span.kind, span.confidence) for span in find(text)] == [(kind, confidence)]


class TestOwn:
    OWN = frozenset({"0316-5212183", "82012802", "lfskjjgxk@163.com", "廊坊市新华路华园里1号", "13812345678"})

    @pytest.mark.parametrize(
        "text",
        [
            "已拨打0316-5212183",
            "已拨打(0316) 5212183",
            "已拨打０３１６—５２１２１８３",
            "电话5212183无人接听",
            "电话82012802无人接听",
            "已发至LFSKJJGXK@163.com",
            "地址：廊坊市新华路华园里1号",
            "值班手机138 1234 5678",
        ],
    )
    def test_numbers_of_the_bureau_are_not_personal(self, text):
        assert find(text, self.OWN) == ()

    def test_others_still_are(self):
        assert [span.kind for span in find("0316-5212184，13912345678", self.OWN)] == ["landline", "mobile"]

    def test_nothing_is_own_by_an_empty_word(self):
        assert find("13812345678", frozenset({"", " "})) != ()


class TestOffsets:
    def test_are_those_of_the_original(self):
        text = "电话：１３８　１２３４　５６７８，𠮷先生"
        (span,) = find(text)
        assert text[span.start : span.end] == "１３８　１２３４　５６７８"

    def test_a_number_that_is_both_keeps_its_label(self):
        """A code that could be read both ways is an organisation's only where it says so."""
        assert find("社会信用代码911310000000000190") == ()

    @given(st.text(max_size=400))
    @settings(max_examples=300)
    def test_of_any_text_are_inside_ordered_and_apart(self, text):
        self.hold(text)

    @given(
        st.lists(
            st.sampled_from(
                [*(text for text, _ in FOUND), *UNTOUCHED, "1", " ", "-", "@", "号", "我叫", "张", "\n", "一"]
            ),
            max_size=12,
        )
    )
    @settings(max_examples=300)
    def test_of_joined_sentences_are_inside_ordered_and_apart(self, pieces):
        self.hold("".join(pieces))

    @staticmethod
    def hold(text):
        at = 0
        for span in find(text):
            assert at <= span.start < span.end <= len(text)
            assert span.confidence in ("high", "low")
            at = span.end
        assert isinstance(masked(text, find(text)), str)


class TestMasked:
    def test_replaces_and_keeps_the_rest(self):
        assert masked("甲乙丙", [Span(1, 2, "name", "high", "*")]) == "甲*丙"
        assert masked("甲乙丙", []) == "甲乙丙"

    @pytest.mark.parametrize(
        "spans",
        [
            [Span(2, 3, "name", "high", "*"), Span(0, 1, "name", "high", "*")],
            [Span(0, 2, "name", "high", "*"), Span(1, 3, "name", "high", "*")],
            [Span(0, 4, "name", "high", "*")],
            [Span(-1, 1, "name", "high", "*")],
        ],
    )
    def test_refuses_spans_that_do_not_fit(self, spans):
        with pytest.raises(ValueError):
            masked("甲乙丙", spans)

    @pytest.mark.parametrize("text", [text for text, _ in FOUND])
    def test_leaves_no_proven_number_behind(self, text):
        left = find(masked(text, find(text)))
        assert not [span for span in left if span.kind in ("mobile", "id", "card", "landline")]


RUNAWAYS = [
    "1", "1 ", "13", "a", "a@", "a.", "1-", "一",
    "我叫", "张", "我是张三", "住", "地址：", "3号楼", "1单元1室", "0316-",
    "·", "买·", "冀A1", "QQ", "卡号", "62 ", "(", " ",
    "\n", "省市县区", "小区3栋", "姓名：李小明。", "138 1234 567", "于",
]  # fmt: skip


@pytest.mark.parametrize("unit", RUNAWAYS)
def test_a_long_paste_takes_time_in_proportion(unit):
    """Ten times the text may take about ten times as long; a runaway pattern would take a hundred times."""

    def seconds(length: int) -> float:
        text = (unit * (length // len(unit) + 1))[:length]
        times = []
        for _ in range(2):
            began = time.perf_counter()
            find(text)
            times.append(time.perf_counter() - began)
        return min(times)

    short = max(seconds(10_000), 0.002)
    assert seconds(100_000) < 40 * short
