"""What a row says: submissions of what it makes, and what of it is gone."""

from collections.abc import Iterator, Mapping
from typing import Any

from concord.fhir import PatchOperation
from concord.ingest.hl7v2.held import older
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, recorded, service_tag
from concord.ingest.tables.cells import Row, Wrong
from concord.ingest.tables.mapping import Flagged, Makes
from concord.ingest.tables.templates import filled
from concord.record import Deletion, Patch, Submission

Named = tuple[str, str]
"""The type and source id of a resource."""


def names_of(row: Row) -> list[Named]:
    """What the row may make, whatever else it says. Raises Wrong when it does not say its keys."""
    return [(makes.type, _id(row, makes)) for makes in row.table.makes]


def said_by(row: Row, feed: Feed) -> Iterator[Submission | Deletion | Patch]:
    """What is to be written for a row, in order. Raises Wrong.

    Of what was recorded later nothing is said again; what is not held need not go.
    """
    deletes = row.table.deletes
    flagged = isinstance(deletes, Flagged) and row.says(deletes.column).lower() in deletes.words
    if not flagged:
        row.check()
    for makes, (type_, id_) in zip(row.table.makes, names_of(row), strict=True):
        held = feed.earlier.resource(type_, id_)
        said_at = filled(makes.recorded, row.look) if makes.recorded is not None else None
        if held is not None and said_at is not None and older(said_at, held):
            continue
        if not flagged and all(row.look(column, "") is not None for column in makes.when):
            yield _submission(row, makes, id_, said_at, feed)
        elif held is not None:
            yield withdrawal(makes, id_, f"line {row.line}, {type_}")


def withdrawal(makes: Makes, id_: str, position: str) -> Deletion | Patch:
    """What is said of something that is gone."""
    if makes.gone is None:
        return Deletion(type=makes.type, source_id=id_, position=position)
    operations = [PatchOperation(op="add", path=(name,), value=value) for name, value in makes.gone.items()]
    return Patch(type=makes.type, source_id=id_, operations=operations, position=position)


def _id(row: Row, makes: Makes) -> str:
    parts = [filled(part, row.look) for part in makes.id]
    if any(part is None for part in parts):
        raise Wrong("id", f"A column that names the {makes.type} is empty.")
    return fhir_id(*(str(part) for part in parts))


def _submission(row: Row, makes: Makes, id_: str, said_at: str | None, feed: Feed) -> Submission:
    elements: Mapping[str, Any] = filled(makes.elements, row.look) or {}
    service = filled(makes.service, row.look) if makes.service is not None else None
    extensions = [*([recorded(said_at)] if said_at else []), *elements.get("extension", ())]
    resource: dict[str, Any] = {"resourceType": makes.type}
    if service:
        resource["meta"] = service_tag(service)
    if extensions:
        resource["extension"] = extensions
    resource |= {name: value for name, value in elements.items() if name != "extension"}
    return Submission(resource=resource, source_id=id_, service=feed.service, position=f"line {row.line}, {makes.type}")
