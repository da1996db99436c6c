"""Every page of ours that somebody can open, and who may: what axe, roles and languages visit.

A new page adds one line here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.browser import account_states as accounts
from tests.browser import administration_states as states
from tests.browser import alert_states as alerts
from tests.browser import appointment_states as appointments
from tests.browser import candour_states as candour
from tests.browser import customer_states as customers
from tests.browser import message_states as notices
from tests.browser import policy_states as rules
from tests.browser import promise_states as promises
from tests.browser import recovery_states as recovery
from tests.browser import relation_states as relations
from tests.browser import source_states as sources
from tests.browser.bookings import booking, correction
from tests.browser.company import Company
from tests.browser.duties import bundled, duty_of

ALL = ("alice", "lena", "adam", "anna", "otto")
WORKING = ("alice", "lena", "adam")
LEADING = ("lena", "adam")
ADMIN = ("adam",)
AUDITING = ("adam", "otto")
# Administrators have set one up already.
WITHOUT_APP = ("alice", "lena", "anna", "otto")
# Who knows customers by their keys; analysts call them by pseudonyms.
NAMED = ("alice", "lena", "adam", "otto")
# Who reads the policy and its drafts.
DRAFTING = ("lena", "adam", "anna", "otto")
# Whoever is not signed in.
NOBODY = ("nobody",)


@dataclass(frozen=True)
class Visit:
    """A page: how it is called in tests, its path, and who gets to see it.

    Others get 403 or 404, or are led elsewhere (`led`).
    """

    name: str
    path: Callable[[Company], str]
    who: tuple[str, ...]
    led: tuple[str, ...] = ()


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
    Visit("relation", lambda c: f"/kunden/{accounts.holm(c)}/beziehung/", NAMED),
    Visit("relation-breach", lambda c: f"/kunden/{accounts.breach(c)}/beziehung/", NAMED),
    Visit("relation-ended", relations.ended, NAMED),
    Visit("rhythm", relations.rhythm, NAMED),
    Visit("rhythm-on-today", lambda c: relations.rhythm(c) and "/?meine", ALL),
    Visit("handover-begin", lambda c: f"/kunden/{accounts.nowak(c)}/uebergabe/", WORKING),
    Visit("handover", relations.handover, NAMED),
    Visit(
        "handover-done",
        lambda c: relations.handover(c, relations.NOWAK, until="own_account"),
        NAMED,
    ),
    Visit("leaving", relations.leaving, WORKING),
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
    Visit("recovery-empty", lambda _: "/rueckgewinnung/?art=closed", WORKING),
    Visit("recovery-open", recovery.opening, WORKING),
    Visit("recovery", recovery.listed, WORKING),
    Visit("recovery-case", lambda c: recovery.case(c, until="facts"), WORKING),
    Visit("recovery-apologised", lambda c: recovery.case(c, until="apology"), WORKING),
    Visit(
        "recovery-letter",
        lambda c: f"{recovery.case(c, until='apology')}brief/apology/?sprache=de",
        WORKING,
    ),
    Visit(
        "recovery-invitation",
        lambda c: f"{recovery.case(c, until='apology')}brief/invitation/?sprache=en",
        WORKING,
    ),
    Visit("recovery-on-today", lambda c: recovery.listed(c) and "/?meine", ALL),
    Visit("promises-none", lambda _: "/zusagen/?art=over&faehigkeit=x", ALL),
    Visit("promises", promises.listed, ALL),
    Visit("promises-at-risk", lambda c: promises.listed(c, "?art=at_risk"), ALL),
    Visit("promises-over", lambda c: promises.listed(c, "?art=over"), ALL),
    Visit("promise-new", lambda _: "/zusagen/neu/", WORKING),
    Visit("promise-found", promises.found, WORKING),
    Visit("promise-form", promises.of_customer, WORKING),
    Visit("promise-among-us", lambda _: "/zusagen/neu/kollegen/p_bob/", WORKING),
    Visit("promise-series", lambda c: promises.of_customer(c, "zusage/wiederholt/"), WORKING),
    Visit("promise-text", lambda c: promises.of_customer(c, "zusage/text/"), WORKING),
    Visit("promises-of-customer", promises.again, NAMED),
    Visit("promise", lambda c: promises.one(c, "Angebot für die Hecke schicken"), ALL),
    Visit("promise-told", lambda c: promises.one(c, "Muster vorbeibringen"), ALL),
    Visit("promise-overdue", lambda c: promises.one(c, "Gutschrift ausstellen"), ALL),
    Visit("promise-over", lambda c: promises.one(c, "Bewässerung prüfen"), ALL),
    Visit(
        "promises-on-account",
        lambda c: f"{promises.listed(c) and promises.of_customer(c, '')}",
        NAMED,
    ),
    Visit("appointment-make", appointments.make, WORKING),
    Visit("appointment", appointments.coming, ALL),
    Visit("appointment-past", appointments.past, ALL),
    Visit("appointment-over", appointments.over, ALL),
    Visit("appointment-link", appointments.link, NOBODY),
    Visit("appointment-link-told", appointments.told_link, NOBODY),
    Visit("work-calendars-none", lambda _: appointments.PAGES, ("adam", "lena", "otto")),
    Visit("work-calendars", appointments.calendars, ("adam", "lena", "otto")),
    Visit("work-calendar", appointments.calendar, ("adam", "lena", "otto")),
    Visit("work-calendar-new", lambda _: f"{appointments.PAGES}neu/", ADMIN),
    Visit("work-calendar-read", lambda c: appointments.calendar(c, "einlesen/"), ADMIN),
    Visit("work-calendar-team", appointments.team, ADMIN),
    Visit("notice-begin", notices.begun, WORKING),
    Visit("notice-draft", notices.drafted, WORKING),
    Visit("notice-sent", lambda c: notices.drafted(c, "sent"), WORKING),
    Visit("notice-to-call", lambda c: notices.drafted(c, "to_call"), WORKING),
    Visit("notice-letter", lambda c: f"{notices.drafted(c)}brief/", WORKING),
    Visit("incidents-none", lambda _: "/zusagen/ursachen/", WORKING),
    Visit("incident-new", lambda c: promises.listed(c, "ursachen/neu/?text=e"), WORKING),
    Visit("incident", notices.cause, WORKING),
    Visit("incident-calls", lambda c: notices.cause(c, is_approved=True), WORKING),
    Visit("promise-figures-none", lambda _: "/zusagen/zahlen/", ("lena", "adam", "anna")),
    Visit("promise-figures", notices.figures, ("lena", "adam", "anna")),
    Visit("promise-outlook", lambda _: "/zusagen/aussicht/", ALL),
    Visit(
        "promise-outlook-answer",
        lambda _: "/zusagen/aussicht/?faehigkeit=Lieferung&tag=2029-03-01&sicher=0.9",
        ALL,
    ),
    Visit("consents-none", lambda c: promises.of_customer(c, "einwilligungen/"), NAMED),
    Visit("consents", notices.consent, NAMED),
    Visit("candour-none", lambda _: "/offenheit/", ALL),
    Visit("candour-waiting", lambda c: candour.listed(c, "waiting"), ALL),
    Visit("candour-mistakes", lambda c: candour.listed(c, "mistake"), ALL),
    Visit("candour-of-customer", candour.of_customer, NAMED),
    *(
        Visit(f"candour-form-{sort}", partial(candour.of_customer, rest=f"{sort}/"), WORKING)
        for sort in ("rat", "nein", "fehler", "anliegen")
    ),
    *(
        Visit(f"candour-{name}", partial(candour.one, name=name), ALL)
        for name in ("conflict", "no", "unsaid", "mistake", "wish")
    ),
    Visit("promise-against-a-no", candour.against, ALL),
    Visit("candour-on-account", lambda c: candour.of_customer(c).replace("offenheit/", ""), NAMED),
    Visit("promises-on-today", lambda c: promises.listed(c) and "/?meine", ALL),
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
    Visit("set-up", lambda _: "/einrichten/", ADMIN),
    Visit("set-up-rules", lambda _: "/einrichten/regeln/", ADMIN),
    Visit("set-up-contacts", lambda _: "/einrichten/kunden/", ADMIN),
    Visit("honesty", states.proposed, LEADING),
    Visit("team", states.team, ADMIN),
    Visit("token-revoke", states.revoking, ADMIN),
    Visit("webhook-rotate", lambda c: f"{states.webhook(c)}geheimnis/", ADMIN),
    Visit("webhook-remove", lambda c: f"{states.webhook(c)}entfernen/", ADMIN),
    Visit("readings-log", states.agreed_readings, AUDITING),
    Visit("own-account", lambda _: "/konto/", ALL),
    Visit("own-sessions", lambda _: "/konto/sessions/", ALL),
    Visit("own-password", lambda _: "/konto/password/change/", ALL),
    Visit("sign-out", lambda _: "/konto/logout/", ALL),
    Visit("sign-in-again", lambda _: "/konto/reauthenticate/", ALL),
    Visit("second-factors", lambda _: "/konto/2fa/", ALL),
    Visit("second-factor-app", lambda _: "/konto/2fa/totp/activate/", WITHOUT_APP, led=ADMIN),
    Visit("second-factor-app-off", lambda _: "/konto/2fa/totp/deactivate/", ADMIN),
    Visit("second-factor-keys", lambda _: "/konto/2fa/webauthn/", ALL),
    Visit("second-factor-codes", states.recovery_codes, ADMIN),
    Visit("second-factor-codes-new", lambda _: "/konto/2fa/recovery-codes/generate/", ALL),
    Visit("second-factors-lost", states.lost_codes, ALL),
    Visit("second-factor-again", lambda _: "/konto/2fa/reauthenticate/", ADMIN, led=WITHOUT_APP),
    Visit("sign-in", lambda _: "/konto/login/", NOBODY),
    Visit("password-forgotten", lambda _: "/konto/password/reset/", NOBODY),
    Visit("password-mail-sent", lambda _: "/konto/password/reset/done/", NOBODY),
    Visit("password-link-over", lambda _: "/konto/password/reset/key/1-abc/", NOBODY),
    Visit("password-changed", lambda _: "/konto/password/reset/key/done/", NOBODY),
    Visit("person-locked-out", lambda _: "/konto/inactive/", NOBODY),
    Visit("company-sign-in-cancelled", lambda _: "/konto/3rdparty/login/cancelled/", NOBODY),
    Visit("invitation", states.invitation, NOBODY),
    # Last: from here on an agreement is in force, which opens more of other pages.
    Visit("agreement-end", states.agreed, ADMIN),
    Visit("card-link", accounts.card_link, NOBODY),
)

POSTED, FILE, BROUGHT = "only posted to", "a file or a part of a page", "opens for nobody here"
LATER = "a step after others, which tests of their own take"
NOT_VISITED = {
    **dict.fromkeys(
        (
            *("plan_contact", "undo", "special_categories", "attach_file", "contest", "language"),
            *("decide_proposal", "decide_contest", "chat_act", "policy_replay", "source_act"),
            *("import_act", "person_link", "activate_person", "revoke_calendar", "webhook_act"),
            *("agree_readings", "setup_silence", "setup_rehearsal"),
            *("team_calendar", "customer_calendar", "series_end"),
        ),
        POSTED,
    ),
    **dict.fromkeys(
        (
            *("customers_file", "access_report", "account_pdf", "account_curve", "attached_file"),
            *("policy_version_file", "policy_draft_file", "import_problems", "mapping_toml"),
            *("seal_head", "paper_file", "export_file", "mfa_download_recovery_codes"),
            *("calendar_feed", "appointment_file", "appointment_link_file", "customer_ways"),
        ),
        FILE,
    ),
    **dict.fromkeys(
        (
            *("account_signup", "account_email", "account_set_password", "socialaccount_signup"),
            *("account_email_verification_sent", "account_confirm_email"),
            *("account_confirm_login_code", "socialaccount_connections"),
        ),
        BROUGHT,
    ),
    **dict.fromkeys(
        (
            *("setup_columns", "link_form", "mfa_authenticate", "mfa_login_webauthn"),
            *("mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn"),
            "mfa_add_webauthn",
            *("openid_connect_login", "openid_connect_callback", "socialaccount_login_error"),
        ),
        LATER,
    ),
}
