"""The English list: long enough, each word once, and no alternative needs one itself."""

from vertrauenskonto.core.text.jargon import FIELDS, marked
from vertrauenskonto.core.text.jargon_english import ENGLISH


def entries():
    for text in ENGLISH.values():
        for line in text.split(";"):
            if line.strip():
                forms, separator, plain = " ".join(line.split()).partition(" = ")
                yield forms.split("|"), separator, plain


def test_the_list_is_long_and_complete():
    assert tuple(ENGLISH) == FIELDS
    listed = list(entries())
    assert len(listed) >= 400
    assert all(separator and plain for _, separator, plain in listed)


def test_each_form_stands_once_and_in_small_letters_without_hyphens():
    forms = [form for listed, _, _ in entries() for form in listed]
    twice = {form for form in forms if forms.count(form) > 1}
    assert not twice
    assert all(form == form.lower().replace("-", " ").strip() for form in forms)


def test_no_plain_alternative_is_jargon_itself():
    poor = [
        (listed[0], plain)
        for listed, _, plain in entries()
        if any(m.entry.word != listed[0] for m in marked(plain, "en"))
    ]
    assert not poor


def test_every_word_is_found_as_it_is_listed():
    for listed, _, _ in entries():
        for form in listed:
            found = [m.span.of(form) for m in marked(form, "en")]
            assert found == [form]
