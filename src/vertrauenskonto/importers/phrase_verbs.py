"""Whether a clause promises something in our name, German and English.

A promise needs somebody of ours who does it (I, we, our fitter, the parcel that goes out), a verb in
the present or future, and either a time or a verb by which people bind themselves ("ich kümmere mich
darum"). What is denied, asked, wished, conditional, past, customary or advertised is none.
"""

import re
from dataclasses import dataclass
from typing import Literal

from vertrauenskonto.core.errors import Language
from vertrauenskonto.importers.phrase_words import pattern

Giver = Literal["I", "we"]


@dataclass(frozen=True, slots=True)
class _Speech:
    """The patterns of one language."""

    # A sentence with one of these promises nothing at all.
    silent: re.Pattern[str]
    # A clause with one of these does not.
    silent_clause: re.Pattern[str]
    # Verbs that bind even without a time; then those that need one.
    bound: tuple[re.Pattern[str], ...]
    timed: tuple[re.Pattern[str], ...]
    # A clause that goes on with "we" or "I" from the clause before it.
    continued: re.Pattern[str]
    subject: re.Pattern[str]
    single: re.Pattern[str]
    # Where clauses begin.
    joints: re.Pattern[str]
    # What stands before the promise itself.
    lead: re.Pattern[str]


_STAFF_DE = (
    r"(?:unsere?r?s?|mein|meine|der|die|ein|eine) (?:[\w-]{2,20} ){0,2}?"
    r"[\w-]{0,25}(?:techniker|monteur|kolleg|fahrer|spedition|disposition|gutachter|handwerker|team|support"
    r"|abteilung|bauer|decker|maler|schlosser|klempner|zimmerer|leger|tischler|schreiner|gärtner|service|elektriker|installateur|meister|leiter|berater|buchhaltung|lager|kurier"
    r"|mitarbeiter|einsatz|betreuer|innendienst|außendienst|vertrieb|werkstatt|sachbearbeiter)\w*"
)
# First person verbs by which people bind themselves.
_BIND_DE = (
    r"(?:meld|kümmer|schick|schik|send|ruf|geb|sag|mach|prüf|klär|check|übernehm|erledig|sorg|leit|erstatt|tausch"
    r"|liefer|reservier|bestätig|halt|hak|sprech|setz|werd|schau|guck|sicher|garantier|versprech|beheb"
    r"|reparier|reich|storniere?|überweis|veranlass|bearbeit|bring|hol|komm|faxe?|mail|informier|teil"
    r"|sperr|verschick|verschieb|ersetz|besorg|buch|legen?|trag|schreib|frag|forder|organisier|überprüf|geh|"
    r"notier|regel|bereit|antwort|reagier|bestell|änder|korrigier|storn|lass|stell|nehm|verlänger|vermerk)"
    r"(?:e?re?|e|en|n|l|le)?s?"
)
_NO_VERB_DE = (
    r"(?:bin|sind|war|waren|habe|hab|haben|hatte|hatten|wurde|wurden|hätte|hätten|wäre|wären|würde|würden"
    r"|könnte|könnten|kann|können|konnte|konnten|muss|müssen|musste|mussten|sollte|sollten|soll|sollen|darf"
    r"|dürfen|möchte|möchten|wollte|wollten|will|wollen|mag|freue|freuen|wünsche|wünschen|hoffe|hoffen|bitte"
    r"|bitten|brauche|brauch|brauchen|benötige|benötigen|warte|warten|erwarte|erwarten|denke|denken|glaube"
    r"|glauben|schätze|schätzen|verstehe|verstehen|weiß|wissen|danke|danken|empfehle|empfehlen|versuche"
    r"|versuchen|sehen|vermute|vermuten|bedaure|bedauern|bedauere|entschuldige|entschuldigen"
    r"|schlage|schlagen|biete|bieten|suche|suchen|hörte|heiße|finde|finden|lade|laden|gehe davon|gehen davon"
    r"|wohne|feiern|schenken|zahlte|arbeitete|verbleibe|verbleiben|grüße|grüßen|dachte|dachten|mussten|kaufe|kaufen|treffe|treffen|lese|lesen|sehe|erinnere|erinnern|gratuliere"
    r"|gratulieren|fahre|fliege|fliegen|heirate|heiraten|verreise|verreisen|nutze|nutzen|überlege|überlegen|stimme|stimmen|esse|essen)\b"
)
# "habe ich angerufen", "kann ich anrufen": what follows the subject is no finite verb. The blank before
# the subject stays a single one, since a pattern looks back by a fixed length.
_NO_AUX_DE = "".join(
    rf"(?<!\b{verb}\s)"
    for verb in (
        "habe",
        "hab",
        "haben",
        "hatte",
        "hatten",
        "bin",
        "sind",
        "war",
        "waren",
        "kann",
        "konnte",
        "konnten",
        "muss",
        "musste",
        "mussten",
        "wurde",
        "wurden",
        "wollte",
        "wollten",
        "sollte",
        "sollten",
    )
)
_TO_YOU_DE = r"(?:ihnen|sie|dir|dich|euch|ihre?[nmrs]?|deine?[nmrs]?|eure?[nmrs]?)"
# What leaves the house, or what one waits for from us.
_GOODS_DE = (
    r"\b[\w-]{0,20}(?:angebot|rechnung|muster|ware|lieferung|paket|päckchen|ersatz\w{0,12}|antwort|rückmeldung|rückruf|bescheid"
    r"|gutschrift|vertrag|police|unterlagen|protokoll|gutachten|bericht|update|patch|sendung|bestellung|bestätigung|teile?|gerät|geld|erstattung|entwurf|plan|pläne|liste|brief)"
)
_PARTICIPLE_DE = (
    r"(?:\w{0,14}ge\w{2,20}(?:t|en)|(?:be|er|ver|zer|ent|über|wieder)\w{2,20}(?:t|en)|\w{2,20}iert)"
)

