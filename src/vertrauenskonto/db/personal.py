"""What every column that can hold a text means for privacy, and so what erasure does with it.

A test visits all columns of all tables: a new one without a decision here fails it.
"""

from collections.abc import Mapping
from typing import Literal

Decision = Literal[
    "erased",  # about a customer: the row is deleted or the text emptied when she is erased
    "searched",  # may quote a customer: rows that do are deleted or emptied when she is erased
    "opaque",  # a random key, a number or a hash; says nothing without the erased rows
    "code",  # one of the words that program or policy define
    "reference",  # how another system calls the event; stays, and leads to nobody in here
    "staff",  # about members of staff
    "company",  # about the installation: policy, addresses, purposes
]

# table → column → decision; tables of Django and allauth hold members of staff only.
DECISIONS: Mapping[str, Mapping[str, Decision]] = {
    "agreement": {"name": "code", "purpose": "company"},
    "attachment": {
        "commitment": "opaque",
        "name": "erased",
        "media_type": "erased",
        "contents": "erased",
        "nonce": "erased",
    },
    "attribute": {"name": "code", "value": "code"},
    "balance": dict.fromkeys(
        (
            "policy",
            "weakest",
            "weakest_reason",
            "verdict",
            "verdict_willing",
            "verdict_able",
            "verdict_assessable",
        ),
        "code",
    ),
    "booking_transaction": {
        "actor": "staff",
        "channel": "code",
        "second": "staff",
        "idempotency_key": "reference",
        "body_hash": "opaque",
        "leaf_hash": "opaque",
    },
    "contact": dict.fromkeys(
        (
            "name",
            "function",
            "email",
            "phone",
            "address",
            "postcode",
            "email_key",
            "phone_key",
            "name_postcode_key",
        ),
        "erased",
    ),
    "contest": {"state": "code", "note_commitment": "opaque"},
    "customer": {"key": "opaque"},
    "entry": {
        "source": "code",
        "source_id": "reference",
        "kind": "code",
        "target": "staff",
        "policy": "code",
        "promise": "reference",
        "remark": "code",
        "reason": "code",
        "note_commitment": "opaque",
    },
    "evidence": {"commitment": "opaque"},
    "external_id": {"system": "code", "value": "erased"},
    "feed": {"secret_hash": "opaque"},
    "job": {
        "name": "code",
        "key": "searched",
        "arguments": "searched",
        "lease": "opaque",
        "error": "code",
        "state": "code",
    },
    "leaf": {"hash": "opaque"},
    "match_key": {"name": "code", "weight": "code"},
    "membership": {"segment": "code"},
    "note": {"commitment": "opaque", "text": "erased", "nonce": "erased"},
    "person": {
        "password": "staff",
        "key": "staff",
        "email": "staff",
        "name": "staff",
        "role": "code",
        "language": "code",
    },
    "policy_version": {"name": "company", "document": "company"},
    "processing": {"state": "code", "reason": "code"},
    "profile": {
        "sort": "erased",
        "name": "erased",
        "search_name": "erased",
        "language": "erased",
    },
    "proposal": {
        "proposer": "staff",
        "channel": "code",
        "source": "code",
        "source_id": "erased",
        "draft": "erased",
        "state": "code",
        "decider": "staff",
        "reason": "erased",
    },
    "reading": {"actor": "staff", "channel": "code", "what": "code"},
    "readings_request": {"purpose": "erased"},
    # Counts of failed sign-ins and the like, by hashed keys; they end by themselves.
    "remembered": {"cache_key": "staff", "value": "staff"},
    "retention": {"name": "code"},
    "sign_in_link": {"secret_hash": "opaque"},
    "role_given": {"person": "staff", "role": "code"},
    "suspension": {"key": "reference", "reason": "code"},
    "team": {"name": "staff"},
    "token": {
        "name": "company",
        "prefix": "opaque",
        "secret_hash": "opaque",
        "scopes": "code",
    },
    "token_answer": {
        "key": "searched",
        "request_hash": "opaque",
        "content": "searched",
        "content_type": "code",
        "about": "opaque",
    },
    "token_usage": {},
    "tree_head": {"root": "opaque", "peaks": "opaque"},
    "unmatched": {
        "source": "code",
        "source_id": "searched",
        "record": "searched",
        "draft": "searched",
        "candidates": "searched",
        "sameness": "searched",
        "decider": "staff",
    },
    "webhook_delivery": {
        "key": "opaque",
        "type": "code",
        "body": "searched",
        "state": "code",
        "attempts": "searched",
    },
    "webhook_endpoint": {
        "url": "company",
        "secret": "company",
        "previous_secret": "company",
        "events": "code",
    },
    "worker": {"key": "opaque"},
}
