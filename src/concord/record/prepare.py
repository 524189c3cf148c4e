"""From what a source sent to a row that can be kept: names, heading, labels, facts, body. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from concord.base import Keys, NhsNumber, OdsCode
from concord.fhir import Survey, encode, index_values, lifecycle, patient_references, relevant_time, service_of
from concord.fhir import fold as fold_text
from concord.governance import Directory, choice_of, proxy_of
from concord.governance.labels import Correction, Ground, Sensitivity, corrected, grounds_of_resource
from concord.record.cues import suggested
from concord.record.facts import relationships
from concord.record.headings import heading
from concord.record.numbers import is_untraced, number_of, superseded_of
from concord.record.references import TELLS_NOTHING, names_another, target_type
from concord.store import body, facts, items, labelling, people

_CONTENT = {
    "result", "reasonReference", "item", "entry", "evidence", "addresses", "condition", "hasMember", "derivedFrom",
    "detail", "problem", "supportingInformation", "supportingInfo", "target", "contentReference", "manifestation",
    "medicationReference",
}  # fmt: skip
_NO_CONTENT = TELLS_NOTHING - {"Medication"} | {"Encounter", ""}  # referring to these is no telling of content
UNINDEXED = {"family", "given", "name"}  # searched by beginnings, which a hash cannot find: they have columns
FOLLOWS = "service-of"
"""The name in the search index under which items stand that follow a visit's service."""
_SERVICE_SYSTEM = "https://concord.example/CodeSystem/service"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_NOT_FOLDED = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Context:
    """What preparing needs to know about the contributor and the installation, during one write."""

    keys: Keys
    organisation: OdsCode
    directory: Directory
    sensitivity: Sensitivity
    _values: dict[tuple[str, str, str], int] = field(default_factory=dict)  # the items of one write share many

    @property
    def organisation_kind(self) -> str:
        return self.directory.organisations[self.organisation].kind

    def names_service(self, service: str) -> bool:
        return self.directory.names_service(self.organisation, service)

    def index_value(self, type_: str, parameter: str, text: str) -> int:
        """What stands in the search index for a value of this organisation's items."""
        key = type_, parameter, text
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = items.index_value(self.keys, self.organisation, type_, parameter, text)
        return value

    def refers_to(self, name: str) -> int:
        """The index value under which items stand that refer to "Type/id" as content, or name that Patient too."""
        return items.index_value(self.keys, self.organisation, "", "mentions", name)


class Prepared(NamedTuple):
    """A resource under its logical ids, with all that is derived from it. A tuple, since a load makes one of each.

    `tail` is the body uncompressed; `patients` the ids of the Patients concerned, the first being the one it lies with;
    `indexed` its values in the search index; `mentions` what it refers to as content ("Type/id"); `referred_to` the
    index value of what refers to it; `same_as`, of a Patient, those whom it says to be the same human, and
    whether they replace it; `superseded`, the NHS numbers in whose place its own stands; `untraced`, that its own was
    not traced, whatever its feed otherwise is; `cues` the words in it that suggest labels.
    """

    row: items.NewRow
    tail: bytes
    patients: Sequence[str]
    indexed: frozenset[int]
    mentions: frozenset[str]
    referred_to: int
    facts: facts.FactRows | None
    demographics: people.Demographics | None
    same_as: Mapping[str, bool]
    superseded: Sequence[NhsNumber]
    untraced: bool
    cues: Sequence[labelling.CueRow]

    @property
    def name(self) -> str:
        return f"{self.row.type}/{self.row.id}"

    @property
    def names(self) -> list[str]:
        """What a transaction that keeps it has to have looked up: "Type/id" of itself, its Patients, its mentions."""
        return [self.name, *(f"Patient/{patient}" for patient in self.patients), *self.mentions]


def prepare(
    resource: dict[str, Any],
    survey: Survey,
    id_: str,
    service: str | None,
    context: Context,
    codec: body.Codec,
    *,
    held: int | None = None,
    said: Sequence[Correction] = (),
) -> Prepared:
    """`resource` must stand under its logical ids already; `survey` must have found no breach in it. `held` and `said`
    as in `own_labels`."""
    type_ = resource["resourceType"]
    service = _service(resource) or service
    tail = _tail(resource)
    span = relevant_time(resource)
    patients = patients_of(resource)
    own = f"Patient/{patients[0]}" if patients else ""
    mentions = mentioned(survey)
    return Prepared(
        row=items.NewRow(
            type=type_,
            id=id_,
            service=service,
            heading=heading(resource, service).bit,
            own_labels=own_labels(resource, survey, service, context, held=held, said=said),
            starts_at=span[0] if span else None,
            ends_at=span[1] if span else None,
            lifecycle=items.LIFECYCLES.index(lifecycle(resource)),
            plain=not (survey.has_narrative or survey.has_contained or _tells(survey, own)),
            several=len(patients) > 1,
            body=codec.compress(tail),
        ),
        tail=tail,
        patients=patients,
        indexed=index_set(resource, mentions, patients, context),
        mentions=mentions,
        referred_to=context.refers_to(f"{type_}/{id_}"),
        facts=_facts(resource, service, context),
        demographics=describe(resource, _protected(resource)) if type_ == "Patient" else None,
        same_as=_same_as(resource) if type_ == "Patient" else {},
        superseded=superseded_of(resource) if type_ == "Patient" else (),
        untraced=type_ == "Patient" and is_untraced(resource),
        cues=cues(survey),
    )


def own_labels(
    resource: dict[str, Any],
    survey: Survey,
    service: str | None,
    context: Context,
    *,
    held: int | None = None,
    said: Sequence[Correction] = (),
) -> int:
    """The labels that a resource of a service has by itself, in stored form. `held` as in `grounds`; `said`: what
    people said of them, oldest first."""
    return corrected(grounds(resource, survey, service, context, held=held), said)


