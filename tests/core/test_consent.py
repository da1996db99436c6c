"""On which ground a message goes out: none, no sending."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vertrauenskonto.core.consent import (
    CHANNEL_LABELS,
    CHANNELS,
    GROUND_LABELS,
    GROUNDS,
    PURPOSE_LABELS,
    PURPOSES,
    Consent,
    ExistingCustomer,
    Objection,
    Recipient,
    decision,
    open_channels,
    proof_kept_until,
    required_ground,
)
from vertrauenskonto.core.errors import Denied

DAY = date(2026, 3, 2)
EVERYWHERE = frozenset(CHANNELS)
ALICE = Recipient(is_consumer=True, addresses=EVERYWHERE)
FIRM = Recipient(is_consumer=False, addresses=EVERYWHERE)
EXISTING = ExistingCustomer(
    address_from_sale=True,
    similar_goods=True,
    has_not_objected=True,
    notice_at_collection=True,
    notice="Sie können jederzeit widersprechen: nein@example.org",
)
CONSENT = Consent(channel="email", purpose="survey", given_on=DAY, proof="Formular vom 2. März")
ADVERTISING = [p for p in PURPOSES if p != "contract"]


def open_for(recipient, purpose, *, on=DAY):
    return {d.channel: d.ground for d in open_channels(recipient, purpose, on=on) if d.is_open}


def test_what_the_contract_requires_goes_by_every_channel():
    assert open_for(ALICE, "contract") == dict.fromkeys(CHANNELS, "contract")


@pytest.mark.parametrize("purpose", ADVERTISING)
def test_without_a_ground_a_consumer_gets_letters_and_visits_only(purpose):
    assert open_for(ALICE, purpose) == {"in_person": "none_needed", "letter": "none_needed"}


def test_a_survey_by_mail_is_advertising_and_the_reason_says_so():
    found = decision(ALICE, "email", "survey", on=DAY)
    assert (found.ground, found.is_open) == (None, False)
    assert "BGH VI ZR 225/17" in found.why.de
    assert "BGH" not in decision(ALICE, "email", "offer", on=DAY).why.en


def test_consent_opens_its_own_channel_for_its_own_purpose():
    alice = replace(ALICE, consents=(CONSENT,))
    assert open_for(alice, "survey")["email"] == "consent"
    assert "Formular vom 2. März" in decision(alice, "email", "survey", on=DAY).why.en
    assert "sms" not in open_for(alice, "survey")
    assert "email" not in open_for(alice, "offer")
    assert "email" not in open_for(alice, "survey", on=DAY - timedelta(days=1))


def test_consent_ends_on_the_day_it_is_withdrawn_and_is_nothing_without_proof():
    gone = replace(CONSENT, withdrawn_on=DAY + timedelta(days=5))
    alice = replace(ALICE, consents=(gone,))
    assert "email" in open_for(alice, "survey", on=DAY + timedelta(days=4))
    assert "email" not in open_for(alice, "survey", on=DAY + timedelta(days=5))
    alice = replace(ALICE, consents=(replace(CONSENT, proof="  "),))
    assert "email" not in open_for(alice, "survey")


def test_the_exception_for_existing_customers_is_for_mail_and_brings_its_notice():
    alice = replace(ALICE, existing_customer=EXISTING)
    assert open_for(alice, "survey") == {
        "in_person": "none_needed",
        "letter": "none_needed",
        "email": "existing_customer",
        "sms": "existing_customer",
    }
    assert decision(alice, "email", "survey", on=DAY).notice == EXISTING.notice
    assert decision(alice, "letter", "survey", on=DAY).notice == ""


@pytest.mark.parametrize(
    ("missing", "words"),
    [
        ({"address_from_sale": False}, "from a sale"),
        ({"similar_goods": False}, "similar goods"),
        ({"has_not_objected": False}, "objected"),
        ({"notice_at_collection": False}, "when the address was collected"),
        ({"notice": " "}, "for this message"),
    ],
)
def test_each_of_its_conditions_is_needed(missing, words):
    alice = replace(ALICE, existing_customer=replace(EXISTING, **missing))
    found = decision(alice, "email", "survey", on=DAY)
    assert not found.is_open
    assert words in found.why.en
    assert "BGH" in found.why.de


def test_a_company_may_be_called_when_its_interest_is_written_down():
    assert "call" not in open_for(FIRM, "recontact")
    assert "Write down" in decision(FIRM, "call", "recontact", on=DAY).why.en
    firm = replace(FIRM, presumed_interest="Wartung läuft im Mai aus")
    assert open_for(firm, "recontact")["call"] == "presumed"
    assert open_for(firm, "recontact").get("fax") is None
    alice = replace(ALICE, presumed_interest="Wartung läuft im Mai aus")
    assert "call" not in open_for(alice, "recontact")


def test_who_objected_gets_only_what_the_contract_requires():
    full = replace(ALICE, consents=(CONSENT,), existing_customer=EXISTING)
    all_over = replace(full, objections=(Objection(on=DAY),))
    for purpose in ADVERTISING:
        assert open_for(all_over, purpose) == {}
        assert open_for(all_over, purpose, on=DAY - timedelta(days=1)) != {}
    assert open_for(all_over, "contract") == dict.fromkeys(CHANNELS, "contract")
    letters = replace(full, objections=(Objection(on=DAY, channel="letter"),))
    assert set(open_for(letters, "survey")) == {"in_person", "email", "sms"}


def test_without_an_address_a_channel_is_closed_even_for_the_contract():
    nobody = replace(ALICE, addresses=frozenset())
    assert open_for(nobody, "contract") == {"in_person": "contract"}
    assert "known" in decision(nobody, "letter", "contract", on=DAY).why.en


def test_no_ground_no_sending():
    assert required_ground(ALICE, "letter", "offer", on=DAY).ground == "none_needed"
    with pytest.raises(Denied, match="proven consent"):
        required_ground(ALICE, "fax", "offer", on=DAY)


def test_proof_of_consent_is_kept_five_years_after_its_last_use():
    assert proof_kept_until(CONSENT, last_used=None) == date(2031, 3, 2)
    assert proof_kept_until(CONSENT, last_used=date(2028, 2, 29)) == date(2033, 3, 1)
    assert proof_kept_until(CONSENT, last_used=date(2020, 1, 1)) == date(2031, 3, 2)


def test_everything_has_its_words():
    for labels, names in (
        (CHANNEL_LABELS, CHANNELS),
        (PURPOSE_LABELS, PURPOSES),
        (GROUND_LABELS, GROUNDS),
    ):
        assert set(labels) == set(names)
        assert all(text.de and text.en for text in labels.values())


days = st.integers(-5, 5).map(lambda n: DAY + timedelta(days=n))
recipients = st.builds(
    Recipient,
    is_consumer=st.booleans(),
    addresses=st.frozensets(st.sampled_from(CHANNELS)),
    consents=st.lists(
        st.builds(
            Consent,
            channel=st.sampled_from(CHANNELS),
            purpose=st.sampled_from(PURPOSES),
            given_on=days,
            proof=st.sampled_from(["Formular", ""]),
            withdrawn_on=st.one_of(st.none(), days),
        ),
        max_size=3,
    ).map(tuple),
    objections=st.lists(
        st.builds(Objection, on=days, channel=st.one_of(st.none(), st.sampled_from(CHANNELS))),
        max_size=2,
    ).map(tuple),
    existing_customer=st.one_of(
        st.none(),
        st.builds(
            ExistingCustomer,
            address_from_sale=st.booleans(),
            similar_goods=st.booleans(),
            has_not_objected=st.booleans(),
            notice_at_collection=st.booleans(),
            notice=st.sampled_from(["Sie können widersprechen.", ""]),
        ),
    ),
    presumed_interest=st.sampled_from(["", "laufender Vertrag"]),
)


@given(recipients, st.sampled_from(CHANNELS), st.sampled_from(ADVERTISING), days)
def test_advertising_never_goes_out_against_the_law(recipient, channel, purpose, on):
    """Worked out from the rules, not from the code: what is open must have its ground in fact."""
    if not decision(recipient, channel, purpose, on=on).is_open:
        return
    assert channel == "in_person" or channel in recipient.addresses
    assert not [o for o in recipient.objections if o.on <= on and o.channel in (None, channel)]
    agreed = [
        c
        for c in recipient.consents
        if (c.channel, c.purpose) == (channel, purpose)
        and c.proof
        and c.given_on <= on
        and not (c.withdrawn_on and c.withdrawn_on <= on)
    ]
    known = recipient.existing_customer
    excepted = known and all(
        (
            known.address_from_sale,
            known.similar_goods,
            known.has_not_objected,
            known.notice_at_collection,
            known.notice,
        )
    )
    is_presumed = not recipient.is_consumer and recipient.presumed_interest
    match channel:
        case "email" | "sms":
            assert agreed or excepted
        case "call" | "video":
            assert agreed or is_presumed
        case "fax":
            assert agreed
