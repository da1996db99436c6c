"""Customers read: one of them, and lists."""

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from vertrauenskonto.api.accounts import Key
from vertrauenskonto.api.callers import caller, looked, needs, today, viewer
from vertrauenskonto.api.fields import Limit, Said
from vertrauenskonto.api.pages import Cursor, after_number, encoded
from vertrauenskonto.db.queries import customers as queries
from vertrauenskonto.db.queries import policies

router = Router(tags=["customers"])


class ReachedOut(Said):
    """A person or place by which a customer is reached."""

    name: str
    function: str
    email: str
    phone: str
    address: str
    postcode: str
    is_main: bool


class CustomerOut(Said):
    """A customer; name, contacts and ids are null without scope and right to see names."""

    key: str
    sort: str
    is_prospect: bool
    language: str
    segment: str
    attributes: dict[str, str]
    parent: str
    merged: list[str]
    state: str
    owner: str
    queue: str
    deputies: list[str]
    name: str | None
    contacts: list[ReachedOut] | None
    ids: dict[str, list[str]] | None


class CustomerRowOut(Said):
    """A customer in a list; the balances are elsewhere, behind the scope `scores`."""

    key: str
    name: str | None
    sort: str
    is_prospect: bool
    is_mine: bool
    segment: str


class CustomerPage(Said):
    """Some customers in a fixed order; `next` is absent on the last page."""

    customers: list[CustomerRowOut]
    next: str | None = None


@router.get("/customers", response=CustomerPage, **needs("read"))
def customers(
    request: HttpRequest,
    cursor: Cursor = None,
    limit: Limit = 100,
    mine: Annotated[bool, Query(description="Only those the token's person looks after.")] = False,
    segment: Annotated[str | None, Query(max_length=80, pattern=r"^[^\x00]*$")] = None,
    prospect: Annotated[bool | None, Query()] = None,
) -> Any:
    """List the customers whose accounts are valued and whom the token may see."""
    found = queries.page(
        viewer(request),
        after=after_number(cursor),
        limit=limit,
        filters=queries.Filters(mine=mine, segment=segment, prospect=prospect),
        policy=policies.history().in_force(today()),
    )
    shown = [CustomerRowOut.model_validate(row) for row in found.rows]
    if "names" in caller(request).scopes:
        looked(request, [row.key for row in shown], "list")
    else:
        for row in shown:
            row.name = None
    more = None if found.next_after is None else encoded(found.next_after)
    return {"customers": shown, "next": more}


@router.get("/customers/{key}", response=CustomerOut, **needs("read"))
def customer(request: HttpRequest, key: Key) -> Any:
    """Show a customer: who it is, as far as the token may see names, and how they belong."""
    policy = policies.history().in_force(today())
    shown = CustomerOut.model_validate(queries.customer(viewer(request), key, policy=policy))
    if "names" not in caller(request).scopes:
        shown.name = shown.contacts = shown.ids = None
    looked(request, [key], "customer")
    return shown
