"""Opening accounts for records: what is stored with them, one call at a time."""

from collections.abc import Sequence

from django.db import connection
from django.db.models import AutoField

from vertrauenskonto.core.ledger.policy import PolicyHistory
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer
from vertrauenskonto.db.actions.balances import refresh
from vertrauenskonto.db.actions.customers import ContactData, contact_row, profile_row
from vertrauenskonto.db.actions.facts import Door, insert_values
from vertrauenskonto.db.actions.records import Record
from vertrauenskonto.db.aliases import roots
from vertrauenskonto.db.naming import name_anew
from vertrauenskonto.db.queries.policies import history

# Any constant will do; it is only ours inside this database.
_LOCK = 6963


def one_at_a_time() -> None:
    """Let no other call open accounts until this transaction ends: two might open the same one."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def describe(
    opened: Sequence[tuple[models.Customer, Record]], viewer: Viewer | None = None
) -> None:
    """Store profile and contact of customers just opened, as their records say.

    What a contact person opens is hers to look after.
    """
    profiles = [profile_row(c, sort=record.sort, name=record.name) for c, record in opened]
    if viewer is not None and viewer.role == "contact":
        for profile in profiles:
            # Or whoever opened it could not find it again.
            profile.owner_id = viewer.person_id
    insert_plainly(profiles)
    contacts = [
        contact_row(
            customer,
            ContactData(
                name=r.name if r.sort == "person" else "",
                email=r.email,
                phone=r.phone,
                postcode=r.postcode,
                is_main=True,
            ),
            called=r.name,
        )
        for customer, r in opened
        if r.email or r.phone or r.postcode
    ]
    insert_plainly(contacts)
    # Of few imported customers a name is known; those without cost nothing.
    name_anew([customer.pk for customer, record in opened if record.name])


def insert_plainly(rows: Sequence[models.Profile | models.Contact | models.ExternalId]) -> None:
    """Insert new rows of one table, as fast as the database takes them; nobody needs their number."""
    if not rows:
        return
    model = type(rows[0])
    columns = [f for f in model._meta.concrete_fields if not isinstance(f, AutoField)]
    names = [(field.attname, field) for field in columns]
    insert_values(
        model,
        [field.column or "" for field in columns],
        [
            [field.get_db_prep_save(getattr(row, name), connection) for name, field in names]
            for row in rows
        ],
    )


def value_anew(customer_ids: Sequence[int], policies: PolicyHistory | None, door: Door) -> None:
    """Value the accounts that customers' new attributes may have put into another segment."""
    touched = set(roots(customer_ids).values())
    held = models.Balance.objects.filter(pk__in=touched).values_list("pk", flat=True)
    valued = models.Customer.objects.filter(pk__in=set(held)).order_by("pk").select_for_update()
    numbers = [customer.pk for customer in valued]
    if numbers:
        refresh(numbers, policies or history(), as_of=door.today)