_DE = _Speech(
    silent=pattern(
        r"(?<!\bauch\s)(?<!\bselbst\s)\bwenn\b(?! (?:möglich|nötig))|\b(?:falls|sofern|vorausgesetzt|es sei denn|andernfalls|ansonsten)\b"
        r"|^\W*(?:sollten|sollte|hätten|hätte|könnten|könntest|kannst|können|kann|würden|würdest|wann|warum|wieso|weshalb|wie|wo|was|wer|welche\w?"
        r"|soll|sollen|darf|dürfen|passt|haben|hast|geben|gibst|möchten|wollen) (?:sie|du|ihr|wir|ich|mir|das|lange|viel|es|ihnen|dir)\b"
        r"|\bsobald (?:sie|ihre?|du|deine?|ihr)\b|\bsobald (?:uns|mir) (?:ihre?|deine?)\b"
        r"|\bnach (?:zahlungseingang|eingang ihre|erhalt ihre|zahlung|ihrer (?:zahlung|freigabe|bestellung|zusage|bestätigung))"
        r"|\bbestellungen\b|\bin der regel\b|\bnormalerweise\b|\büblicherweise\b|\bgewöhnlich\b|\bstets\b|\bimmer\b"
        r"|\bwerktags\b|\b(?:montags|dienstags|mittwochs|donnerstags|freitags|samstags|sonntags)\b"
        r"|\bgeöffnet\b|\böffnungszeiten\b|\bgeschlossen\b|\bgültig\b|\bnewsletter\b|\bjetzt zugreifen\b|\bnur noch bis\b|\brabatt\b"
        r"|\bin besten händen\b|\btag der offenen tür\b|\bseit (?:19|20)\d\d\b|\baktion\b"
        r"|\bvielleicht\b|\beventuell\b|\bhoffentlich\b|\bniemand\b|\blaut\b|\beigentlich\b|\bwomöglich\b|\bes kann sein\b"
        r"|\bhatten? \w{0,20} ?(?:versprochen|zugesagt)\b|\b(?:sie|er) (?:haben|hat|hatte|hatten) (?:\w{1,12} )?(?:zugesagt|versprochen)\b"
        r"|^\W*(?:der |die |eine? )?(?:kundin|kunde|anruferin|anrufer|interessentin|interessent|käuferin|käufer|mieterin|mieter|kd\.?)\b(?! (?:zugesagt|versprochen|informiert))"
        r"|\b(?:schrieb|sagt|sagte|meint|meinte) (?:der |die )?(?:kundin|kunde|anruferin|anrufer)\b"
        r"|^\W*(?:herr|frau) [\w-]{2,30} (?:will|möchte|wollte|überlegt|zahlt|schickt|braucht)\b"
        r"|\bmeiner meinung\b|\bhat (?:sie|er) gesagt\b|, ?(?:sagte?|schrieb|schreibt|meinte?) (?:herr|frau|er|sie|die|der)\b|\bich (?:be)?zahle\b|\b(?:be)?zahle ich\b|\bdanke, dass sie\b|\bdass sie (?:das |sich )?bis\b|\bversuchen?\b|\b(?:schönen?|schönes) (?:tag|abend|wochenende|feierabend|woche)\b"
    ),
    silent_clause=pattern(
        r"\b(?:nicht(?! nur)|nichts|kein|keine|keinen|keinem|keiner|nie|niemals|noch nie)\b"
        r"|\b(?:ohne|vor) ihre\b|\bim urlaub\b|\bnicht im\b|\bunterwegs\b|(?<!wieder\s)\berreichbar\b|\bnicht besetzt\b|\bfällig\b"
        r"|\bob (?:wir|ich|sie)\b|^\W*(?:und )?bitte\b|\bbitte(?:n)? (?:sie|um|haben)\b|\bgehen? davon aus\b|\bbesten dank\b"
        r"|\bfreuen? (?:mich|uns)\b|\bsehen uns\b|\bgefragt\b|\brechnen? .{0,40}\bmit\b"
        r"|\b(?:schickt|gibt|bringt|sagt|liefert|sendet|zahlt|überweist|nennt|teilt|ruft) (?:mir|mich|uns)\b|\bfrage mich\b|\bhatten? (?:ich|wir)\b|\b(?:können|könnten|könnte|würden|würde|möchte|möchten|müssen) (?:ich|wir)\b|\bin (?:den ruhestand|rente|urlaub)\b|\b(?:meine frau|mein mann|mein sohn|meine tochter|mein nachbar|meine nachbarin|mein chef|meine mutter|mein vater|vermieter|vermieterin)\b"
        r"|\bhalten? (?:ich |wir )?(?:das|es|dies) für\b|\bihnen recht\b|\bsag(?:e|en)? (?:ich |wir )?mal\b|\bwert auf\b|\bernst\b"
        r"|\bschreiben? (?:ich |wir )?(?:ihnen|dir),? (?:weil|wegen|da|bezüglich)\b|\bnehmen? (?:ich |wir )?an\b|\bstellen? (?:ich |wir )?fest\b"
        r"|\bmache? (?:ich )?mir\b|\bsetzen (?:wir )?auf\b|\bteilen? (?:ihre|deine) (?:meinung|sorge)\b"
    ),
    bound=(
        pattern(rf"\b(?:ich|wir) (?:{_BIND_DE}) (?!davon)"),
        pattern(rf"\b(?:{_BIND_DE}) (?:ich|wir)\b"),
        pattern(rf"\b(?:ich|wir) (?:{_BIND_DE})$"),
        pattern(
            r"\b(?:mach|erledige?|übernehme?|kläre?|prüfe?) (?:ich|wir)\b|\bwird (?:sofort |heute |gleich )?(?:gemacht|erledigt)\b"
        ),
        pattern(
            r"\b(?:versprochen|zugesagt|zugesichert)\b|\b(?:kann|können)\b.{0,60}\b(?:zusagen|versprechen|garantieren|zusichern|bestätigen)\b"
        ),
        pattern(r"\b(?:bleibe?|bleiben) (?:ich |wir )?(?:da |für sie )?(?:dran|am ball)\b"),
        pattern(
            rf"^\W*(?:ok,? |ja,? |gut,? |und |dann |gern,? |hi,? |hallo,? |klar,? )*(?:(?:{_BIND_DE}) (?:(?:es|das|sie|ihn) )?(?:dir|ihnen|euch)|(?:meld|kümmer|setz|erkundig)e? mich|(?:schau|guck|notier)e? mir)\b"
        ),
        pattern(
            r"\b(?:sie|ihr|du) (?:hören|hört|hörst|bekommen|bekommst|bekommt|erhalten|erhältst|erhaltet|kriegst|kriegt) (?:dann |noch |bald )?(?:in \w+ )?(?:von (?:uns|mir)|einen rückruf|eine rückmeldung)\b"
        ),
        pattern(
            r"\b(?:sie|du|ihr) (?:bekommen|erhalten|bekommst|erhältst) (?:in den nächsten \w+ )?(?:eine?n? |unsere? )?(?:rückruf|rückmeldung|antwort|bescheid|nachricht)\b"
        ),
        pattern(
            r"\b(?:wird|werden) (?:ihnen |umgehend |kostenlos |kostenfrei )*(?:nachgeliefert|ersetzt|erstattet|ausgetauscht|gutgeschrieben|nachgeholt|behoben|überwiesen)\b"
        ),
        pattern(
            rf"\b(?!{_NO_VERB_DE})\w{{2,25}} (?:ich|wir) (?:ihnen|dir|euch)\b|\bdarauf verlassen\b|^\W*zusage\b"
        ),
        pattern(rf"\bdass (?:wir|ich) .{{3,160}}{_BIND_DE}$"),
    ),
    timed=(
        pattern(
            rf"{_NO_AUX_DE}\b(?:ich|wir) (?!{_NO_VERB_DE})(?:auch |dann |gleich )?(?-i:[a-zäöü])\w{{1,25}}(?:e|en|n)\b"
        ),
        pattern(rf"\b(?!{_NO_VERB_DE})\w{{2,25}} (?:ich|wir)\b"),
        pattern(
            r"\b(?:haben|habe|sind|bin) (?:ich|wir) .{0,80}\b(?:fertig|parat|bereit|vor ort|bei (?:ihnen|dir|euch)|da)\b"
        ),
        pattern(
            r"\b(?:ich|wir) (?:haben|habe|sind|bin) .{0,80}\b(?:fertig|parat|vor ort|bei (?:ihnen|dir|euch)|da)\b"
        ),
        pattern(
            r"\b(?:sie|du|ihr) (?:erhalten|erhältst|erhaltet|bekommen|bekommst|bekommt|kriegst|kriegt|hören|hörst|hast|haben|finden|findest)\b"
        ),
        pattern(
            r"\b(?:erhalten|erhältst|bekommen|bekommst|kriegst|bekommt|hören|hörst|haben|hast|finden) (?:sie|du|ihr)\b"
        ),
        pattern(rf"\b(?:wird|werden) .{{0,160}}\b{_PARTICIPLE_DE}$"),
        pattern(rf"\bwird {_TO_YOU_DE} .{{0,160}}\b{_PARTICIPLE_DE}$"),
        pattern(rf"\b{_STAFF_DE}\b.{{0,60}} \w{{2,20}}(?:t|en)\b"),
        pattern(
            rf"\b(?:\w{{2,20}}t|kommen|gehen|liegen|stehen) (?:\w+ )?(?:sich )?.{{0,40}}{_STAFF_DE}"
        ),
        pattern(
            rf"\b(?:meldet sich|ruft|kommt|besucht|berät|schickt|geht|gehen|trifft|liegt|steht|liegen) .{{0,80}}\b(?:{_TO_YOU_DE}|raus|zu|in die post|auf den weg|per (?:mail|post|e-mail))\b"
        ),
        pattern(
            r"\b(?:ist|sind|steht|stehen) .{0,80}\b(?:eingespielt|fertig|erledigt|bei ihnen|bei dir|behoben|dicht|online|wieder erreichbar|repariert|bereit|verfügbar|da)\b"
        ),
        pattern(
            rf"{_GOODS_DE}\w*\b.{{0,60}}\b(?:kommt|kommen|folgt|folgen|geht|gehen|trifft|treffen|liegt|liegen|landet|landen)\b"
        ),
        pattern(rf"\b(?:kommt|folgt|geht|trifft|liegt|landet) .{{0,40}}{_GOODS_DE}"),
        pattern(
            rf"\b(?:ist|sind) .{{0,80}}\b(?!\w{{0,6}}(?:gegangen|gekommen|getroffen|standen|fallen|worden|wesen|laufen|blieben)$){_PARTICIPLE_DE}$"
        ),
        pattern(r"\b(?:ist|sind|liegt|steht) .{0,60}\b(?:auf|in) (?:ihr|dein|eur)\w* "),
        pattern(
            r"\b(?!hat\b|ist\b|könnt|tut\b|kost|fehlt\b|gehört\b|gefällt\b|passt\b|reicht\b|bleibt\b)\w{2,20}t (?:ihnen|dir|euch)\b"
        ),
        pattern(
            r"\bdass .{3,160}\b(?:da|fertig|bereit|erledigt|geliefert|bei ihnen) (?:ist|sind)$"
        ),
        pattern(r"\b(?:weißt|wisst) (?:du|ihr)\b|\bwissen sie\b"),
        pattern(r"\b(?:ihre?s?|der wechsel|die umstellung|die lieferung) .{0,60}\berfolgt\b"),
        pattern(
            r"^\W*(?:rückruf|rückmeldung|angebot|termin|lieferung|zusage|nachricht)\b.{0,60}\b(?:kommt|bis|am)\b"
        ),
    ),
    continued=pattern(rf"^\W*(?:und |aber |dann |sowie )*(?!{_NO_VERB_DE})(?:{_BIND_DE})\b"),
    subject=pattern(r"\b(?:ich|wir)\b"),
    single=pattern(r"\b(?:ich|mich|mir|mein|meine)\b|^\W*habe?\b"),
    joints=pattern(r"[,;:] | [–—-] | (?:und|aber|sondern|daher|deshalb|weil|denn)\b"),
    lead=pattern(
        r"^(?:\W|(?:hallo|hi|moin|guten tag|guten morgen|ja|ok|okay|klar|gut|gerne?|super|kein problem|und|aber|oder|sondern|daher|deshalb|natürlich|leider"
        r"|selbstverständlich|hiermit|sehr geehrter?|liebe[rs]?|dann|sorry|danke|denn|weil|wie (?:telefonisch )?(?:vereinbart|besprochen),?)\b)+"
    ),
)

