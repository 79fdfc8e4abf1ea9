"""The closed lists of the portal and the Chinese words the pages say for them (stored by value, shown by label)."""

from __future__ import annotations

from enum import StrEnum


class LabelledEnum(StrEnum):
    """A stored value together with the word a page says for it."""

    label: str

    def __new__(cls, value: str, label: str = "") -> LabelledEnum:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member


class Stance(LabelledEnum):
    """What a comment wants of its clause (态度)."""

    SUPPORT = "support", "赞成"
    CHANGE = "change", "建议修改"
    OPPOSE = "oppose", "不赞成"
    QUESTION = "question", "询问"
    ADDITION = "addition", "建议补充"


class RespondentKind(LabelledEnum):
    """As whom a respondent speaks (提出人类别). Kinds are never blended in a report."""

    CITIZEN = "citizen", "个人"
    ENTERPRISE = "enterprise", "企业"
    ASSOCIATION = "association", "行业协会、社会组织"
    INSTITUTION = "institution", "高校、科研院所"
    PUBLIC_BODY = "public_body", "机关单位"

    @property
    def is_organisation(self) -> bool:
        return self is not RespondentKind.CITIZEN


class Scan(LabelledEnum):
    """Whether a file was looked at by the virus scanner."""

    NONE = "none", "没有配置查毒"
    CLEAN = "clean", "已查毒"
    OWED = "owed", "未查毒"
    INFECTED = "infected", "带有病毒"


class AttachmentPurpose(LabelledEnum):
    """What a file was handed in for (附件用途). Only what the bureau publishes is public; the rest is sealed."""

    PUBLISHED = "published", "随征求意见稿公布"
    ADOPTED = "adopted", "正式文件"
    EVIDENCE = "evidence", "意见的依据材料"
    LETTER = "letter", "加盖公章的书面意见"
    ENCLOSURE = "enclosure", "来件的扫描件、附件"
    SHEET = "sheet", "意见表"

    @property
    def is_public(self) -> bool:
        return self in (AttachmentPurpose.PUBLISHED, AttachmentPurpose.ADOPTED)


class IdentityNeed(LabelledEnum):
    """What a consultation must know of whoever sends (提出人身份要求)."""

    ANONYMOUS = "anonymous", "匿名可提"
    CONTACT = "contact", "需联系方式"
    VERIFIED = "verified", "需实名（电子邮箱验证）"


class Signing(LabelledEnum):
    """How an organisation's comments are signed when they are public (署名方式)."""

    NAMED = "named", "署单位全称"
    KIND = "kind", "只署单位类别，例如“某企业”"


class PlacementKind(LabelledEnum):
    """What is known of the place of a comment in a later version (对应位置)."""

    PLACED = "placed", "有对应条款"
    ORPHANED = "orphaned", "没有对应条款"
    UNDECIDED = "undecided", "待定"


class Channel(LabelledEnum):
    """By what way a submission reached the bureau (提出方式)."""

    WEB = "web", "网上"
    EMAIL = "email", "电子邮件"
    LETTER = "letter", "信函"
    FAX = "fax", "传真"
    PHONE = "phone", "电话"
    VISIT = "visit", "现场"
    MEETING = "meeting", "座谈会"
    HEARING = "hearing", "听证会"
    OFFICIAL_LETTER = "official_letter", "部门书面函"
    SOCIAL_MEDIA = "social_media", "政务新媒体"
    HOTLINE = "hotline", "12345热线"
    PLATFORM = "platform", "其他平台"
    OTHER = "other", "其他"


#: what comes in by itself, in the window and with a receipt: nobody registers it
SELF_SENT = frozenset({Channel.WEB, Channel.PLATFORM})


class RegistrationState(LabelledEnum):
    """How far a registration is (来稿登记)."""

    DRAFT = "draft", "正在登记"
    HANDED_IN = "handed_in", "待复核"
    CONFIRMED = "confirmed", "已受理"
    SET_ASIDE = "set_aside", "不受理"


class RegistrationSource(LabelledEnum):
    """Out of what a registration was made (登记来源)."""

    HAND = "hand", "手工登记"
    MAIL = "mail", "电子邮件"
    SHEET = "sheet", "意见表"


class MailKind(LabelledEnum):
    """What an e-mail that arrived turned out to be (来信类别)."""

    OPINION = "opinion", "来信"
    SAME = "same", "重复来信"
    AUTOMATIC = "automatic", "自动回复"
    BOUNCE = "bounce", "退信"
    BULK = "bulk", "群发、疑似垃圾邮件"
    UNREADABLE = "unreadable", "读不出"


class CommentState(LabelledEnum):
    """Where a comment stands. Received = the sum of all five, always."""

    PENDING = "pending", "待审"
    PUBLISHED = "published", "公开"
    WITHHELD = "withheld", "不予公开"
    MERGED = "merged", "并入相同意见"
    WITHDRAWN = "withdrawn", "撤回"


