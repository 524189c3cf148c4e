"""Messages about two patients of one source: merged, given another number, linked, unlinked (HL7 v2.4, 3.3.18 on).

Nothing is moved: the patient merged away keeps what was sent under its number, and says that another one replaces it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.patients import brought_along, brought_first, identifiers, patient_id
from concord.ingest.hl7v2.same_person import Says, Word, with_words, words_of
from concord.ingest.hl7v2.telling import Telling, without_telling
from concord.ingest.model import Earlier, Feed

Resources = list[tuple[str, dict[str, Any]]]


class _Also:
    """What is held, and before that what this message has said so far (the door `Earlier`)."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier
        self.said: dict[str, dict[str, Any]] = {}

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        so_far = self.said.get(source_id) if type_ == "Patient" else None
        return so_far or self._earlier.resource(type_, source_id)

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> Sequence[tuple[str, dict[str, Any]]]:
        return self._earlier.told_of_visit(visit, besides)


def merged(message: Message, told: Telling, feed: Feed) -> Resources:
    """The other of each pair, replaced by the survivor. Of an account (MRG-3) nothing is kept.

    What PID says besides of the survivor does not count where it is held: a merge that comes late must not undo what
    was registered, nor one that comes early be in the way of it.
    """
    also = _Also(feed.earlier)
    feed = replace(feed, earlier=also)
    for pid, mrg in _pairs(message):
        survivor = patient_id(pid)
        if (brought := brought_along(message, pid, told, feed)) is not None:
            also.said[survivor] = brought
        of_an_account = not mrg.raw(1) and mrg.raw(3)
        if not of_an_account and (prior := patient_id(mrg, 1)) != survivor:
            also.said[prior] = _with_word(mrg, 1, "replaced-by", survivor, told, feed)
    return list(also.said.items())


def linked(message: Message, told: Telling, feed: Feed) -> Resources:
    """Both patients, each with the word that it is the other's human (A24), or is not (A37)."""
    pids = list(message.all("PID"))
    if len(pids) != 2:
        raise NotMapped("PID", f"The message has {len(pids)} PID segments where two belong.")
    one, other = (patient_id(pid) for pid in pids)
    if one == other:
        raise NotMapped("PID[2]-3", "Both PID segments name the same patient.")
    says: Says = "unlinked" if message.type == "ADT^A37" else "seealso"
    return [
        (one, _with_word(pids[0], 3, says, other, told, feed)),
        (other, _with_word(pids[1], 3, says, one, told, feed)),
    ]


def _pairs(message: Message) -> Iterator[tuple[Segment, Segment]]:
    """Each PID with the MRG that follows it: A40 and A39 may repeat them."""
    about = [segment for segment in message.segments if segment.name in ("PID", "MRG")]
    if not about or len(about) % 2:
        raise NotMapped("MRG", "The message does not have one MRG segment for each PID; was it cut short?")
    for at, (pid, mrg) in enumerate(pairwise(about)):
        if at % 2 == 0:
            if (pid.name, mrg.name) != ("PID", "MRG"):
                raise NotMapped(mrg.where(1), "An MRG segment does not follow the PID that it belongs to.")
            yield pid, mrg


def _with_word(segment: Segment, number: int, says: Says, other: str, told: Telling, feed: Feed) -> dict[str, Any]:
    """The Patient that a field names, as it is held or by its numbers alone, with one more word."""
    before = held(feed, "Patient", patient_id(segment, number))
    numbered = {"resourceType": "Patient", "identifier": identifiers(segment, number, feed)}
    known = brought_first(numbered, told, before) or before or numbered
    said = with_words(without_telling(known), [*words_of(before), Word(says=says, other=other, at=told.said_at)])
    return said | {"extension": [*said["extension"], *told.beside(said, known)]}
