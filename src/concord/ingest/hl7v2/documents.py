"""TXA and OBX of MDM to a DocumentReference (HL7 v2.4, chapter 9)."""

from collections.abc import Iterator
from typing import Any

from concord.ingest.hl7v2.enclosed import RTF, embedded, enclosed, encloses
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.times import date_time, instant
from concord.ingest.hl7v2.types import Element, compact, each, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

ADDENDA = frozenset({"MDM^T05", "MDM^T06"})
REPLACEMENTS = frozenset({"MDM^T09", "MDM^T10"})
CANCELLATION = "MDM^T11"
_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0270"
# TXA-17, table 0271, document completion status.
_COMPLETION = {
    "AU": "final", "LA": "final", "DO": "preliminary", "DI": "preliminary", "IP": "preliminary", "IN": "preliminary",
    "PA": "preliminary",
}  # fmt: skip
# TXA-19, table 0273, document availability status.
_AVAILABILITY = {"CA": "entered-in-error", "OB": "superseded"}
_TEXT = ("TX", "FT", "ST", "")
_KEPT_ON = ("content", "type", "description", "date", "author", "relatesTo")


def documents(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, DocumentReference): the document, and the one that it replaces as superseded. Raises NotMapped."""
    txa = message.only("TXA")
    id_, parent = document_id(message, txa, 12), document_id(message, txa, 13) if txa.text(13) else None
    before = held(feed, "DocumentReference", id_)
    about = _about(txa, patient, visit)
    found = [(id_, _document(message, txa, parent, before, feed) | about)]
    if parent is not None and parent != id_ and message.type in REPLACEMENTS:
        replaced = held(feed, "DocumentReference", parent)
        if replaced is not None and replaced["status"] == "current":
            subject = {"reference": f"Patient/{patient}"}
            found.append((parent, replaced | {"status": "superseded", "subject": subject}))
    return found


def document_id(message: Message, txa: Segment, number: int) -> str:
    """The source id of the document that TXA-12 (its own) or TXA-13 (its parent's) names; else the message's."""
    # An EI, yet many senders put the number into its third component (universal id) and leave the first empty.
    name = "^".join(part for part in map(txa.first(number).text, (1, 2, 3)) if part) or message.control_id
    if not name:
        raise NotMapped(txa.where(12), "Neither TXA-12 nor MSH-10 holds a number by which to know the document.")
    return fhir_id("TXA", name)


def _document(
    message: Message,
    txa: Segment,
    parent: str | None,
    before: dict[str, Any] | None,
    feed: Feed,
) -> dict[str, Any]:
    kind = _kind(txa)
    title = txa.verbatim(16) or next((words for obx in message.all("OBX") if (words := obx.phrase(3, 2))), "")
    attached = list(_attachments(message, title or kind.get("text", "")))
    relation = "replaces" if message.type in REPLACEMENTS else "appends" if message.type in ADDENDA else None
    said = compact(
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
    kept = {name: before[name] for name in _KEPT_ON if before and name in before and name not in said}
    status = "entered-in-error" if message.type == CANCELLATION else _AVAILABILITY.get(txa.text(19).upper(), "current")
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": {
            "system": own_system(feed.organisation, "document"),
            "value": txa.text(12) or txa.text(12, 3) or message.control_id,
        },
        "status": status,
        # A notice without the document still tells that there is one, of this type.
        "content": [{"attachment": {"title": title or kind.get("text", "Document")}}],
    } | compact(docStatus=_COMPLETION.get(txa.text(17).upper())) | kept | said  # fmt: skip


def _authors(txa: Segment, feed: Feed) -> list[Element]:
    """Who wrote it (TXA-9) and whose it is (TXA-5), each once."""
    found = each(practitioner(sent, feed.organisation) for number in (9, 5) for sent in txa.repetitions(number))
    return [one for index, one in enumerate(found) if one not in found[:index]]


def _about(txa: Segment, patient: str, visit: str | None) -> Element:
    encounter = [{"reference": f"Encounter/{visit}"}] if visit else None
    context = compact(encounter=encounter, period=compact(start=date_time(txa, 4)))
    return {"subject": {"reference": f"Patient/{patient}"}} | compact(context=context)


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
