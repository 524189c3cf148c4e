"""How something was told: when its source recorded it, in which message, and which of its times the clocks leave open.

It stands beside what is said (extensions of the resource), and is no part of it: the same words told again are no
change, and stay as they were told first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from concord.fhir import CLOCKS_CHANGED, TOLD_BY
from concord.ingest.hl7v2.clocks import open_times
from concord.ingest.hl7v2.message import Message
from concord.ingest.hl7v2.types import Element
from concord.ingest.naming import RECORDED, recorded

MAPPING = 1
"""The version of the tables by which messages are read: it rises when an element comes from another field."""

_TELLS = (RECORDED, TOLD_BY, CLOCKS_CHANGED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """Of one message. `said_at` is a FHIR dateTime; `dated`: whether it counts (of results what was issued last does,
    of a Patient that is only brought along any registration)."""

    said_at: str
    message: str
    open_times: frozenset[str]
    dated: bool = True

    def of(self, words: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[Element]:
        """The extensions for what is said by it."""
        first = [recorded(self.said_at)] if self.dated else []
        return [*first, {"url": TOLD_BY, "valueString": self.message}, *self._open(words, before)]

    def beside(self, words: Mapping[str, Any], before: Mapping[str, Any]) -> list[Element]:
        """The same where it adds to what was said later: that stays as it was told."""
        return [*(one for one in telling(before) if one["url"] != CLOCKS_CHANGED), *self._open(words, before)]

    def _open(self, words: Mapping[str, Any], before: Mapping[str, Any] | None) -> list[Element]:
        """A time that was open before still is, where it stands."""
        marks = self.open_times | {
            str(one.get("valueDateTime")) for one in telling(before) if one["url"] == CLOCKS_CHANGED
        }
        standing = sorted(marks & set(_texts(words))) if marks else ()
        return [{"url": CLOCKS_CHANGED, "valueDateTime": time} for time in standing]


def of_message(message: Message, said_at: str) -> Telling:
    """How a message tells: its type, its control id, and the version of the mapping that read it."""
    fields = (field for segment in message.segments for field in segment.fields)
    return Telling(
        said_at=said_at,
        message=f"{MAPPING} {message.type} {message.control_id}".rstrip(),
        open_times=frozenset(open_times(fields, message.sent_at)),
    )


def told_by(message: str) -> Element:
    """`extension` of an element that has the words of a message; of none that was told before messages were named."""
    return {"extension": [{"url": TOLD_BY, "valueString": message}]} if message else {}


def telling(resource: Mapping[str, Any] | None) -> list[Element]:
    """The extensions of a resource that say how it was told."""
    return [one for one in (resource or {}).get("extension", ()) if one.get("url") in _TELLS]


def without_telling(resource: Mapping[str, Any]) -> dict[str, Any]:
    """What a resource says, and nothing of how that was told."""
    others = [one for one in resource.get("extension", ()) if one.get("url") not in _TELLS]
    rest = {name: value for name, value in resource.items() if name != "extension"}
    return rest | ({"extension": others} if others else {})


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
