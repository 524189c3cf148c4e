"""What the tests of reading send and ask for."""

from collections.abc import Sequence
from typing import Any

from concord.app import App
from concord.fhir import Resource, parse, parse_search
from concord.governance import Asker
from tests.small_system import KEYS

OTHER_NUMBER = "9990003203"
SECRET: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}
}
PROTECTED: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
}
NOBODY = "a" * 24


def id_of(by: Any, type_: str, source_id: str) -> str:
    return KEYS.logical_id(by.organisation, type_, source_id)


def found(app: App, asker: Asker, type_: str, *pairs: tuple[str, str]) -> Any:
    return app.records.search(parse_search(type_, list(pairs)), asker).wait()


def resources(served: Sequence[Any]) -> list[Resource]:
    return [parse(item.wire) for item in served]


def words(served: Sequence[Any]) -> list[str]:
    return [resource["code"]["text"] for resource in resources(served)]


def rows(app: App, action: str) -> list[Any]:
    with app.store.reading() as reading:
        return reading.rows("SELECT who, outcome, person FROM audit WHERE action = ? ORDER BY number", (action,))


def observation(source_id: str, of: str, text: str, on: str | None = None, **more: Any) -> dict[str, Any]:
    category = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category",
                             "code": "laboratory"}]}]  # fmt: skip
    dated = {"effectiveDateTime": on} if on else {}
    return {
        "resourceType": "Observation", "id": source_id, "status": "final", "category": category,
        "code": {"text": text}, "subject": {"reference": f"Patient/{of}"}, **dated,
    } | more  # fmt: skip
