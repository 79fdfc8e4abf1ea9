"""The paragraph styles of a Word report: the body rules of GB/T 9704, and a smaller setting for public words."""

from __future__ import annotations

from dataclasses import dataclass

from portal.reports.wordml import FANGSONG, HEITI, KAITI, NAMESPACE, SONGTI, XIAOBIAOSONG, run_properties

# 28 characters of 16 pt in 156 mm stand 0.2 pt (4 twentieths) closer than their own width; LibreOffice, which
# rounds what it is told, sets 27 until it is told 6. Twenty-nine would need 15.
BODY_TRACKING = -6
SMALL = 12  # 小四, for quotations, comments and tables
GREY = "808080"


@dataclass(frozen=True, slots=True)
class Style:
    """One paragraph style; lengths in twentieths of a point, `indent` in hundredths of a character.

    No style snaps to the grid the page declares: LibreOffice gives a 16 pt character two of its 15.79 pt cells.
    Exact line spacing and `tracking` set 22 lines of 28 characters in any program instead.
    """

    key: str
    name: str
    face: str
    size: float
    line: int = 579
    indent: int = 0
    left: int = 0
    before: int = 0
    after: int = 0
    side: str = "both"
    keep_next: bool = False
    outline: int | None = None
    border: str = ""
    follows: str = ""
    at_least: bool = False
    tracking: int = 0

    def xml(self) -> str:
        first = f'w:firstLineChars="{self.indent}" w:firstLine="{round(self.size * self.indent / 5)}"'
        properties = (
            ("<w:keepNext/><w:keepLines/>" if self.keep_next else "")
            + (f"<w:pBdr>{self.border}</w:pBdr>" if self.border else "")
            + '<w:snapToGrid w:val="0"/>'
            + f'<w:spacing w:before="{self.before}" w:after="{self.after}" w:line="{self.line}" '
            + f'w:lineRule="{"atLeast" if self.at_least else "exact"}"/>'
            + f'<w:ind w:left="{self.left}" {first}/><w:jc w:val="{self.side}"/>'
            + (f'<w:outlineLvl w:val="{self.outline}"/>' if self.outline is not None else "")
        )
        default = ' w:default="1"' if self.key == "Normal" else "" if self.name.isascii() else ' w:customStyle="1"'
        return (
            f'<w:style w:type="paragraph"{default} w:styleId="{self.key}"><w:name w:val="{self.name}"/>'
            + ("" if self.key == "Normal" else '<w:basedOn w:val="Normal"/>')
            + (f'<w:next w:val="{self.follows}"/>' if self.follows else "")
            + f"<w:qFormat/><w:pPr>{properties}</w:pPr>{run_properties(self.face, self.size, self.tracking)}</w:style>"
        )


def _rule(side: str, space: int, weight: int = 4) -> str:
    return f'<w:{side} w:val="single" w:sz="{weight}" w:space="{space}" w:color="{GREY}"/>'


STYLES = (
    Style("Normal", "Normal", FANGSONG, 16, indent=200, tracking=BODY_TRACKING),
    Style("Title", "Title", XIAOBIAOSONG, 22, line=700, side="center", keep_next=True, follows="Subtitle"),
    Style("Subtitle", "Subtitle", KAITI, 16, before=120, after=440, side="center", follows="Normal"),
    Style("Heading1", "heading 1", HEITI, 16, before=120, indent=200, keep_next=True, outline=0, follows="Normal"),
    Style("Heading2", "heading 2", KAITI, 16, indent=200, keep_next=True, outline=1, follows="Normal"),
    Style("Clause", "条款标题", KAITI, 16, before=280, after=60, side="left", keep_next=True, outline=1),
    Style("Caption", "caption", HEITI, SMALL, line=440, before=80, side="center", keep_next=True),
    Style("Quote", "Quote", KAITI, SMALL, line=400, left=200, after=60, border=_rule("left", 8, 12)),
    Style("Figures", "统计", FANGSONG, SMALL, line=400, before=60, after=120, side="left", keep_next=True),
    Style("Detail", "细目", FANGSONG, SMALL, line=400, before=40, side="left"),
    Style(
        "Byline",
        "提出人",
        HEITI,
        SMALL,
        line=400,
        before=100,
        side="left",
        keep_next=True,
        border=_rule("top", 5),
        follows="Remark",
    ),
    Style("Remark", "意见", FANGSONG, SMALL, line=400, indent=200),
    Style("Cell", "表格", FANGSONG, SMALL, line=360, before=20, after=20, side="left", at_least=True),
    Style("SmallCell", "小五表格", FANGSONG, 9, line=240, before=20, after=20, side="left", at_least=True),
    Style("FineCell", "小字表格", FANGSONG, 10.5, line=300, before=40, after=40, side="left", at_least=True),
    Style("Gap", "表后空", FANGSONG, 10.5, line=240),
    Style("Signature", "落款", FANGSONG, 16, side="right"),
    Style("Bubble", "annotation text", SONGTI, 9, line=240, side="left", at_least=True),
    Style("Annex", "附件", HEITI, 16, side="left", keep_next=True),
    Style("Footer", "footer", SONGTI, 14, line=320),
)


def styles() -> str:
    """The content of word/styles.xml."""
    # the language decides where a line may end, and which shape of a character a common font shows; with Latin text as
    # Chinese, LibreOffice ends lines inside numbers (C-25 and 6)
    language = '<w:lang w:val="en-US" w:eastAsia="zh-CN"/></w:rPr>'
    spoken = run_properties(FANGSONG, 16).replace("</w:rPr>", language)
    defaults = (
        f"<w:docDefaults><w:rPrDefault>{spoken}</w:rPrDefault>"
        "<w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>"
    )
    inner = "".join(style.xml() for style in STYLES)
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    return f'{head}<w:styles xmlns:w="{NAMESPACE}">{defaults}{inner}</w:styles>'
