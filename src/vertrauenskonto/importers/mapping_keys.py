"""The keys of a mapping file: which there are, of what type, and what each means.

The parser refuses what is not listed here, and the reference page is written from it.
"""

from vertrauenskonto.importers.mapping_key import ACCOUNT, ID, WHEN, Key
from vertrauenskonto.importers.promise_keys import PROMISE_KEYS

TOP_KEYS = (
    Key(
        name="name",
        type="text",
        required=True,
        meaning="Name of the mapping, in lower case; later imports rely on it.",
        example="shop_orders",
    ),
    Key(
        name="source",
        type="text",
        default="the name",
        meaning="The system the rows come from. It is put before each event's id, so that ids "
        "from two systems never meet: `<source>:<id>`.",
        example="shop_de",
    ),
    Key(
        name="title",
        type="texts",
        required=True,
        meaning="What the file is, for people.",
        example='{ de = "Bestellungen", en = "Orders" }',
    ),
    Key(
        name="export",
        type="texts",
        meaning="How to make the export, where the file does not lie on a disk anyway.",
    ),
    Key(name="link", type="text", meaning="Where the file or its layout is described publicly."),
    Key(name="licence", type="text", meaning="Under which licence the data may be used."),
    Key(name="seen", type="text", meaning="Year and month in which the layout was looked at."),
    Key(
        name="time_zone",
        type="text",
        default="Europe/Berlin",
        meaning="Time zone of the accounts. An instant with a zone counts on its calendar day "
        "there.",
        example="Europe/Vienna",
    ),
    Key(name="format", type="table", meaning="How the text files are written, see below."),
    Key(
        name="files",
        type="table",
        default="one file, called `input` in the query",
        meaning="The files of a folder, each under the name by which the query knows it. CSV or "
        "Parquet.",
        example='{ orders = "orders.csv" }',
    ),
    Key(
        name="query",
        type="text",
        default="all rows of the one file",
        meaning="A DuckDB query over these files; its rows are read instead. In a text file every "
        "column is text, an empty cell NULL, and `line` the line on which the row begins. Select "
        "`line` and, with several files, `file`, so that problems can name them.",
    ),
    Key(
        name="columns",
        type="table",
        required=True,
        meaning="The columns that are used, see below. Others are ignored.",
        example='{ number = { from = "Auftrag" } }',
    ),
    Key(name="events", type="tables", meaning="What happened, see below."),
    Key(
        name="outcomes",
        type="tables",
        meaning="What customers did because they trust, or do not: reviews, repurchases. Written "
        "to a file of their own, never scored.",
    ),
    Key(
        name="promises",
        type="tables",
        meaning="What was promised, until when, and what became of it. Read into the register of "
        "promises of an installation, which books the outcomes itself.",
    ),
)

FORMAT_KEYS = (
    Key(
        name="encoding",
        type="text",
        default="found: UTF-8, else Windows-1252; UTF-16 by its first bytes",
        meaning="Encoding of the text files.",
        example="windows-1252",
    ),
    Key(
        name="delimiter",
        type="text",
        default="found in the header",
        meaning="The character between two fields.",
        example=";",
    ),
    Key(
        name="decimal",
        type="text",
        default=".",
        meaning="Decimal mark of numbers, `.` or `,`. The other one may group thousands.",
        example=",",
    ),
    Key(
        name="days",
        type="names",
        default="YYYY-MM-DD",
        meaning="How days are written; several may be listed, then each is accepted, "
        "and the first that fits counts. Letters: "
        "`YYYY`, `YY` (69 is 1969, 68 is 2068), `MM`, `DD`, `M`, `D` (one or two digits).",
        example='["DD.MM.YYYY"]',
    ),
    Key(
        name="instants",
        type="names",
        default="ISO 8601",
        meaning="How instants are written: as for days, with `HH:MM` or `HH:MM:SS` and, for a "
        "zone such as `+0100`, `Z`. `ISO 8601` accepts days, times and zones by that standard.",
        example='["DD.MM.YYYY HH:MM"]',
    ),
    Key(
        name="time_zone",
        type="text",
        default="that of the accounts",
        meaning="Time zone of instants that are written without one.",
        example="UTC",
    ),
)

