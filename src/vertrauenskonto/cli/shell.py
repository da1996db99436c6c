"""The user's side of the program: language, day, output, problems, progress."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from shutil import get_terminal_size

from vertrauenskonto.core.errors import Language, Problem, Text, TrustError

# A file with a wrong column has as many problems as rows; the first ones tell the story.
_PROBLEMS_SHOWN_MAX = 20
_WIDTH_MAX = 120
_STAGES = {
    "read": Text("Lesen", "Reading"),
    "book": Text("Buchen", "Booking"),
    "ledger": Text("In der Datenbank buchen", "Booking into the database"),
    "value": Text("Bewerten", "Valuing"),
    "write": Text("Schreiben", "Writing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Where a command finds the user's language and day, and says things.

    Results go to standard output, everything about them to standard error.
    """

    language: Language
    today: date

    def print(self, text: str) -> None:
        """Write a result."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")

    def say(self, text: Text) -> None:
        """Write something about the result."""
        sys.stderr.write(text.in_language(self.language) + "\n")

    def words(self, german: str, english: str) -> str:
        """Return the wording for the user."""
        return german if self.language == "de" else english

    def refuse(self, error: TrustError) -> None:
        """Write why a request cannot be fulfilled."""
        self.say(error.text)
        # A lone problem is often the error itself, for programs that look for its field.
        others = [problem for problem in error.problems if problem.text != error.text]
        self._list(others, len(others))

    def report(
        self, listed: Sequence[Problem], *, errors: int, notes: int, closing: Text | None = None
    ) -> int:
        """Write problems found in data and how many there are; return the exit code.

        `listed` may hold fewer than there are. Notes alone are told, but are no failure. `closing`
        is said of errors instead of that everything else was processed.
        """
        self._list(listed, errors + notes)
        if errors and closing is not None:
            self.say(closing)
        elif errors:
            self.say(
                Text(
                    f"{_times(errors, 'Problem', 'Probleme')} in den Daten; "
                    "alles Übrige ist verarbeitet.",
                    f"{_times(errors, 'problem', 'problems')} in the data; "
                    "everything else was processed.",
                )
            )
        if notes:
            self.say(
                Text(
                    f"{_times(notes, 'Hinweis', 'Hinweise')}; dadurch fehlt nichts.",
                    f"{_times(notes, 'note', 'notes')}; nothing is missing because of that.",
                )
            )
        return 1 if errors else 0

    def report_all(self, problems: Sequence[Problem]) -> int:
        """Write problems, none of which was held back; return the exit code."""
        errors = sum(problem.severity == "error" for problem in problems)
        return self.report(problems, errors=errors, notes=len(problems) - errors)

    @property
    def width(self) -> int:
        """How wide a table may be."""
        return min(get_terminal_size((100, 24)).columns, _WIDTH_MAX)

    @contextmanager
    def working(self, what: Text) -> Iterator["Progress"]:
        """Show a bar on standard error while the block works; nothing if that is no terminal."""
        bar = Progress(what.in_language(self.language), is_shown=sys.stderr.isatty())
        try:
            yield bar
        finally:
            bar.clear()

    @contextmanager
    def stages(self) -> Iterator[Callable[[str, float], None]]:
        """Yield what an engine tells its stage and share to; a bar is shown as in `working`."""
        bars: dict[str, Progress] = {}

        def told(stage: str, share: float) -> None:
            if stage not in bars:
                words = _STAGES.get(stage, Text(stage, stage)).in_language(self.language)
                bars[stage] = Progress(words, is_shown=sys.stderr.isatty())
            bars[stage](share)

        try:
            yield told
        finally:
            for bar in bars.values():
                bar.clear()

    def _list(self, problems: Sequence[Problem], total: int) -> None:
        ordered = sorted(problems, key=lambda p: p.severity != "error")
        for problem in ordered[:_PROBLEMS_SHOWN_MAX]:
            sys.stderr.write(f"  {problem.in_language(self.language)}\n")
        left = total - min(len(ordered), _PROBLEMS_SHOWN_MAX)
        if left > 0:
            self.say(Text(f"  … und {left} weitere", f"  … and {left} more"))


class Progress:
    """A bar that is drawn over itself; call it with the share done, 0..1."""

    def __init__(self, what: str, *, is_shown: bool) -> None:
        self._what = what
        self._is_shown = is_shown
        self._drawn = -1

    def __call__(self, share: float) -> None:
        """Draw the bar at this share; calls that change nothing cost nothing."""
        per_cent = int(100 * min(max(share, 0.0), 1.0))
        if not self._is_shown or per_cent == self._drawn:
            return
        self._drawn = per_cent
        filled = per_cent * 30 // 100
        bar = "━" * filled + "╌" * (30 - filled)
        sys.stderr.write(f"\r{self._what} {bar} {per_cent:3} %")
        sys.stderr.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._is_shown and self._drawn >= 0:
            sys.stderr.write("\r\x1b[2K")
            sys.stderr.flush()


def _times(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