class CommentOrder(LabelledEnum):
    """In which order the published comments on a clause are read."""

    NEWEST = "newest", "最新在前"
    CONCURRING = "concurring", "赞同多的在前"


class Disposition(LabelledEnum):
    """What became of a comment (采纳情况), in the order the adoption table prints them."""

    ADOPTED = "adopted", "采纳"
    PARTLY_ADOPTED = "partly_adopted", "部分采纳"
    NOT_ADOPTED = "not_adopted", "未采纳"
    EXPLAINED = "explained", "解释说明"
    KEPT_FOR_STUDY = "kept_for_study", "留存研究"
    OUT_OF_SCOPE = "out_of_scope", "不属于本次征集范围"


class FeedbackForm(LabelledEnum):
    """In which form the adoption feedback is published (反馈形式; rules C-3, C-4, C-5)."""

    NONE = "none", "未收到意见"
    TABLE = "table", "逐条列表"
    BY_CLAUSE = "by_clause", "按条款归纳"
    BY_CAMPAIGN = "by_campaign", "按相同、相近意见归纳"


class LineageKind(LabelledEnum):
    """What became of a clause in the next version (条款沿革)."""

    KEPT = "kept", "未改"
    CHANGED = "changed", "修改"
    RENUMBERED = "renumbered", "序号改变"
    MOVED = "moved", "移动"
    SPLIT = "split", "拆分"
    MERGED = "merged", "合并"
    ADDED = "added", "新增"
    REMOVED = "removed", "删除"


class PlanOutcome(LabelledEnum):
    """What became of a planned publication (定时发布)."""

    WAITING = "waiting", "等待发布"
    PUBLISHED = "published", "已按时发布"
    CANCELLED = "cancelled", "已取消"
    FAILED = "failed", "未能发布"


class JobState(LabelledEnum):
    """How far a piece of background work is (后台任务)."""

    WAITING = "waiting", "等待办理"
    RUNNING = "running", "正在办理"
    DONE = "done", "已办完"
    STOPPED = "stopped", "已停下"
    FAILED = "failed", "没有办成"


class ProposalOutcome(LabelledEnum):
    """What became of a proposal to withhold (不予公开的建议)."""

    WAITING = "waiting", "待第二人确认"
    CONFIRMED = "confirmed", "已确认"
    DECLINED = "declined", "没有同意"
    OVERTAKEN = "overtaken", "已另行处理"


class BulkOutcome(LabelledEnum):
    """Why an act on many comments left one as it was."""

    LEFT_OUT = "left_out", "挑出，不一并办理"
    PERSONAL = "personal", "有个人信息没有处理"
    CHANGED = "changed", "其间已另行处理"


class PointKind(LabelledEnum):
    """What a point is (观点的种类). One that a single person makes is listed by itself and never lost."""

    ARGUMENT = "argument", "多人提出"
    SINGLE = "single", "只有一人提出的实质意见"
    APPROVAL = "approval", "只表示赞成"
    OBJECTION = "objection", "只表示不赞成"


class SummaryState(LabelledEnum):
    """How far a kept summary is (汇总报告的状态)."""

    DRAFT = "draft", "初稿"
    REVIEWED = "reviewed", "已复审"
    RELEASED = "released", "已签发给起草单位"
    SUPERSEDED = "superseded", "已被后一份取代"


#: the holidays of 《全国年节及纪念日放假办法》; a yearly notice without one of them is worth a second look
STATUTORY_HOLIDAYS = ("元旦", "春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")


class Findable(LabelledEnum):
    """What the search finds, in the order it shows them."""

    TITLE = "title", "文件名称"
    CLAUSE = "clause", "条款"
    COMMENT = "comment", "已公开的意见"


class Standing(LabelledEnum):
    """Where a consultation stands on the public shelves."""

    SOON = "soon", "即将截止"
    OPEN = "open", "正在征求意见"
    UPCOMING = "upcoming", "即将开始"
    IN_ANSWER = "in_answer", "正在研究答复"
    ANSWERED = "answered", "已反馈"
    WITHDRAWN = "withdrawn", "已撤回"


class HappeningKind(LabelledEnum):
    """What others are told of a consultation (事件)."""

    PUBLISHED = "consultation.published", "征求意见发布"
    REVISED = "consultation.revised", "新一稿发布"
    EXTENDED = "consultation.extended", "征求意见延期"
    CLOSED = "consultation.closed", "征求意见截止"
    RESULTS = "consultation.results_published", "采纳情况公布"
    WITHDRAWN = "consultation.withdrawn", "征求意见撤回"


class DeliveryState(LabelledEnum):
    """What became of telling one address of one event (推送)."""

    WAITING = "waiting", "等待推送"
    DELIVERED = "delivered", "已送达"
    DEAD = "dead", "多次未送达，已停"
