"""What mails and chat messages say of duties: counts and a link, names only where they may be."""

from collections.abc import Mapping, Sequence
from datetime import date

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.render.numbers import count, long_day

# How many names are written out; callers give one more to show that there are more.
NAMES_MAX = 20
WEEKDAYS = (
    Text("Montag", "Monday"),
    Text("Dienstag", "Tuesday"),
    Text("Mittwoch", "Wednesday"),
    Text("Donnerstag", "Thursday"),
    Text("Freitag", "Friday"),
    Text("Samstag", "Saturday"),
    Text("Sonntag", "Sunday"),
)
_NEWS = {
    "opened": Text("neu", "new"),
    "overdue": Text("überfällig geworden", "now overdue"),
}


def digest_mail(
    counts: Mapping[str, int],
    names: Sequence[str],
    *,
    today: date,
    urls: Mapping[str, str],
    language: Language,
) -> tuple[str, str]:
    """Return subject and text of a summary.

    `counts`: `waiting`, of them `overdue` and `new`, and `escalated` of the whole company (0: not
    told); `promises` in danger, of them `promises_overdue`. `urls`: `duties`, `promises` and
    `settings`.
    """
    waiting, overdue = counts["waiting"], counts["overdue"]
    subject = Text(
        f"Vertrauenskonto: {_duties(waiting, 'de')}" + (f", {overdue} überfällig" * bool(overdue)),
        f"Vertrauenskonto: {_duties(waiting, 'en')}" + (f", {overdue} overdue" * bool(overdue)),
    )
    promised = counts.get("promises", 0)
    if not waiting and promised:
        subject = Text(
            f"Vertrauenskonto: {_promises(promised, 'de')} in Gefahr",
            f"Vertrauenskonto: {_promises(promised, 'en')} at risk",
        )
    elif not waiting:
        subject = Text("Vertrauenskonto: überfällige Aufgaben", "Vertrauenskonto: overdue duties")
    lines = [
        Text("Guten Tag,", "Hello,").in_language(language),
        "",
        *_sentences(counts, today, language),
        *_named(names, language),
        "",
        *_where(counts, urls, language),
        "",
        *_ending(urls, language),
    ]
    return subject.in_language(language), "\n".join(lines) + "\n"


def chat_message(
    counts: Mapping[str, int], names: Sequence[str], *, url: str, language: Language
) -> tuple[str, str]:
    """Return title and text of a chat message: how many duties are new and how many overdue."""
    told = [
        f"{count(number, language)} {_NEWS[sort].in_language(language)}"
        for sort, number in counts.items()
        if number
    ]
    title = Text("Vertrauenskonto: Aufgaben", "Vertrauenskonto: duties").in_language(language)
    lines = [", ".join(told), *_named(names, language), url]
    return title, "\n".join(line for line in lines if line)


def trial_message(*, url: str, language: Language) -> tuple[str, str]:
    """Return title and text of a message that only shows that it arrives."""
    title = Text("Vertrauenskonto: Testnachricht", "Vertrauenskonto: test message")
    text = Text(
        "Hier erscheinen künftig neue und überfällige Aufgaben.",
        "New and overdue duties will appear here.",
    )
    return title.in_language(language), f"{text.in_language(language)}\n{url}".strip()


def _sentences(counts: Mapping[str, int], today: date, language: Language) -> list[str]:
    waiting, overdue, new = counts["waiting"], counts["overdue"], counts["new"]
    day = Text(long_day(today, "de"), long_day(today, "en"))
    lines = []
    if waiting:
        lines.append(
            Text(
                f"am {day.de} {'wartet' if waiting == 1 else 'warten'} auf Sie "
                f"{_duties(waiting, 'de')}.",
                f"on {day.en} {_duties(waiting, 'en')} {'is' if waiting == 1 else 'are'} waiting "
                "for you.",
            )
        )
        lines.append(
            Text(
                f"Neu seit der letzten Mail: {count(new, 'de')}. Überfällig: "
                f"{count(overdue, 'de')}.",
                f"New since the last mail: {count(new, 'en')}. Overdue: {count(overdue, 'en')}.",
            )
        )
    if counts["escalated"]:
        lines.append(
            Text(
                f"Überfällig im ganzen Haus: {count(counts['escalated'], 'de')}.",
                f"Overdue in the whole company: {count(counts['escalated'], 'en')}.",
            )
        )
    if promised := counts.get("promises", 0):
        late = counts["promises_overdue"]
        lines.append(
            Text(
                f"In Gefahr: {_promises(promised, 'de')}, davon überfällig: {count(late, 'de')}.",
                f"At risk: {_promises(promised, 'en')}, of them overdue: {count(late, 'en')}.",
            )
        )
    return [line.in_language(language) for line in lines]


def _where(counts: Mapping[str, int], urls: Mapping[str, str], language: Language) -> list[str]:
    """Return where to see what is told; whoever has no duty is not sent to duties."""
    promised = counts.get("promises", 0)
    lines = [Text("Ansehen: ", "See them: ").in_language(language) + urls["duties"]]
    if not counts["waiting"] and not counts["escalated"]:
        lines = []
    if promised:
        told = Text("Zusagen ansehen: ", "See the promises: ").in_language(language)
        lines.append(told + urls["promises"])
    return lines


def _promises(number: int, language: Language) -> str:
    one, many = ("Zusage", "Zusagen") if language == "de" else ("promise", "promises")
    return f"{count(number, language)} {one if number == 1 else many}"


def _named(names: Sequence[str], language: Language) -> list[str]:
    if not names:
        return []
    more = Text("und weitere", "and others").in_language(language)
    rest = [f"– {more}"] if len(names) > NAMES_MAX else []
    return ["", *(f"– {name}" for name in names[:NAMES_MAX]), *rest]


def _ending(urls: Mapping[str, str], language: Language) -> list[str]:
    return [
        Text(
            "Wann und ob Sie diese Mail bekommen, stellen Sie hier ein:",
            "When and whether you get this mail, you decide here:",
        ).in_language(language),
        urls["settings"],
    ]


def _duties(number: int, language: Language) -> str:
    one, many = ("Aufgabe", "Aufgaben") if language == "de" else ("duty", "duties")
    return f"{count(number, language)} {one if number == 1 else many}"
