"""The forms. They read what was typed; what is wrong with it a service says, and `blame` puts it at its field."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FileField,
    HiddenField,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional as OptionalValue

from portal.access import Role
from portal.errors import Refusal
from portal.rules.periods import Force, Unit
from portal.rules.words import Disposition, FeedbackForm, IdentityNeed, LabelledEnum, RespondentKind, Signing, Stance
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


def regions(offered: Iterable[str], nothing: str) -> list[tuple[str, str]]:
    """The regions of a bureau as the choices of a field, in the words of its list; first, that none is given."""
    return [("", nothing), *((name, name) for name in offered)]


def options(members: type[LabelledEnum]) -> list[SelectChoice]:
    """The members of an enumeration as the choices of a field; the page translates the labels."""
    return [SelectChoice(value=member.value, label=member.label) for member in members]


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


class PersonForm(Form):
    """A member of staff to be."""

    login = StringField()
    name = StringField()
    role = SelectField(choices=options(Role), validate_choice=False)
    bureau = SelectField(validate_choice=False)
    email = StringField()


class KeyForm(Form):
    """A key for another platform."""

    name = StringField()
    bureau = SelectField(validate_choice=False)
    per_minute = IntegerField()


class OwnKeyForm(Form):
    """A key of one's own."""

    name = StringField()
    days = StringField()
    password = PasswordField()


class WebhookForm(Form):
    """An address that is to be told of events."""

    name = StringField()
    bureau = SelectField(validate_choice=False)
    url = StringField()


class BureauForm(Form):
    """A bureau, or the regions it offers."""

    code = StringField()
    name = StringField()
    short_name = StringField()
    regions = TextAreaField()


class ImportForm(Form):
    """A file, or the text itself."""

    file = FileField()
    text = TextAreaField()


class NoticeForm(Form):
    """The notice of a consultation."""

    title = StringField()
    document_type = SelectField(validate_choice=False)
    opens_on = DateField(validators=[OptionalValue()])
    closes_on = DateField(validators=[OptionalValue()])
    closes_time = TimeField(validators=[OptionalValue()])
    shortened_reason = TextAreaField()
    contact_unit = StringField()
    phone = StringField()
    fax = StringField()
    email = StringField()
    postal_address = StringField()
    postcode = StringField()
    subject = StringField()
    notice = TextAreaField()
    explanatory_note = TextAreaField()
    attachment = FileField()
    attachment_title = StringField()
    identity_needed = RadioField(
        choices=options(IdentityNeed), default=IdentityNeed.ANONYMOUS.value, validate_choice=False
    )
    grace_minutes = IntegerField(default=0, validators=[OptionalValue()])


class PlanForm(Form):
    """When a publication happens by itself, on a Beijing clock."""

    publishes_at = DateTimeLocalField(validators=[OptionalValue()])


class ExtensionForm(Form):
    """The new end of an open window, and what the public is told."""

    closes_on = DateField(validators=[OptionalValue()])
    closes_time = TimeField(validators=[OptionalValue()])
    announcement = TextAreaField()


class WithdrawalForm(Form):
    """Why a consultation is withdrawn."""

    reason = TextAreaField()


class DocumentTypeForm(Form):
    """A kind of document and its minimum period."""

    code = StringField()
    name = StringField()
    minimum = IntegerField(validators=[OptionalValue()])
    unit = RadioField(choices=options(Unit), default=Unit.DAY.value, validate_choice=False)
    force = RadioField(choices=options(Force), default=Force.USUAL.value, validate_choice=False)
    needs_explanatory_note = BooleanField()
    basis = StringField()
    position = IntegerField(validators=[OptionalValue()])


class HolidaysForm(Form):
    """A year of the holiday calendar, one day or span to a line."""

    year = IntegerField(validators=[OptionalValue()])
    lines = TextAreaField()


class DecisionForm(Form):
    """One moderation decision."""

    revision = IntegerField()
    to = StringField()
    reason_code = SelectField(validate_choice=False)
    merged_into = StringField()
    colleague = SelectField(validate_choice=False)
    note = TextAreaField()


class BulkForm(Form):
    """One decision on many comments."""

    to = StringField()
    reason_code = SelectField(validate_choice=False)
    merged_into = StringField()
    note = TextAreaField()


