"""Policy files: what they say, and every mistake explained with line, key and cure."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import strategies
from tests.policies import FIRST_LINE, HEAD, decoded, only_problem, policy

from vertrauenskonto.core.errors import Text
from vertrauenskonto.core.ledger.kinds import Kind, first_contact_twin
from vertrauenskonto.core.ledger.policy import BookingRules, Policy
from vertrauenskonto.core.ledger.policy_file.codec import decoded_policy, extended, policy_to_dict

KIND = """\
[kinds.gift_wrapped]
label_de = "Als Geschenk verpackt"
label_en = "Gift wrapped"
why_de = "Eine kleine Mühe, die man sieht."
why_en = "A small effort that shows."
contact = true
"""

# text, code, key, line below the head (from 0), German part, English part
MISTAKES = [
    ("[silense]\npoints = 1", "unknown_key", "silense", 0, "Meinten Sie „silence“", "Did you mean 'silence'"),
    ("[silence]\ngrace_day = 1", "unknown_key", "silence.grace_day", 1, "Meinten Sie „grace_days“", "Did you mean 'grace_days'"),
    ("[velocity]\nx = 1", "unknown_key", "velocity.x", 1, "Erlaubt sind: window_days", "Known here: window_days"),
    ("[half_life_days.wiling]\ndeposits = 9", "dimension", "half_life_days.wiling", 0, "Meinten Sie „willing“", "Did you mean 'willing'"),
    ("[opinion.base_rate]\ntrust = 0.5", "dimension", "opinion.base_rate.trust", 1, "„trust“ ist keine Dimension; erlaubt sind willing, able, assessable.", "'trust' is no dimension; use willing, able, assessable."),
    ("[kinds.promise_kept]\nabel = 5", "dimension", "kinds.promise_kept.abel", 1, "Meinten Sie „able“", "Did you mean 'able'"),
    ("[kinds.promise_kept]\nhonest = true", "unknown_key", "kinds.promise_kept.honest", 1, "Meinten Sie „honesty“", "Did you mean 'honesty'"),
    ("[silence]\ngrace_days = 20", "grace_below_period", "silence.grace_days", 1, "Setzen Sie grace_days auf mindestens 30", "Set grace_days to at least 30"),
    ("[silence]\nperiod_days = 100", "grace_below_period", "silence.grace_days", 0, "grace_days = 90 ist kleiner als period_days = 100", "grace_days = 90 is less than period_days = 100"),
    ("[silence]\nperiod_days = 0", "value", "silence.period_days", 1, "silence.period_days = 0: nötig ist eine ganze Zahl von 1 bis 36500.", "silence.period_days = 0: it must be a whole number from 1 to 36500."),
    ("[silence]\ngrace_days = 90.5", "value", "silence.grace_days", 1, "= 90.5: nötig ist eine ganze Zahl", "= 90.5: it must be a whole number"),
    ("[silence]\npoints = -2", "value", "silence.points", 1, "= -2: nötig ist eine Zahl ab 0", "= -2: it must be a number from 0"),
    ("[silence]\nevidence_share = 1.01", "value", "silence.evidence_share", 1, "eine Zahl von 0 bis 1", "a number from 0 to 1"),
    ("[half_life_days.able]\ndeposits = 0", "value", "half_life_days.able.deposits", 1, "half_life_days.able.deposits = 0: nötig ist eine Zahl über 0 bis 36500 oder „never“", "half_life_days.able.deposits = 0: it must be a number above 0, up to 36500, or 'never'"),
    ("[half_life_days.able]\nwithdrawals = -1", "value", "half_life_days.able.withdrawals", 1, "= -1", "= -1"),
    ('[half_life_days.able]\nwithdrawals = "nie"', "value", "half_life_days.able.withdrawals", 1, '= "nie"', "or 'never'"),
    ("[half_life_days]\nable = 180", "not_a_table", "half_life_days.able", 1, "nötig ist ein Abschnitt [half_life_days.able]", "a section [half_life_days.able] is needed"),
    ("[opinion.base_rate]\nable = 1", "value", "opinion.base_rate.able", 1, "zwischen 0 und 1, beide ausgenommen", "between 0 and 1, exclusive"),
    ("[opinion.base_rate]\nable = 0", "value", "opinion.base_rate.able", 1, "= 0", "= 0"),
    ("[opinion]\npoints_per_evidence = 0", "value", "opinion.points_per_evidence", 1, "eine Zahl über 0", "a number above 0"),
    ("[verdict]\nyes_expected_min = 7", "value", "verdict.yes_expected_min", 1, "von 0 bis 1", "from 0 to 1"),
    ("[alarm]\nthreshold = '10'", "value", "alarm.threshold", 1, 'alarm.threshold = "10": nötig ist eine Zahl.', 'alarm.threshold = "10": it must be a number.'),
    ("[alarm]\nthreshold = true", "value", "alarm.threshold", 1, "= true", "= true"),
    ("[alarm]\nthreshold = nan", "value", "alarm.threshold", 1, "nötig ist eine Zahl", "must be a number"),
    ("[booking]\nkept_after_renegotiation = 2", "value", "booking.kept_after_renegotiation", 1, "von 0 bis 1", "from 0 to 1"),
    ("[kinds.promise_kept]\nable = 5.125", "value", "kinds.promise_kept.able", 1, "mehr als zwei Nachkommastellen", "more than two decimals"),
    ("[kinds.promise_kept]\nable = 1000.01", "value", "kinds.promise_kept.able", 1, "über der Grenze von ±1000", "exceed the limit of ±1000"),
    ("[kinds.promise_kept]\nable = inf", "value", "kinds.promise_kept.able", 1, "ist keine Zahl", "is not a number"),
    ("[kinds.promise_kept]\nable = 'fünf'", "value", "kinds.promise_kept.able", 1, "mit höchstens zwei Nachkommastellen", "with at most two decimals"),
    ("[kinds.promise_kept]\ncontact = 'ja'", "value", "kinds.promise_kept.contact", 1, "true oder false", "true or false"),
    ("[kinds.promise_kept]\nlabel_de = '  '", "value", "kinds.promise_kept.label_de", 1, "ein Text, der nicht leer ist", "a text that is not empty"),
    ("[kinds.promise_broken_unannounced]\nable = -501", "value", "kinds.promise_broken_unannounced.able", 1, "verdoppelt -501 Punkte", "doubles -501 points"),
    ("[kinds]\npromise_kept = 5", "not_a_table", "kinds.promise_kept", 1, "nötig ist ein Abschnitt [kinds.promise_kept]", "a section [kinds.promise_kept] is needed"),
    (KIND.replace('label_de = "Als Geschenk verpackt"\n', ""), "missing", "kinds.gift_wrapped.label_de", 0, "label_de fehlt in [kinds.gift_wrapped]", "label_de is missing in [kinds.gift_wrapped]"),
    (KIND.replace('label_en = "Gift wrapped"\n', ""), "missing", "kinds.gift_wrapped.label_en", 0, "(Bezeichnung, englisch)", "(English label)"),
    (KIND.replace('why_en = "A small effort that shows."\n', ""), "missing", "kinds.gift_wrapped.why_en", 0, "why_en fehlt", "why_en is missing"),
    (KIND.replace("contact = true\n", ""), "missing", "kinds.gift_wrapped.contact", 0, "nötig ist true oder false", "it must be true or false"),
    (KIND.replace("gift_wrapped", '"Gift-wrapped"'), "kind_name", "kinds.Gift-wrapped", 0, "Vorschlag: gift_wrapped.", "Try gift_wrapped."),
    (KIND.replace("gift_wrapped", '"Früh geliefert"'), "kind_name", "kinds.Früh geliefert", 0, "Vorschlag: frueh_geliefert.", "Try frueh_geliefert."),
    (KIND.replace("gift_wrapped", "24"), "kind_name", "kinds.24", 0, "mit einem Buchstaben beginnt.", "starts with a letter."),
    (KIND.replace("gift_wrapped", "first_contact_promise_kept"), "generated_kind", "kinds.first_contact_promise_kept", 0, "entsteht von selbst aus promise_kept", "is made from promise_kept"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "code", "key", "line", "german", "english"), MISTAKES, ids=[m[2] for m in MISTAKES]
)
def test_a_mistake_is_explained_with_line_key_and_cure(text, code, key, line, german, english):
    problem = only_problem(text)
    assert (problem.code, problem.file, problem.field) == (code, "own.toml", key)
    assert problem.line == FIRST_LINE + line
    assert german in problem.text.de
    assert english in problem.text.en
    assert problem.severity == "error"
    assert decoded(text).policy is None


def test_all_mistakes_are_reported_at_once():
    text = """
