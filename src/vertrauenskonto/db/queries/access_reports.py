"""The access report of one customer (GDPR article 15), gathered from everywhere it is held."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Literal, cast
from urllib.parse import urlsplit

from django.conf import settings

from vertrauenskonto.core.errors import NO_TEXT, Language, NotFound, Text
from vertrauenskonto.core.ledger.booking import REMARKS
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.explain import Explanation, explanation
from vertrauenskonto.core.ledger.kinds import Kind
from vertrauenskonto.core.ledger.policy import Policy, PolicyHistory
from vertrauenskonto.core.recovery.case import STATE_LABELS, State
from vertrauenskonto.core.recovery.facts import DECISION_LABELS, Decision
from vertrauenskonto.core.recovery.steps import Path, step_of
from vertrauenskonto.db import models
from vertrauenskonto.db.access import Viewer, customer_id, require, shown_key
from vertrauenskonto.db.models.ledger import HUNDREDTHS
from vertrauenskonto.db.processing import STATE_WORDS, reason_words
from vertrauenskonto.db.queries import (
    ledger,
    message_reports,
    policies,
    privacy,
    readings,
    relation_reports,
)
from vertrauenskonto.db.queries.promises_told import promises_told
from vertrauenskonto.render.access_report import (
    AccessReport,
    Change,
    Charge,
    Datum,
    Kept,
    Line,
    Part,
    Recipient,
    Span,
    report_json,
    without_scores,
)
from vertrauenskonto.render.access_report_sheet import report_sheet
from vertrauenskonto.render.numbers import long_day
from vertrauenskonto.render.sheets import sheet_html, sheet_pdf

Format = Literal["html", "pdf", "json"]

_FROM_YOU = Text("von Ihnen oder von uns eingetragen", "told by you or entered by us")
_REVERSED = Text("storniert: zählt nicht", "reversed: does not count")
_REVERSAL = Text("Storno: hebt eine Buchung auf", "reversal: voids an entry")
_LATER = Text("liegt in der Zukunft: zählt noch nicht", "lies ahead: does not count yet")
_CONTACT = Text("ohne Punkte; beendet eine Stille", "without points; ends a silence")
_COUNTS = Text("zählt", "counts")
_STORED = Text("nur gespeichert, wird nicht bewertet", "stored only, not evaluated")


def access_report(
    viewer: Viewer,
    key: str,
    *,
    form: Format,
    language: Language,
    as_of: date,
    with_scores: bool = True,
) -> bytes:
    """Return the access report of the customer whom the viewer calls `key`, as a file's bytes.

    The same input on the same day gives the same bytes. The caller notes the reading.
    `with_scores` False: balance, verdicts and weights are left out, and the report says so.

    Raises:
        NotFound: there is no such customer for this viewer, or it was erased.
        Denied: the viewer may not lead: such reports are given to customers, not looked up.
    """
    report = gathered(viewer, key, as_of=as_of)
    if not with_scores:
        report = without_scores(report)
    if form == "json":
        return report_json(report).encode()
    sheet = report_sheet(report, language)
    return sheet_pdf(sheet) if form == "pdf" else sheet_html(sheet).encode()


def gathered(viewer: Viewer, key: str, *, as_of: date) -> AccessReport:
    """Return what the report says, as values; as `access_report`."""
    require(viewer, "lead")
    root = customer_id(viewer, key)
    processing = privacy.history(root)
    if processing.state == "erased":
        raise NotFound(
            Text(
                de=f"„{key}“ ist gelöscht; es ist nichts mehr da, worüber Auskunft zu geben wäre.",
                en=f"'{key}' was erased; nothing is left to report on.",
            )
        )
    family = privacy.family(root)
    history = _history()
    told = (
        _explained(root, history, as_of)
        if history is not None and processing.state == "normal"
        else None
    )
    policy = history.in_force(as_of) if history is not None and told is not None else None
    return AccessReport(
        key=shown_key(viewer, models.Customer.objects.values_list("key", flat=True).get(pk=root)),
        made_on=as_of,
        controller=settings.COMPANY,
        privacy_contact=settings.PRIVACY_CONTACT,
        state=STATE_WORDS[processing.state],
        changes=tuple(
            Change(on=c.recorded_date, state=STATE_WORDS[c.state], reason=reason_words(c.reason))
            for c in processing.changes
        ),
        identity=(
            *_identity(family),
            *message_reports.reported(family),
            *relation_reports.reported(family),
        ),
        lines=_lines(family, told, history, as_of),
        promises=promises_told(family),
        recovery=tuple(_recovery(family)),
        charges=_charges(told),
        spans=_spans(family),
        valuation=told.valuation if told else None,
        policy=policy,
        recipients=_recipients(family),
        looks=readings.counts(family),
        kept=tuple(
            Kept(what=rule.what, days=rule.days, ground=rule.ground) for rule in privacy.retention()
        ),
    )


def _history() -> PolicyHistory | None:
    try:
        return policies.history()
    except NotFound:
        return None


def _explained(root: int, history: PolicyHistory, as_of: date) -> Explanation:
    policy = history.in_force(as_of)
    account = ledger.accounts([root], policy=policy)[root]
    return explanation(account, policy.for_segment(account.segment), as_of=as_of)


_LANGUAGES = {"de": Text("Deutsch", "German"), "en": Text("Englisch", "English")}


def _identity(family: Collection[int]) -> tuple[Datum, ...]:
    """Return what names the person, each with its source; nothing twice."""
    found: list[Datum] = []

    def add(what: Text, value: str | Text, source: Text = _FROM_YOU) -> None:
        datum = Datum(what=what, value=value, source=source)
        if value and datum not in found:
            found.append(datum)

    sorts = {
        "person": Text("Person", "person"),
        "organisation": Text("Organisation", "organisation"),
    }
    for profile in models.Profile.objects.filter(pk__in=family).order_by("pk"):
        add(Text("Name", "Name"), profile.name)
        sort = sorts.get(profile.sort, Text(profile.sort, profile.sort))
        add(Text("Art", "Sort"), sort if profile.sort else "")
        if profile.is_prospect:
            add(Text("Interessent", "Prospect"), Text("ja", "yes"))
        tongue = _LANGUAGES.get(profile.language, profile.language)
        add(Text("Sprache", "Language"), tongue)
    for contact in models.Contact.objects.filter(customer_id__in=family).order_by("pk"):
        add(Text("Ansprechpartner bei Ihnen", "Contact at your side"), contact.name)
        add(Text("Funktion", "Function"), contact.function)
        add(Text("E-Mail", "E-mail"), contact.email)
        add(Text("Telefon", "Phone"), contact.phone)
        place = " ".join(part for part in (contact.address, contact.postcode) if part)
        add(Text("Anschrift", "Address"), place.replace("\n", ", "))
    for row in models.ExternalId.objects.filter(customer_id__in=family).order_by("pk"):
        source = Text(f"System „{row.system}“", f"system '{row.system}'")
        add(Text(f"Kennung in {row.system}", f"Id in {row.system}"), row.value, source)
    by_hand = Text("von uns zugeordnet", "assigned by us")
    segments = models.Membership.objects.filter(customer_id__in=family).order_by("pk")
    for customer_segment in dict(segments.values_list("customer_id", "segment")).values():
        add(Text("Kundengruppe", "Segment"), customer_segment, by_hand)
    attributes = models.Attribute.objects.filter(customer_id__in=family).order_by("pk")
    latest = {(a.customer_id, a.name): a.value for a in attributes}
    imported = Text("aus den angeschlossenen Systemen", "from the systems connected")
    for (_, name), value in latest.items():
        add(Text(name, name), value, imported)
    parents = models.Parent.objects.filter(customer_id__in=family).order_by("pk")
    for parent in dict(parents.values_list("customer_id", "parent__key")).values():
        add(Text("Gehört zu", "Belongs to"), parent or "", by_hand)
    merged = models.Customer.objects.filter(pk__in=family).order_by("pk")
    for key in merged.values_list("key", flat=True):
        add(
            Text("Kontokennung", "Account key"),
            key,
            Text("zufällig erzeugt", "made at random"),
        )
    return tuple(found)


def _recovery(family: Collection[int]) -> Iterator[Datum]:
    """Return what was said and done in recovery cases, in order."""
    for case in models.Case.objects.filter(customer__in=family).order_by("pk"):
        day = case.incident_date
        source = Text(f"Fall zum {long_day(day, 'de')}", f"case of {long_day(day, 'en')}")
        state = STATE_LABELS[cast("State", case.state)]
        yield Datum(what=Text("Stand", "State"), value=state, source=source)
        if case.incident:
            yield Datum(
                what=Text("Was geschehen ist", "What happened"), value=case.incident, source=source
            )
        for step in models.CaseStep.objects.filter(case=case).order_by("pk"):
            known = step_of(cast("Path", case.path), step.what)
            label = known.label if known else DECISION_LABELS[cast("Decision", step.what)]
            told = [f"{step.on_date.isoformat()}", *step.words.values()]
            if step.survey:
                told.append(", ".join(map(str, step.survey)))
            yield Datum(what=label, value="; ".join(told), source=source)


def _lines(
    family: Collection[int],
    told: Explanation | None,
    history: PolicyHistory | None,
    as_of: date,
) -> tuple[Line, ...]:
    parts: dict[str, list[Part]] = defaultdict(list)
    for part in told.postings if told else ():
        parts[part.entry.id].append(
            Part(
                dimension=part.dimension,
                points=part.points,
                weight=part.weight,
                counts=part.contribution,
            )
        )
    rows = (
        models.Entry.objects.filter(customer_id__in=family)
        .select_related("transaction")
        .order_by("value_date", "recorded_date", "pk")
    )
    found = list(rows)
    reversed_ids = {row.reverses_id for row in found}
    notes, files = _texts(found)
    kinds = _kinds(history)
    lines = []
    for row in found:
        kind = kinds.get(row.kind)
        own = parts.get(ledger.entry_id(row.source, row.source_id), [])
        stored = [
            Part(dimension=d, points=points / HUNDREDTHS, weight=None, counts=None)
            for d in DIMENSIONS
            if (points := getattr(row, d))
        ]
        lines.append(
            Line(
                value_date=row.value_date,
                recorded_date=row.recorded_date,
                kind=row.kind,
                label=kind.label if kind else Text(row.kind or "Storno", row.kind or "Reversal"),
                why=kind.why if kind else NO_TEXT,
                status=_status(row, told=told, is_reversed=row.pk in reversed_ids, as_of=as_of),
                source=row.source,
                source_id=row.source_id,
                channel=row.transaction.channel,
                policy=row.policy,
                remark=REMARKS.get(row.remark),
                reason=row.reason,
                note=notes.get(row.pk, ""),
                attachments=files.get(row.pk, ()),
                parts=tuple(own or stored),
            )
        )
    return tuple(lines)


def _status(row: models.Entry, *, told: Explanation | None, is_reversed: bool, as_of: date) -> Text:
    if row.reverses_id is not None:
        return _REVERSAL
    if is_reversed:
        return _REVERSED
    if told is None:
        return _STORED
    if row.value_date > as_of:
        return _LATER
    return _COUNTS if row.willing or row.able or row.assessable else _CONTACT


def _texts(
    rows: Collection[models.Entry],
) -> tuple[Mapping[int, str], Mapping[int, tuple[str, ...]]]:
    """Return the notes and the names of attached files of entries, by row number."""
    named = {bytes(r.note_commitment): r.pk for r in rows if r.note_commitment is not None}
    texts = models.Note.objects.filter(pk__in=list(named)).order_by("pk")
    notes = {named[bytes(c)]: text for c, text in texts.values_list("commitment", "text")}
    evidence = models.Evidence.objects.filter(entry_id__in=[r.pk for r in rows]).order_by("pk")
    attached = {bytes(c): pk for c, pk in evidence.values_list("commitment", "entry_id")}
    files: dict[int, tuple[str, ...]] = {}
    names = models.Attachment.objects.filter(pk__in=list(attached)).order_by("name")
    for commitment, name in names.values_list("commitment", "name"):
        entry = attached[bytes(commitment)]
        files[entry] = (*files.get(entry, ()), name)
    return notes, files


def _kinds(history: PolicyHistory | None) -> dict[str, Kind]:
    """Return every kind that any version knows, as the latest of them words it."""
    found: dict[str, Kind] = {}
    for version in history.versions if history else ():
        rules: Policy = version
        found |= rules.kinds
        for segment in rules.segments:
            found = {**segment.kinds, **found}
    return found


def _charges(told: Explanation | None) -> tuple[Charge, ...]:
    return tuple(
        Charge(
            due=charge.due,
            since=charge.since,
            points=charge.points,
            weight=charge.weight,
            counts=charge.contribution,
        )
        for charge in (told.charges if told else ())
    )


def _spans(family: Collection[int]) -> tuple[Span, ...]:
    rows = models.Suspension.objects.filter(customer_id__in=family).order_by("starts_date", "pk")
    return tuple(
        Span(
            starts=row.starts_date,
            ends=row.ends_date,
            recorded=row.recorded_date,
            reason=row.reason,
        )
        for row in rows
    )


def _recipients(family: Collection[int]) -> tuple[Recipient, ...]:
    """Return the systems that are told things, with how often they were told of this person.

    Deliveries are kept 30 days; what was told before is known by its sort only.
    """
    keys = set(
        models.Customer.objects.filter(pk__in=family).order_by("pk").values_list("key", flat=True)
    )
    times: Counter[int] = Counter()
    sent = models.Delivery.objects.filter(state="delivered").order_by("pk")
    for endpoint, body in sent.values_list("endpoint_id", "body").iterator():
        data = body.get("data", {}) if isinstance(body, dict) else {}
        told = data.get("entries", [data])
        times[endpoint] += any(item.get("customer") in keys for item in told)
    with_names = Text(
        "dass etwas gebucht wurde, mit Ihrem Namen; kein Kontostand",
        "that something was booked, with your name; no balance",
    )
    without = Text(
        "dass etwas gebucht wurde, ohne Namen und ohne Kontostand",
        "that something was booked, without name and without balance",
    )
    return tuple(
        Recipient(
            name=urlsplit(row.url).hostname or row.url,
            what=with_names if row.with_names else without,
            times=times[row.pk],
        )
        for row in models.Endpoint.objects.order_by("pk")
    )
