"""One line of the list of customers, in words."""

from dataclasses import dataclass
from datetime import timedelta

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.balance import RUNWAY_DAYS_MAX
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.db.queries.customer_list import CustomerLine
from vertrauenskonto.render.words import DIMENSION_LABELS, reason_word
from vertrauenskonto.web.templatetags.words import short_day, spoken, words

# Columns of the table in their order: what sorts them, their names, and whether they hold numbers.
HEADINGS = (
    ("name", Text("Name", "Name"), False),
    ("balance", Text("Stand", "Balance"), True),
    ("change", Text("Veränderung", "Change"), True),
    ("reach", Text("Reicht bis", "Lasts until"), False),
    ("weakest", Text("Am schwächsten", "Weakest"), False),
    ("contact", Text("Letzter Kontakt", "Last contact"), False),
)
_KEY_SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line as the template writes it; without a balance only the first three are filled."""

    key: str
    called: str
    is_prospect: bool
    balance: float | None
    change: float | None
    is_below: bool
    reach: str
    weakest: str
    weak_sort: str
    contact: str


def shown_line(line: CustomerLine) -> Line:
    """Return a line in the language of the page."""
    return Line(
        key=line.key,
        called=line.name or f"{line.key[:_KEY_SHOWN]}…",
        is_prospect=line.is_prospect,
        balance=line.balance,
        change=line.change,
        is_below=bool(line.below_threshold),
        reach=reach_words(line),
        weakest=weakest_words(line),
        weak_sort=line.weakest_reason or "" if line.weakest_verdict != "yes" else "",
        contact=short_day(line.last_contact)
        if line.last_contact
        else words("noch keiner", "none yet"),
    )


def reach_words(line: CustomerLine) -> str:
    """Return until when an account suffices if nothing happens."""
    if line.balance is None:
        return ""
    if line.below_threshold:
        return words("unter der Schwelle", "below the threshold")
    if line.falls is None:
        years = RUNWAY_DAYS_MAX // 365
        return words(f"länger als {years} Jahre", f"over {years} years")
    return short_day(line.falls - timedelta(days=1))


def weakest_words(line: CustomerLine) -> str:
    """Return the weakest precondition and why it is: damaged, or not yet proven."""
    if line.weakest is None or line.weakest_reason is None:
        return ""
    label = spoken(next(DIMENSION_LABELS[d] for d in DIMENSIONS if d == line.weakest))
    if line.weakest_verdict == "yes":
        return f"{label}: {words('ja', 'yes')}"
    return f"{label}: {spoken(reason_word(line.weakest_reason))}"
