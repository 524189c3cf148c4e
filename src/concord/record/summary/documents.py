"""Documents: letters, reports and forms, with their text where it is text."""

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Iterator
from html import unescape

from concord.record.summary.given import DATED_IN_THE_FUTURE, Dated, Given, latest_first
from concord.record.summary.model import Card, Entry, Mark
from concord.record.summary.reports import is_document
from concord.record.summary.words import Json, child, children, concept, folded, joined, sentence_case, string
from concord.terminology import Heading

_RECENT = 8
_NOT_HERE = {Heading.END_OF_LIFE_CARE, Heading.CONTINGENCY_PLANS, Heading.LEGAL_INFORMATION}
_KINDS = {"application/pdf": "PDF", "image/jpeg": "image", "image/png": "image", "text/html": "web page"}
_SUPERSEDED = Mark(text="Superseded", tone="fact")
_NOT_FINAL = Mark(text="Not final", tone="care")
_BREAKS = re.compile(r"<(?:br|/p|/li|/tr|/h\d|/div)[^>]*>", re.IGNORECASE)
_TAGS = re.compile(r"<[^>]*>")


def documents(given: Given) -> Card:
    """Latest first, each text once; what is superseded or older is folded away."""
    found = given.of("DocumentReference", "Composition", "DocumentManifest", "Media")
    found = [each for each in found if each.item.heading not in _NOT_HERE]
    found += [each for each in given.of("DiagnosticReport") if is_document(each)]
    groups: dict[tuple[str, str, str], list[Dated]] = {}
    for each in latest_first(found):
        day = each.when.text if each.when else ""
        groups.setdefault((document_title(each), day, document_text(each)), []).append(each)
    current, older, future = [], [], []
    for (title, _, text), group in groups.items():
        entry = _entry(given, group, title, text)
        if given.in_future(group[0].when):
            future.append(entry)
        elif all(string(each.resource, "status") == "superseded" for each in group):
            older.append(entry)
        else:
            current.append(entry)
    lead = f"{len(current)} held" if current else ""
    more = (*current[_RECENT:], *older, *future)
    return Card(lead=lead, entries=tuple(current[:_RECENT]), more_title="Earlier documents", more=more)


def _entry(given: Given, said: list[Dated], title: str, text: str) -> Entry:
    first = said[0]
    resource = first.resource
    kind = _type(resource)
    marks = []
    if given.in_future(first.when):
        marks.append(DATED_IN_THE_FUTURE)
    if all(string(each.resource, "status") == "superseded" for each in said):
        marks.append(_SUPERSEDED)
    if string(resource, "docStatus") == "preliminary" or string(resource, "status") == "preliminary":
        marks.append(_NOT_FINAL)
    authors = [
        given.name_of(reference, resource)
        for field in ("author", "performer", "operator")
        for reference in children(resource, field)
    ]
    formats = {_KINDS.get(string(each, "contentType").split(";")[0], "") for each in _attachments(resource)}
    sources = [given.source(each) for each in said]
    return given.entry(
        "documents",
        title,
        sources,
        detail=kind if folded(kind) != folded(title) else "",
        marks=marks,
        meta=[*authors, *sorted(formats)],
        text=text,
        at=first.when,
    )


def _type(resource: Json) -> str:
    return concept(resource.get("type")) or concept(resource.get("code"))


def document_title(each: Dated) -> str:
    resource = each.resource
    told = string(resource, "title")
    if not told:
        told = next((text for one in _attachments(resource) if (text := string(one, "title"))), "")
    return sentence_case(told or string(resource, "description") or _type(resource) or "Document without a title")


def document_text(each: Dated) -> str:
    """The plain text of a document: its text attachments, or the sections of a composition; "" for anything else."""
    resource = each.resource
    parts = [_attached_text(attachment) for attachment in _attachments(resource)]
    if "section" in resource:
        parts += _sections(resource, 0)
    return "\n\n".join(part for part in parts if part)


def _attachments(resource: Json) -> list[Json]:
    match resource.get("resourceType"):
        case "DocumentReference":
            return [child(content, "attachment") for content in children(resource, "content")]
        case "DiagnosticReport":
            return list(children(resource, "presentedForm"))
        case "Media":
            return [child(resource, "content")]
        case _:
            return []


def _attached_text(attachment: Json) -> str:
    if not string(attachment, "contentType").startswith("text/plain"):
        return ""
    try:
        return b64decode(string(attachment, "data")).decode("utf-8", "replace").strip()
    except (Error, ValueError):
        return ""


def _sections(resource: Json, depth: int) -> Iterator[str]:
    """Each section of a Composition: its title and its narrative as plain text. Narrative is never shown as markup."""
    for section in children(resource, "section"):
        yield joined(string(section, "title"), plain(string(child(section, "text"), "div")), by="\n")
        if depth < 5:
            yield from _sections(section, depth + 1)


def plain(narrative: str) -> str:
    """XHTML as plain text, lines kept."""
    text = unescape(_TAGS.sub("", _BREAKS.sub("\n", narrative)))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
