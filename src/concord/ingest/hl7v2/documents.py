"""TXA and OBX of MDM to a DocumentReference (HL7 v2.4, chapter 9)."""

from collections.abc import Iterator
from typing import Any

from concord.ingest.hl7v2.enclosed import RTF, embedded, enclosed, encloses
from concord.ingest.hl7v2.last_words import in_order, last_words, said_last
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.times import date_time, instant
from concord.ingest.hl7v2.types import Element, compact, each, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

_ADDENDA = frozenset({"MDM^T05", "MDM^T06"})
_REPLACEMENTS = frozenset({"MDM^T09", "MDM^T10"})
_CANCELLATION = "MDM^T11"
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0270"
# TXA-17, table 0271, document completion status.
_COMPLETION = {
    "AU": "final", "LA": "final", "DO": "preliminary", "DI": "preliminary", "IP": "preliminary", "IN": "preliminary",
    "PA": "preliminary",
}  # fmt: skip
# TXA-19, table 0273, document availability status.
_AVAILABILITY = {"CA": "entered-in-error", "OB": "superseded"}
_TEXT = ("TX", "FT", "ST", "")
REPLACED = "replaced"
"""Named as an element whose last word is, of a document, that another one replaces it."""


def documents(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, DocumentReference). Raises NotMapped."""
    txa = message.only("TXA")
    return [(_id(message, txa, 12), _document(message, txa, feed) | _about(txa, patient, visit))]


def replaced(message: Message, patient: str, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, DocumentReference) of the document that this one replaces, as far as the message knows it."""
    txa = message.first("TXA")
    if txa is None or not txa.text(13) or message.type not in _REPLACEMENTS:
        return []
    id_, parent = _id(message, txa, 12), _id(message, txa, 13)
    return [] if parent == id_ else [(parent, _known(txa, 13, feed) | {"status": "superseded"} | _of(patient))]


def as_said(document: Element) -> Element:
    """Without what `as_shown` adds."""
    content = [one for one in document.get("content", ()) if not {"data", "url"}.isdisjoint(one["attachment"])]
    return {name: value for name, value in document.items() if name != "content"} | compact(content=content)


def as_shown(document: Element) -> Element:
    """As R4 has it: superseded where another one has replaced it since it was said to be current; and where only its
    notice has come, that tells that there is one, of this type."""
    title = document.get("description") or document.get("type", {}).get("text", "Document")
    replaced = last_words(document).get(REPLACED)
    if document["status"] == "current" and replaced is not None and in_order(replaced) > in_order(said_last(document)):
        document = document | {"status": "superseded"}
    return {"content": [{"attachment": {"title": title}}]} | document


def _id(message: Message, txa: Segment, number: int) -> str:
    """The source id of the document that TXA-12 (its own) or TXA-13 (its parent's) names; else the message's."""
    # An EI, yet many senders put the number into its third component (universal id) and leave the first empty.
    name = "^".join(part for part in map(txa.first(number).text, (1, 2, 3)) if part) or message.control_id
    if not name:
        raise NotMapped(txa.where(12), "Neither TXA-12 nor MSH-10 holds a number by which to know the document.")
    return fhir_id("TXA", name)


def _document(message: Message, txa: Segment, feed: Feed) -> Element:
    kind = _kind(txa)
    title = txa.verbatim(16) or next((words for obx in message.all("OBX") if (words := obx.phrase(3, 2))), "")
    attached = list(_attachments(message, title or kind.get("text", "")))
    relation = "replaces" if message.type in _REPLACEMENTS else "appends" if message.type in _ADDENDA else None
    parent = _id(message, txa, 13) if txa.text(13) else None
    status = "entered-in-error" if message.type == _CANCELLATION else _AVAILABILITY.get(txa.text(19).upper(), "current")
    said = compact(
        docStatus=_COMPLETION.get(txa.text(17).upper()),
        type=kind,
        date=instant(txa, 7) or instant(txa, 6) or instant(txa, 4) or instant(message.segments[0], 7),
        author=_authors(txa, feed),
        authenticator=next(iter(each(practitioner(txa.first(number), feed.organisation) for number in (10, 22))), None),
        description=title,
        relatesTo=[{"code": relation, "target": {"reference": f"DocumentReference/{parent}"}}]
        if relation and parent
        else None,
        content=[{"attachment": one} for one in attached],
    )
    return _known(txa, 12, feed, message.control_id) | {"status": status} | said


def _known(txa: Segment, number: int, feed: Feed, otherwise: str = "") -> Element:
    """A document by the number that the field names, else by another."""
    value = txa.text(number) or txa.text(number, 3) or otherwise
    identifier = {"system": own_system(feed.organisation, "document"), "value": value}
    return {"resourceType": "DocumentReference", "masterIdentifier": identifier}


def _of(patient: str) -> Element:
    return {"subject": {"reference": f"Patient/{patient}"}}


def _authors(txa: Segment, feed: Feed) -> list[Element]:
    """Who wrote it (TXA-9) and whose it is (TXA-5), each once."""
    found = each(practitioner(sent, feed.organisation) for number in (9, 5) for sent in txa.repetitions(number))
    return [one for index, one in enumerate(found) if one not in found[:index]]


def _about(txa: Segment, patient: str, visit: str | None) -> Element:
    encounter = [{"reference": f"Encounter/{visit}"}] if visit else None
    context = compact(encounter=encounter, period=compact(start=date_time(txa, 4)))
    return _of(patient) | compact(context=context)


def _kind(txa: Segment) -> Element:
    sent = txa.first(2)
    code = compact(system=_TYPES, code=sent.text(), display=sent.phrase(2)) if sent.text() else None
    return compact(coding=[code] if code else None, text=sent.phrase(2) or sent.phrase())


def _attachments(message: Message, title: str) -> Iterator[Element]:
    """The lines of text as one attachment, then each embedded or referenced document."""
    texts = [obx for obx in message.all("OBX") if obx.text(2).upper() in _TEXT and obx.raw(5)]
    rich = [obx.raw(5) for obx in texts if obx.raw(5).lstrip().startswith(RTF)]
    plain = [_lines(obx) for obx in texts if not obx.raw(5).lstrip().startswith(RTF)]
    if plain:
        yield embedded("text/plain; charset=utf-8", "\n".join(plain), title)
    for text in rich:  # its backslashes are its own, seldom escaped as HL7 would have it
        yield embedded("text/rtf", text.replace("\\E\\", "\\"), title)
    for obx in message.all("OBX"):
        if encloses(obx) and (one := enclosed(obx, obx.phrase(3, 2) or title)):
            yield one


def _lines(obx: Segment) -> str:
    return "\n".join(sent.verbatim() for sent in obx.repetitions(5))
