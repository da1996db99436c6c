"""The tables, by noun; Django finds them here.

Lives here: one module per noun, each saying which of its tables are facts, projections, reference.
May import: Django.
Never: rules; being imported by anything outside `db`.
"""

from vertrauenskonto.db.models.agreements import Agreement
from vertrauenskonto.db.models.cache import Remembered
from vertrauenskonto.db.models.customers import (
    Alias,
    Attribute,
    Contact,
    Customer,
    ExternalId,
    MatchKey,
    Membership,
    Parent,
    Profile,
    Unmatched,
)
from vertrauenskonto.db.models.facts import Fact, Transaction
from vertrauenskonto.db.models.feeds import Feed
from vertrauenskonto.db.models.jobs import Job, Worker
from vertrauenskonto.db.models.ledger import Balance, Entry, PolicyVersion, Suspension
from vertrauenskonto.db.models.notes import Attachment, Evidence, Note
from vertrauenskonto.db.models.people import (
    Contest,
    Person,
    Proposal,
    RoleGiven,
    SignInLink,
    Team,
)
from vertrauenskonto.db.models.privacy import Processing, Reading, ReadingsRequest, Retention
from vertrauenskonto.db.models.seal import Leaf, TreeHead
from vertrauenskonto.db.models.tokens import Answer, Token, Usage
from vertrauenskonto.db.models.webhooks import Delivery, Endpoint

__all__ = [
    "Agreement",
    "Alias",
    "Answer",
    "Attachment",
    "Attribute",
    "Balance",
    "Contact",
    "Contest",
    "Customer",
    "Delivery",
    "Endpoint",
    "Entry",
    "Evidence",
    "ExternalId",
    "Fact",
    "Feed",
    "Job",
    "Leaf",
    "MatchKey",
    "Membership",
    "Note",
    "Parent",
    "Person",
    "PolicyVersion",
    "Processing",
    "Profile",
    "Proposal",
    "Reading",
    "ReadingsRequest",
    "Remembered",
    "Retention",
    "RoleGiven",
    "SignInLink",
    "Suspension",
    "Team",
    "Token",
    "Transaction",
    "TreeHead",
    "Unmatched",
    "Usage",
    "Worker",
]
