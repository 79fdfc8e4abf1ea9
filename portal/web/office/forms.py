"""The forms of the office: what its pages ask of staff, and how it is cleaned."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    FileField,
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
from portal.rules.words import Disposition, FeedbackForm, IdentityNeed, RespondentKind
from portal.web import display
from portal.web.forms import Form, options


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
    hidden_words = StringField()
    is_everywhere = BooleanField()


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
