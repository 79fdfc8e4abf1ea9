"""On what conditions a consultation takes submissions: what it must know of whoever sends, and its grace."""

from __future__ import annotations

from portal.errors import NotValid
from portal.models import Consultation
from portal.rules.words import IdentityNeed

#: minutes after the deadline in which a submission that was written before it may still arrive, at most
LONGEST_GRACE = 60


def keep(consultation: Consultation, identity_needed: str, grace_minutes: int) -> None:
    """Keeps the conditions of a consultation in preparation. Raises NotValid naming the field to mend."""
    try:
        consultation.identity_needed = IdentityNeed(identity_needed)
    except ValueError:
        raise NotValid("请选择对提出人身份的要求。", fault="identity_needed") from None
    if not 0 <= grace_minutes <= LONGEST_GRACE:
        raise NotValid("宽限时间最多%(most)s分钟，不宽限填0。", fault="grace_minutes", most=LONGEST_GRACE)
    consultation.grace_minutes = grace_minutes


def of_persons(consultation: Consultation) -> str:
    """What the notice says to persons of their names, as the beginning of a sentence on their contact data."""
    if consultation.identity_needed is IdentityNeed.VERIFIED:
        return "个人在网上提出的，须填写姓名并验证电子邮箱，姓名和联系方式不公开，"
    return "个人可以不署真实姓名，留下联系方式的，"


def words(consultation: Consultation) -> list[str]:
    """What the notice says of identity and grace, where they are not the ordinary ones."""
    said = []
    if consultation.identity_needed is IdentityNeed.CONTACT:
        said.append("在网上提出意见的，请留下电话或者电子邮箱，不公开。")
    if consultation.grace_minutes:
        said.append(f"截止前已经写好、截止后{consultation.grace_minutes}分钟内到达的网上意见，视为按时提出。")
    return [f"（{numeral}）{sentence}" for numeral, sentence in zip("三四", said, strict=False)]
