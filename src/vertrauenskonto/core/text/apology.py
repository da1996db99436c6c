"""Apology: which parts a draft has, and what weakens them; it asks the writer and decides nothing.

A list finds words, not meanings: a good apology may be worded otherwise, and a draft that passes may
still be insincere. Parts and their order of effect: admission of responsibility, offer of repair,
then regret and explanation; asking for forgiveness works least (Lewicki, Polin & Lount 2016).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from vertrauenskonto.core.errors import Language, Text
from vertrauenskonto.core.text.words import Span, sentences

Part = Literal["reason", "responsibility", "regret", "repair"]
PARTS: tuple[Part, ...] = get_args(Part)
Fault = Literal["conditional", "no_agent", "vague", "forgiveness_first", "but", "others"]
FAULTS: tuple[Fault, ...] = get_args(Fault)

PART_LABELS: Mapping[Part, Text] = {
    "reason": Text("Grund", "Reason"),
    "responsibility": Text("eigene Verantwortung", "Own responsibility"),
    "regret": Text("Bedauern", "Regret"),
    "repair": Text("Wiedergutmachung mit Datum", "Repair with a date"),
}

MISSING: Mapping[Part, Text] = {
    "reason": Text(
        "Steht da, warum es geschehen ist? Der Kunde möchte den Grund erfahren.",
        "Does it say why it happened? The customer would like to know the reason.",
    ),
    "responsibility": Text(
        "Steht da, was wir falsch gemacht haben? Zum Beispiel: „Wir haben Ihren Termin vergessen.“ "
        "Das wirkt von allem am meisten.",
        "Does it say what we did wrong? For example: “We forgot your appointment.” Of all parts this "
        "works most.",
    ),
    "regret": Text(
        "Steht da, dass es uns leidtut?",
        "Does it say that we are sorry?",
    ),
    "repair": Text(
        "Steht da, was wir jetzt tun und bis wann? Nennen Sie einen Tag.",
        "Does it say what we do now and by when? Name a day.",
    ),
}

QUESTIONS: Mapping[Fault, Text] = {
    "conditional": Text(
        "„Falls“ und „wenn“ stellen in Frage, was geschehen ist. Ist es geschehen? Dann sagen Sie es "
        "ohne Bedingung.",
        "“If” casts doubt on what happened. Did it happen? Then say so without a condition.",
    ),
    "no_agent": Text(
        "Hier fehlt, wer es getan hat. War es jemand von uns? Dann schreiben Sie „wir“ oder „ich“.",
        "This leaves out who did it. Was it one of us? Then write “we” or “I”.",
    ),
    "vague": Text(
        "Wann genau? Ein Tag ist besser als ein ungefähres Wort.",
        "When exactly? A day is better than a vague word.",
    ),
    "forgiveness_first": Text(
        "Die Bitte um Verzeihung steht vor dem, was wir falsch gemacht haben. Sie gehört ans Ende, "
        "oder sie entfällt.",
        "The request for forgiveness comes before what we did wrong. It belongs at the end, or it can "
        "go.",
    ),
    "but": Text(
        "Ein „aber“ nach der Entschuldigung nimmt sie zurück. Geht es auch ohne?",
        "A “but” after the apology takes it back. Does it work without?",
    ),
    "others": Text(
        "Das klingt nach Schuld bei anderen. Ist es der Grund, dann sagen Sie auch, was unser Teil "
        "war.",
        "This sounds like blaming others. If it is the reason, say what our part was too.",
    ),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One question to the writer: about a missing part (no place) or a place that weakens it."""

    about: Part | Fault
    question: Text
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What was found: where each part stands (parts that are missing are absent), what to ask."""

    parts: Mapping[Part, Span]
    findings: tuple[Finding, ...]


def checked(text: str, language: Language) -> Draft:
    """Return the parts a draft has and the questions to its writer, missing parts first.

    Args:
        text: the draft, plain text.
        language: the language it is written in; the questions come in both.
    """
    rules = _RULES[language]
    spans = sentences(text, language)
    parts: dict[Part, Span] = {}
    faults: list[Finding] = []
    for span in spans:
        sentence = span.of(text)
        for part, place in _parts(sentence, span.start, rules).items():
            parts.setdefault(part, place)
        faults += _faults(sentence, span.start, rules)
    asking = _first(rules.forgiveness, text, 0)
    admitted = parts.get("responsibility")
    if asking is not None and (admitted is None or asking.start < admitted.start):
        faults.append(_finding("forgiveness_first", asking))
    missing = [Finding(part, MISSING[part]) for part in PARTS if part not in parts]
    faults.sort(key=lambda finding: finding.span or Span(0, 0))
    return Draft(parts=parts, findings=(*missing, *faults))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rules:
    """The patterns of one language."""

    reason: re.Pattern[str]
    responsibility: re.Pattern[str]
    regret: re.Pattern[str]
    repair: re.Pattern[str]
    dated: re.Pattern[str]
    conditional: re.Pattern[str]
    harm: re.Pattern[str]
    no_agent: re.Pattern[str]
    vague: re.Pattern[str]
    forgiveness: re.Pattern[str]
    but: re.Pattern[str]
    others: re.Pattern[str]


def _parts(sentence: str, at: int, rules: _Rules) -> dict[Part, Span]:
    found: dict[Part, Span | None] = {
        "reason": _first(rules.reason, sentence, at),
        "regret": _first(rules.regret, sentence, at),
    }
    # What is said only on a condition is not admitted.
    if not rules.conditional.search(sentence):
        found["responsibility"] = _first(rules.responsibility, sentence, at)
    if rules.dated.search(sentence):
        found["repair"] = _first(rules.repair, sentence, at)
    return {part: span for part, span in found.items() if span is not None}


def _faults(sentence: str, at: int, rules: _Rules) -> list[Finding]:
    found: dict[Fault, Span | None] = {
        "no_agent": _first(rules.no_agent, sentence, at),
        "others": _first(rules.others, sentence, at),
    }
    if rules.harm.search(sentence) or rules.regret.search(sentence):
        found["conditional"] = _first(rules.conditional, sentence, at)
    regret = rules.regret.search(sentence)
    if regret is not None:
        found["but"] = _first(rules.but, sentence[regret.end() :], at + regret.end())
    if rules.repair.search(sentence) and not rules.dated.search(sentence):
        found["vague"] = _first(rules.vague, sentence, at) or _first(rules.repair, sentence, at)
    return [_finding(fault, span) for fault, span in found.items() if span is not None]


def _finding(fault: Fault, span: Span) -> Finding:
    return Finding(fault, QUESTIONS[fault], span)


def _first(pattern: re.Pattern[str], text: str, at: int) -> Span | None:
    match = pattern.search(text)
    return None if match is None else Span(at + match.start(), at + match.end())


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)


_GERMAN = _Rules(
    reason=_any(
        "weil",
        "denn",
        r"(?:der|ein|als) grund",
        "gründe?",
        "ursache",
        "da (?:wir|ich|unser|unsere|mein|meine)",
        r"lag (?:daran|an uns)",
        "dadurch",
        "deshalb",
        "aufgrund",
        "wegen",
        r"nachdem (?:wir|ich)",
        r"statt dessen|stattdessen",
    ),
    responsibility=_any(
        r"(?:unser|mein|unserem|meinem) (?:\w+ )?(?:fehler|versäumnis|verschulden|irrtum)",
        r"verantwortung (?:liegt|tragen|trage|übernehmen|übernehme)",
        r"(?:tragen|trage|übernehmen|übernehme) (?:wir |ich )?(?:dafür )?(?:die )?(?:volle )?verantwortung",
        r"(?:wir|ich) (?:sind|bin|war|waren) (?:dafür )?(?:verantwortlich|schuld)",
        r"lag an (?:uns|mir)",
        r"(?:wir|ich) (?:haben|habe)(?: \S+){0,9} (?:nicht|vergessen|versäumt|übersehen|verwechselt"
        r"|falsch\w*|zu spät|gebrochen|verschwiegen|getäuscht|belogen|enttäuscht|verloren|beschädigt"
        r"|verpasst|unterlassen|liegen lassen|warten lassen|im stich gelassen)",
        r"(?:haben wir|habe ich)(?: \S+){0,9} (?:nicht|vergessen|versäumt|übersehen|verwechselt"
        r"|falsch\w*|zu spät|gebrochen|verschwiegen|getäuscht|belogen|enttäuscht|verloren|beschädigt"
        r"|verpasst|unterlassen|liegen lassen|warten lassen|im stich gelassen)",
        r"(?:wir|ich) (?:sind|bin)(?: \S+){0,5} (?:nicht|zu spät)",
        r"(?:sind wir|bin ich)(?: \S+){0,5} (?:nicht|zu spät)",
        r"(?:wir|ich) (?:hätten|hätte)(?: \S+){0,6} (?:müssen|sollen|dürfen)",
    ),
    regret=_any(
        r"tut (?:mir|uns|es mir|es uns)(?: \w+){0,3} leid",
        r"leid (?:tut|tun)",
        r"leidtut",
        r"bedau(?:ern|re|ere)",
        r"entschuldig(?:e|en)",
        "entschuldigung",
    ),
    repair=_any(
        r"(?:wir|ich) (?:\w+ )?(?:ersetzen|ersetze|reparieren|repariere|liefern|liefere|erstatten"
        r"|erstatte|schicken|schicke|senden|sende|bringen|bringe|holen|hole|kommen|komme|tauschen"
        r"|tausche|überweisen|überweise|beheben|behebe|korrigieren|korrigiere|schreiben|schreibe"
        r"|zahlen|zahle|richten|richte|stellen|stelle|erledigen|erledige)",
        r"(?:ersetzen|ersetze|reparieren|repariere|liefern|liefere|erstatten|erstatte|schicken"
        r"|schicke|senden|sende|bringen|bringe|holen|hole|kommen|komme|tauschen|tausche|überweisen"
        r"|überweise|beheben|behebe|korrigieren|korrigiere|zahlen|zahle|erledigen|erledige)"
        r" (?:wir|ich)",
        r"(?:wir|ich) (?:werden|werde)(?: \S+){1,9} (?:\w*(?:ersetzen|reparieren|liefern|erstatten"
        r"|schicken|senden|bringen|holen|kommen|tauschen|überweisen|beheben|korrigieren|zahlen))",
        r"(?:wir|ich) (?:haben|habe)(?: \S+){1,9} (?:ersetzt|repariert|erstattet|überwiesen|behoben"
        r"|korrigiert|ausgetauscht|nachgeliefert)",
    ),
    dated=_any(
        r"\d{1,2}\.\s*(?:\d{1,2}\.(?:\s*\d{2,4})?|jan\w*|feb\w*|mär\w*|apr\w*|mai|jun\w*|jul\w*"
        r"|aug\w*|sep\w*|okt\w*|nov\w*|dez\w*)",
        r"\d{4}-\d{2}-\d{2}",
        r"(?:montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag)\w*",
        "heute",
        "morgen",
        "übermorgen",
        "gestern",
        r"(?:in|innerhalb von|binnen) (?:\w+|\d+) (?:stunden?|tagen?|werktagen?|wochen?)",
        r"(?:in|bis) (?:der |zur )?(?:kw|kalenderwoche) \d+",
    ),
    conditional=_any(
        "falls",
        "sofern",
        r"sollten? (?:wir|ich|sie|ihnen|es|dies|das|unser\w*|sich)",
        r"(?:wenn|soweit|insofern) (?:wir|ich|sie|ihnen|es|dies|das|unser\w*|sich|etwas|der|die)",
    ),
    harm=_any(
        r"unannehmlichkeit\w*",
        r"verärger\w*",
        r"ärger\w*",
        r"enttäusch\w*",
        r"fehler\w*",
        r"verletz\w*",
        r"gefühl\w*",
        r"entstanden",
        r"schaden\w*",
        r"missverständnis\w*",
        r"unzufrieden\w*",
        r"schief\w*",
        r"falsch\w*",
    ),
    no_agent=_any(
        r"(?:wurde|wurden|worden|ist|sind)(?: \S+){0,6} (?:gemacht|vergessen|versäumt|übersehen"
        r"|verwechselt|unterlassen|schiefgelaufen|passiert|unterlaufen|untergegangen|verloren"
        r"(?: gegangen)?)",
        r"es kam (?:leider )?zu",
        r"(?:ist|sind) (?:leider )?(?:ein |einige )?fehler (?:entstanden|aufgetreten)",
    ),
    vague=_any(
        "so schnell wie möglich",
        "so bald wie möglich",
        "schnellstmöglich",
        "baldmöglichst",
        "zeitnah",
        "umgehend",
        "in kürze",
        "demnächst",
        "bald",
        "schnell",
        "unverzüglich",
    ),
    forgiveness=_any(
        r"verzeih\w*",
        r"vergeb(?:en|ung)\w*",
        r"nehmen sie (?:bitte )?(?:unsere|meine) entschuldigung an",
        r"geben sie uns (?:bitte )?(?:noch )?eine (?:neue |zweite |weitere )?chance",
    ),
    but=_any("aber", "allerdings", "jedoch", "dennoch", "trotzdem", "gleichwohl"),
    others=_any(
        r"(?:unser|der|dem|den|unserem|unseren|vom|durch|wegen) ?(?:\w+ )?(?:lieferant\w*|spediteur\w*"
        r"|spedition|hersteller\w*|zulieferer\w*|dienstleister\w*|paketdienst\w*|subunternehmer\w*"
        r"|praktikant\w*|kollege\w*)",
        r"höhere\w* gewalt",
        r"nicht (?:unsere|meine) schuld",
        r"lag nicht (?:an uns|in unserer|bei uns)",
        r"konnten? (?:wir|ich) (?:ja )?nichts? (?:dafür|ahnen|wissen)",
        r"hätten sie",
        r"sie haben (?:leider|uns|es|ja|auch)",
        r"missverständnis\w* (?:auf )?ihrerseits",
        r"wie (?:allgemein )?üblich",
    ),
)

_BROKEN_EN = (
    r"(?:forgot|missed|failed|overlooked|lost|broke|ignored|misled|lied|damaged|mixed up|confused"
    r"|neglected|withheld|delayed|let you down|kept you waiting|made a \w*\s?mistake|made an error"
    r"|got (?:it|this|that) wrong|were (?:too )?late|was (?:too )?late|did not|didn't|should have"
    r"|should not have|shouldn't have)"
)
_ENGLISH = _Rules(
    reason=_any(
        "because",
        "the reason",
        "reasons?",
        "the cause",
        "due to",
        "owing to",
        r"as (?:we|i|our|my) (?:had|have|did|was|were)",
        "this happened when",
        "caused by",
        "after we",
        "which is why",
        "that is why",
        "instead",
    ),
    responsibility=_any(
        r"(?:our|my) (?:\w+ )?(?:mistake|fault|error|failure|oversight)",
        r"(?:take|accept|bear) (?:the |full )*responsibility",
        r"(?:we|i) (?:are|am|was|were) (?:responsible|to blame|at fault)",
        rf"(?:we|i) (?:\w+ )?{_BROKEN_EN}",
        r"(?:we|i) have (?:\w+ )?(?:forgotten|missed|failed|overlooked|lost|broken|ignored|misled"
        r"|damaged|neglected|withheld|let you down)",
    ),
    regret=_any(
        r"(?:we|i)(?: are| am|'re|'m|’re|’m)(?: \w+){0,2} sorry",
        "sorry",
        r"apologi[sz]e\w*",
        "apolog(?:y|ies)",
        r"(?:we|i) (?:\w+ )?regret",
    ),
    repair=_any(
        r"(?:we|i)(?: will|'ll|’ll| shall| are going to)?(?: \w+)? (?:replace|repair|fix|deliver"
        r"|refund|send|bring|collect|come|exchange|transfer|correct|pay|credit|install)",
        r"(?:we|i) have (?:\w+ )?(?:replaced|repaired|fixed|refunded|corrected|exchanged|credited|sent)",
        r"(?:replacement|refund|technician)(?: \w+){0,4} (?:will|arrives|comes|is)",
    ),
    dated=_any(
        r"(?:\d{1,2}(?:st|nd|rd|th)?(?: of)? )(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*",
        r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}(?:st|nd|rd|th)?",
        r"\d{4}-\d{2}-\d{2}",
        r"\d{1,2}/\d{1,2}(?:/\d{2,4})?",
        r"(?:by|on) the \d{1,2}(?:st|nd|rd|th)",
        r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?",
        "today",
        "tomorrow",
        "yesterday",
        r"(?:in|within) (?:the next )?(?:\w+|\d+) (?:hours?|days?|working days?|weeks?)",
    ),
    conditional=_any(
        r"if (?:we|i|you|it|this|that|there|our|any|anything|anyone)",
        r"should (?:we|you|this|it) have",
        "to the extent",
        "in case",
    ),
    harm=_any(
        r"inconvenienc\w*",
        r"upset\w*",
        r"annoy\w*",
        r"disappoint\w*",
        r"mistakes?",
        r"offen[cd]\w*",
        r"hurt\w*",
        r"trouble\w*",
        r"harm\w*",
        r"felt",
        r"feel",
        r"misunderstand\w*",
        r"wrong",
    ),
    no_agent=_any(
        r"(?:was|were|been|got)(?: \w+){0,2} (?:made|forgotten|missed|overlooked|lost|mixed up"
        r"|delayed|neglected|damaged)",
        r"(?:mistakes?|errors?|problems?) (?:\w+ )?(?:occurred|happened|arose)",
        "something went wrong",
        "things went wrong",
    ),
    vague=_any(
        "as soon as possible",
        "asap",
        "shortly",
        "soon",
        "quickly",
        "promptly",
        "immediately",
        "in due course",
        "in the near future",
    ),
    forgiveness=_any(
        r"forgiv\w*",
        "pardon",
        r"accept (?:our|my)(?: \w+)? apolog\w+",
        r"(?:give|grant) us (?:a|another|a second|a new) chance",
    ),
    but=_any("but", "however", "nevertheless", "although", "though", "yet"),
    others=_any(
        r"(?:our|the|by|of|a) (?:\w+ )?(?:suppliers?|carriers?|couriers?|manufacturers?|vendors?"
        r"|subcontractors?|contractors?|third part(?:y|ies)|interns?|colleagues?)",
        "force majeure",
        "act of god",
        r"not (?:our|my) fault",
        r"(?:beyond|outside) (?:our|my) control",
        r"(?:we|i) could not have known",
        r"had you",
        r"you (?:failed|did not|didn't|should have|forgot)",
        "as is usual",
    ),
)
_RULES: Mapping[Language, _Rules] = {"de": _GERMAN, "en": _ENGLISH}
