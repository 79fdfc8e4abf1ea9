"""Who sends: what each kind is asked for, minors, and the version of the notice that was read."""

from __future__ import annotations

import dataclasses

import pytest

from portal.errors import NotValid
from portal.rules.words import IdentityNeed, RespondentKind
from portal.services import identity
from portal.services.identity import Identity

CITIZEN = Identity(name="王小明", phone="13800000000", has_read_notice=True)
UNIT = Identity(
    kind="enterprise", organisation="示例市恒川新材料有限公司", name="周明", phone="0999-5550123", has_read_notice=True
)
MINOR = Identity(
    name="小明", is_minor=True, guardian_name="王大明", guardian_contact="13800000000", has_guardian_consent=True,
    has_read_notice=True, is_name_public=True,
)  # fmt: skip


@pytest.mark.parametrize("kind", [kind for kind in RespondentKind if kind.is_organisation])
def test_every_kind_of_organisation_names_itself_and_a_contact(kind):
    sender = identity.checked(dataclasses.replace(UNIT, kind=kind.value))
    assert (sender.kind, sender.shown_as) == (kind, "示例市恒川新材料有限公司")
    for field in ("organisation", "name", "phone"):
        with pytest.raises(NotValid) as refused:
            identity.checked(dataclasses.replace(UNIT, kind=kind.value, **{field: ""}))
        assert refused.value.fault == field


def test_an_organisation_may_sign_with_its_kind_only():
    sender = identity.checked(dataclasses.replace(UNIT, is_organisation_hidden=True))
    assert sender.shown_as == "某企业"
    assert sender.organisation == "示例市恒川新材料有限公司"


@pytest.mark.parametrize(
    ("need", "changes", "fault"),
    [
        (IdentityNeed.CONTACT, {"phone": ""}, "phone"),
        (IdentityNeed.VERIFIED, {"name": ""}, "name"),
        (IdentityNeed.VERIFIED, {"email": ""}, "email"),
    ],
)
def test_what_a_consultation_asks_for_is_due(need, changes, fault):
    whole = dataclasses.replace(CITIZEN, email="lisi@example.com") if need is IdentityNeed.VERIFIED else CITIZEN
    assert identity.checked(whole, need).contact
    with pytest.raises(NotValid) as refused:
        identity.checked(dataclasses.replace(whole, **changes), need)
    assert refused.value.fault == fault


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"guardian_name": ""}, "guardian_name"),
        ({"guardian_contact": "不知道"}, "guardian_contact"),
        ({"has_guardian_consent": False}, "has_guardian_consent"),
        ({"has_read_notice": False}, "has_read_notice"),
    ],
)
def test_under_fourteen_a_guardian_agrees(changes, fault):
    with pytest.raises(NotValid) as refused:
        identity.checked(dataclasses.replace(MINOR, **changes))
    assert refused.value.fault == fault


def test_a_minor_is_never_published_with_a_name():
    sender = identity.checked(MINOR)
    assert sender.is_minor
    assert sender.shown_as == "公众"
    assert sender.contact["guardian_name"] == "王大明"


def test_a_region_is_one_of_those_that_are_offered_and_needs_no_notice():
    offered = ["云川区", "望山县"]
    assert identity.checked(Identity(region=" 云川区 "), regions=offered).region == "云川区"
    assert identity.checked(dataclasses.replace(UNIT, region="望山县"), regions=offered).region == "望山县"
    assert identity.checked(Identity(), regions=offered).region == ""
    for regions in (offered, []):
        with pytest.raises(NotValid) as refused:
            identity.checked(Identity(region="别处"), regions=regions)
        assert refused.value.fault == "region"


def test_nothing_is_kept_of_where_a_child_is_from():
    assert identity.checked(dataclasses.replace(MINOR, region="云川区"), regions=["云川区"]).region == ""
    assert identity.checked(dataclasses.replace(MINOR, region="别处"), regions=["云川区"]).region == ""


def test_an_organisation_is_not_a_minor():
    assert not identity.checked(dataclasses.replace(UNIT, is_minor=True)).is_minor


def test_the_version_that_was_read_is_kept_and_an_old_page_is_read_again():
    assert identity.checked(CITIZEN).notice_version == identity.NOTICE_VERSION
    assert identity.checked(Identity()).notice_version == ""
    with pytest.raises(NotValid, match="刚刚更新") as refused:
        identity.checked(dataclasses.replace(CITIZEN, notice_version="2020-01"))
    assert refused.value.fault == "has_read_notice"
