"""From what a source sent to a row that can be kept: names, heading, labels, facts, body. Pure."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, Keys, NhsNumber, OdsCode, nhs_number
from concord.fhir import Survey, encode, index_values, lifecycle, patient_references, relevant_time
from concord.governance import Choice, Directory, Relationship, choice_of, labels_of_resource
from concord.record.facts import relationships
from concord.record.headings import heading
from concord.record.references import TELLS_NOTHING, target_type
from concord.store import body, facts, items, people

_CONTENT = {
    "result", "reasonReference", "item", "entry", "evidence", "addresses", "condition", "hasMember", "derivedFrom",
    "detail", "problem", "supportingInformation", "supportingInfo", "target", "contentReference", "manifestation",
}  # fmt: skip
_NO_CONTENT = TELLS_NOTHING | {"Encounter", ""}  # referring to these is no telling of content: the usual case, seen fast
UNINDEXED = {"family", "given", "name"}  # searched by beginnings, which a hash cannot find: they have columns
_SERVICE_SYSTEM = "https://concord.example/CodeSystem/service"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_NOT_FOLDED = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What preparing needs to know about the contributor and the installation."""

    keys: Keys
    organisation: OdsCode
    directory: Directory

    @property
    def organisation_kind(self) -> str:
        return self.directory.organisations[self.organisation].kind


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """A resource under its logical ids, with all that is derived from it. `tail` is the body uncompressed."""

    row: items.NewRow
    tail: bytes
    patients: Sequence[str]
    index: frozenset[int]
    mentions: frozenset[str]
    relationships: Sequence[Relationship]
    choice: Choice | None
    demographics: people.Demographics | None


def prepare(
    resource: dict[str, Any], survey: Survey, id_: str, service: str | None, context: Context, codec: body.Codec
) -> Prepared:
    """`resource` must stand under its logical ids already; `survey` must have found no breach in it."""
    type_ = resource["resourceType"]
    service = _service(resource) or service
    tail, plain = _tail(resource, survey)
    span = relevant_time(resource)
    own = labels_of_resource(resource, survey.codings, context.directory.service_labels(context.organisation, service))
    protected = type_ == "Patient" and _protected(resource)
    patients = [reference[8:] for reference in patient_references(resource) if reference.startswith("Patient/")]
    refers = any(target_type(reference) not in _NO_CONTENT for reference in survey.references)
    mentions = frozenset(_mentions(resource)) if refers else frozenset()
    return Prepared(
        row=items.NewRow(
            type=type_,
            id=id_,
            service=service,
            heading=heading(resource, service).bit,
            own_labels=own,
            labels=own,
            starts_at=span[0] if span else None,
            ends_at=span[1] if span else None,
            lifecycle=items.LIFECYCLES.index(lifecycle(resource)),
            plain=plain,
            several=len(patients) > 1,
            stored_at=0,
            body=codec.compress(tail),
        ),
        tail=tail,
        patients=patients,
        index=index_set(resource, mentions, context),
        mentions=mentions,
        relationships=relationships(resource, context.organisation, context.organisation_kind, service),
        choice=choice_of(resource, context.organisation),
        demographics=describe(resource, protected) if type_ == "Patient" else None,
    )


def index_set(resource: dict[str, Any], mentions: frozenset[str], context: Context) -> frozenset[int]:
    """The values under which the search index holds a resource."""
    type_ = resource["resourceType"]
    values = {
        items.index_value(context.keys, context.organisation, type_, parameter, value)
        for parameter, value in index_values(resource)
        if parameter not in UNINDEXED
    }
    values |= {mention_value(context.keys, context.organisation, mention) for mention in mentions}
    return frozenset(values)


def index_of(resource: dict[str, Any], context: Context) -> frozenset[int]:
    """The same for a resource that was kept before."""
    return index_set(resource, frozenset(_mentions(resource)), context)


def mention_value(keys: Keys, organisation: OdsCode, reference: str) -> int:
    """The index value under which items stand that refer to `reference` ("Type/id") as content."""
    return items.index_value(keys, organisation, "", "mentions", reference)


def fact_rows(prepared: Prepared) -> facts.FactRows:
    """The facts in stored form."""
    choice = prepared.choice
    return facts.FactRows(
        relationships=[
            (r.kind, r.organisation, r.service, r.team, r.user, _at(r.start_at), _at(r.end_at))
            for r in prepared.relationships
        ],
        choice=None
        if choice is None
        else (
            choice.kind, int(choice.given), choice.contributor, choice.organisation, int(choice.silent),
            _at(choice.start_at), _at(choice.end_at),
        ),
    )  # fmt: skip


