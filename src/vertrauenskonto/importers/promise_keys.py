"""The keys of a mapping file that say what was promised, and what became of it."""

from vertrauenskonto.importers.mapping_key import ACCOUNT, ID, WHEN, Key

PROMISE_KEYS = (
    WHEN,
    ACCOUNT,
    ID,
    Key(
        name="wording",
        type="expression",
        required=True,
        meaning="What was promised, in words. Empty is a problem.",
        example="'Lieferung ' || order_number",
    ),
    Key(
        name="made",
        type="expression",
        required=True,
        meaning="When it was promised, a day or an instant: its policy decides. Empty is a problem.",
        example="ordered",
    ),
    Key(
        name="due",
        type="expression",
        required=True,
        meaning="Until when, a day (until its end) or an instant. Empty is a problem.",
        example="promised",
    ),
    Key(
        name="done",
        type="expression",
        default="not yet",
        meaning="When it was done, a day or an instant; empty: not yet. What was not done four "
        "weeks after its date counts as broken.",
        example="delivered",
    ),
    Key(
        name="told",
        type="expression",
        default="never",
        meaning="When the customer was told that the date fails. After the date it changes nothing.",
        example="delay_mail_sent",
    ),
    Key(
        name="agreed",
        type="expression",
        default="never",
        meaning="When another date was agreed with the customer, before the first one had passed.",
    ),
    Key(name="new_due", type="expression", default="none", meaning="The date agreed then."),
    Key(
        name="withdrawn",
        type="expression",
        default="never",
        meaning="When the customer said that it is no longer needed.",
    ),
    Key(
        name="capability",
        type="expression",
        default="none",
        meaning="What it takes to keep it: a word that promises have in common.",
        example="'delivery'",
    ),
    Key(
        name="said_in",
        type="expression",
        default="other",
        meaning="Where it was said: call, visit, mail, letter, chat, offer or other.",
    ),
    Key(
        name="first",
        type="expression",
        default="by the contacts so far",
        meaning="Whether it was the first contact.",
    ),
    Key(
        name="before_order",
        type="expression",
        default="false",
        meaning="Whether it was promised before the order.",
    ),
    Key(name="evidence", type="expression", default="none", meaning="Where it can be read."),
)
