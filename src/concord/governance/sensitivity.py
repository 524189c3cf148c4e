"""The labels of an item: from its security tags, its codes, and the service that contributed it.

The table is `sensitivity.yaml`. What a source marks and no row knows becomes `unknown`, which is withheld.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Any

from concord.base import Entry, read_entry
from concord.governance.directory import Directory
from concord.terminology import Label, label_mask

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
SENSITIVITY = "https://concord.example/CodeSystem/sensitivity"
SEAL = "https://concord.example/CodeSystem/seal"


@dataclass(frozen=True, kw_only=True, slots=True)
class SensitivityTable:
    """Label masks by (system, code), and by system and beginning of a code. `undotted`: systems whose codes are
    compared without full stops."""

    exact: Mapping[tuple[str, str], int]
    prefixes: Mapping[str, Mapping[str, int]]
    undotted: frozenset[str]

    def mask(self, system: str, code: str) -> int | None:
        """The labels that the code gives; None if no row knows it."""
        if system in self.undotted:
            code = code.replace(".", "").upper()
        found = self.exact.get((system, code))
        if found is not None:
            return found
        prefixes = self.prefixes.get(system)
        if prefixes is None:
            return None
        return next((prefixes[code[:size]] for size in range(len(code), 0, -1) if code[:size] in prefixes), None)


def labels_of_resource(
    resource: Mapping[str, Any], codings: Iterable[tuple[str | None, str]], service_labels: int
) -> int:
    """The labels (stored form) of a FHIR R4 resource by itself, before any flow to it from other items.

    `codings`: (system, code) of every Coding in it (`concord.fhir.codings`). `service_labels`: what all items of
    the contributing service carry (`Directory.service_labels`). R and V on a Patient protect the location
    (PDS sensitive) and are no label.
    """
    table = sensitivity_table()
    spared = CONFIDENTIALITY if resource.get("resourceType") == "Patient" else None
    mask = service_labels
    for system, code in codings:
        if system is not None and system != spared:
            mask |= table.mask(system, code) or 0
    for tag in _security_tags(resource):
        mask |= _of_tag(tag, table, spared)
    return mask


def _of_tag(tag: object, table: SensitivityTable, spared: str | None) -> int:
    """The labels of one security tag; what is malformed, or of no known system, is unknown."""
    system, code = (tag.get("system"), tag.get("code")) if isinstance(tag, Mapping) else (None, None)
    if not isinstance(system, str) or not isinstance(code, str):
        return Label.UNKNOWN.mask
    known = table.mask(system, code)
    if known is None:
        return Label.UNKNOWN.mask
    return 0 if system == spared else known


def _security_tags(resource: Mapping[str, Any]) -> Iterator[object]:
    """Security tags of the resource and of what it contains, and a document's own security labels."""
    meta = resource.get("meta")
    yield from _several(meta.get("security") if isinstance(meta, Mapping) else None)
    for concept in _several(resource.get("securityLabel")):
        yield from _several(concept.get("coding") if isinstance(concept, Mapping) else concept)
    for contained in _several(resource.get("contained")):
        if isinstance(contained, Mapping):
            yield from _security_tags(contained)


def _several(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else () if value is None else (value,)


def label_rules(directory: Directory) -> str:
    """What labels hang on beside the items, as a hash: the table, and the labels that services give."""
    table = sensitivity_table()
    services = sorted(
        (code, each.service, label_mask(each.labels))
        for code, organisation in directory.organisations.items()
        for each in organisation.services
        if each.labels
    )
    prefixes = sorted((system, sorted(of.items())) for system, of in table.prefixes.items())
    rules = (sorted(table.exact.items()), prefixes, sorted(table.undotted), services)
    return blake2b(repr(rules).encode(), digest_size=16).hexdigest()


@cache
def sensitivity_table() -> SensitivityTable:
    """The table that ships with Concord."""
    text = files("concord.governance").joinpath("sensitivity.yaml").read_text(encoding="utf-8")
    return parse_sensitivity(text, filename="sensitivity.yaml")


def parse_sensitivity(text: str, *, filename: str) -> SensitivityTable:
    """Raises FileRefused with line and column."""
    root = read_entry(text, filename=filename).fields("the sensitivity table", required=["systems", "rows"])
    systems = {key.slug("system"): _system(value) for key, value in root["systems"].pairs("systems")}
    exact = {(SENSITIVITY, str(label)): label.mask for label in Label}
    exact |= {(SEAL, "flagged"): Label.SEALED_FLAGGED.mask, (SEAL, "locked"): Label.SEALED_LOCKED.mask}
    prefixes: dict[str, dict[str, int]] = {}
    for entry in root["rows"].entries("rows"):
        for url, code, mask in _row(entry, systems):
            if code.endswith("*"):
                _enter(prefixes.setdefault(url, {}), code[:-1], mask, entry)
            else:
                _enter(exact, (url, code), mask, entry)
    undotted = frozenset(url for system in systems.values() if not system.dots for url in system.urls)
    return SensitivityTable(exact=exact, prefixes=prefixes, undotted=undotted)


@dataclass(frozen=True, kw_only=True, slots=True)
class _System:
    urls: tuple[str, ...]
    dots: bool


def _system(entry: Entry) -> _System:
    fields = entry.fields("a code system", required=["urls", "source", "licence"], optional=["dots"])
    for key in ("source", "licence"):
        fields[key].text(key)
    return _System(
        urls=tuple(each.text("URL") for each in fields["urls"].entries("the list of URLs")),
        dots=fields["dots"].yes_or_no("dots") if "dots" in fields else True,
    )


def _row(entry: Entry, systems: Mapping[str, _System]) -> Iterator[tuple[str, str, int]]:
    fields = entry.fields("a row", required=["system", "codes", "labels", "reason"])
    fields["reason"].text("reason")
    system = systems[fields["system"].one_of("code system", systems)]
    mask = label_mask(Label(word) for word in fields["labels"].each_of("label", list(Label), empty=True))
    for each in fields["codes"].entries("codes"):
        code = each.text("code") if system.dots else each.text("code").replace(".", "").upper()
        for url in system.urls:
            yield url, code, mask


def _enter(table: dict[Any, int], key: object, mask: int, entry: Entry) -> None:
    if key in table:
        raise entry.refused(f'a code of this row stands above already: "{key}"')
    table[key] = mask
