"""What a source's own lists add to the items that they hold: how a consultation was written, and what was left out."""

from concord.record.summary.given import Dated, Given, latest_first
from concord.record.summary.model import Entry
from concord.record.summary.readings import value_text
from concord.record.summary.words import Json, child, children, codes, concept, concepts, joined, notes, string

_WARNING = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-ListWarningCode"
# GP Connect, Access Record: Structured, "List warning codes"
_WARNINGS = {
    "confidential-items": "Some items were left out: confidential, or the person's preference",
    "data-in-transit": "The record from the previous practice has not arrived yet",
    "data-awaiting-filing": "Some items wait to be filed by the practice",
}
_CONSULTATION = "325851000000107"  # SNOMED CT: consultation, as GP Connect codes the list that holds one
_DEEPEST = 4  # consultation, topic, category, item


def left_out(given: Given) -> tuple[Entry, ...]:
    """Each warning of a source about its lists, once, with the lists that it is said of."""
    warned: dict[tuple[str, str], list[Dated]] = {}
    for each in latest_first(given.of("List")):
        for extension in children(each.resource, "extension"):
            if string(extension, "url") == _WARNING:
                warned.setdefault((each.item.organisation, string(extension, "valueCode")), []).append(each)
    return tuple(
        given.entry(
            "left-out",
            _WARNINGS.get(code, "Something was left out"),
            [given.source(each, _title(each)) for each in lists],
            detail=joined(*(_title(each) for each in lists)).lower(),
        )
        for (_, code), lists in warned.items()
    )


def consultation(given: Given, encounter: Dated) -> str:
    """A consultation as it was written: topics and headings on lines of their own, what stands under each; else ""."""
    reference = f"Encounter/{encounter.item.id}"
    lines: list[str] = []
    for each in given.of("List"):
        at = string(child(each.resource, "encounter"), "reference")
        if at == reference:
            given.named.add((each.item.type, each.item.id))  # its topics and categories are of the same encounter
            if _CONSULTATION in codes(each.resource, "code"):
                lines += _held(given, each.resource, 0)
    return "\n".join(lines)


def swallow_lists(given: Given) -> None:
    """A list with entries says nothing that its items do not: it needs no line of its own."""
    for each in given.of("List"):
        if children(each.resource, "entry") or "no-content-recorded" in codes(each.resource, "emptyReason"):
            given.named.add((each.item.type, each.item.id))


def _held(given: Given, held: Json, depth: int) -> list[str]:
    lines = []
    for entry in children(held, "entry"):
        reference = child(entry, "item")
        target = given.target(reference, held)
        if target.get("resourceType") == "List" and depth < _DEEPEST:
            within = _held(given, target, depth + 1)
            title = string(target, "title")
            lines += [title, *within] if title and within else within
        elif target:
            lines.append(_line(given, target))
        elif display := string(reference, "display"):
            lines.append(display)
    return list(dict.fromkeys(lines))


def _line(given: Given, resource: Json) -> str:
    """An item of a consultation in one line."""
    medicine = given.name_of(child(resource, "medicationReference"), resource)
    name = concept(resource.get("code")) or concept(resource.get("medicationCodeableConcept")) or medicine
    name = name or concept(resource.get("type")) or concepts(resource, "type") or string(resource, "description")
    return "- " + (joined(name, value_text(resource), notes(resource).replace("\n", " "), by=": ") or "an item")


def _title(each: Dated) -> str:
    return string(each.resource, "title") or concept(each.resource.get("code")) or "List"
