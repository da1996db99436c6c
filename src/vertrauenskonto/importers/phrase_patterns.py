"""Where time words stand in a sentence, German and English: the patterns and their rules.

The earliest and longest match wins. What the words mean is in `phrase_rules`.
"""

from dataclasses import replace
from datetime import date, time

from vertrauenskonto.core.errors import Language
from vertrauenskonto.importers.phrase_rules import (
    DAYPART,
    NOON,
    PAST,
    RECURRING,
    VAGUE,
    Reading,
    Rule,
    always,
    by_calendar_week,
    by_clock,
    by_day_of_month,
    by_half_hour,
    by_month,
    by_month_part,
    by_name,
    by_numbers,
    by_slashes,
    by_span,
    by_week,
    by_weekday,
    by_weekend,
    days_later,
)
from vertrauenskonto.importers.phrase_words import pattern


def readings(sentence: str, *, language: Language, today: date) -> list[Reading]:
    """Return what the time words of a sentence say when written on `today`, in order of place."""
    found: list[tuple[int, int, Reading]] = []
    for regex, rule in _RULES[language]:
        for match in regex.finditer(sentence):
            try:
                reading = rule(match, today)
            except (LookupError, OverflowError, ValueError):  # the 31st of June, a long ſ
                reading = None
            if reading is not None:
                found.append((match.start(), -match.end(), reading))
    chosen: list[Reading] = []
    place = 0
    for start, minus_end, reading in sorted(found, key=lambda hit: hit[:2]):
        if start >= place:
            words = sentence[start:-minus_end]
            # The dot after a number belongs to it, the one after a word ends the sentence.
            kept = (
                words.rstrip()
                if words.rstrip(". ")[-1:].isdecimal()
                else words.rstrip(" \t\xa0\n.")
            )
            first = start + len(words) - len(words.lstrip())
            chosen.append(replace(reading, start=first, end=start + len(kept)))
            place = -minus_end
    return chosen


_MONTH_DE = (
    r"(?P<month>januar|jänner|jan|februar|feber|feb|märz|mrz|april|apr|mai|juni|jun|juli|jul"
    r"|august|aug|september|sept|sep|oktober|okt|november|nov|dezember|dez)\b\.?"
)
_MONTH_EN = (
    r"(?P<month>january|jan|february|feb|march|mar|april|apr|may|june|jun|july|jul|august|aug"
    r"|september|sept|sep|october|oct|november|nov|december|dec)\b\.?"
)
_YEAR = r"(?:,? (?P<y>20\d\d))?(?!\d)"
_NUMBER_DE = (
    r"\d{1,3}|eine[mnrs]?|ein|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|vierzehn"
    r"|dreißig"
)
_NUMBER_EN = (
    r"\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fourteen|thirty"
)
_UNTIL_DE = (
    r"(?:bis(?: zum| zur| zu| spätestens| allerspätestens)?|spätestens|am|ab(?: dem)?|zum|noch) "
)
_UNTIL_EN = r"(?:no later than|by|on|before|until|till|from|at) "
_ANY = rf"(?:{_UNTIL_DE})?(?:spätestens )?(?:am |zum )?"
_ANY_EN = rf"(?:{_UNTIL_EN})?(?:the )?"
_WEEKDAY_DE = (
    rf"(?:{_UNTIL_DE})?(?:spätestens )?(?:am |zum |den )?(?:gleich )?"
    r"(?P<which>nächste[nrm]?|kommende[nrm]?|diese[nrm]?|letzte[nrm]?|vergangene[nrm]?|vorige[nrm]?)?"
    r"\s?\b(?P<day>montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)"
    r"\s?(?P<part>mittag|vormittag|nachmittag|abend|früh|morgen)?\b"
)
_SHORT_DE = (
    r"(?:am|bis|bis zum) (?P<which>nächsten|kommenden)?\s?\b(?P<day>(?-i:Mo|Di|Mi|Do|Fr|Sa|So|mo|di|mi|do|fr|sa))"
    r"(?P<part>)\b\.?"
)
_WEEKDAY_EN = (
    rf"(?:{_UNTIL_EN})?(?:the )?(?:first thing |early )?(?:on )?"
    r"(?P<which>this coming|next|coming|this|last|past)?\s?\b"
    r"(?P<day>monday|mon|tuesday|tues|tue|wednesday|wed|thursday|thurs|thur|thu|friday|fri|saturday"
    r"|sat(?! (?:on|in|at))|sunday)(?: (?P<part>noon|morning|afternoon|evening|night|lunchtime))?\b"
)