COLUMN_KEYS = (
    Key(
        name="from",
        type="names",
        default="the name used here",
        meaning="Name of the column in the file; of several the first that is there. Upper and "
        "lower case do not matter.",
        example='["Bestellnummer", "Order number"]',
    ),
    Key(
        name="type",
        type="text",
        default="text",
        meaning="`text`, `day`, `instant`, `decimal`, `integer` or `boolean` (ja, yes, true, 1, "
        "wahr and their opposites). A cell that does not fit is a problem and stops only the "
        "events that read it.",
        example="day",
    ),
    Key(
        name="formats",
        type="names",
        default="those under `format`",
        meaning="How this column's days or instants are written.",
    ),
    Key(
        name="time_zone",
        type="text",
        default="that under `format`",
        meaning="Time zone of this column's instants when written without one.",
    ),
    Key(
        name="role",
        type="text",
        default="event",
        meaning="`event`: rules may read it. `segment`: it assigns accounts to segments. "
        "`outcome`, `display`: measured or shown; of an event only the note may read it.",
        example="outcome",
    ),
    Key(
        name="optional",
        type="flag",
        default="false",
        meaning="The column may be missing in the file; its cells are then empty.",
    ),
    Key(
        name="expression",
        type="expression",
        meaning="Compute the column from those declared above it, instead of reading it.",
        example="delivered - promised",
    ),
)

_DAY = Key(
    name="day",
    type="expression",
    required=True,
    meaning="The day on which it happened for the customer. Empty is a problem.",
    example="delivered",
)
_RECORDED = Key(
    name="recorded",
    type="expression",
    default="the day of the event",
    meaning="The day on which it was known. The default is a claim about old files, and the "
    "report says so.",
    example="entered_at",
)

EVENT_KEYS = (
    WHEN,
    ACCOUNT,
    _DAY,
    _RECORDED,
    ID,
    Key(
        name="kind",
        type="kind",
        meaning="The kind: a name; or `{ column = ..., values = {...}, otherwise = ... }`, where "
        "the column's text is looked up in `values` (without `values` it is the kind itself). "
        "Needed unless there are `rules` or `reverses`.",
        example='{ column = "status", values = { "zu spät" = "promise_late_silent" } }',
    ),
    Key(
        name="rules",
        type="tables",
        meaning="Kinds by condition: tables with `when` and `kind`. The first that fits counts.",
        example='[{ when = "days_late <= 0", kind = "promise_kept" }]',
    ),
    Key(
        name="otherwise",
        type="text",
        default="problem",
        meaning="What a row gets that no rule or value fits: `problem`, `skip`, or a kind.",
        example="skip",
    ),
    Key(
        name="required",
        type="names",
        default="none",
        meaning="Columns that must be filled, such as the promised day; an empty one is a problem "
        "instead of a condition that quietly does not hold.",
        example='["promised"]',
    ),
    Key(
        name="target",
        type="expression",
        default="organisation",
        meaning="At whom it was directed: `organisation` or `person:<id>`. Empty means "
        "organisation.",
        example="'person:' || contact_number",
    ),
    Key(
        name="promise",
        type="expression",
        default="none",
        meaning="Which promise this is the outcome of. A promise renegotiated before, or kept "
        "only after that, is booked with other points.",
        example="order_number",
    ),
    Key(name="note", type="expression", default="none", meaning="A remark, shown in statements."),
    Key(
        name="points",
        type="table",
        default="those of the kind",
        meaning="Points from the file instead of the kind's: expressions for `willing`, `able`, "
        "`assessable`. Two decimals, within ±1000; not for a purchasable kind, nor for the outcome "
        "of a promise named under `promise`.",
        example='{ able = "points" }',
    ),
    Key(
        name="reverses",
        type="expression",
        default="nothing",
        meaning="The id, without the source, of the event that this row reverses. Where it is "
        "filled, no kind is needed.",
        example="cancels_number",
    ),
)

RULE_KEYS = (
    Key(
        name="when",
        type="expression",
        required=True,
        meaning="Condition on the row.",
        example="days_late <= 0",
    ),
    Key(
        name="kind",
        type="text",
        required=True,
        meaning="The kind, or `skip`.",
        example="promise_kept",
    ),
)

KIND_KEYS = (
    Key(
        name="column",
        type="text",
        required=True,
        meaning="A declared column.",
        example="status",
    ),
    Key(
        name="values",
        type="table",
        meaning="Its text → the kind, or `skip`. Upper and lower case do not matter.",
        example='{ "im Lager" = "skip" }',
    ),
    Key(name="otherwise", type="text", default="problem", meaning="As beside `rules`."),
)

OUTCOME_KEYS = (
    WHEN,
    Key(
        name="outcome",
        type="text",
        required=True,
        meaning="What was measured, in lower case.",
        example="review_score",
    ),
    ACCOUNT,
    _DAY,
    _RECORDED,
    ID,
    Key(
        name="value",
        type="expression",
        default="1",
        meaning="How much, as a number; may read columns of every role.",
        example="stars",
    ),
)

SECTIONS = {
    "The file": TOP_KEYS,
    "`[format]`": FORMAT_KEYS,
    "`[columns]`: one table for each column": COLUMN_KEYS,
    "`[[events]]`": EVENT_KEYS,
    "`[[events.rules]]`": RULE_KEYS,
    "`kind = { ... }`": KIND_KEYS,
    "`[[outcomes]]`": OUTCOME_KEYS,
    "`[[promises]]`": PROMISE_KEYS,
}
