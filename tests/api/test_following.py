"""Following the ledger by polling: nothing missed, nothing twice, however late a writer commits."""

from threading import Event, Thread

from django.db import connections, transaction

from vertrauenskonto.db.actions import seal


def follow(company, cursor):
    """Return the ids of what is new since a cursor, and the cursor to come again with."""
    seen = []
    while True:
        page = company.get(f"/entries/log?limit=2{f'&cursor={cursor}' if cursor else ''}")
        seen += [entry["source_id"] for entry in page["entries"]]
        cursor = page["next"]
        if not page["has_more"]:
            return seen, cursor


def test_what_is_new_comes_once_in_the_order_of_the_log(company):
    ada = company.world.customer()
    rows = [company.event(ada) for _ in range(5)]
    company.post("/entries/bulk", rows, 200)
    assert follow(company, None) == ([], None)
    company.world.seal()
    seen, cursor = follow(company, None)
    assert seen == [row["source_id"] for row in rows]
    assert follow(company, cursor) == ([], cursor)
    later = company.event(ada)
    company.post("/entries", later)
    company.world.seal()
    assert follow(company, cursor)[0] == [later["source_id"]]


def test_an_entry_committed_late_is_not_missed(company, database):
    """One writer takes its numbers first and commits last; the list by number would miss it."""
    world = company.world
    slow, quick = company.event(), company.event()
    numbered, go_on = Event(), Event()

    def write_slowly():
        try:
            with transaction.atomic():
                world.booked(slow["customer"], source_id=slow["source_id"])
                numbered.set()
                assert go_on.wait(20)
        finally:
            connections.close_all()

    thread = Thread(target=write_slowly)
    thread.start()
    assert numbered.wait(20)
    if database == "sqlite":
        # One writer at a time: nobody overtakes.
        go_on.set()
        thread.join()
    company.post("/entries", quick)
    seal.seal(at=world.door.at)
    seen, cursor = follow(company, None)
    go_on.set()
    thread.join()
    seal.seal(at=world.door.at)
    seen += follow(company, cursor)[0]
    assert sorted(seen) == sorted([slow["source_id"], quick["source_id"]])


def test_a_page_with_an_undone_slip_does_not_end_the_list(company):
    ada = company.world.customer()
    slip = company.event(ada)
    company.post("/entries", slip)
    company.post("/entries/undo", {"source": "shop", "source_id": slip["source_id"]})
    last = company.event(ada)
    company.post("/entries", last)
    seen, query = [], "limit=2"
    while query:
        page = company.get(f"/entries?{query}")
        seen += [entry["source_id"] for entry in page["entries"]]
        query = page["next"] and f"limit=2&cursor={page['next']}"
    assert seen == [slip["source_id"], last["source_id"]]