_STAFF_EN = (
    r"(?:our|my|the|a|an|some)(?: own)?(?: [\w-]{2,20})?(?: [\w-]{2,20})? ?"
    r"(?:engineer|technician|fitter|colleague|team|surveyor|electrician|plumber|plasterers?|driver|courier|adviser|advisor|manager"
    r"|department|accountant|assessor|adjuster|installer|mechanic|specialist|crew|support|office|warehouse|staff|joiner|roofer|builder"
    r"|contractor|handler|representative|agent|guys|lads|people|chaps|someone from our team)s?\b"
)
# What leaves the house, or what one waits for from us.
_GOODS_EN = (
    r"(?:order|parcel|package|delivery|refund|replacement|goods|parts|quote|report|invoice|contract|card|money|payment|documents|paperwork"
    r"|letter|policy|certificate|sample|samples|fix|patch|update|credit|keys|drawings|plans|results|details|login details)"
)
_NO_VERB_EN = (
    r"(?:not|never|be (?:(?:in|at|on) (?!touch|contact|site|your|the case|it\b)|out|away|closed|happy|glad|pleased|honest|available|unable|delighted|off|in a meeting|grateful|waiting|looking)"
    r"|need|have to|see\W*$|see (?:about|how|what)|hope|try|want|wait|admit|miss|assume|probably|require|like|love|appreciate|always|understand"
    r"|likely|be sorry|say|think|tell you (?:what|honestly))\b"
)
_WILL = r"(?:'ll|will|shall|am going to|are going to|'m going to|'re going to)"

