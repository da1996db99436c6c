"""Which engine a word means."""

import pytest

from vertrauenskonto.engine.address import Address, UnknownEngine, address, without_password


@pytest.mark.parametrize(
    ("word", "engine", "url"),
    [
        ("duckdb", "duckdb", ""),
        ("postgresql://ada@db/trust", "postgres", "postgresql://ada@db/trust"),
        ("postgres://db/trust", "postgres", "postgres://db/trust"),
        ("spark", "spark", "local[*]"),
        ("local", "spark", "local"),
        ("local[2]", "spark", "local[2]"),
        ("local[*,3]", "spark", "local[*,3]"),
        ("spark://host:7077", "spark", "spark://host:7077"),
        ("k8s://https://host", "spark", "k8s://https://host"),
        ("yarn", "spark", "yarn"),
    ],
)
def test_a_word_names_one_engine(word, engine, url):
    assert address(word) == Address(engine=engine, url=url)


@pytest.mark.parametrize(
    "word", ["", "mysql://db", "Duckdb", "local[x]", "postgresql", "duckdb://x"]
)
def test_any_other_word_is_refused_with_the_possible_ones(word):
    with pytest.raises(UnknownEngine) as refused:
        address(word)
    for language in ("de", "en"):
        assert "postgresql://localhost/vertrauen" in refused.value.in_language(language)


def test_a_near_miss_is_pointed_out():
    with pytest.raises(UnknownEngine, match="Did you mean 'duckdb'"):
        address("ducdb")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://ada:geheim@db:5432/trust", "postgresql://ada@db:5432/trust"),
        ("postgresql://ada:ge@heim@db/trust", "postgresql://ada@db/trust"),
        (
            "postgresql:///trust?host=db&password=geheim&user=ada",
            "postgresql:///trust?host=db&user=ada",
        ),
        ("postgresql://[broken:geheim", "postgresql"),
    ],
)
def test_a_password_is_never_printed(url, shown):
    assert str(Address(engine="postgres", url=url)) == shown
    assert without_password(url) == shown


def test_an_unknown_engine_does_not_give_a_password_away():
    with pytest.raises(UnknownEngine) as refused:
        address("mysql://ada:geheim@db/trust")
    assert "geheim" not in str(refused.value)


def test_the_engine_in_this_process_prints_as_its_name():
    assert str(address("duckdb")) == "duckdb"