def grounds(
    resource: dict[str, Any], survey: Survey, service: str | None, context: Context, *, held: int | None = None
) -> Iterator[Ground]:
    """Why a resource of a service has labels by itself.

    `held`: those that it has where it is held under this very service. They stay while the directory does not name
    the service: that a line is missing there is no reason to show what was withheld, nor to withhold what was shown.
    """
    directory, organisation = context.directory, context.organisation
    labels, reason = directory.service_labels(organisation, service), ""
    if service is not None and not context.names_service(service):
        labels = labels if held is None else held
        reason = f"the directory does not name the service {service}, so what it was labelled stays"
    if labels:
        reason = reason or f"everything of {directory.service_name(organisation, service)} carries it"
        yield Ground("service", "", service or "", labels, reason)
    yield from grounds_of_resource(resource, dict.fromkeys(survey.codings), context.sensitivity)


def cues(survey: Survey) -> list[labelling.CueRow]:
    """The words in a resource that suggest labels."""
    return [labelling.CueRow(label.mask, "\n".join(words)) for label, words in suggested(survey).items()]


def index_set(
    resource: dict[str, Any], mentions: Iterable[str], patients: Sequence[str], context: Context
) -> frozenset[int]:
    """The values under which the search index holds a resource."""
    type_ = resource["resourceType"]
    values = {
        context.index_value(type_, parameter, value)
        for parameter, value in index_values(resource)
        if parameter not in UNINDEXED
    }
    values.update(context.refers_to(mention) for mention in mentions)
    values.update(context.refers_to(f"Patient/{other}") for other in patients[1:])
    if (visit := service_of(resource)) is not None:
        values.add(context.index_value("", FOLLOWS, visit))
    return frozenset(values)


def patients_of(resource: dict[str, Any]) -> list[str]:
    """The ids of the Patients that a resource concerns, the first being the one that it lies with."""
    return [reference[8:] for reference in patient_references(resource) if reference.startswith("Patient/")]


def mentioned(survey: Survey) -> frozenset[str]:
    """The items that a resource refers to as content, so that their labels flow: "Type/id" each."""
    found = set()
    for holder, reference in zip(survey.holders, survey.references, strict=True):
        if holder in _CONTENT:
            literal = reference.get("reference")
            if isinstance(literal, str) and "/" in literal and target_type(reference) not in _NO_CONTENT:
                found.add(literal)
    return frozenset(found)


def _facts(resource: dict[str, Any], service: str | None, context: Context) -> facts.FactRows | None:
    """What decisions read of it, in stored form; None of most items."""
    related = relationships(resource, context.organisation, context.organisation_kind, service)
    choice = choice_of(resource, context.organisation)
    proxy = proxy_of(resource, context.organisation)
    if not related and choice is None and proxy is None:
        return None
    return facts.FactRows(
        relationships=[
            (r.kind, r.organisation, r.service, r.team, r.user, _at(r.start_at), _at(r.end_at)) for r in related
        ],
        choice=None
        if choice is None
        else (
            choice.kind, int(choice.given), choice.contributor, choice.organisation, int(choice.silent),
            _at(choice.start_at), _at(choice.end_at), int(choice.firm),
        ),
        proxy=None
        if proxy is None
        else (
            proxy.nhs_number, proxy.kind, int(proxy.given), proxy.contributor, _at(proxy.start_at), _at(proxy.end_at),
        ),
    )  # fmt: skip


def _same_as(patient: dict[str, Any]) -> dict[str, bool]:
    """Patient.link, of whatever type: replaced-by, replaces, refer and seealso are all said of one human."""
    found: dict[str, bool] = {}
    for link in patient.get("link", ()):
        other = str(link.get("other", {}).get("reference", ""))
        if other.startswith("Patient/") and other != f"Patient/{patient['id']}":
            id_ = other.removeprefix("Patient/")
            found[id_] = found.get(id_, False) or link.get("type") == "replaced-by"
    return found


def _at(instant: datetime | None) -> int | None:
    return None if instant is None else body.microseconds(instant)


def _tail(resource: dict[str, Any]) -> bytes:
    """The body from after the server's own meta elements on."""
    rest = dict(resource)
    del rest["resourceType"], rest["id"]
    meta = dict(rest.pop("meta", ()))
    for ours in ("versionId", "lastUpdated", "source"):
        meta.pop(ours, None)
    return (b"," + encode(meta)[1:] if meta else b"}") + (b"," + encode(rest)[1:] if rest else b"}")


def _tells(survey: Survey, own: str) -> bool:
    """Whether a reference says in words what it points to, and that may be an item of a record, or names somebody
    else."""
    return any(
        ("display" in each and target_type(each) not in TELLS_NOTHING)
        or (("display" in each or "identifier" in each) and names_another(each, own))
        for each in survey.references
    )


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
    lines = [*address.get("line", ()), address.get("city", ""), address.get("postalCode", "")]
    return people.Demographics(
        nhs_number=number_of(patient),
        family=fold(name.get("family", "")),
        given=fold(given[0] if given else ""),
        born_on=patient.get("birthDate", ""),
        postcode=fold(address.get("postalCode", "")),
        sex=patient.get("gender", ""),
        shown_name=shown or name.get("text", ""),
        address=", ".join(line for line in lines if line),
        died_on=_died(patient),
        protected=protected,
    )


def fold(text: str) -> str:
    """Letters and digits alone, as compared when neither case nor accents count ("Søren O'Neill": "sorenoneill").

    A name without a single letter from a to z stays as it is written.
    """
    plain = fold_text(text)
    return _NOT_FOLDED.sub("", plain) or plain


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
