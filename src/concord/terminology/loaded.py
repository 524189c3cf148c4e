"""Profiles, value sets and code systems that an installation has loaded, to validate by. Nothing of them is shipped."""

from collections.abc import Iterable

from concord.base import Incorrect
from concord.fhir import NOTHING_KNOWN, Known, Resource, check, codes_of_value_set, encode, parse, read_profile
from concord.store import Reading, Store, Writing, registers

LOADABLE = ("StructureDefinition", "ValueSet", "CodeSystem")


def load_definitions(writing: Writing, definitions: Iterable[Resource]) -> int:
    """Keep definitions by their URL, each in place of the one that had it; how many. Raises Incorrect: then none."""
    number, loading = 0, registers.definitions_version(writing) + 1
    for definition in definitions:
        url, of = definition.get("url"), definition.get("resourceType")
        if of not in LOADABLE or not isinstance(url, str):
            raise Incorrect(f"{of}: only {', '.join(LOADABLE)} with a url can be loaded.")
        if breaches := check(definition):
            raise Incorrect(f"{url}: {breaches[0].path}: {breaches[0].message}.")
        if of == "StructureDefinition":
            read_profile(definition)
        registers.define(writing, url, encode(definition), loading)
        number += 1
    return number


class LoadedDefinitions:
    """What is loaded, read again when something has been loaded since."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = -1
        self._known = NOTHING_KNOWN

    def known(self) -> Known:
        with self._store.reading() as reading:
            version = registers.definitions_version(reading)
            if version != self._version:
                self._known, self._version = _known(reading), version
        return self._known


def loaded_urls(reading: Reading) -> list[tuple[str, str]]:
    """(type, url) of what is loaded, by url."""
    return [(parse(body)["resourceType"], url) for url, body in registers.definitions(reading)]


def _known(reading: Reading) -> Known:
    by_type: dict[str, dict[str, Resource]] = {of: {} for of in LOADABLE}
    for url, body in registers.definitions(reading):
        definition = parse(body)
        by_type[definition["resourceType"]][url] = definition
    systems = by_type["CodeSystem"]
    told = {url: codes_of_value_set(definition, systems) for url, definition in by_type["ValueSet"].items()}
    return Known(
        profiles={url: read_profile(definition) for url, definition in by_type["StructureDefinition"].items()},
        value_sets={url: codes for url, codes in told.items() if codes is not None},
    )
