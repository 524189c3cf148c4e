"""What goes with an encounter when its source says that it was another Patient's."""

from collections.abc import Iterator

from concord.fhir import Resource, references
from concord.governance import SourceSystem, permit_source
from concord.record.prepare import Context
from concord.record.wire import as_sent
from concord.store import Reading, body, items
from concord.store.items import StoredItem


def belongings(
    reading: Reading, context: Context, codec: body.Codec, encounter: StoredItem, *, old: str, new: str
) -> Iterator[tuple[str, StoredItem, Resource]]:
    """(type, item, what it is to say) of each item that refers to `encounter` and lies with it, from the Patient whose
    logical id is `old` to `new`."""
    own = permit_source(SourceSystem(organisation=context.organisation), encounter.source)
    for item in list(items.read(reading, own)):
        type_ = reading.words.text(reading, item.type)
        resource = as_sent(type_, item, codec)
        named = references(resource)
        if any(each.get("reference") == f"Encounter/{encounter.id}" for each in named):
            for each in named:
                if each.get("reference") == f"Patient/{old}":
                    each["reference"] = f"Patient/{new}"
            yield type_, item, resource
