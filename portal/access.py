"""The whole policy on one page: who may do what. What is not written here is not allowed."""

from __future__ import annotations

from dataclasses import dataclass

from portal.errors import NotAllowed
from portal.rules.words import LabelledEnum


class Role(LabelledEnum):
    """What a member of staff is there for. One account has one role: duties stay apart."""

    ADMINISTRATOR = "administrator", "系统管理员"
    SECURITY = "security", "安全管理员"
    PUBLISHER = "publisher", "发布员"
    MODERATOR = "moderator", "审核员"
    DRAFTER = "drafter", "起草人员"
    AUDITOR = "auditor", "审计员"


class Permission(LabelledEnum):
    """One act that can be allowed or not."""

    READ = "read", "看公开的网页"
    COMMENT = "comment", "提意见、查自己的回执"
    SIGN_IN = "sign_in", "登录"
    ENTER_OFFICE = "enter_office", "进入办公页面"
    KEEP_OWN_ACCOUNT = "keep_own_account", "换自己的密码、启用动态码、退出"
    IMPORT_DRAFT = "import_draft", "导入征求意见稿、核对条款、填写公告"
    PUBLISH = "publish", "发布征求意见、公布采纳情况"
    MODERATE = "moderate", "看全部来稿、审核"
    REGISTER = "register", "登记书信、来电和来访，导入来信和意见表，复核他人的登记"
    SEE_CONTACT = "see_contact", "看提出人的联系方式（记入日志）"
    SEE_CONFIDENTIAL = "see_confidential", "看意见附带的商业秘密（记入日志）"
    READ_SUMMARY = "read_summary", "看和下载汇总"
    RELEASE_SUMMARY = "release_summary", "向公众公开汇总"
    SORT_POINTS = "sort_points", "归并、拆分观点，撰写汇总的文字"
    RESPOND = "respond", "填写采纳情况和理由"
    ROUTE = "route", "把条款分给承办单位"
    READ_AUDIT = "read_audit", "看审计日志"
    SEE_STAFF = "see_staff", "看人员和岗位"
    MANAGE_ACCOUNTS = "manage_accounts", "新增、停用账号，管理单位"
    KEEP_LISTS = "keep_lists", "管理文件类型、节假日和不予公开理由"
    MANAGE_SITE = "manage_site", "管理网站页脚和标签"
    MANAGE_KEYS = "manage_keys", "管理其他平台的接口密钥和事件推送"
    OPERATE = "operate", "看运行状况，处理发不出的邮件，设定保存期限"
    GRANT_ROLES = "grant_roles", "确认岗位、解除锁定和动态码、绑定身份编号"


PUBLIC = frozenset({Permission.READ, Permission.COMMENT, Permission.SIGN_IN})

#: what everybody may who can sign in
STAFF = frozenset({Permission.ENTER_OFFICE, Permission.KEEP_OWN_ACCOUNT})

POLICY: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: STAFF
    | {
        Permission.SEE_STAFF,
        Permission.MANAGE_ACCOUNTS,
        Permission.KEEP_LISTS,
        Permission.MANAGE_SITE,
        Permission.MANAGE_KEYS,
        Permission.OPERATE,
    },
    Role.SECURITY: STAFF | {Permission.SEE_STAFF, Permission.GRANT_ROLES},
    Role.PUBLISHER: STAFF
    | {
        Permission.IMPORT_DRAFT,
        Permission.PUBLISH,
        Permission.REGISTER,
        Permission.READ_SUMMARY,
        Permission.SORT_POINTS,
        Permission.RELEASE_SUMMARY,
        Permission.ROUTE,
    },
    Role.MODERATOR: STAFF
    | {
        Permission.REGISTER,
        Permission.MODERATE,
        Permission.SEE_CONTACT,
        Permission.SEE_CONFIDENTIAL,
        Permission.READ_SUMMARY,
        Permission.SORT_POINTS,
    },
    Role.DRAFTER: STAFF
    | {
        Permission.SEE_CONFIDENTIAL,
        Permission.READ_SUMMARY,
        Permission.SORT_POINTS,
        Permission.RESPOND,
        Permission.ROUTE,
    },
    Role.AUDITOR: STAFF | {Permission.SEE_STAFF, Permission.READ_AUDIT},
}


class Scope(LabelledEnum):
    """What a key of the JSON interface is good for. It never allows what its owner's role does not."""

    SUBMIT = "submissions:write", "代提出人提交意见"
    READ_QUEUE = "moderation:read", "看审核队列"
    DECIDE = "moderation:write", "作出审核决定"


#: what the key of another platform can be made for
PLATFORM_SCOPES = (Scope.SUBMIT,)
#: what a member of staff can make a key of their own for, and the permission each of them stands on
STAFF_SCOPES = {Scope.READ_QUEUE: Permission.MODERATE, Scope.DECIDE: Permission.MODERATE}


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever makes this request. The public has no account, no role and no bureau."""

    account_id: int | None = None
    name: str = ""
    role: Role | None = None
    bureau_id: int | None = None

    def may(self, permission: Permission, bureau_id: int | None = None) -> bool:
        """Whether the policy allows it; with `bureau_id`, also whether the thing belongs to the actor's bureau."""
        if permission in PUBLIC:
            return True
        if self.role is None or permission not in POLICY[self.role]:
            return False
        return bureau_id is None or bureau_id == self.bureau_id


ANYBODY = Actor()


def require(actor: Actor, permission: Permission, bureau_id: int | None = None) -> None:
    """Raises NotAllowed unless `actor` may do it (to a thing of that bureau, when one is named)."""
    if not actor.may(permission, bureau_id):
        raise NotAllowed("您的岗位不能办理这件事。如确有需要，请联系本单位系统管理员。")
