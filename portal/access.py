"""The whole policy on one page: who may do what. What is not written here is not allowed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.errors import NotAllowed
from portal.rules.words import LabelledEnum


class Role(LabelledEnum):
    """What a member of staff is there for. One account has one role: duties stay apart."""

    ADMINISTRATOR = "administrator", "系统管理员"
    PUBLISHER = "publisher", "发布员"
    MODERATOR = "moderator", "审核员"
    DRAFTER = "drafter", "起草人员"
    AUDITOR = "auditor", "审计员"


class Permission(StrEnum):
    """One act that can be allowed or not."""

    READ = "read"  # public pages
    COMMENT = "comment"  # fill a basket, send it, look at one's own receipt
    SIGN_IN = "sign_in"
    ENTER_OFFICE = "enter_office"  # the office's front page, signing out
    IMPORT_DRAFT = "import_draft"  # read a file in, correct the outline, fill the notice
    PUBLISH = "publish"  # put a draft before the public; publish the results
    MODERATE = "moderate"  # see the queue and everything received, decide
    SEE_CONTACT = "see_contact"  # look at one respondent's contact data; every look is logged
    SEE_CONFIDENTIAL = "see_confidential"  # look at a trade secret told beside a comment; every look is logged
    READ_SUMMARY = "read_summary"  # see and download the summary
    RELEASE_SUMMARY = "release_summary"
    RESPOND = "respond"  # record a disposition and its reason
    READ_AUDIT = "read_audit"
    MANAGE_ACCOUNTS = "manage_accounts"
    KEEP_LISTS = "keep_lists"  # document types and their minimum periods, the calendar of holidays
    MANAGE_SITE = "manage_site"  # what the footer and the page tags of the public pages say


PUBLIC = frozenset({Permission.READ, Permission.COMMENT, Permission.SIGN_IN})

POLICY: dict[Role, frozenset[Permission]] = {
    Role.ADMINISTRATOR: frozenset(
        {Permission.ENTER_OFFICE, Permission.MANAGE_ACCOUNTS, Permission.KEEP_LISTS, Permission.MANAGE_SITE}
    ),
    Role.PUBLISHER: frozenset(
        {
            Permission.ENTER_OFFICE,
            Permission.IMPORT_DRAFT,
            Permission.PUBLISH,
            Permission.READ_SUMMARY,
            Permission.RELEASE_SUMMARY,
        }
    ),
    Role.MODERATOR: frozenset(
        {
            Permission.ENTER_OFFICE,
            Permission.MODERATE,
            Permission.SEE_CONTACT,
            Permission.SEE_CONFIDENTIAL,
            Permission.READ_SUMMARY,
        }
    ),
    Role.DRAFTER: frozenset(
        {Permission.ENTER_OFFICE, Permission.SEE_CONFIDENTIAL, Permission.READ_SUMMARY, Permission.RESPOND}
    ),
    Role.AUDITOR: frozenset({Permission.ENTER_OFFICE, Permission.READ_AUDIT}),
}


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
