"""Reading the tables of a policy file key by key, while collecting everything that is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from vertrauenskonto.core.errors import Problem, Text, did_you_mean
from vertrauenskonto.core.ledger.entries import DIMENSIONS
from vertrauenskonto.core.ledger.goal_guard import goal_problem, goal_word, goal_word_inside
from vertrauenskonto.core.ledger.policy_file.admissible import Field, Path

# A table read from TOML: texts, numbers, flags, days, lists and tables, whatever somebody wrote.
Tree = Mapping[str, Any]

_SHOWN_CHARACTERS_MAX = 60


@dataclass(slots=True)
class Report:
    """Reads values and keeps the problems found on the way; knows the file and its lines."""

    file: str
    lines: Mapping[Path, int]
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, problem: Problem) -> None:
        """Keep a problem; a key without a line of its own shows the line of its table."""
        line = next((n for k in range(len(path), 0, -1) if (n := self.lines.get(path[:k]))), None)
        self.problems.append(replace(problem, file=self.file, line=line, field=".".join(path)))

    def error(self, code: str, path: Path, text: Text) -> None:
        """Keep a mistake: the policy cannot be used."""
        self.add(path, Problem(code=code, text=text))

    def note(self, code: str, path: Path, text: Text) -> None:
        """Keep a remark: the policy can be used, but probably is not what was meant."""
        self.add(path, Problem(code=code, text=text, severity="note"))

    def has_error(self, path: Path) -> bool:
        """Tell whether something at or below `path` is wrong already."""
        dotted = ".".join(path)
        return any(
            p.severity == "error" and (p.field == dotted or p.field.startswith(f"{dotted}."))
            for p in self.problems
        )

    def refuse_goal(self, path: Path, word: str) -> None:
        """Refuse a rule that reads revenue, conversion or customer value."""
        self.add(path, goal_problem(word))

    def unknown(self, path: Path, value: object, known: Iterable[str]) -> None:
        """Report a key that does not exist; one that reads revenue is refused for that."""
        key, names = path[-1], list(known)
        word = goal_word(key) or goal_word_inside(value)
        if word:
            self.refuse_goal(path, word)
            return
        near, listed = did_you_mean(key, names), ", ".join(names)
        cure = Text(
            de=near.de or f" Erlaubt sind: {listed}.", en=near.en or f" Known here: {listed}."
        )
        text = Text(
            de=f"„{key}“ gibt es hier nicht.{cure.de}", en=f"'{key}' does not exist here.{cure.en}"
        )
        self.error("unknown_key", path, text)

    def no_dimension(self, path: Path, value: object) -> None:
        """Report a key where a precondition of trust was expected."""
        word = goal_word(path[-1]) or goal_word_inside(value)
        if word:
            self.refuse_goal(path, word)
            return
        near, listed = did_you_mean(path[-1], DIMENSIONS), ", ".join(DIMENSIONS)
        text = Text(
            de=f"„{path[-1]}“ ist keine Dimension; erlaubt sind {listed}.{near.de}",
            en=f"'{path[-1]}' is no dimension; use {listed}.{near.en}",
        )
        self.error("dimension", path, text)

    def table(self, value: object, path: Path) -> Tree | None:
        """Return `value` if it is a table; otherwise report that and return None."""
        if isinstance(value, Mapping):
            return value
        dotted = ".".join(path)
        text = Text(
            de=f"{dotted} = {shown(value)}: nötig ist ein Abschnitt [{dotted}].",
            en=f"{dotted} = {shown(value)}: a section [{dotted}] is needed.",
        )
        self.error("not_a_table", path, text)
        return None

    def read(self, value: object, one: Field, path: Path) -> Any:  # whatever the field holds
        """Return the value as the field's rule reads it; report it and return None if it cannot."""
        try:
            return one.rule.read(value)
        except ValueError as error:
            word = goal_word_inside(value)
            if word and not one.is_wording:
                self.refuse_goal(path, word)
                return None
            more = error.args[0] if error.args else None
            wrong = more if isinstance(more, Text) else one.rule.refusal
            place = f"{'.'.join(path)} = {shown(value)}"
            self.error("value", path, Text(f"{place}: {wrong.de}", f"{place}: {wrong.en}"))
            return None

    def fields(self, raw: Tree, known: Mapping[str, Field], at: Path) -> dict[str, Any]:
        """Return the value of every known key, defaults filled in; report what is missing.

        Unknown keys are the caller's to report: only the caller knows what else may stand there.
        """
        values: dict[str, Any] = {}
        for key, one in known.items():
            values[key] = one.default
            if key in raw:
                read = self.read(raw[key], one, (*at, key))
                values[key] = one.default if read is None else read
            elif one.required:
                self._missing(one, (*at, key))
        return values

    def refuse_unknown(self, raw: Tree, known: Iterable[str], at: Path) -> None:
        """Report every key of a table that is not among `known`."""
        names = tuple(known)
        for key, value in raw.items():
            if key not in names:
                self.unknown((*at, key), value, names)

    def parameters(self, raw: Tree, known: Mapping[Path, Field], at: Path) -> dict[Path, Any]:
        """Return the parameters stated in `raw` by path; what is wrong is reported and left out."""
        values: dict[Path, Any] = {}
        for name in dict.fromkeys(path[0] for path in known):
            if name in raw:
                values |= self.section(raw[name], known, at, (name,))
        return values

    def section(
        self, raw: object, known: Mapping[Path, Field], at: Path, below: Path
    ) -> dict[Path, Any]:
        """Return what the table at `at` + `below` states, by path relative to `at`."""
        values: dict[Path, Any] = {}
        keys = dict.fromkeys(p[len(below)] for p in known if p[: len(below)] == below)
        for key, value in (self.table(raw, (*at, *below)) or {}).items():
            path = (*below, key)
            if path in known:
                before = len(self.problems)
                read = self.read(value, known[path], (*at, *path))
                # None can be a value (never), so success shows in the problems.
                if len(self.problems) == before:
                    values[path] = read
            elif key in keys:
                values |= self.section(value, known, at, path)
            elif keys.keys() <= set(DIMENSIONS):
                self.no_dimension((*at, *path), value)
            else:
                self.unknown((*at, *path), value, keys)
        return values

    def _missing(self, one: Field, path: Path) -> None:
        table = ".".join(path[:-1])
        text = Text(
            de=f"{path[-1]} fehlt in [{table}] ({one.meaning.de}); {one.rule.refusal.de}",
            en=f"{path[-1]} is missing in [{table}] ({one.meaning.en}); {one.rule.refusal.en}",
        )
        self.error("missing", path, text)


def shown(value: object) -> str:
    """Return a value as it would stand in a policy file, cut when long."""
    if isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, date):
        text = value.isoformat()
    elif isinstance(value, float):
        text = f"{value:g}" if value == round(value, 6) else repr(value)
    else:
        text = str(value)
    return text if len(text) <= _SHOWN_CHARACTERS_MAX else f"{text[:_SHOWN_CHARACTERS_MAX]}…"