_GERMAN: tuple[tuple[str, Rule], ...] = (
    (
        r"\b(?:vor)?gestern\b|\bheute (?:morgen|früh)\b(?= leider| nicht)|\bvon (?:heute|gestern)(?: morgen| früh)?\b|\bneulich\b|\bkürzlich\b|\bvorhin\b",
        always(PAST),
    ),
    (r"\b(?:letzte|vergangene|vorige)[nrms]? (?:woche|monat|jahr)\w*\b", always(PAST)),
    (
        rf"\b(?:vom|seit(?: dem)?) (?:\d{{1,2}}\.(?: ?\d{{1,2}}\.(?:\d{{2,4}})?| {_MONTH_DE}{_YEAR})|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)",
        always(PAST),
    ),
    (rf"\b{_ANY}übermorgen(?: (?:früh|vormittag|nachmittag|abend))?\b", days_later(2)),
    (rf"\b{_ANY}übermorgen mittag\b", days_later(2, time(12))),
    (
        rf"\b(?:gleich )?{_ANY}morgen(?: (?:früh|vormittag|nachmittag|abend|im laufe des tages))?\b",
        days_later(1),
    ),
    (rf"\b{_ANY}morgen mittag\b", days_later(1, time(12))),
    (
        rf"\b{_ANY}(?:heute|heut)(?: noch)?(?: (?:früh|morgen|vormittag|nachmittag|abend))?\b",
        days_later(0),
    ),
    (rf"\b{_ANY}heute mittag\b", days_later(0, time(12))),
    (r"\bgut(?:en|e[nr]) (?:morgen|tag|abend)\b", always(PAST)),
    (
        r"\b(?:jeden|jede|jeweils am) (?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag|tag|woche|monat|werktag)\b|\b(?:wöchentlich|monatlich|täglich)\b|\balle (?:zwei|drei|\d) (?:tage|wochen|monate)\b",
        always(RECURRING),
    ),
    (rf"\b{_WEEKDAY_DE}", by_weekday),
    (rf"\b{_SHORT_DE}", by_weekday),
    (
        r"\b(?:bis |im laufe |gegen )?(?:zum |zu )?(?P<part>anfang|beginn|mitte|ende)?\s?(?:der |von )?(?P<which>übernächste[nr]?|nächste[nr]?|kommende[nr]?|folgende[nr]?|diese[nr]?|der) woche\b",
        by_week,
    ),
    (r"\b(?P<part>wochenmitte|wochenanfang)(?P<which>)\b", by_week),
    (
        r"\b(?:bis )?(?:in )?(?:der )?(?P<part>anfang|mitte|ende)?\s?(?:der )?(?:kw|kalenderwoche)\s?(?P<number>\d{1,2})(?P<number2>)\b",
        by_calendar_week,
    ),
    (
        r"\b(?:bis )?(?:in )?(?:der )?(?P<part>anfang|mitte|ende)?\s?(?:der )?(?P<number>)(?P<number2>\d{1,2})\. ?(?:kw|kalenderwoche)\b",
        by_calendar_week,
    ),
    (r"\b(?:am |zum |übers |bis zum )wochenende\b", by_weekend),
    (rf"\b(?:bis )?(?:zum |zu )?(?P<part>anfang|mitte|ende) (?:{_MONTH_DE})", by_month_part),
    (
        r"\b(?:bis )?(?:zum |zu )?(?P<part>anfang|mitte|ende) (?:von )?(?P<month>(?:des|dieses|nächsten|kommenden) (?:monats|jahres|quartals))\b",
        by_month_part,
    ),
    (r"\b(?:bis )?(?:zum |zu )?(?P<part>)(?P<month>monats|jahres|quartals)ende\b", by_month_part),
    (rf"\b(?:bis|im)(?: spätestens)? {_MONTH_DE}", by_month),
    (rf"\b{_ANY}(?:den |dem )?(?P<d>\d{{1,2}})\. ?{_MONTH_DE}{_YEAR}", by_name),
    (
        rf"\b{_ANY}(?:den |dem )?(?P<d>\d{{1,2}})\. ?(?P<m>\d{{1,2}})\.(?: ?(?P<y>20\d\d|\d\d))?(?!\d)",
        by_numbers,
    ),
    (rf"\b{_ANY}(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b", by_numbers),
    (
        r"\b(?:spätestens )?(?:am|bis zum|zum|bis|den|dem|bis spätestens(?: zum| am)?) (?:den )?(?P<d>\d{1,2})\.(?! ?\d)(?! (?:etage|stock|og|quartal|kw|kalenderwoche))(?: (?:dieses|des) monats)?",
        by_day_of_month,
    ),
    (
        rf"\b(?:in|innerhalb(?: von)?|binnen)(?: den| der)?(?: nächsten| kommenden)? (?P<number>{_NUMBER_DE})(?:\s?(?:-|–|bis|oder) ?(?P<to>{_NUMBER_DE}))? ?(?P<unit>minuten?|stunden?|std|tage[ns]?|tag|werktage[ns]?|arbeitstage[ns]?|kalendertage[ns]?|wochen?|monate?[ns]?)\b",
        by_span,
    ),
    (r"\b(?:in|binnen|innerhalb) einer halben stunde\b", by_half_hour),
    (
        r"\b(?:in|innerhalb)(?: den| der)? (?:nächsten|kommenden|ein paar|einigen|wenigen) (?:minuten|stunden|tagen?|wochen|monaten?)\b|\b(?:in kürze|zeitnah|umgehend|unverzüglich|schnellstmöglich|baldmöglichst|demnächst|in bälde)\b",
        always(VAGUE),
    ),
    (
        r"\b(?:um |gegen |ab |von |zwischen |bis )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))?(?: uhr)?\s?(?:-|–|bis|und) ?(?P<hour2>\d{1,2})(?:[:.](?P<minute2>\d\d))? ?uhr\b",
        by_clock,
    ),
    (
        r"\b(?:um |gegen |ab |bis |bis spätestens )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?:uhr|h)\b",
        by_clock,
    ),
    (r"\b(?:bis |um |ab )?(?P<hour>\d{1,2}):(?P<minute>\d\d)\b", by_clock),
    (
        r"\bum (?P<hour>\d{1,2}|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf)(?! ?(?:%|€|euro|prozent|tage|wochen|cent|grad|meter|mm|cm|\d))\b",
        by_clock,
    ),
    (
        r"\b(?:um |bis )?(?P<half>halb) (?P<hour>\d{1,2}|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf)\b",
        by_clock,
    ),
    (r"\b(?:bis |gegen )?(?:mittags?)\b", always(NOON)),
    (
        r"\b(?:bis |zum )?(?:feierabend|geschäftsschluss|tagesende|ende des tages|büroschluss|mitternacht)\b",
        always(DAYPART),
    ),
    (r"\b(?:bis )?zu(?:m| ende) (?:des )?tages\b", always(DAYPART)),
)

