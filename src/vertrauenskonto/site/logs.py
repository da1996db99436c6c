"""Logs: one JSON object a line, holding only what is on a list; no personal data can get in.

Our own messages are dotted names (`request.done`) with fields from `FIELDS`. Of other
programs' messages only the wording before anything was filled in is kept, and of an error its class
and the places it came through, never its message: both may quote names, addresses or secrets.
"""

import json
import logging
import traceback
from datetime import UTC, datetime

OWN = "vertrauenskonto"

# What a line may hold beside its time, level and name. None of these is about a person.
FIELDS = (
    "request_id",
    "method",
    "route",
    "status",
    "ms",
    "job",
    "attempt",
    "worker",
    "error",
    "port",
)


class JsonLines(logging.Formatter):
    """Turns a record into one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        instant = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, object] = {
            "at": instant.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _wording(record),
        }
        for name in FIELDS:
            if hasattr(record, name):
                line[name] = getattr(record, name)
        if record.exc_info and record.exc_info[1] is not None:
            line["errors"] = _errors(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def _wording(record: logging.LogRecord) -> str:
    """Return our own message, or what is constant about another's: unknown if nothing is filled in."""
    if record.name == OWN or record.name.startswith(f"{OWN}."):
        return record.getMessage()
    if isinstance(record.msg, str) and record.args:
        return record.msg
    return f"{record.module}:{record.lineno}"


def _errors(error: BaseException) -> list[dict[str, object]]:
    """Return an error and what led to it, the outermost first: class and places."""
    found: list[dict[str, object]] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        places = [f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
        found.append(
            {"class": f"{type(current).__module__}.{type(current).__name__}", "at": places}
        )
        current = current.__cause__ or current.__context__
    return found


def _module(path: str) -> str:
    # The end of the path tells which module it is; its beginning tells about the machine.
    return "/".join(path.replace("\\", "/").split("/")[-3:])


def configuration() -> dict[str, object]:
    """Return what Django is told about logging: everything to standard error, as JSON lines."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "vertrauenskonto.site.logs.JsonLines"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            OWN: {"level": "INFO"},
            # Its lines are ours already, with the route instead of the path.
            "django.request": {"level": "CRITICAL"},
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": False},
            # Anybody can send a wrong host; the answer 400 is told of by ourselves.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "django": {"handlers": [], "level": "WARNING"},
        },
    }
