"""The forms of the public pages and of signing in. They read what was typed; what is wrong with it a service says, and
`blame` puts it at its field. The forms of the office stand in `office.forms`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice

from portal.errors import Refusal
from portal.rules.words import LabelledEnum, RespondentKind, Signing, Stance
from portal.services.baskets import Remark
from portal.web import display


class Form(FlaskForm):  # type: ignore[misc]
    """A form that can show where a service found fault."""

    def blame(self, refusal: Refusal) -> None:
        """Puts the sentence of a refusal at the field it names, or at the head of the form."""
        field = self._fields.get(getattr(refusal, "fault", ""))
        sentence = display.sentence(refusal)
        if field is None:
            self.form_errors.append(sentence)
        else:
            field.errors = [*field.errors, sentence]

    def typed(self, name: str) -> str:
        """What was typed into a field, never None."""
        value: Any = self._fields[name].data
        return value if isinstance(value, str) else ""

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every fault with the id of its field, for the summary at the top of the page."""
        found = [("", sentence) for sentence in self.form_errors]
        found += [(field.id, str(fault)) for field in self for fault in field.errors]
        return found


def options(members: type[LabelledEnum]) -> list[SelectChoice]:
    """The members of an enumeration as the choices of a field; the page translates the labels."""
    return [SelectChoice(value=member.value, label=member.label) for member in members]


def regions(offered: Iterable[str], nothing: str) -> list[tuple[str, str]]:
    """The regions of a bureau as the choices of a field, in the words of its list; first, that none is given."""
    return [("", nothing), *((name, name) for name in offered)]


class CommentForm(Form):
    """One comment on a clause or on the whole draft."""

    key = HiddenField()
    revision = IntegerField()
    stance = RadioField(choices=options(Stance), default=Stance.CHANGE.value, validate_choice=False)
    body = TextAreaField()
    quote = TextAreaField()
    quote_after = IntegerField()
    sentence = SelectField(validate_choice=False, choices=[])
    proposed_text = TextAreaField()
    evidence = FileField()

    def remark(self) -> Remark:
        """What was typed, as a service reads it. A sentence that was chosen is a quotation that was not typed."""
        quote = self.typed("quote") or self.typed("sentence")
        return Remark(
            self.typed("stance"), self.typed("body"), self.typed("proposed_text"), quote, self.quote_after.data
        )


class IdentityForm(Form):
    """Who sends."""

    kind = RadioField(
        choices=options(RespondentKind),
        default=RespondentKind.CITIZEN.value,
        validate_choice=False,
    )
    organisation = StringField()
    uscc = StringField()
    signing = RadioField(choices=options(Signing), default=Signing.NAMED.value, validate_choice=False)
    letter = FileField()
    name = StringField()
    phone = StringField()
    email = StringField()
    email_code = StringField()
    region = SelectField(validate_choice=False, choices=[])
    is_name_public = BooleanField()
    is_minor = BooleanField()
    guardian_name = StringField()
    guardian_contact = StringField()
    has_guardian_consent = BooleanField()
    has_read_notice = BooleanField()
    #: the answer to the small question, where one is asked
    answer = StringField()


class ResumeForm(Form):
    """The code of a basket begun elsewhere."""

    code = StringField(id="resume")


class AppealForm(Form):
    """Why a withheld comment should be public."""

    appeal = TextAreaField()


class CorrectionForm(CommentForm):
    """New words in the place of a comment that was sent."""

    confidential = TextAreaField()
    revision = HiddenField()


class SubscriptionForm(Form):
    """Where to write to, and about what."""

    email = StringField()
    topic = StringField()
    bureau = StringField()
    subject = StringField()


class LedgerForm(Form):
    """A digest to be looked up in the ledger."""

    digest = TextAreaField()


class TrackForm(Form):
    """Receipt number and secret."""

    number = StringField()
    secret = StringField()


class SignInForm(Form):
    """Login and password of a member of staff."""

    login = StringField()
    password = PasswordField()
    back = HiddenField()


class CodeForm(Form):
    """The code of the moment, or a recovery code."""

    code = StringField()
    back = HiddenField()
    secret = HiddenField()


class NewPasswordForm(Form):
    """A new password, twice; `old` where somebody changes their own."""

    old = PasswordField()
    password = PasswordField()
    again = PasswordField()


class SetUpForm(Form):
    """The first hour: the site, the first bureau, three administrators."""

    act = StringField()
    site_name = StringField()
    site_owner = StringField()
    site_address = StringField()
    site_phone = StringField()
    site_site_code = StringField()
    site_icp = StringField()
    site_police = StringField()
    bureau_code = StringField()
    bureau_name = StringField()
    bureau_short_name = StringField()
    administrator_login = StringField()
    administrator_name = StringField()
    administrator_email = StringField()
    security_login = StringField()
    security_name = StringField()
    security_email = StringField()
    auditor_login = StringField()
    auditor_name = StringField()
    auditor_email = StringField()


class ActForm(Form):
    """A button: nothing but the token that shows it was pressed on our page."""
