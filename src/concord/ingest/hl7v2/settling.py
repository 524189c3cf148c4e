"""What a message says of an item that is neither a visit nor a person, weighed against what is held of it.

As a whole an item is as the last message told it, in whatever order they come: so a message that says the same again is
kept as the later word. On some elements a message may be silent; of each of these the last word stands. A report lists
what any message lists.
"""

from collections.abc import Callable, Mapping
from typing import Any

from concord.fhir import LAST_WORD, encode
from concord.ingest.hl7v2.documents import REPLACED, as_said, as_shown
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.last_words import Word, elements_of, in_order, said_last, standing, told_last
from concord.ingest.hl7v2.results import listed
from concord.ingest.hl7v2.telling import Telling, without_telling
from concord.ingest.hl7v2.types import Element, compact
from concord.ingest.model import Feed

Rank = Callable[[Mapping[str, Any]], tuple[Any, ...]]
"""Of what is said of an item: what counts before when it was said."""

_DOCUMENT = "DocumentReference"
_REPORT = "DiagnosticReport"
_SECURITY = "security"  # of `meta`, and told for itself: who is silent on how confidential it is does not open it
_ON_ALL = {"meta": "meta", _SECURITY: _SECURITY}
# By type: the elements that a message may be silent on, each with the one that tells whether it is.
_KEPT_ON: Mapping[str, Mapping[str, str]] = {
    "Appointment": _ON_ALL | {
        "serviceType": "serviceType", "start": "start", "end": "start", "minutesDuration": "start",
    },
    # What ends an order often names it and no more.
    "MedicationRequest": _ON_ALL | {
        name: name for name in ("authoredOn", "requester", "priority", "dosageInstruction", "dispenseRequest")
    },
    "ServiceRequest": _ON_ALL | {
        name: name for name in (
            "authoredOn", "requester", "category", "priority", "occurrenceDateTime", "occurrencePeriod", "reasonCode",
        )
    },
    _DOCUMENT: _ON_ALL | {
        name: name for name in ("content", "type", "description", "date", "author", "relatesTo", REPLACED)
    },
}  # fmt: skip


def settled(feed: Feed, source_id: str, resource: Element, told: Telling, rank: Rank) -> Element | None:
    """The item after what one more message says of it; None when nothing of that stands."""
    before, resource = _held(feed, source_id, resource), _apart(resource)
    kept_on = _kept_on(resource)
    words = {name: elements_of(resource, name) for name, by in kept_on.items() if by in resource}
    late = before is not None and _weight(resource, (told.said_at, told.message), rank) < _weight(
        before, said_last(before), rank
    )
    return _after(before, resource, words, told, late=late)


def superseded(feed: Feed, source_id: str, known: Element, told: Telling) -> Element | None:
    """A document that another one replaces: as it is held, else as far as it is `known`, so that it meets this word
    when it comes later; None when that was said before."""
    before = _held(feed, source_id, known) or _apart(known)
    return _after(before, before, {REPLACED: {}}, told, late=True)


def _after(
    before: Element | None, resource: Element, words: Mapping[str, Element], told: Telling, *, late: bool
) -> Element | None:
    names = _kept_on(resource)
    elements, last_words = standing(before, words, told, names, late=late)
    if resource["resourceType"] == _REPORT:
        elements |= listed(before, resource) if before is not None and late else listed(resource, before)
    if before is not None and late:
        if all(before.get(name) == value for name, value in elements.items()) and last_words == _last_words(before):
            return None
        resource = before
    # Of several messages each names its open times; what one alone tells has those that it names itself.
    found = _together(
        told_last(_rest(resource) | elements, told, before if late or last_words else None, last_words, late=late)
    )
    return as_shown(found) if found["resourceType"] == _DOCUMENT else found


def _held(feed: Feed, source_id: str, resource: Element) -> Element | None:
    before = held(feed, resource["resourceType"], source_id)
    if before is None:
        return None
    return _apart(as_said(before) if before["resourceType"] == _DOCUMENT else before)


def _apart(resource: Element) -> Element:
    """With `security` as an element of its own."""
    if _SECURITY not in resource.get("meta", {}):
        return resource
    meta = {name: value for name, value in resource["meta"].items() if name != _SECURITY}
    return {name: value for name, value in resource.items() if name != "meta"} | compact(
        meta=meta, security=resource["meta"][_SECURITY]
    )


def _together(resource: Element) -> Element:
    """As R4 has it; in one order, whichever message said which."""
    rest = {name: value for name, value in resource.items() if name != _SECURITY}
    meta = resource.get("meta", {}) | compact(security=resource.get(_SECURITY))
    return rest | compact(meta=dict(sorted(meta.items())))


def _last_words(resource: Element) -> list[Element]:
    return [one for one in resource.get("extension", ()) if one.get("url") == LAST_WORD]


def _weight(resource: Element, said: Word, rank: Rank) -> tuple[Any, ...]:
    """Of two messages that nothing tells apart, one is chosen by what it says."""
    return *rank(resource), in_order(said), encode(_unreferenced(_rest(resource)))


def _rest(resource: Element) -> Element:
    """What is told as a whole."""
    apart = {"extension", "result", *_kept_on(resource)}
    others = [one for one in without_telling(resource).get("extension", ()) if one.get("url") != LAST_WORD]
    return {name: resource[name] for name in resource if name not in apart} | compact(extension=others)


def _kept_on(resource: Element) -> Mapping[str, str]:
    return _KEPT_ON.get(resource["resourceType"], _ON_ALL)


def _unreferenced(value: Any) -> Any:
    """`value` in one order, without references, which the record writes in its own way."""
    if isinstance(value, dict):
        return {name: _unreferenced(value[name]) for name in sorted(value) if name != "reference"}
    return [_unreferenced(part) for part in value] if isinstance(value, list) else value
