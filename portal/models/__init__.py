"""The tables. Importing this package makes every model known to SQLAlchemy."""

from portal.models.amendment import Amendment, Appeal, AppealDecision
from portal.models.api_key import ApiKey, PlatformSubmission
from portal.models.attachment import Attachment
from portal.models.audit import AuditEvent
from portal.models.base import Base
from portal.models.bureau import Account, AccountIdentity, Bureau, Invitation, SignIn
from portal.models.campaign import Campaign, CampaignDecision, CampaignGrouping, DistinctText, TextBand
from portal.models.consultation import CommentWindow, Consultation, DocumentType, Holiday, WithholdingReason
from portal.models.desk import Assignment, BulkAct, BulkException, Claim, DeskTally, WithholdingProposal
from portal.models.draft import Clause, DraftVersion, Lineage
from portal.models.email_code import EmailCode
from portal.models.endorsement import Endorsement, Tally
from portal.models.happening import Happening, Webhook, WebhookDelivery
from portal.models.job import Job
from portal.models.ledger import LedgerDay
from portal.models.moderation import ClearedSpan, LateRedaction, ModerationDecision, Redaction
from portal.models.operation import LastRun
from portal.models.outbox import OutgoingEmail
from portal.models.placement import Placement
from portal.models.planned import PlannedPublication
from portal.models.point import Point, PointDecision, PointMember
from portal.models.registration import (
    Enclosure,
    IncomingMail,
    Mailbox,
    OpinionSheet,
    RegisteredRemark,
    Registration,
)
from portal.models.response import OfficeMember, ReasonTemplate, Response, ResponsibleOffice, Routing
from portal.models.result import AdoptedDocument, AnswerReminder, PublishedAnswer, PublishedResult
from portal.models.search import SearchEntry
from portal.models.site import RecentView, SiteSetting
from portal.models.submission import Basket, BasketItem, Comment, Respondent, Submission
from portal.models.subscription import Subscription
from portal.models.summary import FrozenSummary, NarrativeParagraph, SummaryFile, SummarySignature

__all__ = [
    "Account",
    "AccountIdentity",
    "AdoptedDocument",
    "Amendment",
    "AnswerReminder",
    "ApiKey",
    "Appeal",
    "AppealDecision",
    "Assignment",
    "Attachment",
    "AuditEvent",
    "Base",
    "Basket",
    "BasketItem",
    "BulkAct",
    "BulkException",
    "Bureau",
    "Campaign",
    "CampaignDecision",
    "CampaignGrouping",
    "Claim",
    "Clause",
    "ClearedSpan",
    "Comment",
    "CommentWindow",
    "Consultation",
    "DeskTally",
    "DistinctText",
    "DocumentType",
    "DraftVersion",
    "EmailCode",
    "Enclosure",
    "Endorsement",
    "FrozenSummary",
    "Happening",
    "Holiday",
    "IncomingMail",
    "Invitation",
    "Job",
    "LastRun",
    "LateRedaction",
    "LedgerDay",
    "Lineage",
    "Mailbox",
    "ModerationDecision",
    "NarrativeParagraph",
    "OfficeMember",
    "OpinionSheet",
    "OutgoingEmail",
    "Placement",
    "PlannedPublication",
    "PlatformSubmission",
    "Point",
    "PointDecision",
    "PointMember",
    "PublishedAnswer",
    "PublishedResult",
    "ReasonTemplate",
    "RecentView",
    "Redaction",
    "RegisteredRemark",
    "Registration",
    "Respondent",
    "Response",
    "ResponsibleOffice",
    "Routing",
    "SearchEntry",
    "SignIn",
    "SiteSetting",
    "Submission",
    "Subscription",
    "SummaryFile",
    "SummarySignature",
    "Tally",
    "TextBand",
    "Webhook",
    "WebhookDelivery",
    "WithholdingProposal",
    "WithholdingReason",
]
