"""Where each key of a TOML file stands."""

import tomllib

import pytest

from vertrauenskonto.importers.toml_lines import key_lines, line_of, toml_tables

SOURCE = '''\
# a comment with [brackets] and x = 1
title = "a [b] = c"   # x = 2

[policy]
name = "own"
"quoted key" = 1
a . b = 2
text = """
inside = 1
[no.table]
"""
after = 'x'
list = [
  "a = 1",
  [1, 2],
]
one_line = ["]", 1]

[kinds.promise_kept]  # [x]
able = 5
inline = { deep = 1 }

[[rows]]
x = 1
[[rows]]
x = 2
[a.'b c']
literal = \'\'\'
k = 1
\'\'\'
last = 1
'''


def test_keys_and_tables_have_lines_and_what_is_inside_texts_and_lists_has_none():
    assert tomllib.loads(SOURCE)
    assert key_lines(SOURCE) == {
        ("title",): 2,
        ("policy",): 4,
        ("policy", "name"): 5,
        ("policy", "quoted key"): 6,
        ("policy", "a", "b"): 7,
        ("policy", "text"): 8,
        ("policy", "after"): 12,
        ("policy", "list"): 13,
        ("policy", "one_line"): 17,
        ("kinds", "promise_kept"): 19,
        ("kinds", "promise_kept", "able"): 20,
        ("kinds", "promise_kept", "inline"): 21,
        ("rows",): 23,
        ("rows", "x"): 24,
        ("rows[0]",): 23,
        ("rows[0]", "x"): 24,
        ("rows[1]",): 25,
        ("rows[1]", "x"): 26,
        ("a", "b c"): 27,
        ("a", "b c", "literal"): 28,
        ("a", "b c", "last"): 31,
    }


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("rows[1].x", 26),
        ("rows[1]", 25),
        ("rows[1].inner[3].y", 25),  # not written out: the nearest table around it
        ("policy.list[1].x", 13),
        ("kinds.promise_kept.inline.deep", 21),
        ("title", 2),
        ("missing", None),
        ("", None),
    ],
)
def test_a_dotted_key_has_the_line_of_the_nearest_thing_written_around_it(key, line):
    assert line_of(key_lines(SOURCE), key) == line


def test_an_empty_file_has_no_keys():
    assert key_lines("") == {}


@pytest.mark.parametrize("text", ["a=" + "[" * 20_000, "a" + ".a" * 20_000 + "=1"])
def test_what_is_nested_without_end_is_no_toml(text):
    with pytest.raises(tomllib.TOMLDecodeError, match="nested too deeply"):
        toml_tables(text)
    assert toml_tables("a" + ".a" * 40 + "=1") == tomllib.loads("a" + ".a" * 40 + "=1")
