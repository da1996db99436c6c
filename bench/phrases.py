"""Measuring the phrase finder: one sentence, and loading it: `python -m bench.phrases`."""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_ZONE = ZoneInfo("Europe/Berlin")
_WRITTEN = datetime(2026, 3, 11, 10, tzinfo=_ZONE)
_SENTENCES = (
    "Ich melde mich bis Freitag bei Ihnen.",
    "Bis zum 3. April erhalten Sie die Schlussrechnung, die Unterlagen schicken wir Ihnen vorher zu.",
    "Sehr geehrte Frau Kessler, vielen Dank für Ihre ausführliche Schilderung, wir schauen uns den "
    "Wasserfleck an der Decke am Freitag um 9 Uhr vor Ort an.",
    "Können Sie mir bis Donnerstag die Unterlagen schicken?",
    "I'll look into it and get back to you by close of business tomorrow.",
    "You can expect our revised quote by April 3rd at the latest, as discussed on the phone.",
    "We will process your claim within 3 working days unless it is raining in Manchester.",
)
_FIRST = """
import time
started = time.perf_counter()
from vertrauenskonto.importers.phrases import suggestions
loaded = time.perf_counter()
from datetime import datetime
from zoneinfo import ZoneInfo
zone = ZoneInfo("Europe/Berlin")
suggestions("Wir liefern am 3. April.", written=datetime(2026, 3, 11, tzinfo=zone), zone=zone)
print(loaded - started, time.perf_counter() - loaded)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Milliseconds: a sentence (median, slowest), loading the rules, the first named month."""

    median: float
    slowest: float
    loading: float
    first_month: float


def measure(*, rounds: int = 30) -> Measured:
    """Return what one sentence takes once everything is loaded, and what loading takes."""
    from vertrauenskonto.importers.phrases import suggestions  # noqa: PLC0415  loading is measured

    times = []
    for number in range(rounds + 1):
        for sentence in _SENTENCES:
            started = time.perf_counter()
            suggestions(sentence, written=_WRITTEN, zone=_ZONE)
            # The first round loads the library and fills its caches.
            if number:
                times.append(time.perf_counter() - started)
    done = subprocess.run(
        [sys.executable, "-c", _FIRST], check=True, capture_output=True, text=True
    )
    loading, first = (float(part) for part in done.stdout.split())
    return Measured(
        median=1000 * statistics.median(times),
        slowest=1000 * max(times),
        loading=1000 * loading,
        first_month=1000 * first,
    )


def main() -> None:
    """Print what was measured."""
    found = measure()
    print(
        f"one sentence: median {found.median:.2f} ms, slowest {found.slowest:.2f} ms; loading the "
        f"rules {found.loading:.0f} ms, the first date with a month's name {found.first_month:.0f} ms"
    )


if __name__ == "__main__":
    main()
