"""What a summary is made from: the current items by type, their dates, who sent them and what they point at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from concord.base import OdsCode
from concord.fhir import CLOCKS_CHANGED, told
from concord.record.dates import LONDON, When, when
from concord.record.model import Item
from concord.record.summary.model import Entry, Mark, Phone, Source
from concord.record.summary.words import (
    Json,
    child,
    children,
    codings,
    concept,
    folded,
    person_name,
    professional_name,
    string,
)

DATED_IN_THE_FUTURE = Mark(text="? Dated in the future", tone="care")
CLOCKS = Mark(text="? Told as the clocks changed", tone="care")

# Clocks of hospitals and of this machine differ by minutes: what happened just now is not in the future.
_CLOCKS_DIFFER = timedelta(minutes=15)

# Where each type says when it was true; the first that is there. A dot leads into a Period.
_ANY_WHEN = ("date", "period.start", "occurrenceDateTime", "authoredOn", "created", "recordedDate")
_WHEN: Mapping[str, tuple[str, ...]] = {
    "AllergyIntolerance": ("recordedDate", "onsetDateTime", "onsetPeriod.start", "lastOccurrence"),
    "Appointment": ("start", "created"),
    "CarePlan": ("created", "period.start"),
    "Communication": ("sent", "received"),
    "Condition": ("onsetDateTime", "onsetPeriod.start", "recordedDate", "abatementDateTime"),
    "Consent": ("dateTime", "provision.period.start"),
    "Device": (),
    "DeviceUseStatement": ("timingPeriod.start", "timingDateTime", "recordedOn"),
    "DiagnosticReport": ("effectiveDateTime", "effectivePeriod.start", "issued"),
    "DocumentReference": ("date", "context.period.start"),
    "Goal": ("startDate", "statusDate"),
    "ImagingStudy": ("started",),
    "Immunization": ("occurrenceDateTime", "recorded"),
    "MedicationAdministration": ("effectiveDateTime", "effectivePeriod.start"),
    "MedicationDispense": ("whenHandedOver", "whenPrepared"),
    "MedicationRequest": ("authoredOn",),
    "MedicationStatement": ("effectivePeriod.start", "effectiveDateTime", "dateAsserted"),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued"),
    "Patient": ("meta.lastUpdated",),
    "Procedure": ("performedDateTime", "performedPeriod.start"),
    "QuestionnaireResponse": ("authored",),
    "RelatedPerson": ("period.start",),
    "ServiceRequest": ("authoredOn", "occurrenceDateTime", "occurrencePeriod.start"),
}
_PATHS = {type_: [path.split(".") for path in paths] for type_, paths in _WHEN.items()}
_ANY_PATH = [path.split(".") for path in _ANY_WHEN]


@dataclass(frozen=True, kw_only=True, slots=True)
class Organisation:
    """Who contributes. `short` is the chip's text, `kind` the directory's ("gp-practice"), `services` names by code."""

    name: str
    short: str
    kind: str
    telephone: str = ""
    services: Mapping[str, str] = field(default_factory=dict)

    @property
    def told(self) -> str:
        """Its name, where that says more than its chip; else ""."""
        return self.name if self.name != self.short else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dated:
    """An item with its resource at hand and when it was true."""

    item: Item
    resource: dict[str, Any]
    when: When | None

    @property
    def low(self) -> datetime | None:
        return self.when.low if self.when else None


class Given:
    """All current items of one person, ready to be asked. Remembers which items some source on the page names."""

    def __init__(
        self,
        items: Iterable[Item],
        now: datetime,
        organisations: Mapping[OdsCode, Organisation],
        referred: Mapping[str, dict[str, Any]],
    ) -> None:
        self.now = now
        self.today = now.astimezone(LONDON).date()
        self.organisations = organisations
        self.named: set[tuple[str, str]] = set()
        self._latest_now = now + _CLOCKS_DIFFER
        self._by_type: dict[str, list[Dated]] = {}
        self._by_reference: dict[str, dict[str, Any]] = dict(referred)
        self._anchors: dict[str, int] = {}
        for item in sorted(items, key=lambda each: (each.type, each.id)):  # the same page, however they come
            if item.lifecycle == "current":
                self._by_type.setdefault(item.type, []).append(
                    Dated(item=item, resource=item.resource, when=_true_when(item))
                )
                self._by_reference[f"{item.type}/{item.id}"] = item.resource

    def of(self, *types: str) -> list[Dated]:
        """The current items of these types, as given."""
        return [each for type_ in types for each in self._by_type.get(type_, ())]

    def everything(self) -> Iterable[Dated]:
        return (each for group in self._by_type.values() for each in group)

    def organisation(self, code: OdsCode) -> Organisation:
        """Of the directory; an organisation that it does not know goes by its code."""
        return self.organisations.get(code) or Organisation(name=code, short=code, kind="")

    def service_name(self, code: OdsCode, service: str) -> str:
        """A service in the words of the directory; what is no code of its services stays as it is."""
        return self.organisation(code).services.get(service, service)

    def in_future(self, moment: When | None) -> bool:
        return moment is not None and moment.low > self._latest_now

    def is_past(self, moment: When | None) -> bool:
        return moment is not None and moment.high <= self.now

    def source(self, dated: Dated, words: str = "", marks: tuple[Mark, ...] = (), at: When | None = None) -> Source:
        """The line of provenance of an item; `at` when another of its dates than `dated.when` matters."""
        item, moment = dated.item, at or dated.when
        self.named.add((item.type, item.id))
        organisation = self.organisation(item.organisation)
        if self.in_future(moment) and item.type != "Appointment":
            marks = (*marks, DATED_IN_THE_FUTURE)
        if any(each.get("url") == CLOCKS_CHANGED for each in children(dated.resource, "extension")):
            marks = (*marks, CLOCKS)
        return Source(
            organisation=item.organisation,
            chip=organisation.short,
            name=organisation.name,
            when=moment.text if moment else "",
            when_iso=moment.iso if moment else "",
            words=words,
            marks=marks,
            type=item.type,
            id=item.id,
            heading=item.heading,
            clause=item.clause,
            told=told(dated.resource),
            original=item.original,
        )

    def entry(
        self,
        card: str,
        title: str,
        sources: Sequence[Source],
        *,
        detail: str = "",
        marks: Sequence[Mark] = (),
        meta: Sequence[str] = (),
        phones: Sequence[Phone] = (),
        text: str = "",
        at: When | None = None,
        against: Sequence[Source] = (),
    ) -> Entry:
        """An entry of `card`; `at` gives the leading date."""
        return Entry(
            anchor=self.anchor(card),
            when=at.text if at else "",
            when_iso=at.iso if at else "",
            title=title,
            detail=detail,
            marks=tuple(marks),
            meta=tuple(dict.fromkeys(part for part in meta if part)),
            phones=tuple(phones),
            text=text,
            sources=tuple(sources),
            against=tuple(against),
        )

    def anchor(self, card: str) -> str:
        """`allergies-1`, `allergies-2`, ...: the same for the same items, unique on the page."""
        count = self._anchors[card] = self._anchors.get(card, 0) + 1
        return f"{card}-{count}"

    def target(self, reference: Json, within: Json) -> Json:
        """The resource that a Reference names, contained in `within` or given as an item; empty when not at hand."""
        literal = string(reference, "reference")
        if literal.startswith("#"):
            return next((each for each in children(within, "contained") if each.get("id") == literal[1:]), {})
        if not literal:
            return {}
        found = self._by_reference.get(literal)
        return found or self._by_reference.get("/".join(literal.split("/")[-2:]), {})

    def name_of(self, reference: Json, within: Json) -> str:
        """What a Reference names, in words. A display may have been cut: the target itself comes first."""
        target = self.target(reference, within)
        match target.get("resourceType"):
            case "PractitionerRole":
                person = self.name_of(child(target, "practitioner"), target)
                return person or concept(next(iter(children(target, "code")), None))
            case "Practitioner":
                found = next((text for each in children(target, "name") if (text := professional_name(each))), "")
            case "Patient" | "RelatedPerson":
                found = next((text for each in children(target, "name") if (text := person_name(each))), "")
            case "Condition" | "Observation" | "Procedure" | "Medication":
                found = concept(target.get("code"))
            case _:
                found = string(target, "name") or string(target, "title") or string(target, "description")
        return found or string(reference, "display")


def _true_when(item: Item) -> When | None:
    for first, *rest in _PATHS.get(item.type, _ANY_PATH):
        value: Any = item.resource.get(first)
        for name in rest:
            value = value.get(name) if isinstance(value, dict) else None
        if value is not None and (found := when(value)) is not None:
            return found
    return None


def latest_first(items: Iterable[Dated]) -> list[Dated]:
    """By when they were true; what has no date comes last. Ties stand in the order of type and id."""
    ordered = sorted(items, key=lambda each: (each.item.type, each.item.id))
    ordered.sort(key=lambda each: each.when.low.timestamp() if each.when else float("-inf"), reverse=True)
    return ordered


def same(
    items: Iterable[Dated], code: str, words: Callable[[Dated], str], *, codes_tell_apart: bool = False
) -> list[list[Dated]]:
    """Groups of items that say the same thing: they share a coding of element `code`, or `words` (folded).

    `codes_tell_apart`: words do not join what different codes of one system separate (urine and serum potassium).
    """
    groups: list[list[Dated]] = []
    coded: list[dict[str, set[str]]] = []  # of each group: the codes it holds, by system
    by_coding: dict[tuple[str, str], int] = {}
    by_words: dict[str, list[int]] = {}
    spelt: dict[str, str] = {}  # the same words come again and again
    for each in items:
        keys = list(codings(each.resource.get(code)))
        said = words(each)
        text = spelt.get(said)
        if text is None:
            text = spelt[said] = folded(said)
        place = next((by_coding[key] for key in keys if key in by_coding), None)
        if place is None:
            fitting = (
                index for index in by_words.get(text, ()) if not codes_tell_apart or _compatible(coded[index], keys)
            )
            place = next(fitting, None) if text else None
        if place is None:
            place = len(groups)
            groups.append([])
            coded.append({})
        groups[place].append(each)
        for key in keys:
            by_coding.setdefault(key, place)
            coded[place].setdefault(key[0], set()).add(key[1])
        if text and place not in by_words.setdefault(text, []):
            by_words[text].append(place)
    return groups


def _compatible(held: Mapping[str, set[str]], keys: Sequence[tuple[str, str]]) -> bool:
    return all(key[1] in held[key[0]] for key in keys if key[0] in held)