_EN = _Speech(
    silent=pattern(
        r"(?<!let\syou\sknow\s)(?<!check\s)(?<!see\s)(?<!tell\syou\s)(?<!find\sout\s)(?<!confirm\s)(?<!ask\s)(?<!know\s)(?<!even\s)\bif\b(?! (?:necessary|needed|possible))"
        r"|\bunless\b|\bprovided(?: that)? (?:you|we|the)\b|\bin case\b|\bassuming\b|\botherwise\b|^\W*should you\b"
        r"|\b(?:once|as soon as|when|after) (?:you|your)\b|\b(?:on|upon|after) (?:receipt|payment)\b"
        r"|^\W*(?:can|could|will|would|shall|do|does|did|have|has|are|is|when|how|why|what|where|who|may) (?:you|u|we|i|it|the|he|she|they|that|this)\b"
        r"|\borders\b|\busually\b|\bnormally\b|\btypically\b|\balways\b|\bgenerally\b|\bon average\b|\bmost\b"
        r"|\b(?:mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|weekdays)\b"
        r"|\bwe're open\b|\bopening hours\b|\bvalid\b|\bnewsletter\b|\border now\b|\bonly until\b|\boffer ends\b|\bfree shipping\b|\d ?% off\b|\bin my opinion\b|\b(?:she|he|they) said\b|\b(?:mr|mrs|ms)\.? \w{1,30} said\b|\bi(?:\W?ll| will) pay\b"
        r"|\bsafe hands\b|\bopen day\b|\bsince (?:19|20)\d\d\b|\boften asked\b"
        r"|\bmaybe\b|\bperhaps\b|\bhopefully\b|\bnobody\b|\baccording to\b|\bsupposed to\b|\bhad promised\b|\b(?:you|they|he|she)(?:'ve| have)? promised\b"
        r"|\bi wish\b|\bi think\b|\b(?:'ll|will) try\b|\btry to\b"
        r"|^\W*(?:the |a )?(?:customer|caller|client|buyer|tenant|cust\.?|kd\.?)\b(?! (?:promised|told))|\b(?:customer|caller|client) (?:said|says|wrote)\b"
        r"|\bthanks? (?:you )?for\b.{0,60}\bby\b|\bthat you\b|\bgood(?:bye| luck)\b|\bhave a (?:great|nice|good|lovely)\b|\bcan't promise\b|\bcannot promise\b"
    ),
    silent_clause=pattern(
        r"(?<!make\ssure\s)\b(?:won't|wont|can't|cannot|shan't|not going to|isn't|aren't|never|no longer|unable to)\b|\b(?:will|shall|can|do|did|does|are|is|am) not\b|\b(?:don't|do not) know\b|\bnot sure\b|\b(?:didn't|haven't|hasn't|wasn't)\b"
        r"|^\W*(?:and )?(?:please|pls)\b|\blook(?:ing)? forward\b|\bin touch with (?:your|you if)\b|\bon holiday\b|\bout of (?:the )?office\b|\b(?:be|is|are|we.re) closed\b|\bavailable (?:by|on)\b|\bdue (?:by|on)\b"
        r"|\bmight\b|\bmay\b(?! \d)(?<!\d\smay)(?<!th\smay)(?<!st\smay)|^(?!.{0,300}\b(?:told|promised)\b).{0,600}\bwould\b|\bcould\b|\b(?:don't|do not)\b|\b(?:i|we) expect\b|\bmy (?:husband|wife|partner|son|daughter|neighbour|neighbor|mother|father|boss)\b|^\W*(?:the |my |our )?(?:landlord|supplier|manufacturer)\b|\b(?:landlord|supplier|manufacturer) (?:says|said|will|told)\b|\b(?:send|give|email|pay|bring|tell|call|ring) (?:me|us)\b"
    ),
    bound=(
        pattern(
            rf"\b(?:i|we|my team|someone from our team|one of (?:us|my colleagues)) ?(?:{_WILL}) (?:also |then |of course |certainly |personally |gladly |definitely |now )*(?!{_NO_VERB_EN})\w{{2,}}"
        ),
        pattern(
            r"\b(?:ill|i'l|wel|well) (?:ring|call|send|get|let|check|sort|email|phone|post|do|chase|be|come|look|fix)\b"
        ),
        pattern(
            r"^\W*(?:ok,? |sure,? |yes,? |no problem,? |thanks,? |hi,? |and |great,? )*will (?!you|u\b|we\b|i\b|the\b|it\b|that\b|this\b|he\b|she\b|they\b|not\b|be\b)\w+"
        ),
        pattern(
            r"\b(?:i'm|i am|we're|we are) (?:\w+ly )?(?:on it|all over (?:it|this)|on the case|escalating|looking into|sending|chasing|checking|passing|arranging|taking care|dealing with|putting|adding|booking|reserving|logging|raising|sorting|investigating|issuing|refunding|forwarding|replacing)\b"
        ),
        pattern(
            r"\blet me (?:just |quickly )?(?:check|find|look|have a|see what|get|ask|speak|have a look|chase|confirm|talk|dig|sort)\b"
        ),
        pattern(
            r"\bleave (?:it|this|that) (?:with|to) (?:me|us)\b|\bconsider it done\b|\byou have my word\b|\b(?:give you|take) my word\b|\bi promise\b|\bwe promise\b|\bwe guarantee\b|\bi guarantee\b"
        ),
        pattern(
            r"^\W*(?:ok,? |sure,? |yes,? )*(?:doing|sorting|checking|sending|fixing) (?:it|that|this) (?:right )?(?:now|straight away|today)\b"
        ),
        pattern(
            r"\b(?:i|we) (?:commit|undertake|pledge) to\b|\b(?:i|we) can (?:confirm|promise|guarantee|assure)\b"
        ),
        pattern(
            r"\byou(?:'ll| will|ll) (?:definitely |also )?(?:hear|get (?:a|an) (?:call|answer|update|reply)|receive (?:a|an) (?:call|answer|update|reply)) (?:back )?(?:from (?:us|me|our)|shortly|soon)\b"
        ),
        pattern(
            r"\b(?:promised to\b|(?:count|rely) on (?:us|me|the|your|it)|(?:told|promised) (?:\w+ ){1,3}(?:that )?(?:we|i)(?:'d| would|'ll| will))\b"
        ),
    ),
    timed=(
        pattern(
            r"\b(?:i|we)(?:'m|'re| am| are) (?:\w+ly )?(?!buying|retiring|meeting|reading|celebrating|travelling|flying|visiting|leaving|attending|enjoying|using|offering|looking|hoping|waiting|wondering|thinking|asking|expecting|going on|having|trying|closing|writing)\w{2,20}ing\b"
        ),
        pattern(rf"\b(?:i|we) ?{_WILL} (?!{_NO_VERB_EN})be\b"),
        pattern(
            r"\b(?:you|u)(?:'ll| will|ll) (?:have|get|receive|recieve|hear|find|see|know|be (?:hearing|contacted|called|refunded|sent|moved|connected|able))\b"
        ),
        pattern(r"\byou(?:'re| are) (?:booked|scheduled|pencilled)\b|^\W*promised\b"),
        pattern(r"\b(?:you can )?expect (?:a|an|our|my|the|your|to)\b"),
        pattern(
            rf"\b{_STAFF_EN}.{{0,40}}(?:'ll|will|(?:is|are) (?!waiting|hoping|closed)\w{{2,20}}ing|arrives|comes|starts?|begins?|visits?|collects|delivers|installs|fits|brings|calls|checks|repairs|replaces)\b"
        ),
        pattern(
            r"\b(?:will|shall|is going to|are going to) (?:all )?be (?:\w+ly )?(?!closed|charged|delayed|required|needed|asked|interested|limited)(?:\w{2,20}ed|sent|paid|done|ready|fixed|built|put|with you|in your|on its way|on site|there|back (?:to you|online|up)|live|out|made|reset|cut|shipped|restored)\b"
        ),
        pattern(
            rf"\b(?:your [\w\s-]{{2,50}}?|(?:the|a) (?:[\w-]{{2,20}} ){{0,2}}?{_GOODS_EN}) (?:will|ships|goes|is going|are going (?:to you|out)|arrives|leaves|is shipping|is being)\b"
        ),
        pattern(r"^\W*(?:ok,? |sure,? )?(?:will|gonna) \w+"),
        pattern(r"(?<!you\s)\bwill (?!you\b).{0,80}\byou(?:rs|r)?\b"),
        pattern(
            r"^\W*(?:ok,? |sure,? |yes,? )*(?:having a look|calling|ringing|sending|shipping|posting|dispatching|emailing|sorting|fixing|fitting|installing|doing|dropping|picking|delivering|coming|collecting) "
        ),
        pattern(
            r"\b(?:call ?back|callback|reply|update|quote|delivery) (?:promised|agreed|booked|confirmed)\b"
        ),
        pattern(
            r"\b(?:delivery|the appointment|your appointment|the visit|the installation|the engineer|the fitting) is (?:booked|scheduled|confirmed|set)\b"
        ),
    ),
    continued=pattern(
        r"^\W*(?:and |but |then |also )*(?:get|let|send|call|ring|come|confirm|email|give|report|write|keep|phone|deliver|bring|do|fix)\b"
    ),
    subject=pattern(r"\b(?:i|we)\b"),
    single=pattern(r"\b(?:i|i'll|ill|i'm|me|my)\b"),
    joints=pattern(r"[,;:] | [–—-] | (?:and|but|so|because)\b"),
    lead=pattern(
        r"^(?:\W|(?:hi|hello|dear|hey|yes|ok|okay|sure|great|no problem|no worries|thanks|and|but|so|of course|certainly|unfortunately|sorry|as (?:discussed|agreed),?|per our call,?|as promised,?)\b)+"
    ),
)

