"""Tables as text, CSV and HTML."""

from vertrauenskonto.render.tables import Column, Row, Table, csv_text, html_table, text_table

TABLE = Table(
    caption="A <caption>",
    columns=(Column(heading="What", wraps=True), Column(heading="Points", is_number=True)),
    rows=(
        Row(("brought forward", "1.0"), "opening"),
        Row(("a rather long line that has to wrap somewhere", "+2.0")),
        Row(("<b>", "−2.0")),
        Row(("balance", "1.0"), "closing"),
    ),
)


def test_text_wraps_and_closes_with_a_double_rule():
    assert text_table(TABLE, width=30).splitlines() == [
        "What                    Points",
        "──────────────────────  ──────",
        "brought forward            1.0",
        "a rather long line        +2.0",
        "that has to wrap",
        "somewhere",
        "<b>                       −2.0",
        "══════════════════════  ══════",
        "balance                    1.0",
    ]


def test_html_is_escaped_and_repeats_opening_and_closing_on_each_page():
    text = html_table(TABLE)
    assert "<caption>A &lt;caption&gt;</caption>" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    head, foot = text.split("<tbody>")[0], text.split("</tbody>")[1]
    assert "brought forward" in head
    assert "balance" in foot
    assert 'data-sign="withdrawal">−2.0' in text
    assert 'data-sign="deposit">+2.0' in text


def test_csv_quotes_what_needs_it_and_leaves_nothing_for_none():
    assert csv_text(("a", "b"), [('x "y"', None), ("1,5", 2.5)]) == ('a,b\n"x ""y""",\n"1,5",2.5\n')


def test_columns_that_wrap_share_the_room_and_the_narrow_ones_leave_theirs():
    table = Table(
        caption="",
        columns=(
            Column(heading="Name", wraps=True),
            Column(heading="Place", wraps=True),
            Column(heading="N", is_number=True),
        ),
        rows=(Row(("a name of some length", "a place", "1")),),
    )
    assert text_table(table, width=29).splitlines() == [
        "Name               Place    N",
        "─────────────────  ───────  ─",
        "a name of some     a place  1",
        "length",
    ]


def test_where_columns_do_not_fit_each_row_has_lines_of_its_own():
    assert text_table(TABLE, width=19).splitlines() == [
        "brought forward",
        "    Points 1.0",
        "a rather long line",
        "  that has to wrap",
        "  somewhere",
        "    Points +2.0",
        "<b>",
        "    Points −2.0",
        "═══════════════════",
        "balance",
        "    Points 1.0",
    ]
    numbers = tuple(Column(heading=name, is_number=True) for name in ("A", "B", "C"))
    table = Table(caption="", columns=numbers, rows=(Row(("1000", "", "2")),))
    assert text_table(table, width=8).splitlines() == ["    A 1000", "    C 2"]
