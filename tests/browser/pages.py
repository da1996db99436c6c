"""Every page of ours that somebody can open, and who may: what axe, roles and languages visit.

A new page adds one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.browser import account_states as accounts
from tests.browser import administration_states as states
from tests.browser import alert_states as alerts
from tests.browser import customer_states as customers
from tests.browser import policy_states as rules
from tests.browser import source_states as sources
from tests.browser.bookings import booking, correction
from tests.browser.company import Company
from tests.browser.duties import bundled, duty_of

ALL = ("alice", "lena", "adam", "anna", "otto")
WORKING = ("alice", "lena", "adam")
LEADING = ("lena", "adam")
ADMIN = ("adam",)
AUDITING = ("adam", "otto")
# Who knows customers by their keys; analysts call them by pseudonyms.
NAMED = ("alice", "lena", "adam", "otto")
# Who reads the policy and its drafts.
DRAFTING = ("lena", "adam", "anna", "otto")


@dataclass(frozen=True)
class Visit:
    """A page: how it is called in tests, its path, and who gets to see it (others get 403 or 404)."""

    name: str
    path: Callable[[Company], str]
    who: tuple[str, ...]


VISITS = (
    Visit("today", lambda _: "/", ALL),
    Visit("today-all", lambda _: "/?alle", ALL),
    Visit("book", lambda _: "/buchen/", WORKING),
    Visit("book-found", lambda _: "/buchen/?text=f", WORKING),
    Visit("book-nobody", lambda _: "/buchen/?text=zzz", WORKING),
    Visit("book-kinds", lambda c: f"/kunden/{accounts.holm(c)}/buchen/", WORKING),
    Visit("book-no-kind", lambda c: f"/kunden/{accounts.holm(c)}/buchen/?suche=zzz", WORKING),
    Visit("book-form", lambda c: booking(c, "promise_kept"), WORKING),
    Visit(
        "book-falls", lambda c: booking(c, "promise_broken_unannounced", "Familie Brandt"), WORKING
    ),
    Visit("book-honesty", lambda c: booking(c, "lie_uncovered"), WORKING),
    Visit("reverse", lambda c: correction(c, "storno"), WORKING),
    Visit("compensate", lambda c: correction(c, "ausgleich"), WORKING),
    Visit("compensate-form", lambda c: f"{correction(c, 'ausgleich')}&art=free_service", WORKING),
    Visit("customers", lambda _: "/kunden/", ALL),
    Visit("customers-of-analyst", lambda _: "/kunden/?sort=-balance", ("anna", *NAMED)),
    Visit("customers-narrowed", lambda _: "/kunden/?unter=on&sort=change", ALL),
    Visit("customers-none", lambda _: "/kunden/?text=niemand", ALL),
    Visit("customers-wrong", lambda _: "/kunden/?faellt=bald", ALL),
    Visit("customers-unbooked", lambda _: "/kunden/?ohne=on", ALL),
    Visit("customers-spread", lambda _: "/kunden/verteilung/", ALL),
    Visit("views-none", lambda _: "/kunden/ansichten/", ALL),
    Visit("views", customers.views, ("lena", "alice", "adam", "anna", "otto")),
    Visit("account", lambda c: f"/kunden/{accounts.holm(c)}/?zeitraum=2025", NAMED),
    Visit("account-below", lambda c: f"/kunden/{accounts.nowak(c)}/", NAMED),
    Visit("account-empty", lambda c: f"/kunden/{accounts.empty(c)}/", NAMED),
    Visit("account-breach", lambda c: f"/kunden/{accounts.breach(c)}/", NAMED),
    Visit("account-restricted", lambda c: f"/kunden/{accounts.restricted(c)}/", NAMED),
    Visit(
        "account-long",
        lambda c: f"/kunden/{accounts.long(c)}/?zeitraum=1990-01-01..2990-01-01&verlauf=1",
        NAMED,
    ),
    Visit(
        "account-earlier",
        lambda c: (
            f"/kunden/{accounts.holm(c)}/?kenntnis={accounts.months_ago(c, 4)}&tag={accounts.months_ago(c, 3)}&verlauf=1"
        ),
        NAMED,
    ),
    Visit(
        "account-wrong",
        lambda c: f"/kunden/{accounts.holm(c)}/?tag=gestern&von=2026-03-02&bis=2026-01-01",
        NAMED,
    ),
    Visit("account-group", lambda c: f"/kunden/{accounts.holm(c)}/gruppe/", NAMED),
    Visit("account-print", lambda c: f"/kunden/{accounts.holm(c)}/drucken/", NAMED),
    Visit("why", lambda c: f"/kunden/{accounts.holm(c)}/warum/", NAMED),
    Visit("card", lambda c: f"/karte/?kundennummer={accounts.card(c)}", NAMED),
    Visit("card-asks", lambda c: f"/karte/?auftrag=gibtesnicht{accounts.card(c)}", NAMED),
    Visit("card-settings", lambda c: f"/verwaltung/karte/?{accounts.card(c)}", ("adam",)),
    Visit("account-erased", lambda c: f"/kunden/{accounts.erased(c)}/", NAMED),
    Visit("why-silence", lambda c: f"/kunden/{accounts.brandt(c)}/warum/?teil=stille", NAMED),
    Visit(
        "why-entry",
        lambda c: (
            f"/kunden/{accounts.holm(c)}/warum/buchung/?{accounts.entry_of(c, accounts.holm(c), 'promise_broken_unannounced')}"
        ),
        NAMED,
    ),
    Visit("duties", lambda _: "/aufgaben/", ALL),
    Visit("duties-none", lambda _: "/aufgaben/?art=snoozed", ALL),
    Visit("duty", lambda c: f"/aufgaben/{duty_of(c)}/", ALL),
    Visit("duties-bundle", lambda c: f"/aufgaben/buendeln/?aufgabe={duty_of(c)}", WORKING),
    Visit("duties-shared", lambda c: f"/aufgaben/gemeinsam/{bundled(c)}/", ALL),
    Visit(
        "duties-all",
        lambda c: "/aufgaben/?art=all" if bundled(c) else "",
        ("lena", "alice", "adam", "anna", "otto"),
    ),
    Visit("messages-none", lambda _: "/meldungen/?vor=1", WORKING),
    Visit("messages", alerts.messages, WORKING),
    Visit("message-settings", lambda _: "/konto/meldungen/", ALL),
    Visit(
        "message-settings-of-lead",
        lambda _: "/konto/meldungen/?",
        (*LEADING, "alice", "anna", "otto"),
    ),
    Visit("chats-none", lambda _: "/verwaltung/meldungen/", ("adam", "otto")),
    Visit("chat", lambda c: f"/verwaltung/meldungen/{alerts.chat(c)}/", ("adam", "otto")),
    Visit("chats", lambda _: "/verwaltung/meldungen/", ("adam", "otto")),
    Visit("chat-remove", lambda c: f"/verwaltung/meldungen/{alerts.chat(c)}/entfernen/", ("adam",)),
    Visit("reasons", alerts.reasons, ("lena", "adam", "anna")),
    Visit("reasons-short", lambda _: "/ursachen/?tage=28", ("lena", "adam", "anna")),
    Visit(
        "reason-cases",
        lambda c: f"{alerts.reasons(c)}buchungen/?nach=kind&was=promise_broken_unannounced&tage=84",
        ("lena", "adam", "anna"),
    ),
    Visit(
        "reason-cases-none",
        lambda _: "/ursachen/buchungen/?nach=source&was=x&tage=28",
        ("lena", "adam", "anna"),
    ),
    Visit("policy", lambda _: "/regelwerk/", DRAFTING),
    Visit("policy-begin", lambda _: "/regelwerk/entwurf/", LEADING),
    Visit("policy-draft", rules.drafted, DRAFTING),
    Visit("policy-kinds", lambda c: f"{rules.drafted(c)}arten/", DRAFTING),
    Visit("policy-kind", lambda c: f"{rules.drafted(c)}art/promise_kept/", LEADING),
    Visit("policy-kind-new", lambda c: f"{rules.drafted(c)}art/", LEADING),
    Visit(
        "policy-kind-remove", lambda c: f"{rules.drafted(c)}art/promise_kept/entfernen/", LEADING
    ),
    Visit("policy-rules", lambda c: f"{rules.drafted(c)}regeln/silence/", LEADING),
    Visit("policy-verdict", lambda c: f"{rules.drafted(c)}regeln/verdict/", LEADING),
    Visit("policy-replayed", rules.replayed, DRAFTING),
    Visit("policy-replaying", rules.running, DRAFTING),
    Visit("policy-outdated", rules.outdated, DRAFTING),
    Visit("policy-accounts", lambda c: f"{rules.replayed(c)}probelauf/jahr/", DRAFTING),
    Visit(
        "policy-accounts-none",
        lambda c: f"{rules.replayed(c)}probelauf/jahr/?von=below&nach=above",
        DRAFTING,
    ),
    Visit("policy-force", lambda c: f"{rules.replayed(c)}in-kraft/", LEADING),
    Visit("policy-force-not-yet", lambda c: f"{rules.drafted(c)}in-kraft/", LEADING),
    Visit("policy-discard", lambda c: f"{rules.drafted(c)}verwerfen/", LEADING),
    Visit("policy-capacity", lambda c: f"{rules.drafted(c)}aufgaben/", LEADING),
    Visit("policy-versions", lambda _: "/regelwerk/fassungen/", DRAFTING),
    Visit("policy-version", lambda _: "/regelwerk/fassungen/1/", DRAFTING),
    Visit("administration", lambda _: "/verwaltung/", ("adam", "lena", "otto")),
    Visit("people", lambda _: "/verwaltung/personen/", ADMIN),
    Visit("person", lambda _: "/verwaltung/personen/p_bob/", ADMIN),
    Visit("invite", lambda _: "/verwaltung/personen/einladen/", ADMIN),
    Visit("deactivate", lambda _: "/verwaltung/personen/p_bob/sperren/", ADMIN),
    Visit("tokens", lambda _: "/verwaltung/token/", ADMIN),
    Visit("tokens-full", states.tokens, ADMIN),
    Visit("token-new", lambda _: "/verwaltung/token/neu/", ADMIN),
    Visit("calendars", lambda _: "/konto/kalender/", ALL),
    Visit("webhooks", lambda _: "/verwaltung/webhooks/", AUDITING),
    Visit("webhook", states.webhook, AUDITING),
    Visit("modules", lambda _: "/verwaltung/module/", ADMIN),
    Visit("settings", lambda _: "/verwaltung/einstellungen/", ADMIN),
    Visit("data-state", lambda _: "/verwaltung/zustand/", AUDITING),
    Visit("jobs", states.jobs, AUDITING),
    Visit("audit", lambda _: "/verwaltung/protokoll/", AUDITING),
    Visit("audit-empty", lambda _: "/verwaltung/protokoll/?bis=1999-01-01", AUDITING),
    Visit("audit-wrong", lambda _: "/verwaltung/protokoll/?von=gestern", AUDITING),
    Visit("verification", lambda _: "/verwaltung/pruefung/", AUDITING),
    Visit("verification-done", states.verified, AUDITING),
    Visit("verification-running", states.verifying, AUDITING),
    Visit("readings", states.readings, AUDITING),
    Visit("agreements", lambda _: "/verwaltung/vereinbarungen/", ("adam", "lena", "otto")),
    Visit("agreement", lambda _: "/verwaltung/vereinbarungen/works_council/erfassen/", ADMIN),
    Visit("papers", lambda _: "/verwaltung/papiere/", AUDITING),
    Visit("paper", lambda _: "/verwaltung/papiere/works-agreement/", AUDITING),
    Visit("paper-tables", lambda _: "/verwaltung/papiere/measures/", AUDITING),
    Visit("retention", lambda _: "/verwaltung/aufbewahrung/", AUDITING),
    Visit("retention-rule", lambda _: "/verwaltung/aufbewahrung/prospects/", ADMIN),
    Visit("export", lambda _: "/verwaltung/export/", ADMIN),
    Visit("new-customer", lambda _: "/kunden/neu/", WORKING),
    Visit("customer-data", lambda c: f"/kunden/{accounts.holm(c)}/stammdaten/", NAMED),
    Visit("customer-care", lambda c: f"/kunden/{accounts.holm(c)}/zustaendig/", LEADING),
    Visit("customer-segment", lambda c: f"/kunden/{accounts.holm(c)}/kundengruppe/", LEADING),
    Visit("customer-rest", states.rest, NAMED),
    Visit("customer-privacy", lambda c: f"/kunden/{accounts.holm(c)}/datenschutz/", NAMED),
    Visit("customer-erase", lambda c: f"/kunden/{accounts.holm(c)}/datenschutz/loeschen/", ADMIN),
    Visit("duplicates", lambda _: "/kunden/zusammenlegen/", LEADING),
    Visit("customer-merge", lambda c: f"/kunden/{accounts.holm(c)}/zusammenlegen/", LEADING),
    Visit(
        "confirm-merge",
        lambda c: f"/kunden/{accounts.holm(c)}/zusammenlegen/{accounts.nowak(c)}/",
        LEADING,
    ),
    Visit("sources-empty", lambda _: "/quellen/", LEADING),
    Visit("matching-empty", lambda _: "/quellen/zuordnen/", LEADING),
    Visit("drafts-empty", lambda _: "/quellen/entwuerfe/", LEADING),
    Visit("import-start", lambda _: "/quellen/hochladen/", LEADING),
    Visit("import-columns", sources.uploaded, LEADING),
    Visit("import-unknown", sources.unknown, LEADING),
    Visit("import-own", lambda c: sources.unknown(c).replace("spalten", "eigene"), LEADING),
    Visit("import-misfit", lambda c: f"{sources.unknown(c)}?zuordnung=shopware", LEADING),
    Visit("import-checking", lambda c: sources.in_state(c, "checking"), LEADING),
    Visit("import-checked", sources.checked, LEADING),
    Visit("import-booking", lambda c: sources.in_state(c, "booking"), LEADING),
    Visit("import-booked", sources.booked, LEADING),
    Visit("import-stopped", lambda c: sources.in_state(c, "stopped"), LEADING),
    Visit("import-failed", sources.failed, LEADING),
    Visit("source-choose", lambda _: "/quellen/neu/", LEADING),
    Visit("source-folder", lambda _: "/quellen/neu/folder/", LEADING),
    Visit("source-sql", lambda _: "/quellen/neu/sql/", LEADING),
    Visit("source-sftp", lambda _: "/quellen/neu/sftp/", LEADING),
    Visit("source-mailbox", lambda _: "/quellen/neu/mailbox/", LEADING),
    Visit("source", sources.source, LEADING),
    Visit("source-change", lambda c: f"{sources.source(c)}aendern/", LEADING),
    Visit("drafts", sources.drafts, LEADING),
    Visit("draft", sources.draft, LEADING),
    Visit("matching", sources.waiting, LEADING),
    Visit("sources", sources.full, LEADING),
)
