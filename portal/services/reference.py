"""The lists the portal starts with: document types, holidays, reasons for withholding. Afterwards they are data."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.models import DocumentType, WithholdingReason
from portal.rules.periods import DEFAULT_DOCUMENT_TYPES, DocumentTypeRule, Force, Unit
from portal.rules.reasons import DEFAULT_WITHHOLDING_REASONS
from portal.services import holidays


def fill(session: Session) -> None:
    """Adds what is missing; never touches a row somebody may have edited.

    Document types are added to an empty table only: one an administrator took away does not come back.
    """
    if session.scalar(select(func.count(DocumentType.id))) == 0:
        for position, rule in enumerate(DEFAULT_DOCUMENT_TYPES):
            session.add(
                DocumentType(
                    code=rule.code,
                    name=rule.name,
                    minimum=rule.minimum,
                    unit=rule.unit.value if rule.unit else "",
                    force=rule.force.value,
                    needs_explanatory_note=rule.needs_explanatory_note,
                    basis=rule.basis,
                    position=position,
                )
            )
    holidays.fill(session)
    known_reasons = set(session.scalars(select(WithholdingReason.code)))
    for position, reason in enumerate(DEFAULT_WITHHOLDING_REASONS):
        if reason.code not in known_reasons:
            session.add(
                WithholdingReason(
                    code=reason.code,
                    words=reason.words,
                    basis=reason.basis,
                    position=position,
                    is_sealing=reason.is_sealing,
                )
            )
    session.flush()


def rule_of(document_type: DocumentType) -> DocumentTypeRule:
    """The row as the value the period rules work on."""
    return DocumentTypeRule(
        code=document_type.code,
        name=document_type.name,
        minimum=document_type.minimum,
        unit=Unit(document_type.unit) if document_type.unit else None,
        force=Force(document_type.force),
        needs_explanatory_note=document_type.needs_explanatory_note,
        basis=document_type.basis,
    )


def document_types(session: Session) -> list[DocumentType]:
    """Every document type, in the order of the form."""
    return list(session.scalars(select(DocumentType).order_by(DocumentType.position, DocumentType.id)))


def withholding_reasons(session: Session) -> list[WithholdingReason]:
    """Every reason for withholding there ever was, in the order of the form."""
    return list(session.scalars(select(WithholdingReason).order_by(WithholdingReason.position, WithholdingReason.id)))


def reasons_in_force(session: Session) -> list[WithholdingReason]:
    """The reasons a comment may be withheld for today."""
    return [reason for reason in withholding_reasons(session) if reason.retired_at is None]