def _at(instant: Any) -> int | None:
    return None if instant is None else body.microseconds(instant)


def _tail(resource: dict[str, Any], survey: Survey) -> tuple[bytes, bool]:
    """The body from after the server's own meta elements on; and whether any viewer may have it uncut.

    What could repeat something that is labelled elsewhere: a contained resource, a narrative, the display of a
    reference to another item.
    """
    rest = {name: value for name, value in resource.items() if name not in ("resourceType", "id", "meta")}
    meta = {
        name: value
        for name, value in resource.get("meta", {}).items()
        if name not in ("versionId", "lastUpdated", "source")
    }
    plain = "text" not in rest and "contained" not in rest and not any(map(_tells, survey.references))
    tail = (b"," + encode(meta)[1:] if meta else b"}") + (b"," + encode(rest)[1:] if rest else b"}")
    return tail, plain


def _tells(reference: Mapping[str, Any]) -> bool:
    """Whether a reference says in words what it points to, and that may be an item of a record."""
    return "display" in reference and target_type(reference) not in TELLS_NOTHING


def _mentions(resource: dict[str, Any]) -> Iterator[str]:
    """The items that a resource refers to as content, so that their labels flow: "Type/id" each."""
    for name, value in resource.items():
        if isinstance(value, (dict, list)):
            yield from _mentioned_in(value, name)


def _mentioned_in(node: dict[str, Any] | list[Any], name: str) -> Iterator[str]:
    if isinstance(node, list):
        for value in node:
            if isinstance(value, (dict, list)):
                yield from _mentioned_in(value, name)
        return
    literal = node.get("reference")
    if name in _CONTENT and isinstance(literal, str) and literal.split("/")[0] not in _NO_CONTENT:
        yield literal
    for key, value in node.items():
        if isinstance(value, (dict, list)):
            yield from _mentioned_in(value, key)


def _service(resource: dict[str, Any]) -> str | None:
    for tag in resource.get("meta", {}).get("tag", ()):
        if tag.get("system") == _SERVICE_SYSTEM:
            return str(tag.get("code"))
    return None


def _protected(patient: dict[str, Any]) -> bool:
    """The PDS sensitive flag: what locates the person must be kept back."""
    return any(
        label.get("system") == _CONFIDENTIALITY and label.get("code") in ("R", "V")
        for label in patient.get("meta", {}).get("security", ())
    )


def describe(patient: dict[str, Any], protected: bool) -> people.Demographics:
    """What finding and linking need of a Patient."""
    name = _best(patient.get("name", ()), ("official", "usual"))
    address = _best(patient.get("address", ()), ("home",))
    given = name.get("given", [""])
    shown = ", ".join(part for part in (name.get("family", "").upper(), " ".join(given)) if part)
    return people.Demographics(
        nhs_number=_number(patient),
        family=fold(name.get("family", "")),
        given=fold(given[0] if given else ""),
        born_on=patient.get("birthDate", ""),
        postcode=fold(address.get("postalCode", "")),
        sex=patient.get("gender", ""),
        shown_name=shown or name.get("text", ""),
        address=", ".join([*address.get("line", ()), address.get("city", ""), address.get("postalCode", "")]).strip(", "),
        died_on=_died(patient),
        protected=protected,
    )


def fold(text: str) -> str:
    """Lower-case letters and digits alone, accents and punctuation dropped."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_FOLDED.sub("", plain) or text.casefold().strip()


def _number(patient: dict[str, Any]) -> NhsNumber | None:
    for identifier in patient.get("identifier", ()):
        if identifier.get("system") == NHS_NUMBER_SYSTEM and identifier.get("use") != "old":
            return nhs_number(identifier.get("value", ""))
    return None


def _died(patient: dict[str, Any]) -> str | None:
    if "deceasedDateTime" in patient:
        return str(patient["deceasedDateTime"])
    return "unknown date" if patient.get("deceasedBoolean") is True else None


def _best(entries: Sequence[dict[str, Any]], uses: Sequence[str]) -> dict[str, Any]:
    """The entry of the first use that occurs, else the first that is not old, else nothing."""
    current = [entry for entry in entries if entry.get("use") not in ("old", "nickname", "maiden")]
    for use in uses:
        for entry in current:
            if entry.get("use") == use:
                return entry
    return current[0] if current else {}
