"""The second person's part: what was registered becomes a submission with its receipt, in the ledger of that day."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access import Actor, Permission, require
from portal.errors import AlreadyDone, NotAllowed, NotThere, NotValid
from portal.models import Registration, Submission
from portal.rules.words import RegistrationState
from portal.sealing import Seal
from portal.services import audit, commenting, handing_in, identity, registering, site
from portal.services.baskets import Remark
from portal.services.identity import Identity
from portal.services.receipts import Receipt


def needs_second(session: Session) -> bool:
    """Whether what one person registered has to be confirmed by another."""
    return site.values(session).get("is_registered_alone") != "1"


def may_confirm(session: Session, actor: Actor, registration: Registration) -> bool:
    """Whether this person may confirm it: never one of those who wrote in it."""
    is_open = registration.state is RegistrationState.HANDED_IN
    is_another = actor.account_id not in registration.written_by
    return is_open and (is_another or not needs_second(session))


def confirm(
    session: Session,
    seal: Seal,
    actor: Actor,
    registration: Registration,
    revision: int,
    at: datetime,
    public_url: str = "",
) -> Receipt:
    """Makes the submission: number, secret, digest, and the letter to whoever left an e-mail address."""
    consultation = registration.consultation
    require(actor, Permission.REGISTER, consultation.bureau_id)
    session.execute(select(Registration.id).where(Registration.id == registration.id).with_for_update(key_share=True))
    session.refresh(registration, ["revision", "state", "written_by", "submission_id"])
    if registration.revision != revision or registration.state is not RegistrationState.HANDED_IN:
        raise AlreadyDone("这件登记刚在别处办过，现在是“%(state)s”。请看过再办。", state=registration.state.label)
    if not may_confirm(session, actor, registration):
        raise NotAllowed("登记的人不能自己复核，请本单位另一位同事复核。")
    if consultation.results_published_at is not None:
        raise NotValid("采纳情况已经公布，不能再登记来稿。")
    received_at = registering.received_at(registration.received_on, registration.received_time)
    if consultation.withdrawn_at is not None and received_at >= consultation.withdrawn_at:
        raise NotValid("这次征求意见在来件收到之前已经撤回，不能受理。请选择不受理，写明原因。")
    handing_in.require_whole(registration)
    contact = registering.contact_of(seal, registration)
    sender = identity.registered(
        Identity(
            kind=registration.kind.value,
            organisation=registration.organisation,
            uscc=registration.uscc,
            is_organisation_hidden=registration.is_organisation_hidden,
            name=contact.get("name", ""),
            phone=contact.get("phone", ""),
            email=contact.get("email", ""),
            region=registration.region,
        ),
        {registration.region},
    )
    # the digest on the receipt covers the scan of an organisation's letter, as it does on the website
    scan = registration.enclosures[0].attachment if sender.kind.is_organisation and registration.enclosures else None
    receipt = commenting.register(
        session,
        seal,
        consultation,
        identity=sender,
        remarks=[
            (remark.clause, Remark(remark.stance.value, remark.body, remark.proposed_text))
            for remark in registration.remarks
        ],
        channel=registration.channel,
        received_at=received_at,
        registered_at=at,
        registered_by_id=registration.entered_by_id,
        postmarked_on=registration.postmarked_on,
        late_reason=registration.late_reason if handing_in.is_late(registration) else "",
        letter=scan,
        secret=secret_of(seal, registration),
        answer_from=public_url,
    )
    registration.submission_id = session.scalar(
        select(Submission.id).where(Submission.receipt_number == receipt.number)
    )
    registration.state = RegistrationState.CONFIRMED
    registration.confirmed_by_id, registration.confirmed_at = actor.account_id, at
    registration.revision += 1
    # from here on the respondent holds it: one place to erase
    registration.contact_sealed = ""
    session.flush()
    audit.record(
        session, actor, "registration.confirm", registering.subject_of(registration), at,
        {"receipt": receipt.number, "comments": len(registration.remarks), "is_late": handing_in.is_late(registration)},
    )  # fmt: skip
    return receipt


def secret_of(seal: Seal, registration: Registration) -> str:
    """The tracking secret of a registered submission: it follows from the registration, so it can be printed again."""
    return commenting.secret_of(seal, f"{registration.key}/registration")


def print_receipt(
    session: Session, seal: Seal, actor: Actor, registration: Registration, at: datetime
) -> tuple[Submission, str]:
    """The submission and its secret, to be printed for the person. Each printing is an audit event."""
    require(actor, Permission.REGISTER, registration.consultation.bureau_id)
    submission = registration.submission
    if submission is None:
        raise NotThere("复核以后才有回执。")
    audit.record(
        session,
        actor,
        "receipt.print",
        registering.subject_of(registration),
        at,
        {"receipt": submission.receipt_number},
    )
    return submission, secret_of(seal, registration)
