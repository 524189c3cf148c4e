"""The labels of an item: from its security tags, its codes, and the service that contributed it, each with its ground.

The tables are those of `tables`. What a source marks and no row knows becomes `unknown`, which is withheld.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import Any, Literal, NamedTuple

from concord.governance.directory import Directory
from concord.governance.labels.tables import Row, Sensitivity, SensitivityTable
from concord.terminology import Label, label_mask

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_NO_ROW = Row(Label.UNKNOWN.mask, "marked by the source, and no row of the tables knows the mark")


class Ground(NamedTuple):
    """Why an item carries labels: a mark that its source set (`tag`), or a code in it. `labels` in stored form."""

    kind: Literal["tag", "code"]
    system: str
    code: str
    labels: int
    reason: str


def labels_of_resource(
    resource: Mapping[str, Any],
    codings: Iterable[tuple[str | None, str]],
    service_labels: int,
    sensitivity: Sensitivity,
) -> int:
    """The labels (stored form) of a FHIR R4 resource by itself, before any flow to it from other items.

    `codings`: (system, code) of every Coding in it (`concord.fhir.codings`). `service_labels`: what all items of
    the contributing service carry (`Directory.service_labels`).
    """
    for ground in grounds_of_resource(resource, codings, sensitivity):
        service_labels |= ground.labels
    return service_labels


def grounds_of_resource(
    resource: Mapping[str, Any], codings: Iterable[tuple[str | None, str]], sensitivity: Sensitivity
) -> Iterator[Ground]:
    """Every mark and code that gives a resource labels. What is a mark is not told again as a code.

    R and V on a Patient protect the location (PDS sensitive) and are no label.
    """
    spared = CONFIDENTIALITY if resource.get("resourceType") == "Patient" else None
    marks: set[tuple[str | None, str]] = set()
    for tag in _security_tags(resource):
        system, code = (tag.get("system"), tag.get("code")) if isinstance(tag, Mapping) else (None, None)
        if not isinstance(system, str) or not isinstance(code, str):
            yield Ground("tag", str(system or ""), str(code or ""), *_NO_ROW)
            continue
        marks.add((system, code))
        rows = sensitivity.rows(system, code)
        if rows and system == spared:
            continue
        for row in rows or (_NO_ROW,):
            if row.labels:
                yield Ground("tag", system, code, *row)
    for system, code in codings:
        if system is not None and system != spared and (system, code) not in marks:
            for row in sensitivity.rows(system, code):
                if row.labels:
                    yield Ground("code", system, code, *row)


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


def label_rules(directory: Directory, sensitivity: Sensitivity) -> str:
    """What labels hang on beside the items, as a hash: the tables, and the labels that services give."""
    services = sorted(
        (code, each.service, label_mask(each.labels))
        for code, organisation in directory.organisations.items()
        for each in organisation.services
        if each.labels
    )
    rules = (_rules(sensitivity.shipped), _rules(sensitivity.site), services)
    return blake2b(repr(rules).encode(), digest_size=16).hexdigest()


def _rules(table: SensitivityTable) -> tuple[object, ...]:
    exact = sorted((*key, row.labels) for key, row in table.exact.items())
    prefixes = sorted((system, code, row.labels) for system, of in table.prefixes.items() for code, row in of.items())
    below = sorted((each.system, each.code, each.row.labels, table.loads.get(each.system, 0)) for each in table.below)
    undotted = sorted(name for name, system in table.systems.items() if not system.dots)
    return exact, prefixes, below, undotted
