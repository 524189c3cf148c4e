"""Which heading an item of a record stands under: the reviewed table in headings.toml, first match wins."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concord.base import Fault
from concord.terminology import Heading


@dataclass(frozen=True, kw_only=True, slots=True)
class _Element:
    """One condition of a row: element `name` carries one of the codes; with no codes at all, it is absent."""

    name: str
    codes: frozenset[str]
    qualified: frozenset[tuple[str, str]]
    systems: frozenset[str]

    def matches(self, value: Any) -> bool:
        if value is None:
            return not (self.codes or self.qualified or self.systems)
        for system, code in _codings(value):
            if code in self.codes or (system, code) in self.qualified or system in self.systems:
                return True
        return False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Row:
    elements: tuple[_Element, ...]
    services: frozenset[str]
    heading: Heading

    def matches(self, resource: Mapping[str, Any], service: str | None) -> bool:
        if self.services and service not in self.services:
            return False
        return all(element.matches(resource.get(element.name)) for element in self.elements)


def heading(resource: Mapping[str, Any], service: str | None) -> Heading:
    """The heading of a FHIR R4 resource held by `service`; `Heading.UNCLASSIFIED` when no row matches."""
    for row in _TABLE.get(resource.get("resourceType", ""), ()):
        if row.matches(resource, service):
            return row.heading
    return Heading.UNCLASSIFIED


def _codings(value: Any) -> Iterator[tuple[str, str]]:
    """(system, code) of a code, Coding or CodeableConcept, or of a list of them; system "" where none is given."""
    if isinstance(value, str):
        yield "", value
    elif isinstance(value, list):
        for each in value:
            yield from _codings(each)
    elif isinstance(value, dict):
        coding = value.get("coding")
        if coding is not None:
            yield from _codings(coding)
        elif isinstance(code := value.get("code"), str):
            system = value.get("system")
            yield (system if isinstance(system, str) else ""), code


def _read_table() -> dict[str, tuple[_Row, ...]]:
    """headings.toml by resource type. Raises Fault when a row names an unknown heading or is malformed."""
    rows: dict[str, list[_Row]] = {}
    table = tomllib.loads(Path(__file__).with_name("headings.toml").read_text(encoding="utf-8"))
    for number, row in enumerate(table["row"], 1):
        try:
            rows.setdefault(row.pop("resource"), []).append(_compiled(row))
        except (KeyError, TypeError, ValueError) as problem:
            raise Fault(f"headings.toml, row {number}: {problem}. Mend the row.") from problem
    return {type_: tuple(each) for type_, each in rows.items()}


def _compiled(row: dict[str, Any]) -> _Row:
    result = Heading(row.pop("heading"))
    services = frozenset(row.pop("service", ()))
    return _Row(elements=tuple(_element(name, codes) for name, codes in row.items()), services=services, heading=result)


def _element(name: str, codes: list[str]) -> _Element:
    if not isinstance(codes, list):
        raise TypeError(f"{name} must be a list of codes")
    pairs = [tuple(code.rsplit("|", 1)) for code in codes if "|" in code]
    return _Element(
        name=name,
        codes=frozenset(code for code in codes if "|" not in code),
        qualified=frozenset((system, code) for system, code in pairs if code != "*"),
        systems=frozenset(system for system, code in pairs if code == "*"),
    )


_TABLE = _read_table()
