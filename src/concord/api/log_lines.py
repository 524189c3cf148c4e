"""Log lines for programs: one JSON object each, with the number of the request that they belong to."""

import itertools
import logging
from contextvars import ContextVar
from datetime import UTC, datetime

import msgspec

REQUEST: ContextVar[str | None] = ContextVar("concord.request", default=None)
"""The request in hand, by a name that is in the logs alone: it never leaves the server, for it counts requests."""

_numbers = itertools.count(1)


def new_request() -> str:
    """A name for one more request of this process."""
    return f"{next(_numbers):x}"


class JsonLines(logging.Formatter):
    """`at`, `level`, `logger`, `request`, and the fields of the line (attribute `fields`), else its `message`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        request = REQUEST.get()
        if request is not None:
            line["request"] = request
        fields = getattr(record, "fields", None)
        line |= fields if isinstance(fields, dict) else {"message": record.getMessage()}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__  # its message might speak of a person
        return msgspec.json.encode(line).decode()
