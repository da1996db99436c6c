"""The tables, by noun; Django finds them here.

Lives here: one module per noun, each saying which of its tables are facts, projections, reference.
May import: Django.
Never: rules; being imported by anything outside `db`.
"""

from vertrauenskonto.db.models.agreements import Agreement
from vertrauenskonto.db.models.alerts import AlertChoice, AlertSent, AlertTarget
from vertrauenskonto.db.models.appointments import Slot
from vertrauenskonto.db.models.cache import Remembered
from vertrauenskonto.db.models.calendars import (
    CalendarDay,
    CalendarUse,
    CalendarWeek,
    WorkCalendar,
)
from vertrauenskonto.db.models.candour import Candour
from vertrauenskonto.db.models.consents import Consent, ConsentBasis
from vertrauenskonto.db.models.customers import (
    Alias,
    Attribute,
    Contact,
    Customer,
    ExternalId,
    MatchKey,
    Membership,
    NameWord,
    Parent,
    Profile,
    Unmatched,
)
from vertrauenskonto.db.models.facts import Fact, Transaction
from vertrauenskonto.db.models.feeds import Feed
from vertrauenskonto.db.models.import_runs import ImportRun
from vertrauenskonto.db.models.jobs import Job, Worker
from vertrauenskonto.db.models.ledger import Balance, Entry, PolicyVersion, Suspension
from vertrauenskonto.db.models.long_works import LongWork
from vertrauenskonto.db.models.messages import CustomerMessage, MessagePromise
from vertrauenskonto.db.models.modules import Choice, Module
from vertrauenskonto.db.models.notes import Attachment, Evidence, Note
from vertrauenskonto.db.models.obligations import Cause, Obligation, Resting, SharedDuty, Step
from vertrauenskonto.db.models.people import (
    Contest,
    Person,
    Proposal,
    RoleGiven,
    SignInLink,
    Team,
)
from vertrauenskonto.db.models.planning import PlannedContact
from vertrauenskonto.db.models.policy_drafts import (
    DraftRevision,
    PolicyDraft,
    PolicyReplay,
    ReplayedAccount,
)
from vertrauenskonto.db.models.privacy import Processing, Reading, ReadingsRequest, Retention
from vertrauenskonto.db.models.promises import Incident, Promise, PromiseStep, Series
from vertrauenskonto.db.models.recovery import Case, CaseStep
from vertrauenskonto.db.models.relations import Ending, Handover, HandoverStep, Rhythm
from vertrauenskonto.db.models.seal import Leaf, TreeHead
from vertrauenskonto.db.models.sources import MailDraft, Mapping, Source
from vertrauenskonto.db.models.tokens import Answer, Token, Usage
from vertrauenskonto.db.models.views import SavedView
from vertrauenskonto.db.models.webhooks import Delivery, Endpoint

__all__ = [
    "Agreement",
    "AlertChoice",
    "AlertSent",
    "AlertTarget",
    "Alias",
    "Answer",
    "Attachment",
    "Attribute",
    "Balance",
    "CalendarDay",
    "CalendarUse",
    "CalendarWeek",
    "Candour",
    "Case",
    "CaseStep",
    "Cause",
    "Choice",
    "Consent",
    "ConsentBasis",
    "Contact",
    "Contest",
    "Customer",
    "CustomerMessage",
    "Delivery",
    "DraftRevision",
    "Ending",
    "Endpoint",
    "Entry",
    "Evidence",
    "ExternalId",
    "Fact",
    "Feed",
    "Handover",
    "HandoverStep",
    "ImportRun",
    "Incident",
    "Job",
    "Leaf",
    "LongWork",
    "MailDraft",
    "Mapping",
    "MatchKey",
    "Membership",
    "MessagePromise",
    "Module",
    "NameWord",
    "Note",
    "Obligation",
    "Parent",
    "Person",
    "PlannedContact",
    "PolicyDraft",
    "PolicyReplay",
    "PolicyVersion",
    "Processing",
    "Profile",
    "Promise",
    "PromiseStep",
    "Proposal",
    "Reading",
    "ReadingsRequest",
    "Remembered",
    "ReplayedAccount",
    "Resting",
    "Retention",
    "Rhythm",
    "RoleGiven",
    "SavedView",
    "Series",
    "SharedDuty",
    "SignInLink",
    "Slot",
    "Source",
    "Step",
    "Suspension",
    "Team",
    "Token",
    "Transaction",
    "TreeHead",
    "Unmatched",
    "Usage",
    "WorkCalendar",
    "Worker",
]
