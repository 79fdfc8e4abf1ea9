"""The tables. Importing this package makes every model known to SQLAlchemy."""

from portal.models.attachment import Attachment
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.bureau import Account, Bureau, Invitation, SignIn
from portal.models.consultation import CommentWindow, Consultation, DocumentType, WithholdingReason
from portal.models.draft import Clause, DraftVersion, Lineage
from portal.models.moderation import ModerationDecision, Redaction
from portal.models.outbox import OutgoingEmail
from portal.models.response import Response
from portal.models.submission import Basket, BasketItem, Comment, Respondent, Submission
from portal.models.summary import FrozenSummary

__all__ = [
    "Account",
    "Attachment",
    "AuditEvent",
    "Base",
    "Basket",
    "BasketItem",
    "Bureau",
    "Clause",
    "Comment",
    "CommentWindow",
    "Consultation",
    "DocumentType",
    "DraftVersion",
    "FrozenSummary",
    "Invitation",
    "Lineage",
    "ModerationDecision",
    "OutgoingEmail",
    "Redaction",
    "Respondent",
    "Response",
    "SignIn",
    "Submission",
    "WithholdingReason",
]
