"""Special categories: words in a note that may say what the law protects most (Art. 9 and 10 GDPR).

A list finds words, not meanings: it asks the writer to look again, and decides nothing. Words that
mostly mean something harmless at work ("Operation", "Behinderungsanzeige", "conservative estimate")
are left out: who is warned for nothing stops reading warnings.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from vertrauenskonto.core.errors import Text

Category = Literal[
    "health", "religion", "origin", "politics", "union", "sex_life", "body_data", "crime"
]

# What a word may say something about, as it follows "über" and "about".
CATEGORIES: Mapping[Category, Text] = {
    "health": Text("die Gesundheit", "health"),
    "religion": Text("die Religion oder Weltanschauung", "religion or belief"),
    "origin": Text("die Herkunft", "ethnic origin"),
    "politics": Text("die politische Meinung", "political opinions"),
    "union": Text("die Mitgliedschaft in einer Gewerkschaft", "trade union membership"),
    "sex_life": Text("das Sexualleben", "sex life"),
    "body_data": Text("Erbgut oder Körpermerkmale", "genes or body features"),
    "crime": Text("Straftaten", "criminal offences"),
}

# `word` is itself, `word*` also begins longer ones, `*word*` may stand anywhere in one.
_WORDS: Mapping[Category, str] = {
    "health": """
        krank* *erkrank* *krankheit* erkältet krebs *brustkrebs* *lungenkrebs* *darmkrebs*
        *hautkrebs* *blutkrebs* *prostatakrebs* krebsdiagnose* krebskrank* krebspatient*
        krebstherapie* tumor tumore tumoren hirntumor* diabetes diabetiker* diabetisch* depression
        depressionen depressiv* burnout burn-out psychisch* psychiat* psychothera* psychose*
        *chemotherapie* reha operiert* schwanger* *fehlgeburt* behinderung schwerbehind* gehbehind*
        sehbehind* rollstuhl rollstuhlfahr* demenz* dement demente dementer alzheimer* parkinson*
        schlaganfall* herzinfarkt* herzkrank* herzschrittmacher* allergie allergien allergiker*
        allergisch* hiv hiv-positiv aids covid* long-covid coronainfektion* corona-infektion*
        alkoholiker* alkoholsucht* alkoholproblem* alkoholabhängig* drogenabhängig* drogensucht*
        drogensüchtig* suchtklinik* medikament medikamente medikamenten impfung geimpft ungeimpft
        hausarzt* hausärzt* facharzt* fachärzt* arzttermin* arztbesuch* attest arbeitsunfähig*
        fieber grippe bandscheibe* rheuma* asthma* epilep* sklerose gehörlos* schwerhörig* erblindet
        pflegegrad* pflegebedürftig* pflegefall magersücht* magersucht bluthochdruck gebrechlich*
        unfallverletz*
        illness* is-ill was-ill fell-ill seriously-ill sickness sick-leave off-sick is-sick was-sick disease* cancer cancers tumour tumours diabetic* depressed
        pregnan* miscarriage* disability disabilities wheelchair* dementia heart-attack*
        allergy allergies allergic hospital hospitalised hospitalized chemotherapy surgery
        alcoholism addict addicted addiction* psychiatr* psychotherap* medication* vaccinat*
        deaf autism autistic autist autisten autistisch*
    """,
    "religion": """
        katholi* evangelisch* protestant* muslim* moslem* islam* jude juden jüdin jüdinnen jüdisch*
        judentum christentum buddhis* hindu hindus hinduis* atheis* konfessionslos* *konfession
        kirchensteuer* kirchenaustritt* kirchgänger* zeugen-jehovas freikirch* scientolog* getauft
        ramadan bar-mizwa religion religiös* religionszugehör* gläubig gläubige kopftuch kopftücher
        catholic* jew jews jewish judaism christianity hinduism religious* church-goer*
        churchgoer* headscarf headscarves jehovah's
    """,
    "origin": """
        migrationshintergrund* migrant* *ausländer* flüchtling* asylbewerb* asylant* asylantrag*
        hautfarbe dunkelhäutig* hellhäutig* schwarzafrika* sinti zigeuner* *ischstämmig* ethnisch*
        ethnie abstammung
        ethnic ethnicity immigrant* refugee* asylum* skin-colour skin-color dark-skinned gypsy
        gypsies racial
    """,
    "politics": """
        afd afd-* cdu cdu-* csu csu-* spd spd-* fdp fdp-* bsw parteimitglied* parteibuch parteifreund*
        *wähler *wählerin linksextrem* rechtsextrem* linksradikal* rechtsradikal* neonazi* nazi nazis
        kommunist* sozialdemokrat* querdenker* reichsbürger* grünen-mitglied* politische-einstellung
        politische-meinung politischen-ansichten
        tory tories labour-voter* labour-party republican-party green-party left-wing right-wing
        far-right far-left communist* political-opinion* political-view* party-member*
    """,
    "union": """
        gewerkschaft* ver.di ig-metall ig-bau ig-bce gewerkschafter*
        trade-union* trades-union* union-member* union-rep* unionised unionized shop-steward*
    """,
    "sex_life": """
        schwul schwule schwuler schwules lesbe lesben lesbisch* homosexuell* heterosexuell* bisexuell*
        transsexuell* transgender* transfrau transmann nonbinär* nichtbinär* sexuell* sexualität
        sexualleben sexleben prostitu* bordell* gleichgeschlechtlich* ehebruch fremdgegangen
        gay lesbian* homosexual* heterosexual* bisexual* transsexual* non-binary queer lgbt* sexual*
        sex-life
    """,
    "body_data": """
        gentest* gendefekt* genetisch* erbgut* erbkrank* dna dna-* dns-analyse* dns-test*
        fingerabdruck* fingerabdrück* gesichtserkennung* iris-scan* irisscan* biometri*
        genetic* genome* fingerprint* facial-recognition face-recognition
    """,
    "crime": """
        vorbestraft* vorstrafe* straftat* straffällig* straftäter* gefängnis* haftstrafe*
        untersuchungshaft u-haft knast verurteilt verurteilung* bewährungsstrafe* strafanzeige*
        strafverfahren strafregister* ermittlungsverfahren kriminell* polizeibekannt*
        führungszeugnis* freigänger*
        convicted criminal criminals criminal-record* prison* jail* felon* felony felonies
        ex-convict* on-parole arrested
    """,
}

# Longer words that begin alike and say nothing of a person.
_HARMLESS = re.compile(
    r"krankenkasse\w*|krankenversicherung\w*|erbgutachten|prisoner's dilemma"
    r"|kinderkrankheit\w*|\w*auswähler\w*|anwähler\w*|islamabad"
)
# After these a word is a name: Herr Krebs is not ill.
_BEFORE_NAMES = re.compile(r"(?:herrn?|frau|familie|firma|mrs?|ms|mx|dr)\.?\s+$")


@dataclass(frozen=True, slots=True)
class Found:
    """A word as it was written, and what it may say something about."""

    word: str
    category: Category


def special_categories(text: str) -> tuple[Found, ...]:
    """Return the words of a text that may belong to a special category, each once, in order."""
    plain = _plain(text)
    if len(plain) != len(text):
        # Some letters change their number when folded; then words are quoted as folded.
        text = plain
    hits: dict[tuple[str, Category], tuple[int, Found]] = {}
    for category, (whole, inside) in _PATTERNS.items():
        for pattern in filter(None, (whole, inside)):
            for match in pattern.finditer(plain):
                start, end = _word(plain, *match.span())
                word = plain[start:end]
                is_name = _BEFORE_NAMES.search(plain, max(0, start - 10), start)
                if not is_name and not _HARMLESS.fullmatch(word):
                    hits.setdefault((word, category), (start, Found(text[start:end], category)))
    return tuple(found for _, found in sorted(hits.values(), key=lambda hit: hit[0]))


def _plain(text: str) -> str:
    """Return a text as it is compared: without case, letters and their marks in one."""
    return unicodedata.normalize("NFC", text).lower()


def _word(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a match to the whole word it lies in."""
    while start and text[start - 1].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return start, end


def _compiled(words: str) -> tuple[re.Pattern[str], re.Pattern[str] | None]:
    whole, inside = [], []
    for word in words.split():
        # A hyphen in the list stands for a space too: "trade-union" finds "trade union".
        part = re.escape(_plain(word.strip("*"))).replace(r"\-", r"[-\s]\s?")
        if word.startswith("*"):
            inside.append(part if word.endswith("*") else rf"{part}(?!\w)")
        else:
            whole.append(part if word.endswith("*") else rf"{part}(?!\w)")
    # No part begins with `\w*`: a long word would be searched from each of its letters.
    return (
        re.compile(rf"(?<!\w)(?:{'|'.join(whole)})"),
        re.compile("|".join(inside)) if inside else None,
    )


_PATTERNS = {category: _compiled(words) for category, words in _WORDS.items()}
