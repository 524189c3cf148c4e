"""Which messages the words of a resource are of, by what it says of that itself."""

from typing import Any

import pytest

from concord.fhir import LAST_WORD, TOLD_BY, Told, told


def by(*messages: str) -> dict[str, Any]:
    return {"extension": [{"url": TOLD_BY, "valueString": message} for message in messages]}


def last(element: str, message: str) -> dict[str, Any]:
    return {"url": LAST_WORD, "extension": [{"url": "element", "valueString": element}, *by(message)["extension"]]}


WHOLE = {"id": "x", "status": "final"}
OTHER = {"url": "urn:other", "valueString": "1 ADT^A01 M9"}
CASES: list[tuple[dict[str, Any], list[Told]]] = [
    ({}, []),
    (WHOLE, []),
    (WHOLE | {"extension": [OTHER]}, []),
    (WHOLE | by("1 A M1"), [Told(("1 A M1",), ("id", "status"))]),
    (
        WHOLE | by("1 A M2") | {"location": [by("1 A M1"), by("1 A M2"), by("1 A M1"), {}]},
        [Told(("1 A M2",), ("id", "status")), Told(("1 A M1", "1 A M2"), ("location",))],
    ),
    (
        WHOLE | by("1 A M2") | {"period": by("1 A M1")},
        [Told(("1 A M2",), ("id", "status")), Told(("1 A M1",), ("period",))],
    ),
    (
        {"id": "x", "extension": [*by("1 A M2")["extension"], {"url": "urn:event"} | by("1 A M1")]},
        [Told(("1 A M2",), ("id",)), Told(("1 A M1",), ())],
    ),
    (  # an older word, one about a choice, and one by which an element was deleted
        {
            "name": [],
            "deceasedBoolean": True,
            "id": "x",
            "extension": [
                last("name", "1 A M1"),
                last("deceased[x]", "1 A M2"),
                last("address", "1 A M3"),
                *by("1 A M4")["extension"],
            ],
        },
        [Told(("1 A M4",), ("id",)), Told(("1 A M1",), ("name",)), Told(("1 A M2",), ("deceasedBoolean",))],
    ),
    ({"id": "x", "extension": [{"url": LAST_WORD}]}, []),
    ({"id": "x", "extension": [{"url": TOLD_BY}, {"url": TOLD_BY, "valueCode": "y"}]}, []),  # as anybody might send it
]


@pytest.mark.parametrize(("resource", "said"), CASES)
def test_told(resource: dict[str, Any], said: list[Told]) -> None:
    assert told(resource) == said