[alarm]
threshold = 'x'
rearm_margin = -1
[silence]
grace_days = 0
periods = 3
[kinds.promise_kept]
able = 9999
label_en = ''
"""
    assert [(p.code, p.field) for p in decoded(text).problems] == [
        ("value", "silence.grace_days"),
        ("unknown_key", "silence.periods"),
        ("value", "alarm.threshold"),
        ("value", "alarm.rearm_margin"),
        ("value", "kinds.promise_kept.label_en"),
        ("value", "kinds.promise_kept.able"),
    ]


HEAD_MISTAKES = [
    ('name = "own"', 'name = "Mein Regelwerk"', "value", "policy.name", 2, "Kleinbuchstaben"),
    ("version = 2", "version = 0", "value", "policy.version", 3, "eine ganze Zahl ab 1"),
    ("version = 2", "", "missing", "policy.version", 1, "Nummer der Fassung"),
    ("2026-03-01", '"2026-03-01"', "value", "policy.valid_from", 4, "ein Tag ohne Anführungszeichen"),
    ("2026-03-01", "2026-03-01T08:00:00", "value", "policy.valid_from", 4, "etwa 2026-03-18"),
    ('title_en = "Our own policy"', "", "missing", "policy.title_en", 1, "Titel, englisch"),
    ('title_en', "titel_en", "unknown_key", "policy.titel_en", 6, "Meinten Sie „title_en“"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "code", "key", "line", "german"), HEAD_MISTAKES)
def test_a_mistake_in_what_names_the_version_is_explained(old, new, code, key, line, german):
    problems = decoded("", head=HEAD.replace(old, new)).problems
    found = [p for p in problems if p.field == key]
    assert [(p.code, p.line) for p in found] == [(code, line)]
    assert german in found[0].text.de


def test_a_file_without_the_table_policy_names_every_key_it_lacks():
    problems = decoded(KIND, head="", base="").problems
    assert [p.field for p in problems] == [
        "policy.name",
        "policy.version",
        "policy.valid_from",
        "policy.title_de",
        "policy.title_en",
    ]
    assert [p.line for p in problems] == [None] * 5


def test_a_policy_without_kinds_is_told_how_to_get_them():
    problem = only_problem("", base="")
    assert (problem.code, problem.field, problem.line) == ("no_kinds", "kinds", None)
    assert 'extends = "default"' in problem.text.de
    assert 'extends = "default"' in problem.text.en


def test_tables_that_are_no_tables_are_reported():
    text = 'kinds = 1\ncolumns = 2\nsegments = 3\nsilence = 4\npolicy = "own"\n'
    problems = decoded("", head=text, base="").problems
    tables = [(p.field, p.line) for p in problems if p.code == "not_a_table"]
    assert tables == [("policy", 5), ("silence", 4), ("kinds", 1), ("columns", 2), ("segments", 3)]


def test_a_file_says_what_the_policy_holds():
    own = policy(
        """
        [half_life_days.willing]
        deposits = "never"
        withdrawals = 900.5
        [silence]
        half_life_days = "never"
        usual_contact_days = 60
        [alarm]
        threshold = -2.5
        [velocity]
        window_days = 30
        [persons]
        spillover = 0.25
        [booking]
        purchasable_points_max = 20
        """
        + KIND
        + "willing = 1.25\nable = 0\npurchasable = true\n"
    )
    assert (own.name, own.version, own.valid_from) == ("own", 2, date(2026, 3, 1))
    assert own.title == Text("Eigenes Regelwerk", "Our own policy")
    assert own.parameters.half_life_days["willing"].deposits is None
    assert own.parameters.half_life_days["willing"].withdrawals == 900.5
    assert own.parameters.half_life_days["able"].deposits == 180.0
    assert own.parameters.silence.half_life_days is None
    assert own.parameters.silence.usual_contact_days == 60
    assert (own.parameters.threshold, own.parameters.velocity_days) == (-2.5, 30)
    assert own.parameters.spillover == 0.25
    assert own.booking == BookingRules(purchasable_points_max=20.0)
    gift = own.kinds["gift_wrapped"]
    assert gift.points == {"willing": 1.25}
    assert (gift.contact, gift.honesty, gift.purchasable) == (True, False, True)
    assert "first_contact_gift_wrapped" not in own.kinds


def test_changing_a_kind_changes_its_twin_and_a_kind_without_twin_may_bear_the_prefix():
    own = policy(
        "[kinds.promise_broken_unannounced]\nable = -20\n"
        + "[kinds.appointment_kept]\nfirst_contact = false\n"
        + KIND.replace("gift_wrapped", "first_contact_appointment_kept")
    )
    assert own.kinds["first_contact_promise_broken_unannounced"].points["able"] == -40.0
    assert own.kinds["first_contact_appointment_kept"].label.en == "Gift wrapped"


def test_what_names_the_version_is_not_inherited_and_nothing_else_is_lost():
    base = {"policy": {"name": "a"}, "silence": {"points": 1, "grace_days": 9}, "kinds": {}}
    own = {"silence": {"points": 2}, "alarm": {"threshold": 1}}
    assert extended(base, own) == {
        "silence": {"points": 2, "grace_days": 9},
        "kinds": {},
        "alarm": {"threshold": 1},
    }
    assert base["silence"] == {"points": 1, "grace_days": 9}


def kinds() -> st.SearchStrategy[dict[str, Kind]]:
    """Kinds with and without twins, one of them written by hand."""

    def made(names: list[str], points: list[float], *, twins: bool) -> dict[str, Kind]:
        found: dict[str, Kind] = {}
        for number, name in enumerate(names):
            kind = Kind(
                name=name,
                label=Text(f"„{name}“", f'"{name}"'),
                why=Text("weil", "because"),
                points={"able": points[number]} if number % 2 else {},
                contact=number % 3 == 0,
                honesty=number % 4 == 0,
            )
            found[name] = kind
            if twins and number % 2:
                twin = first_contact_twin(kind)
                found[twin.name] = replace(twin, contact=True) if number % 5 == 0 else twin
        return found

    names = st.lists(st.from_regex(r"[a-z]{3,8}_x", fullmatch=True), unique=True, min_size=6)
    return st.builds(
        made,
        names.map(lambda found: found[:6]),
        st.lists(st.integers(-500, 500).filter(bool).map(float), min_size=6, max_size=6),
        twins=st.booleans(),
    )


@given(strategies.parameters(), kinds())
def test_a_policy_written_and_read_again_is_the_same(parameters, catalogue):
    own = Policy(
        name="own",
        version=3,
        valid_from=date(2026, 1, 1),
        title=Text("Eigen", "Own"),
        parameters=parameters,
        kinds=catalogue,
        booking=BookingRules(purchasable_days=100),
        columns={"region": "segment", "stars": "outcome"},
    )
    got = decoded_policy(policy_to_dict(own))
    assert [p for p in got.problems if p.severity == "error"] == []
    assert got.policy == own


def test_a_policy_with_segments_written_and_read_again_is_the_same():
    own = policy(
        """
        [columns]
        region = "segment"
        [segments.nord]
        label_de = "Norden"
        label_en = "North"
        column = "region"
        values = ["SH", "HH"]
        silence.grace_days = 200
        half_life_days.able.deposits = "never"
        kinds.promise_kept.able = 0
        kinds.promise_broken_unannounced.able = -30
        [segments.by_hand]
        label_de = "Von Hand"
        label_en = "By hand"
        """
    )
    raw = policy_to_dict(own)
    assert raw["segments"]["nord"] == {
        "label_de": "Norden",
        "label_en": "North",
        "column": "region",
        "values": ["SH", "HH"],
        "half_life_days": {"able": {"deposits": "never"}},
        "silence": {"grace_days": 200},
        "kinds": {"promise_kept": {"able": 0.0}, "promise_broken_unannounced": {"able": -30.0}},
    }
    assert decoded_policy(raw).policy == own
