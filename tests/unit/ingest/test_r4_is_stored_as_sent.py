"""Of FHIR R4 nothing is kept beside the items, because an item is what was sent: but for ids, what it refers to, and
what of `meta` is the server's own."""

from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.fhir import encode, parse
from concord.governance import Duty, permit_duty
from concord.ingest import load
from concord.record.wire import as_sent
from concord.store import body, items
from tests.small_system import KEYS, PRACTICE, small_system

READING = permit_duty(Duty(name="verifying"))
SENT: list[dict[str, Any]] = [
    {
        "resourceType": "Patient", "id": "p1",
        "meta": {"profile": ["https://x.example/P"], "lastUpdated": "2026-01-01T00:00:00Z"},
        "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Margaret</div>'},
        "extension": [{"url": "https://x.example/odd", "valueString": " kept  as it is "}],
        "identifier": [{"system": "https://x.example/id", "value": "0001"}],
        "name": [{"family": "Holroyd", "given": ["Margaret", ""][:1]}], "_birthDate": {
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-birthTime", "valueDateTime": "1942"}]
        }, "birthDate": "1942-02-14",
    },
    {
        "resourceType": "Practitioner", "id": "d1", "name": [{"text": "Dr S Rahman"}],
    },
    {
        "resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "HbA1c"},
        "contained": [{"resourceType": "Device", "id": "in", "status": "active"}], "device": {"reference": "#in"},
        "subject": {"reference": "Patient/p1", "display": "Margaret"}, "effectiveDateTime": "2026-03-01",
        "valueQuantity": {"value": 5.50, "unit": "%"}, "performer": [{"reference": "Practitioner/d1"}],
        "note": [{"text": "tab\tand\nline \u00e9"}],
    },
    {
        "resourceType": "DocumentReference", "id": "b1", "status": "current", "subject": {"reference": "Patient/p1"},
        "content": [{"attachment": {"contentType": "application/pdf", "url": "https://x.example/a.pdf", "size": 10}}],
    },
]  # fmt: skip
HEADER = {
    "resourceType": "MessageHeader", "id": "m1", "eventUri": "https://x.example/event",
    "source": {"endpoint": "https://x.example"}, "focus": [{"reference": "Observation/o1"}],
}  # fmt: skip
COMPOSITION = {
    "resourceType": "Composition", "id": "k1", "status": "final", "type": {"text": "Discharge summary"},
    "subject": {"reference": "Patient/p1"}, "date": "2026-03-02", "author": [{"reference": "Practitioner/d1"}],
    "title": "Discharge summary", "section": [
        {"title": "Results", "text": {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">5.5</div>'},
         "entry": [{"reference": "Observation/o1"}]}
    ],
}  # fmt: skip


def bundle(type_: str, *resources: dict[str, Any]) -> list[bytes]:
    entries: list[dict[str, Any]] = [
        {"fullUrl": f"https://x.example/{each['resourceType']}/{each['id']}", "resource": each} for each in resources
    ]
    if type_ == "transaction":
        for entry, each in zip(entries, resources, strict=True):
            entry["request"] = {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}
    return [encode({"resourceType": "Bundle", "type": type_, "entry": entries})]


@pytest.mark.parametrize(
    ("file", "content", "sent"),
    [
        ("a.ndjson", [encode(each) + b"\n" for each in SENT], SENT),
        ("a.json", bundle("collection", *SENT), SENT),
        ("a.json", bundle("transaction", *SENT), SENT),
        ("a.json", bundle("document", COMPOSITION, *SENT), [COMPOSITION, *SENT]),
        ("a.json", bundle("message", HEADER, *SENT), [HEADER, *SENT]),
    ],
    ids=["ndjson", "collection", "transaction", "document", "message"],
)
def test_every_resource_is_stored_as_it_was_sent(
    file: str, content: list[bytes], sent: list[dict[str, Any]], tmp_path: Path
) -> None:
    (tmp_path / file).write_bytes(b"".join(content))
    with small_system(tmp_path) as app:
        assert not load([tmp_path / file], app.records, organisation=PRACTICE.organisation).rejects
        for each in sent:
            assert but_for_names(held(app, each["resourceType"], each["id"])) == but_for_names(parse(encode(each)))
        with app.store.reading() as reading:
            assert reading.rows("SELECT count(*) FROM original") == [(0,)]


def held(app: App, type_: str, source_id: str) -> dict[str, Any]:
    with app.store.reading() as reading:
        place = items.locate(reading, type_, KEYS.logical_id(PRACTICE.organisation, type_, source_id))
        assert place is not None
        item = items.read_one(reading, READING, place)
        assert item is not None
        return as_sent(type_, item, body.Codec())


def but_for_names(resource: dict[str, Any]) -> Any:
    """Without its id, what it refers to, and what of `meta` is the server's."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name not in SERVERS}
    return _nameless({**resource, "id": "", "meta": meta})


SERVERS = ("versionId", "lastUpdated", "source")


def _nameless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: "" if name == "reference" else _nameless(part) for name, part in value.items()}
    return [_nameless(part) for part in value] if isinstance(value, list) else value
