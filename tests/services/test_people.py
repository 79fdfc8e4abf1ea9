"""Asking staff in, confirming, closing: two persons for every account, and nobody for their own."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from portal.access import Role
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import AuditEvent, OutgoingEmail
from portal.services import accounts, people, second_factor
from tests.factories import NOON, PASSWORD

NEW = "Qingshui-2031-xk"
WHERE = {"site": "示例", "url": "https://example.gov.cn/office/invitations/"}


def made(world, login="newcomer", role="moderator", email="", **changes):
    fields = {"login": login, "name": "新人", "role": role, "bureau_id": world.bureau.id, "email": email} | changes
    return people.make(world.session, world.seal, world.actor(Role.ADMINISTRATOR), at=NOON, **fields)


def granted(world, person, at=NOON):
    return people.grant(world.session, world.seal, world.actor(Role.SECURITY), person, at, **WHERE)


def token_of(link):
    return link.removeprefix(WHERE["url"])


def let_in(world, person, password=NEW, at=NOON):
    return people.accept(world.session, world.seal, token_of(granted(world, person, at)), password, at)


def test_an_account_is_opened_by_two_and_used_by_a_third(world):
    person = made(world)
    assert accounts.recognise(world.session, "newcomer", "", NOON) is None
    link = granted(world, person)
    assert people.invited(world.session, world.seal, token_of(link), NOON) is person
    people.accept(world.session, world.seal, token_of(link), NEW, NOON)
    assert accounts.recognise(world.session, "newcomer", NEW, NOON) is person
    acts = world.session.scalars(select(AuditEvent.act).where(AuditEvent.subject == "account:newcomer")).all()
    assert acts == ["account.create", "account.grant", "account.invite", "account.password", "account.accept"]


def test_the_invitation_goes_by_mail_when_there_is_an_address(world):
    person = made(world, email="newcomer@example.gov.cn")
    assert granted(world, person) is None
    mail = world.session.scalar(select(OutgoingEmail))
    assert mail.kind == "invitation"
    assert "newcomer@example.gov.cn" not in mail.recipient_sealed


def test_a_link_is_good_once_for_three_days_and_only_the_latest(world):
    person = made(world)
    first = token_of(granted(world, person))
    second = token_of(people.invite(world.session, world.seal, world.actor(Role.ADMINISTRATOR), person, NOON, **WHERE))
    for token, at in ((first, NOON), (second, NOON + timedelta(days=3)), ("rubbish", NOON)):
        with pytest.raises(NotThere):
            people.invited(world.session, world.seal, token, at)
    people.accept(world.session, world.seal, second, NEW, NOON)
    with pytest.raises(NotThere):
        people.accept(world.session, world.seal, second, NEW + "x", NOON)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"login": "moderator"}, "login"),
        ({"login": "有 空格"}, "login"),
        ({"name": " "}, "name"),
        ({"role": "emperor"}, "role"),
        ({"bureau_id": 999}, "bureau"),
        ({"email": "not an address"}, "email"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(world, changes, fault):
    with pytest.raises(NotValid) as refused:
        made(world, **changes)
    assert refused.value.fault == fault


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_the_administrator_makes_accounts(world, role):
    with pytest.raises(NotAllowed):
        people.make(
            world.session, world.seal, world.actor(role), login="x1", name="x", role="drafter",
            bureau_id=world.bureau.id, email="", at=NOON,
        )  # fmt: skip


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.SECURITY])
def test_only_the_security_administrator_confirms(world, role):
    with pytest.raises(NotAllowed):
        people.grant(world.session, world.seal, world.actor(role), made(world), NOON, **WHERE)


def test_nobody_acts_on_their_own_account(world):
    security, administrator = world.staff[Role.SECURITY], world.staff[Role.ADMINISTRATOR]
    for act in (
        lambda: people.grant(world.session, world.seal, security.actor, security, NOON, **WHERE),
        lambda: people.unlock(world.session, security.actor, security, NOON),
        lambda: people.end_second_factor(world.session, security.actor, security, NOON),
        lambda: people.close(world.session, administrator.actor, administrator, NOON),
        lambda: people.ask_for_role(world.session, administrator.actor, administrator, "security", NOON),
    ):
        with pytest.raises(NotAllowed, match="自己的账号"):
            act()


def test_another_role_closes_the_account_until_it_is_confirmed(world):
    person = let_in(world, made(world))
    token = accounts.begin(world.session, world.seal, person, NOON)
    world.session.flush()
    people.ask_for_role(world.session, world.actor(Role.ADMINISTRATOR), person, "publisher", NOON)
    assert accounts.signed_in(world.session, world.seal, token, NOON) is None
    assert accounts.recognise(world.session, "newcomer", NEW, NOON) is None
    granted(world, person)
    assert accounts.recognise(world.session, "newcomer", NEW, NOON) is person
    assert person.role is Role.PUBLISHER
    with pytest.raises(AlreadyDone):
        granted(world, person)


def test_a_closed_account_is_out_at_once_and_comes_back_only_confirmed(world):
    person = let_in(world, made(world))
    token = accounts.begin(world.session, world.seal, person, NOON)
    world.session.flush()
    people.close(world.session, world.actor(Role.ADMINISTRATOR), person, NOON)
    assert accounts.signed_in(world.session, world.seal, token, NOON) is None
    with pytest.raises(NotValid):
        people.invite(world.session, world.seal, world.actor(Role.ADMINISTRATOR), person, NOON, **WHERE)
    granted(world, person)
    assert accounts.recognise(world.session, "newcomer", NEW, NOON) is person


def test_a_former_password_does_not_come_back(world):
    person = let_in(world, made(world))
    words = [f"{NEW}-{n}" for n in range(5)]
    before = NEW
    for word in words:
        accounts.change_password(world.session, person, before, word, NOON)
        before = word
    with pytest.raises(NotValid, match="最近用过"):
        accounts.change_password(world.session, person, before, NEW, NOON)
    with pytest.raises(NotValid, match="现在的密码不对"):
        accounts.change_password(world.session, person, "wrong", NEW + "z", NOON)


def test_a_password_grows_old(world):
    person = world.staff[Role.DRAFTER]
    assert not accounts.is_password_old(person, NOON + timedelta(days=89), 90)
    assert accounts.is_password_old(person, NOON + timedelta(days=90), 90)
    assert not accounts.is_password_old(person, NOON + timedelta(days=9000), 0)


class TestSecondFactor:
    @pytest.fixture
    def secret(self, world):
        secret = second_factor.new_secret()
        self.codes = second_factor.enrol(
            world.session, world.seal, world.staff[Role.MODERATOR], secret, pyotp.TOTP(secret).at(NOON), NOON
        )
        return secret

    def tried(self, world, code, at):
        return accounts.check_second_factor(world.session, world.seal, world.staff[Role.MODERATOR], code, at)

    def test_the_code_of_the_moment_passes_once_and_a_little_early_or_late(self, world, secret):
        later = NOON + timedelta(minutes=5)
        assert not self.tried(world, pyotp.TOTP(secret).at(NOON), NOON)  # seen while enrolling
        assert self.tried(world, pyotp.TOTP(secret).at(later), later)
        assert not self.tried(world, pyotp.TOTP(secret).at(later), later)
        off = later + timedelta(minutes=2)
        wide = "".join(chr(ord(digit) + 0xFEE0) for digit in pyotp.TOTP(secret).at(off))
        assert self.tried(world, f"{wide[:3]}　{wide[3:]}", off + timedelta(seconds=31))
        assert not self.tried(world, pyotp.TOTP(secret).at(off), off + timedelta(minutes=3))

    def test_a_recovery_code_passes_once(self, world, secret):
        assert len(set(self.codes)) == 10
        wide = "".join(chr(ord(each) + 0xFEE0) for each in self.codes[3].upper().replace("-", ""))
        assert self.tried(world, f"{wide[:5]}—{wide[5:]}", NOON)
        assert not self.tried(world, self.codes[3], NOON)
        assert len(world.staff[Role.MODERATOR].recovery_traces) == 9

    def test_wrong_codes_lock_like_wrong_passwords(self, world, secret):
        for _ in range(5):
            assert not self.tried(world, "000000", NOON)
        with pytest.raises(NotAllowed):
            accounts.awaiting(world.session, world.staff[Role.MODERATOR].id, NOON)
        people.unlock(world.session, world.actor(Role.SECURITY), world.staff[Role.MODERATOR], NOON)
        assert accounts.awaiting(world.session, world.staff[Role.MODERATOR].id, NOON)

    def test_a_right_password_does_not_wipe_out_wrong_codes(self, world, secret):
        for _ in range(4):
            assert accounts.recognise(world.session, "moderator", PASSWORD, NOON)
            assert not self.tried(world, "000000", NOON)
        assert world.staff[Role.MODERATOR].failed_sign_ins == 4

    def test_the_secret_is_sealed_and_can_be_taken_off(self, world, secret):
        assert secret not in world.staff[Role.MODERATOR].totp_sealed
        people.end_second_factor(world.session, world.actor(Role.SECURITY), world.staff[Role.MODERATOR], NOON)
        assert not world.staff[Role.MODERATOR].has_second_factor

    def test_a_wrong_first_code_enrols_nobody(self, world):
        with pytest.raises(NotValid):
            second_factor.enrol(
                world.session, world.seal, world.staff[Role.DRAFTER], second_factor.new_secret(), "12345", NOON
            )
        assert not world.staff[Role.DRAFTER].has_second_factor


def test_bureaus_are_added_and_renamed(world):
    administrator = world.actor(Role.ADMINISTRATOR)
    kept = people.keep_bureau(
        world.session, administrator, None, code="KJJ", name="示例市科学技术局", short_name="", at=NOON
    )
    assert (kept.code, kept.short_name) == ("kjj", "示例市科学技术局")
    people.keep_bureau(
        world.session, administrator, kept.id, code="", name="示例市科技局", short_name="市科技局", at=NOON
    )
    assert [b.name for b in people.bureaus(world.session)] == ["示例市水利局", "示例市科技局"]
    for fields, fault in (
        ({"code": "kjj", "name": "x"}, "code"),
        ({"code": "好", "name": "x"}, "code"),
        ({"code": "a", "name": ""}, "name"),
    ):
        with pytest.raises(NotValid) as refused:
            people.keep_bureau(world.session, administrator, None, short_name="", at=NOON, **fields)
        assert refused.value.fault == fault
