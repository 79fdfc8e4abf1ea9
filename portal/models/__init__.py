"""The tables. Importing this package makes every model known to SQLAlchemy."""

from portal.models.amendment import Amendment, Appeal
from portal.models.attachment import Attachment
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.bureau import Account, Bureau, Invitation, SignIn
from portal.models.campaign import Campaign, CampaignDecision
from portal.models.consultation import CommentWindow, Consultation, DocumentType, Holiday, WithholdingReason
from portal.models.draft import Clause, DraftVersion, Lineage
from portal.models.email_code import EmailCode
from portal.models.endorsement import Endorsement, Tally
from portal.models.job import Job
from portal.models.ledger import LedgerDay
from portal.models.moderation import ModerationDecision, Redaction
from portal.models.outbox import OutgoingEmail
from portal.models.placement import Placement
from portal.models.planned import PlannedPublication
from portal.models.point import Point, PointDecision, PointMember
from portal.models.response import Response
from portal.models.search import SearchEntry
from portal.models.site import RecentView, SiteSetting
from portal.models.submission import Basket, BasketItem, Comment, Respondent, Submission
from portal.models.summary import FrozenSummary, NarrativeParagraph, SummaryFile, SummarySignature

__all__ = [
    "Account",
    "Amendment",
    "Appeal",
    "Attachment",
    "AuditEvent",
    "Base",
    "Basket",
    "BasketItem",
    "Bureau",
    "Campaign",
    "CampaignDecision",
    "Clause",
    "Comment",
    "CommentWindow",
    "Consultation",
    "DocumentType",
    "DraftVersion",
    "EmailCode",
    "Endorsement",
    "FrozenSummary",
    "Holiday",
    "Invitation",
    "Job",
    "LedgerDay",
    "Lineage",
    "ModerationDecision",
    "NarrativeParagraph",
    "OutgoingEmail",
    "Placement",
    "PlannedPublication",
    "Point",
    "PointDecision",
    "PointMember",
    "RecentView",
    "Redaction",
    "Respondent",
    "Response",
    "SearchEntry",
    "SignIn",
    "SiteSetting",
    "Submission",
    "SummaryFile",
    "SummarySignature",
    "Tally",
    "WithholdingReason",
]
