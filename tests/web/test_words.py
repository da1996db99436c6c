"""No text of ours in one language only: templates, and Text(de, en) wherever it is written."""

import ast
import re
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

ROOT = Path(__file__).parents[2] / "src" / "vertrauenskonto"
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*"))
# Names and file formats, and what a reader of either language reads alike.
NAMES = {
    "Vertrauenskonto",
    "Deutsch",
    "English",
    "PDF",
    "HTML",
    "Markdown",
    "CSV",
    "XLSX",
    "JSON",
    "toml",
}
# Words that are the same in both languages.
SAME = {
    *("Name", "Team", "Teams", "Mail", "Link", "Webhook", "Webhooks", "Token", "Status", "Start"),
    *("Import", "Export", "Format", "Version", "Person", "Text", "System", "Code", "Passkey"),
    *("App", "Browser", "PDF", "CSV", "XLSX", "JSON", "CRM", "E-Mail", "Ticket", "Shop", "–", "…"),
    *(
        "Administration",
        "Marketing",
        "Service",
        "Software",
        "TOML",
        "name",
        "Organisation",
        "In",
        "Segment",
        "Engine",
        "Phase:",
    ),
}
# Attributes that people read; the others are for the browser.
_READ = re.compile(r'(?:aria-label|title|placeholder|alt|content|value)="([^"]*)"')
_TAG = re.compile(r"""<(?:"[^"]*"|'[^']*'|[^'">])*>""", re.DOTALL)
_SCRIPT = re.compile(r"<(script|style)\b.*?</\1>|<!--.*?-->|<code\b[^>]*>.*?</code>", re.DOTALL)
_ENTITY = re.compile(r"&#?\w+;")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_WORDS = re.compile(
    r"""words\s+("(?:[^"\\]|\\.)*"|'[^']*'|[\w.]+)\s+("(?:[^"\\]|\\.)*"|'[^']*'|[\w.]+)"""
)
# What stands in a place that no block or variable fills.
_HOLE = "\N{REPLACEMENT CHARACTER}"


def templates() -> list[Path]:
    # One template opens a tag whose name it chooses, which no reader of tags can follow.
    known = {".html", ".txt"}
    return [p for p in TEMPLATES if p.suffix in known and p.name != "button.html"]


def tokens(path: Path):
    return Lexer(path.read_text(encoding="utf-8")).tokenize()


def visible(path: Path) -> list[str]:
    """Return the words of a template outside tags of the template language that people see."""
    parts, is_comment = [], False
    for token in tokens(path):
        if token.token_type == TokenType.BLOCK and token.contents in ("comment", "endcomment"):
            is_comment = token.contents == "comment"
        text = token.contents if token.token_type == TokenType.TEXT else _HOLE
        parts.append("" if is_comment else text)
    whole = _SCRIPT.sub(" ", "".join(parts))
    if path.suffix != ".html":
        return _found(whole)
    read = [m for tag in _TAG.findall(whole) for m in _read(tag)]
    return _found(_TAG.sub(" ", whole)) + [word for text in read for word in _found(text)]


def _read(tag: str) -> list[str]:
    """Return the values of a tag's attributes that people read."""
    is_said = tag.startswith(("<input", "<button")) and 'type="submit"' in tag
    return [
        match.group(1)
        for match in _READ.finditer(tag)
        if match.group(0).split("=")[0] not in ("content", "value") or is_said
    ]


def _found(text: str) -> list[str]:
    words = _LETTERS.findall(_ENTITY.sub(" ", text))
    return [word for word in words if word not in NAMES]


def test_there_are_templates():
    assert len(templates()) > 40


def test_no_template_holds_a_text_outside_both_languages():
    found = {str(p.relative_to(ROOT)): words for p in templates() if (words := visible(p))}
    assert found == {}


def _sides(contents: str) -> list[tuple[str, str]]:
    return [
        (german[1:-1], english[1:-1])
        for german, english in _WORDS.findall(contents)
        if german[0] in "\"'" and english[0] in "\"'"
    ]


def test_each_text_of_a_template_has_two_different_sides():
    found = []
    for path in templates():
        for token in tokens(path):
            if token.token_type != TokenType.BLOCK:
                continue
            called = token.split_contents()
            if called and called[0] == "words":
                assert len(called) in (3, 5), (path.name, token.contents)
                found += [
                    (path.name, de, en) for de, en in _sides(token.contents) if _is_same(de, en)
                ]
    assert found == []


def _is_same(german: str, english: str) -> bool:
    # A sentence around a value may end in one language only: " am {day} bekannt" needs a rest.
    rest = german or english
    if not (german and english) and rest != rest.strip():
        return False
    german, english = german.strip(), english.strip()
    if not _LETTERS.search(german + english):
        return False
    return not german or not english or (german == english and german not in SAME)


def _literal(node: ast.expr) -> str | None:
    """Return a text literal, with a hole where values are filled in; None: it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else _HOLE for part in node.values
        )
    return None


def pairs(path: Path):
    """Yield (line, German, English) of every Text(…) and words(…) with literals in a module."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name not in ("Text", "words"):
            continue
        given = dict(zip(("de", "en"), node.args, strict=False))
        given |= {k.arg: k.value for k in node.keywords if k.arg in ("de", "en")}
        if len(given) == 2:
            german, english = _literal(given["de"]), _literal(given["en"])
            if german is not None and english is not None:
                yield node.lineno, german, english


MODULES = sorted(ROOT.rglob("*.py"))


def test_each_text_of_the_program_has_two_different_sides():
    found, count = [], 0
    for path in MODULES:
        for line, german, english in pairs(path):
            count += 1
            if _is_same(german, english) and not _is_code(german):
                found.append(f"{path.relative_to(ROOT)}:{line} {german!r} {english!r}")
    assert count > 500
    assert found == []


def _is_code(text: str) -> bool:
    """Tell whether a text is the same in both languages because programs read it: a command, a key."""
    return bool(
        re.fullmatch(r"(?:vertrauenskonto|chmod|chown|postgresql|https?) ?.*", text, re.DOTALL)
        or re.fullmatch(r"[\w./:-]*[_/:.][\w./:-]*", text)
        # What stands for a value on the command line: NAME, table|json.
        or text.isupper()
        or "|" in text
        or _HOLE in text
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<p>Hallo</p>", ["Hallo"]),
        ('<p>{% words "Hallo" "Hello" %} {{ name }}</p>', []),
        ('<a aria-label="Schließen" class="x">×</a>', ["Schließen"]),
        ("<a href=\"/x\" title=\"{% words 'Auf' 'Open' %}\"></a>", []),
    ],
)
def test_the_check_sees_what_people_see(tmp_path, text, words):
    path = tmp_path / "one.html"
    path.write_text(text, encoding="utf-8")
    assert visible(path) == words