class ReasonForm(Form):
    """A reason for withholding."""

    code = StringField()
    words = StringField()
    basis = StringField()
    is_sealing = BooleanField()


class ResponseForm(Form):
    """One answer."""

    disposition = RadioField(choices=options(Disposition), validate_choice=False)
    reason = TextAreaField()
    changed_text = TextAreaField()
    note = TextAreaField()
    #: a reason the bureau keeps, to be put into the field above
    template = SelectField(validate_choice=False, choices=[])
    campaign = BooleanField()


class OfficeForm(Form):
    """An office that answers for clauses, and its people."""

    name = StringField()


class ReasonTemplateForm(Form):
    """A reason to be used again."""

    name = StringField()
    words = TextAreaField()


class PublicationForm(Form):
    """How the results are published or corrected."""

    form = RadioField(
        choices=[SelectChoice(value="", label="按数量自动选择"), *options(FeedbackForm)[1:]],
        default="",
        validate_choice=False,
    )
    unanswered_reason = TextAreaField()
    correction = TextAreaField()


class AdoptedForm(Form):
    """The document that was issued in the end."""

    title = StringField()
    document_number = StringField()
    adopted_on = DateField(validators=[OptionalValue()])
    link = StringField()
    file = FileField()


class SiteForm(Form):
    """What the footer and the page tags say; the fields are the items of the rules."""

    name = StringField()
    owner = StringField()
    undertaker = StringField()
    address = StringField()
    postcode = StringField()
    phone = StringField()
    site_code = StringField()
    icp = StringField()
    police = StringField()
    emblem = StringField()
    column_description = StringField()
    column_keywords = StringField()
    promise_days = StringField()
    is_second_person_needed = BooleanField()
    is_error_report_shown = BooleanField()
    is_ipv6_shown = BooleanField()
    is_accessible_shown = BooleanField()
    is_registered_alone = BooleanField()

    def is_ticked(self, name: str) -> bool:
        """Whether a box was ticked."""
        return bool(self._fields[name].data)


class PeriodsForm(Form):
    """For how long data about people is kept; the fields are the periods of the rules."""

    retention_contact_days = StringField()
    retention_basket_days = StringField()
    retention_log_days = StringField()


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


class MailTestForm(Form):
    """An administrator's own address, where the account has none."""

    email = StringField()


class RegistrationForm(Form):
    """A letter, a call, a visit. The remarks stand beside it: how many there are, the page knows."""

    channel = SelectField(validate_choice=False, choices=[])
    received_on = DateField(validators=[OptionalValue()])
    received_time = TimeField(validators=[OptionalValue()])
    postmarked_on = DateField(validators=[OptionalValue()])
    kind = SelectField(choices=options(RespondentKind), default=RespondentKind.CITIZEN.value, validate_choice=False)
    organisation = StringField()
    uscc = StringField()
    is_organisation_hidden = BooleanField()
    name = StringField()
    phone = StringField()
    email = StringField()
    region = SelectField(validate_choice=False, choices=[])
    is_contact_dropped = BooleanField()
    text = TextAreaField()
    file = FileField()
    late_reason = StringField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        #: what is wrong with a remark, by the name of its field: cited-0, body-3
        self.at_remarks: dict[str, str] = {}

    def blame(self, refusal: Refusal) -> None:
        """As every form does it; a fault of a remark is put at that remark."""
        fault = getattr(refusal, "fault", "")
        if "-" in fault:
            self.at_remarks[fault] = display.sentence(refusal)
        else:
            super().blame(refusal)

    @property
    def faults(self) -> list[tuple[str, str]]:
        """Every fault with the id of its field."""
        return super().faults + list(self.at_remarks.items())


class LateForm(Form):
    """Why what came late is received."""

    late_reason = StringField()


class NoteForm(Form):
    """What somebody has to say to an act."""

    note = StringField()


class VersionForm(Form):
    """What changed in the next version, for the public."""

    note = TextAreaField()


class CampaignForm(Form):
    """What a person decides about a campaign: its name, or the campaign something belongs with."""

    name = StringField()
    to = StringField()


class ActForm(Form):
    """A button: nothing but the token that shows it was pressed on our page."""
