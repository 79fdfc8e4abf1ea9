"""Who sends: what they typed about themselves, checked against what the consultation asks for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from portal.errors import NotValid
from portal.rules import identifiers, masking, plaintext
from portal.rules.words import IdentityNeed, RespondentKind

#: what the contact data of a respondent is sealed for
CONTACT_CONTEXT = "respondent.contact"
#: the personal-information notice that is on the pages now; a new wording gets a new name
NOTICE_VERSION = "2026-12-2"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sends, as typed. Everything but the kind is optional for a citizen, unless the consultation asks for it."""

    kind: str = RespondentKind.CITIZEN.value
    organisation: str = ""
    uscc: str = ""
    #: sign an organisation's comments with its kind only
    is_organisation_hidden: bool = False
    name: str = ""
    phone: str = ""
    email: str = ""
    #: one of the bureau's regions; empty: not given
    region: str = ""
    is_name_public: bool = False
    is_minor: bool = False
    guardian_name: str = ""
    guardian_contact: str = ""
    has_guardian_consent: bool = False
    has_read_notice: bool = False
    #: the version of the notice on the page that was sent
    notice_version: str = NOTICE_VERSION


@dataclass(frozen=True, slots=True)
class Sender:
    """An identity cleaned for keeping."""

    kind: RespondentKind
    organisation: str
    uscc: str
    #: what public pages print
    shown_as: str
    contact: dict[str, str] = field(default_factory=dict)
    is_minor: bool = False
    notice_version: str = ""
    region: str = ""


def checked(identity: Identity, need: IdentityNeed = IdentityNeed.ANONYMOUS, regions: Collection[str] = ()) -> Sender:
    """The identity cleaned for keeping; `regions` are those the bureau offers.

    Of a child nothing is kept that is only counted, so no region. Raises NotValid naming the field to change.
    """
    try:
        kind = RespondentKind(identity.kind)
    except ValueError:
        raise NotValid("请选择以什么身份提出。", fault="kind") from None
    contact = _contact(identity, kind, need)
    organisation, uscc = _organisation(identity) if kind.is_organisation else ("", "")
    is_minor = identity.is_minor and not kind.is_organisation
    if is_minor:
        contact |= _guardian(identity)
    if contact and not identity.has_read_notice:
        raise NotValid("留有联系方式的，请先阅读并勾选个人信息处理规则。", fault="has_read_notice")
    if contact and identity.notice_version != NOTICE_VERSION:
        raise NotValid("个人信息处理规则刚刚更新，请再看一遍，然后重新勾选。", fault="has_read_notice")
    return Sender(
        kind,
        organisation,
        uscc,
        _shown_as(identity, kind, organisation, contact, is_minor=is_minor),
        contact,
        is_minor,
        NOTICE_VERSION if identity.has_read_notice else "",
        "" if is_minor else _region(identity, regions),
    )


def registered(identity: Identity, regions: Collection[str] = ()) -> Sender:
    """Who wrote the letter or made the call, as staff entered it. Nothing is asked for that a letter may not say.

    Nobody has read a notice on our page, so no version of it is kept. Raises NotValid naming the field to change.
    """
    try:
        kind = RespondentKind(identity.kind)
    except ValueError:
        raise NotValid("请选择提出人类别。", fault="kind") from None
    organisation, uscc = _organisation(identity) if kind.is_organisation else ("", "")
    if kind.is_organisation and not organisation:
        raise NotValid("请填写单位名称。", fault="organisation")
    contact = _reachable(identity)
    shown_as = _shown_as(identity, kind, organisation, contact, is_minor=False)
    return Sender(kind, organisation, uscc, shown_as, contact, region=_region(identity, regions))


def _contact(identity: Identity, kind: RespondentKind, need: IdentityNeed) -> dict[str, str]:
    found = _reachable(identity)
    name, phone, email = (found.get(key, "") for key in ("name", "phone", "email"))
    if kind.is_organisation and not identity.organisation.strip():
        raise NotValid("请填写单位名称。", fault="organisation")
    if kind.is_organisation and not name:
        raise NotValid("请填写联系人，便于就意见内容与贵单位核对。", fault="name")
    if need is IdentityNeed.VERIFIED:
        if not name:
            raise NotValid("这次征求意见需要实名，请填写姓名。姓名不公开。", fault="name")
        if not email:
            raise NotValid("请填写电子邮箱，用来接收验证码。", fault="email")
    elif (kind.is_organisation or need is IdentityNeed.CONTACT) and not phone and not email:
        raise NotValid("请填写电话或电子邮箱，任填一项。", fault="phone")
    return found


def _reachable(identity: Identity) -> dict[str, str]:
    """Name, phone and e-mail, those that were given, each written as it must be."""
    name = plaintext.one_line(identity.name, 50, "姓名", "name")
    phone = plaintext.one_line(identity.phone, 40, "电话", "phone")
    email = plaintext.one_line(identity.email, 200, "电子邮箱", "email")
    if phone and not (identifiers.check("mobile", phone).is_valid or identifiers.check("landline", phone).is_valid):
        raise NotValid("电话号码有误，请填写手机号或带区号的固定电话。", fault="phone")
    if email and not identifiers.check("email", email).is_valid:
        raise NotValid("电子邮箱有误，请检查，例如 name@example.com。", fault="email")
    return {key: value for key, value in (("name", name), ("phone", phone), ("email", email)) if value}


def _organisation(identity: Identity) -> tuple[str, str]:
    organisation = plaintext.one_line(identity.organisation, 200, "单位名称", "organisation")
    if not identity.uscc.strip():
        return organisation, ""
    check = identifiers.check("uscc", identity.uscc)
    if not check.is_valid:
        raise NotValid("统一社会信用代码有误：%(why)s", fault="uscc", why=check)
    return organisation, check.normal


def _region(identity: Identity, regions: Collection[str]) -> str:
    region = " ".join(identity.region.split())
    if region and region not in regions:
        raise NotValid("“所在地区”不在可以选的范围里，请重新选择，也可以不填。", fault="region")
    return region


def _guardian(identity: Identity) -> dict[str, str]:
    """Under 14 a parent or guardian agrees (个人信息保护法 第三十一条)."""
    name = plaintext.one_line(identity.guardian_name, 50, "监护人姓名", "guardian_name")
    contact = plaintext.one_line(identity.guardian_contact, 200, "监护人联系方式", "guardian_contact")
    if not name:
        raise NotValid("未满14周岁的，请填写父母或其他监护人的姓名。", fault="guardian_name")
    if not any(identifiers.check(kind, contact).is_valid for kind in ("mobile", "landline", "email")):
        raise NotValid("请填写监护人的电话或电子邮箱。", fault="guardian_contact")
    if not identity.has_guardian_consent:
        raise NotValid("请由父母或其他监护人勾选同意。", fault="has_guardian_consent")
    return {"guardian_name": name, "guardian_contact": contact}


def _shown_as(
    identity: Identity, kind: RespondentKind, organisation: str, contact: dict[str, str], *, is_minor: bool
) -> str:
    if organisation:
        return f"某{kind.label.split('、', maxsplit=1)[0]}" if identity.is_organisation_hidden else organisation
    if identity.is_name_public and not is_minor and "name" in contact:
        return masking.mask("name", contact["name"])
    return "公众"
