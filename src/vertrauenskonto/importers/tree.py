"""A tree of TOML values read against a list of known keys; every mistake becomes a problem."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vertrauenskonto.core.errors import NO_TEXT, Problem, Text, did_you_mean
from vertrauenskonto.importers.mapping_key import Key
from vertrauenskonto.importers.toml_lines import KeyLines, line_of


class Branch:
    """One table of a TOML file.

    Reading a key of the wrong type reports a problem and returns an empty value, so that one pass
    finds every mistake. `keys` are those in the file; without `known` any key is allowed.
    """

    def __init__(
        self,
        raw: object,
        known: Sequence[Key] = (),
        *,
        file: str,
        path: str,
        problems: list[Problem],
        lines: KeyLines,
    ) -> None:
        self._file = file
        self._lines = lines
        self._path = path
        self._problems = problems
        self._known = {key.name: key for key in known}
        self._reported: set[str] = set()
        if not isinstance(raw, Mapping):
            self.wrong("", raw, Text(de="nötig ist eine Tabelle", en="a table is needed"))
            raw, known = {}, ()
        self._raw: Mapping[str, Any] = raw
        for name in raw:
            if self._known and name not in self._known:
                self.unknown(name, self._known)
        for key in known:
            if key.required and key.name not in raw:
                self.wrong(key.name, None, _missing(key))
                self._reported.add(key.name)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys that are there, in their order."""
        return tuple(self._raw)

    def has(self, key: str) -> bool:
        """Tell whether the key is there."""
        return key in self._raw

    def holds_table(self, key: str) -> bool:
        """Tell whether the key holds a table."""
        return isinstance(self._raw.get(key), Mapping)

    def text(self, key: str) -> str:
        """Return a text, or "" where the key is absent."""
        value = self._raw.get(key, "")
        if isinstance(value, str):
            if not value.strip() and key in self._raw:
                self._once(key, value, Text(de="darf nicht leer sein", en="must not be empty"))
            return value.strip()
        self._once(key, value, Text(de="nötig ist ein Text", en="a text is needed"))
        return ""

    def texts(self, key: str) -> Text:
        """Return a text in both languages, from a table with `de` and `en`, or an empty one."""
        value = self._raw.get(key)
        if value is None:
            return NO_TEXT
        if (
            isinstance(value, Mapping)
            and set(value) == {"de", "en"}
            and all(isinstance(text, str) and text.strip() for text in value.values())
        ):
            return Text(de=value["de"].strip(), en=value["en"].strip())
        self._once(
            key,
            value,
            Text(de="nötig ist { de = ..., en = ... }", en="{ de = ..., en = ... } is needed"),
        )
        return NO_TEXT

    def names(self, key: str) -> list[str]:
        """Return a list of texts; a single text is a list of one."""
        value = self._raw.get(key, [])
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list) and all(isinstance(name, str) and name for name in value):
            return list(value)
        self._once(
            key, value, Text(de="nötig ist eine Liste von Texten", en="a list of texts is needed")
        )
        return []

    def flag(self, key: str) -> bool:
        """Return true or false; false where the key is absent."""
        value = self._raw.get(key, False)
        if isinstance(value, bool):
            return value
        self._once(key, value, Text(de="nötig ist true oder false", en="use true or false"))
        return False

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """Return one of the allowed words."""
        value = self.text(key) or default
        if value in allowed:
            return value
        near = did_you_mean(value, allowed)
        words = ", ".join(allowed)
        self.wrong(
            key,
            value,
            Text(de=f"erlaubt sind {words}.{near.de}", en=f"use one of {words}.{near.en}"),
        )
        return default

    def branch(self, key: str, known: Sequence[Key] = ()) -> "Branch":
        """Return the table below `key`, empty where it is absent."""
        raw = self._raw.get(key, {})
        # An absent table misses nothing: its required keys count only once it is there.
        return self._below(raw, known if key in self._raw else (), key)

    def branches(self, key: str, known: Sequence[Key]) -> list["Branch"]:
        """Return the tables in the list below `key`."""
        value = self._raw.get(key, [])
        if not isinstance(value, list):
            self._once(
                key, value, Text(de="nötig ist eine Liste [[...]]", en="a list [[...]] is needed")
            )
            return []
        return [self._below(raw, known, f"{key}[{i}]") for i, raw in enumerate(value)]

    def wrong(self, key: str, value: object, cure: Text) -> None:
        """Report a value with its cure."""
        said = Text(de=f"„{value}“: ", en=f"'{value}': ") if value not in ("", None) else NO_TEXT
        text = Text(de=f"{said.de}{cure.de}", en=f"{said.en}{cure.en}")
        self.report(key, Problem(code="mapping", text=text))

    def unknown(self, key: str, known: Iterable[str], *, value: str | None = None) -> None:
        """Report a key, or the name it holds, that nobody knows."""
        words = list(known)
        near = did_you_mean(value or key, words)
        listed = ", ".join(words)
        self.report(
            key,
            Problem(
                code="unknown_key" if value is None else "unknown_column",
                text=Text(
                    de=f"„{value or key}“ gibt es hier nicht; bekannt sind {listed}.{near.de}",
                    en=f"There is no '{value or key}' here; known are {listed}.{near.en}",
                ),
            ),
        )

    def report(self, key: str, problem: Problem) -> None:
        """Add a problem at a key of this table."""
        path = f"{self._path}.{key}" if self._path and key else self._path or key
        self._problems.append(
            replace(problem, file=self._file, field=path, line=line_of(self._lines, path))
        )

    def _once(self, key: str, value: object, cure: Text) -> None:
        """Report a wrong value the first time it is asked for."""
        if key not in self._reported:
            self._reported.add(key)
            self.wrong(key, value, cure)

    def _below(self, raw: object, known: Sequence[Key], key: str) -> "Branch":
        path = f"{self._path}.{key}" if self._path else key
        return Branch(
            raw, known, file=self._file, path=path, problems=self._problems, lines=self._lines
        )


def _missing(key: Key) -> Text:
    is_plain = key.type not in ("texts", "table") and not key.example.startswith("[")
    written = f'"{key.example}"' if is_plain else key.example
    return Text(
        de=f"der Schlüssel fehlt; bitte ergänzen, etwa {key.name} = {written}.",
        en=f"the key is missing; add it, such as {key.name} = {written}.",
    )
