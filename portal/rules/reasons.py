"""Why a comment may be kept from publication (不予公开理由). Criticism of the draft is on no list.

M1–M9 are the nine items of 互联网信息服务管理办法 第十五条. P1–P8 are the portal's own [recommendation]; where a law
stands behind one of them, its basis names it.
"""

from __future__ import annotations

from dataclasses import dataclass

_NINE_ITEMS = "《互联网信息服务管理办法》第十五条"
_OWN = "本平台审核规则"


@dataclass(frozen=True, slots=True)
class WithholdingReason:
    """One ground: the code a decision stores, the words the pages say, and what it rests on."""

    code: str
    words: str
    basis: str

    @property
    def is_statutory(self) -> bool:
        """True for unlawful content, which is sealed and kept as evidence rather than merely not shown."""
        return self.code.startswith("M")

    @property
    def is_sealing(self) -> bool:
        """Whether what was withheld for it is shown only after a look that is logged: unlawful, or perhaps a secret."""
        return self.is_statutory or self.code == "P7"


DEFAULT_WITHHOLDING_REASONS: tuple[WithholdingReason, ...] = (
    WithholdingReason("M1", "反对宪法所确定的基本原则", f"{_NINE_ITEMS}第一项"),
    WithholdingReason("M2", "危害国家安全，泄露国家秘密，颠覆国家政权，破坏国家统一", f"{_NINE_ITEMS}第二项"),
    WithholdingReason("M3", "损害国家荣誉和利益", f"{_NINE_ITEMS}第三项"),
    WithholdingReason("M4", "煽动民族仇恨、民族歧视，破坏民族团结", f"{_NINE_ITEMS}第四项"),
    WithholdingReason("M5", "破坏国家宗教政策，宣扬邪教和封建迷信", f"{_NINE_ITEMS}第五项"),
    WithholdingReason("M6", "散布谣言，扰乱社会秩序，破坏社会稳定", f"{_NINE_ITEMS}第六项"),
    WithholdingReason("M7", "散布淫秽、色情、赌博、暴力、凶杀、恐怖或者教唆犯罪", f"{_NINE_ITEMS}第七项"),
    WithholdingReason("M8", "侮辱或者诽谤他人，侵害他人合法权益", f"{_NINE_ITEMS}第八项"),
    WithholdingReason("M9", "含有法律、行政法规禁止的其他内容", f"{_NINE_ITEMS}第九项"),
    WithholdingReason("P1", "涉及个人隐私或个人信息", "《个人信息保护法》第二十五条；《政府信息公开条例》第十五条"),
    WithholdingReason("P2", "涉及商业秘密", "《政府信息公开条例》第十五条"),
    WithholdingReason("P3", "广告、垃圾信息或外部链接", _OWN),
    WithholdingReason("P4", "与草案无关", _OWN),
    WithholdingReason("P5", "重复", _OWN),
    WithholdingReason("P6", "属于信访、投诉或举报（转办）", _OWN),
    WithholdingReason("P7", "疑似涉密（封存并报保密机构）", _OWN),
    WithholdingReason("P8", "乱码或测试", _OWN),
)