_MORE = pattern(
    r"\W*(?:und|and|oder|or|sowie)\b(?!.{0,600}\b(?:ich|wir|sie|ihr|du|er|es|i|we|you|he|she|it|they"
    r"|kunde|kundin|customer|nicht|not|wird|will|ist|is)\b)"
)
_SPEECH = {"de": _DE, "en": _EN}


def is_silent(sentence: str, *, language: Language) -> bool:
    """Return whether a whole sentence promises nothing: a question, a condition, advertising."""
    return sentence.rstrip("\"”“)' ").endswith("?") or bool(
        _SPEECH[language].silent.search(sentence)
    )


def clause_starts(sentence: str, *, language: Language) -> list[int]:
    """Return where the clauses of a sentence may begin, the first of them at 0."""
    return [0, *(match.start() for match in _SPEECH[language].joints.finditer(sentence))]


def promises(clause: str, *, has_time: bool, language: Language) -> bool:
    """Return whether a clause promises; with a time beside it, more verbs do."""
    speech = _SPEECH[language]
    words = clause.rstrip(" .!…,;:\n")
    if speech.silent_clause.search(words):
        return False
    kinds = (*speech.bound, *speech.timed) if has_time else speech.bound
    return any(kind.search(words) for kind in kinds)


def goes_on(clause: str, *, before: str, language: Language) -> bool:
    """Return whether a clause leaves out the "we" of what stands before it and promises on."""
    speech = _SPEECH[language]
    if speech.silent_clause.search(clause) or not speech.subject.search(before):
        return False
    return bool(speech.continued.search(clause))


def is_more_of_it(clause: str) -> bool:
    """Return whether words after "und" only add to what was promised ("… und die Rechnung")."""
    return _MORE.match(clause) is not None


def giver(clause: str, *, before: str, language: Language) -> Giver:
    """Return who promises: somebody in person, or the company; it may be said just before."""
    speech = _SPEECH[language]
    words = clause if speech.subject.search(clause) else before + clause
    return "I" if speech.single.search(words) else "we"


def without_lead(clause: str, *, language: Language) -> int:
    """Return how many characters at the beginning are a greeting or a filler."""
    found = _SPEECH[language].lead.match(clause)
    return found.end() if found and found.end() < len(clause) else 0
