"""An R4 resource in the making from an STU3 one: what was moved, and what found no place."""

from collections.abc import Callable, Mapping
from typing import Any

from concord.fhir import encode

UNMAPPED = "https://concord.example/StructureDefinition/unmapped"
"""Extension (valueString): elements of the source's resource that R4 has no place for, as JSON."""

Json = dict[str, Any]


class Draft:
    """What becomes of one resource. `unmapped` names the elements left over, `out` is the R4 resource so far."""

    def __init__(self, source: Json, type_: str) -> None:
        self.source = source
        self.out: Json = {"resourceType": type_}
        self.unmapped: Json = {}

    def put(self, name: str, value: Any) -> None:
        """An element, unless there is nothing to say; a list is added to."""
        if value in (None, "", [], {}):
            return
        if isinstance(value, list) and name in self.out:
            self.out[name] = [*self.out[name], *value]
        else:
            self.out[name] = value

    def leave(self, name: str, value: Any) -> None:
        self.unmapped[name] = value

    def finished(self) -> Json:
        """The resource, with what was left over beside it, so that nothing which was sent is lost."""
        if self.unmapped:
            kept = {"url": UNMAPPED, "valueString": encode(self.unmapped).decode()}
            self.put("extension", [kept])
        return self.out


Move = Callable[[Draft, Any], None]
"""What to do with the value of one STU3 element."""


def same(name: str) -> Move:
    """The element goes under `name` as it is."""
    return lambda draft, value: draft.put(name, value)


def listed(name: str) -> Move:
    """One in STU3, several in R4."""
    return lambda draft, value: draft.put(name, value if isinstance(value, list) else [value])


def concept_of(name: str, system: str, without: frozenset[str] = frozenset()) -> Move:
    """A `code` in STU3, a CodeableConcept of `system` in R4; those `without` a code there are left over."""

    def move(draft: Draft, value: Any) -> None:
        if value in without:
            draft.leave(name, value)
        else:
            draft.put(name, {"coding": [{"system": system, "code": value}]})

    return move


def code_of(name: str, renamed: Mapping[str, str]) -> Move:
    """A `code` whose words changed between the versions."""
    return lambda draft, value: draft.put(name, renamed.get(value, value))


def note(draft: Draft, value: Any) -> None:
    """A plain text in STU3, an Annotation in R4."""
    draft.put("note", [{"text": value}])


def agent(name: str) -> Move:
    """STU3's requester {agent, onBehalfOf} is one Reference in R4."""

    def move(draft: Draft, value: Any) -> None:
        draft.put(name, value.get("agent"))
        if "onBehalfOf" in value:
            draft.leave("requester.onBehalfOf", value["onBehalfOf"])

    return move


def actors(name: str) -> Move:
    """STU3's performer {role, actor} is a Reference in R4."""

    def move(draft: Draft, value: Any) -> None:
        draft.put(name, [each["actor"] for each in value if "actor" in each])
        roles = [each["role"] for each in value if "role" in each]
        if roles:
            draft.leave(f"{name}.role", roles)

    return move