_ENGLISH: tuple[tuple[str, Rule], ...] = (
    (
        r"\byesterday\b|\bthis morning\b|\blast (?:week|month|night|year)\b|\b(?:days?|weeks?|hours?|months?) ago\b|\bpreviously\b",
        always(PAST),
    ),
    (
        rf"(?:\b(?:of|since|dated)|\b(?:mail|email|letter|call|invoice|message|order|chat|documents?|note|quote|report|meeting) from) (?:\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH_EN}{_YEAR}|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday)\b",
        always(PAST),
    ),
    (rf"\b{_ANY_EN}day after tomorrow\b", days_later(2)),
    (
        rf"\b(?:first thing |early |{_UNTIL_EN})?(?:tomorrow|tmrw|tmr|tomorow|tommorow|tommorrow)(?: (?:morning|afternoon|evening|night|lunchtime))?\b",
        days_later(1),
    ),
    (r"\b(?:later |by )?(?:today|tonight|this (?:afternoon|evening))\b", days_later(0)),
    (
        r"\b(?:every|each) (?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|day|week|month|working day)\b|\b(?:weekly|monthly|daily)\b",
        always(RECURRING),
    ),
    (rf"\b{_WEEKDAY_EN}", by_weekday),
    (
        rf"\b(?:{_UNTIL_EN}|in )?(?:the )?(?P<part>early|later|late|beginning of|start of|middle of|mid|end of)?[\s-]?(?:the )?(?P<which>next|this|coming|following|the) week(?!end| on| from)\b",
        by_week,
    ),
    (rf"\b(?:{_UNTIL_EN})?(?P<part>eow|midweek|mid-week)(?P<which>)\b", by_week),
    (
        r"\b(?:in |by )?(?P<part>early|late|mid|end of|beginning of)?\s?(?:cw|kw|calendar week|week) ?(?P<number>\d{1,2})(?P<number2>)\b",
        by_calendar_week,
    ),
    (r"\b(?:at|on|over|by) the weekend\b", by_weekend),
    (
        rf"\b(?:{_UNTIL_EN}|in )?(?:the )?(?P<part>early|beginning of|start of|middle of|mid|late|end of)[\s-]?(?:{_MONTH_EN})",
        by_month_part,
    ),
    (
        rf"\b(?:{_UNTIL_EN}|in )?(?:the )?(?P<part>early|beginning of|start of|middle of|mid|end of)[\s-]?(?P<month>(?:the |this |next )?(?:month|quarter|year))\b",
        by_month_part,
    ),
    (r"\b(?:by )?(?P<part>)(?P<month>month|quarter|year)[\s-]end\b", by_month_part),
    (rf"\b(?:by|in) {_MONTH_EN}(?! \d)", by_month),
    (rf"\b{_ANY_EN}(?P<d>\d{{1,2}})(?:st|nd|rd|th)? ?(?:of )?{_MONTH_EN}{_YEAR}", by_name),
    (
        rf"\b{_ANY_EN}{_MONTH_EN} ?(?:the )?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:]){_YEAR}",
        by_name,
    ),
    (rf"\b{_ANY_EN}(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})(?:/(?P<y>20\d\d|\d\d))?(?![\d/])", by_slashes),
    (rf"\b{_ANY_EN}(?P<d>\d{{1,2}})\.(?P<m>\d{{1,2}})\.(?:(?P<y>20\d\d|\d\d))?(?!\d)", by_numbers),
    (rf"\b{_ANY_EN}(?P<y>20\d\d)-(?P<m>\d\d)-(?P<d>\d\d)\b", by_numbers),
    (
        rf"\b{_ANY_EN}(?P<d>\d{{1,2}})(?:st|nd|rd|th)\b(?! (?:of|floor|time|attempt|line|level|quarter))",
        by_day_of_month,
    ),
    (
        rf"\b(?:with)?in(?: the)?(?: next)? (?P<number>{_NUMBER_EN})(?: ?(?:-|–|to|or) ?(?P<to>{_NUMBER_EN}))?[\s-]?(?P<unit>minutes?|mins?|hours?|hrs?|h|days?|working days?|business days?|weekdays?|calendar days?|weeks?|fortnight|months?)\b",
        by_span,
    ),
    (
        rf"\bgive (?:me|us) (?P<number>{_NUMBER_EN})(?: ?(?:-|–|to|or) ?(?P<to>{_NUMBER_EN}))? (?P<unit>minutes?|hours?|days?|working days?|business days?|weeks?)\b",
        by_span,
    ),
    (r"\b(?:with)?in half an hour\b", by_half_hour),
    (
        r"\b(?:with)?in(?: the)? (?:next|coming|a) (?:few |couple of )?(?:minutes|hours|days|weeks|months)\b|\b(?:shortly|asap|soon|as soon as possible|in due course)\b",
        always(VAGUE),
    ),
    (
        r"\b(?:between |from )?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d\d))? ?(?:am|pm)?\s?(?:-|–|to|and|until) ?(?P<hour2>\d{1,2})(?:[:.](?P<minute2>\d\d))? ?(?P<suffix>[ap]\.?m\b\.?)",
        by_clock,
    ),
    (
        rf"\b(?:{_UNTIL_EN})?(?P<hour>\d{{1,2}})(?:[:.](?P<minute>\d\d))? ?(?P<suffix>[ap]\.?m\b\.?)",
        by_clock,
    ),
    (rf"\b(?:{_UNTIL_EN})?(?P<hour>\d{{1,2}}):(?P<minute>\d\d)\b", by_clock),
    (
        r"\b(?:at|by) (?P<hour>\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve) o'clock\b",
        by_clock,
    ),
    (
        r"\bat (?P<hour>\d{1,2})(?![\d%:/]|[.,]\d| ?(?:%|percent|days|weeks|am|pm|euro|pounds))\b",
        by_clock,
    ),
    (r"\b(?:by |at |before )?(?:noon|midday)\b", always(NOON)),
    (
        r"\b(?:by |before )?(?:the )?(?:eod|cob|eob|close of (?:business|play)|end of (?:the )?(?:business )?day|end of play|midnight|lunch(?:time)?)\b",
        always(DAYPART),
    ),
)

_RULES = {
    "de": tuple((pattern(source), rule) for source, rule in _GERMAN),
    "en": tuple((pattern(source), rule) for source, rule in _ENGLISH),
}
