"""A message as it is kept: what it is called by, of whom it tells, and the fields of which nothing was made."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache

from concord.ingest.hl7v2.kinds import BY_TYPE
from concord.ingest.hl7v2.mapping import type_of
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.origins import ORIGINS
from concord.ingest.hl7v2.patients import patient_id
from concord.ingest.model import Feed
from concord.record import Original, Submission

_FIELD = re.compile(r"([A-Z][A-Z0-9]{2})-(\d+)")
NAMES_PATIENT = {"PID": 3, "MRG": 1}
"""The segments that name a patient, and in which field."""
_ENVELOPE, _TYPE_AGAIN = "MSH", ("EVN", 1)
_EMPTY = ("", '""')


def original_of(message: Message, made: Iterable[Submission], feed: Feed) -> Original:
    """To be asked for when all of the message has been read, and `made` of it."""
    type_ = type_of(message)
    resources = {(str(one.resource["resourceType"]), one.source_id) for one in made if one.source_id is not None}
    return Original(
        name=f"{type_} {message.control_id}".rstrip(),
        kind=f"HL7 v2 {type_}",
        feed=feed.name,
        content=message.raw,
        tells_of=frozenset(resources | {("Patient", each) for each in patients_named(message)}),
        unmapped=unmapped(message),
    )


def patients_named(message: Message) -> Iterator[str]:
    """The source's own ids of those whom the message is about, the first of them the one it is filed under."""
    for segment in message.segments:
        if segment.name in NAMES_PATIENT:
            with suppress(NotMapped):
                yield patient_id(segment, NAMES_PATIENT[segment.name])


def unmapped(message: Message) -> Counter[str]:
    """In how many fields something stands that was not read, nor would be if more or less were held: by field
    ("PID-18"). The message's envelope (MSH, and EVN-1, which repeats its type), and a number in the first field, which
    counts segments, say nothing."""
    table = _table(type_of(message))
    return Counter(
        f"{segment.name}-{number}"
        for segment in message.segments
        if segment.name != _ENVELOPE
        for number in _said(segment)
        if (segment.name, number) != _TYPE_AGAIN
        and number not in segment.read
        and number not in table.get(segment.name, ())
    )


def _said(segment: Segment) -> Iterator[int]:
    """The fields in which something stands."""
    for number, text in enumerate(segment.fields):
        if number and text not in _EMPTY and not (number == 1 and text.isdigit()):
            yield number


@cache
def _table(type_: str) -> Mapping[str, frozenset[int]]:
    """By segment, the fields that elements of what such messages become can come from."""
    kind = BY_TYPE[type_]
    fields = [
        each
        for of in ("Patient", *kind.becomes)
        for several in fields_by_element(of, type_).values()
        for each in several
        if each[0] in kind.segments
    ]
    return {segment: frozenset(number for name, number in fields if name == segment) for segment, _ in fields}


def fields_by_element(resource: str, message: str) -> Mapping[str, Sequence[tuple[str, int]]]:
    """Segment and number of the fields from which messages of a type make each element of a resource's."""
    elements = ORIGINS.get(f"{resource} {message[:3]}") or ORIGINS.get(resource, {})
    return {name: [(of, int(number)) for of, number in _FIELD.findall(fields)] for name, fields in elements.items()}
