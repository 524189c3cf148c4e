"""What a source patient's items add to the figures of their organisation. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from concord.base import NHS_NUMBER_SYSTEM, nhs_number
from concord.fhir import Resource
from concord.ingest.naming import INVALID_NHS_NUMBER
from concord.ingest.quality.figures import Figures, OfHeading
from concord.ingest.quality.standard import STANDARD
from concord.terminology import Heading

FUTURE, BEFORE_BIRTH, TWICE, NO_UCUM, NO_UNIT, WORDS_ALONE, TWO_PATIENTS = (
    "a date in the future", "a date before birth", "the same item twice", "a unit that is not UCUM",
    "a number without a unit", "words without a code", "two Patients under one NHS number",
)  # fmt: skip
TRACED, UNTRACED, STATED, BROKEN, NONE, EXCUSED = (
    "there, and traced", "there, and not traced", "there; whether traced is not said", "there, and no NHS number",
    "not there", "not there, and why is said",
)  # fmt: skip
UCUM = "http://unitsofmeasure.org"
_STATUS, _UNAVAILABLE = "NHSNumberVerificationStatus", "NHSNumberUnavailableReason"
_TRACED_CODES = {"01", "number-present-and-verified"}
_CODED = ("code", "vaccineCode", "medicationCodeableConcept", "type")
# What has happened by the time that it is recorded. Plans, appointments and requests may lie ahead.
_HAPPENED = {
    "Condition": ("onsetDateTime", "recordedDate"),
    "AllergyIntolerance": ("onsetDateTime", "recordedDate"),
    "Observation": ("effectiveDateTime", "issued"),
    "DiagnosticReport": ("effectiveDateTime", "issued"),
    "Procedure": ("performedDateTime", "performedPeriod.start"),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "Encounter": ("period.start",),
    "MedicationStatement": ("dateAsserted",),
    "MedicationRequest": ("authoredOn",),
    "DocumentReference": ("date",),
}
_MAY_PRECEDE_BIRTH = ("issued", "recorded", "recordedDate", "date")  # when it was written, not when it was
_COMPARED = ("Condition", "AllergyIntolerance", "MedicationRequest", "MedicationStatement", "Observation",
             "Immunization", "Procedure")  # fmt: skip
_NOT_COMPARED = ("id", "meta", "identifier", "text", "recordedDate", "recorder", "encounter", "issued")


class HeldItem(NamedTuple):
    """A current item of a source patient, as its source wrote it, under the heading that it stands under."""

    heading: Heading
    resource: Resource


def add(figures: Figures, items: Sequence[HeldItem], today: str) -> None:
    """Count one source patient's items in. `today`: a FHIR date."""
    figures.people += 1
    born_on = next((str(each.resource.get("birthDate", "")) for each in items if _type(each) == "Patient"), "")
    seen: Counter[str] = Counter()
    under = set()
    for item in items:
        figures.items += 1
        under.add(item.heading)
        _count_elements(figures, item)
        _count_codes(figures, item.resource)
        _count_dates(figures, item.resource, today, born_on)
        _count_units(figures, item.resource)
        if item.resource["resourceType"] == "Patient":
            figures.numbers[_number_status(item.resource)] += 1
        if item.resource["resourceType"] in _COMPARED:
            figures.looked[TWICE] += 1
            same = repr(sorted((k, v) for k, v in item.resource.items() if k not in _NOT_COMPARED))
            seen[same] += 1
            if seen[same] > 1:
                _find(figures, TWICE, item.resource["resourceType"])
    for heading in under:
        figures.headings[heading.value].people += 1


def _type(item: HeldItem) -> str:
    return str(item.resource["resourceType"])


def _count_elements(figures: Figures, item: HeldItem) -> None:
    of = figures.headings.setdefault(item.heading.value, OfHeading())
    of.items += 1
    for element in STANDARD.get(item.heading, {}).get(_type(item), ()):
        of.looked[element.says] += 1
        of.there[element.says] += any(True for path in element.at.split("|") for _ in values_at(item.resource, path))


def _count_codes(figures: Figures, resource: Resource) -> None:
    for name in _CODED:
        for concept in _listed(resource.get(name)):
            if not isinstance(concept, dict):
                continue
            at = f"{resource['resourceType']}.{name.removesuffix('CodeableConcept')}"
            codings = [each for each in concept.get("coding", ()) if each.get("code")]
            figures.looked[WORDS_ALONE] += 1
            systems = figures.systems.setdefault(at, Counter())
            systems.update(sorted({str(each.get("system", "a system that is not named")) for each in codings}) or [""])
            if not codings:
                _find(figures, WORDS_ALONE, at)


def _count_dates(figures: Figures, resource: Resource, today: str, born_on: str) -> None:
    type_ = resource["resourceType"]
    for path in _HAPPENED.get(type_, ()):
        for value in values_at(resource, path):
            figures.looked[FUTURE] += 1
            said = str(value)[:10]
            if said > today[: len(said)]:
                _find(figures, FUTURE, f"{type_}.{path}")
            elif born_on and path not in _MAY_PRECEDE_BIRTH:
                shared = min(len(said), len(born_on))
                if said[:shared] < born_on[:shared]:
                    _find(figures, BEFORE_BIRTH, f"{type_}.{path}")


def _count_units(figures: Figures, resource: Resource) -> None:
    if resource["resourceType"] != "Observation":
        return
    for path in ("valueQuantity", "component.valueQuantity"):
        for quantity in values_at(resource, path):
            figures.looked[NO_UCUM] += 1
            written = str(quantity.get("unit") or quantity.get("code") or "")
            if not written:
                _find(figures, NO_UNIT, f"Observation.{path}")
                continue
            figures.units[written] += 1
            if quantity.get("system") != UCUM or not quantity.get("code"):
                _find(figures, NO_UCUM, f"Observation.{path}")


def _number_status(patient: Resource) -> str:
    why = any(_UNAVAILABLE in str(each.get("url", "")) for each in _listed(patient.get("extension")))
    status = EXCUSED if why else NONE
    for identifier in _listed(patient.get("identifier")):
        if identifier.get("system") == INVALID_NHS_NUMBER:
            status = BROKEN
        if identifier.get("system") != NHS_NUMBER_SYSTEM:
            continue
        if nhs_number(str(identifier.get("value", ""))) is None:
            return BROKEN
        codes = {
            str(coding.get("code"))
            for extension in _listed(identifier.get("extension"))
            if _STATUS in str(extension.get("url", ""))
            for coding in extension.get("valueCodeableConcept", {}).get("coding", ())
        }
        return (TRACED if codes & _TRACED_CODES else UNTRACED) if codes else STATED
    return status


def values_at(resource: Mapping[str, Any], path: str) -> Iterator[Any]:
    """What stands at a path, lists passed through: nothing that is empty."""
    name, _, rest = path.partition(".")
    if name.endswith("[x]"):
        stem = name.removesuffix("[x]")
        found: Iterable[Any] = [v for k, v in resource.items() if k.startswith(stem) and k[len(stem) :][:1].isupper()]
    else:
        found = [resource.get(name)]
    for each in (one for value in found for one in _listed(value)):
        if rest and isinstance(each, dict):
            yield from values_at(each, rest)
        elif not rest and each not in ("", {}):
            yield each


def _listed(value: Any) -> Sequence[Any]:
    if value is None:
        return ()
    return value if isinstance(value, list) else (value,)


def _find(figures: Figures, kind: str, path: str) -> None:
    figures.findings.setdefault(kind, Counter())[path] += 1
