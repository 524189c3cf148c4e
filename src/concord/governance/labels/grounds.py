"""The labels of an item: from its security tags, its codes, and the service that contributed it, each with its ground.

The tables are those of `tables`. What a source marks and no row knows becomes `unknown`, which is withheld.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from concord.governance.labels.tables import Row, Sensitivity
from concord.terminology import Label

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_NO_ROW = Row(Label.UNKNOWN.mask, "marked by the source, and no row of the tables knows the mark")


class Ground(NamedTuple):
    """Why an item carries labels: a mark that its source set (`tag`), a code in it, or the `service` (whose name is the
    code) that contributed it. `labels` in stored form; `reason` in words."""

    kind: Literal["tag", "code", "service"]
    system: str
    code: str
    labels: int
    reason: str

    @property
    def key(self) -> str:
        """What tells it from other grounds of an item, on one line."""
        return " ".join(f"{self.kind} {self.system}|{self.code}".split())


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
