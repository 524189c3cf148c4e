"""Who is involved: the people close to the person, then the professionals, the key worker first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from concord.base import ODS_SYSTEM
from concord.record.dates import when
from concord.record.summary.given import Dated, Given, latest_first
from concord.record.summary.model import Card, Entry, Mark, Phone
from concord.record.summary.words import (
    Json,
    child,
    children,
    codes,
    concept,
    concepts,
    folded,
    joined,
    person_name,
    phones,
    plain_words,
    string,
)

_KEY_WORKER = Mark(text="Key worker", tone="plan")
_KEY_WORKER_EXTENSION = "https://concord.example/StructureDefinition/key-worker"
# "Grace Adeyemi, 01632 960251": sources put a number where FHIR has a name
_NAME_AND_NUMBER = re.compile(r"(?P<name>.+?),\s*(?P<number>\+?[\d ]{9,16})")
# HL7's v3-RoleCode and v2-0131, where a source sends the bare code
_RELATIONS = {
    "DAU": "daughter", "DAUC": "daughter", "SON": "son", "SONC": "son", "CHILD": "child", "CHLDADOPT": "adopted child",
    "MTH": "mother", "FTH": "father", "PRN": "parent", "WIFE": "wife", "HUSB": "husband", "SPS": "spouse",
    "DOMPART": "partner", "SIGOTHR": "partner", "BRO": "brother", "SIS": "sister", "SIB": "sibling",
    "GRMTH": "grandmother", "GRFTH": "grandfather", "GRNDCHILD": "grandchild", "AUNT": "aunt", "UNCLE": "uncle",
    "NIECE": "niece", "NEPHEW": "nephew", "NBOR": "neighbour", "FRND": "friend", "GUARD": "guardian",
    "NOK": "next of kin", "N": "next of kin", "ECON": "emergency contact", "C": "emergency contact",
    "POWATT": "holds a power of attorney", "HPOWATT": "attorney for health and welfare",
}  # fmt: skip
_ORDER = {"personal": 0, "key-worker": 1, "professional": 2, "team": 3}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Involved:
    """One source's word that somebody is involved."""

    kind: Literal["personal", "key-worker", "professional", "team"]
    name: str
    role: str
    team: str
    phones: tuple[Phone, ...]
    dated: Dated
    current: bool


def people(given: Given) -> Card:
    """Each once, by name; no longer involved: folded away."""
    groups: dict[str, list[_Involved]] = {}
    for each in (*_personal(given), *_teams(given), *_practitioners(given)):
        groups.setdefault(_key(each.name), []).append(each)
    current, former = [], []
    for group in groups.values():
        standing = [each for each in group if each.current]
        if standing:
            rest = [each for each in group if not each.current]
            current.append((min(_ORDER[each.kind] for each in standing), standing, rest))
        else:
            former.append(_entry(given, group, ()))
    current.sort(key=lambda each: each[0])
    entries = tuple(_entry(given, standing, rest) for _, standing, rest in current)
    lead = f"{len(entries)} involved" if entries else ""
    return Card(lead=lead, entries=entries, more_title="No longer involved", more=tuple(former))


def _key(name: str) -> str:
    """`Dr Sarah Rahman` and `Sarah RAHMAN` are one."""
    words = [word for word in folded(name).split() if word not in ("dr", "mr", "mrs", "ms", "miss", "prof", "sister")]
    return " ".join(words) or name


def _entry(given: Given, said: Sequence[_Involved], rest: Sequence[_Involved]) -> Entry:
    first = min(said, key=lambda each: _ORDER[each.kind])
    numbers = {phone.href: phone for each in said for phone in each.phones}
    items = {(each.dated.item.type, each.dated.item.id): each for each in (*said, *rest)}
    role = joined(*{folded(each.role): each.role for each in reversed(said)}.values())
    sources = [
        given.source(each.dated, each.role if each.role != role else "", at=each.dated.when) for each in items.values()
    ]
    return given.entry(
        "people",
        first.name,
        sources,
        detail=role,
        marks=[_KEY_WORKER] if any(each.kind == "key-worker" for each in said) else [],
        meta=[each.team for each in said if each.team != first.name],
        phones=list(numbers.values()),
    )


def _personal(given: Given) -> Iterator[_Involved]:
    for each in latest_first(given.of("RelatedPerson")):
        resource = each.resource
        name = next((text for one in children(resource, "name") if (text := person_name(one))), "")
        over = resource.get("active") is False or given.is_past(when(child(resource, "period").get("end")))
        yield _close(each, name, resource, current=not over)
    for each in latest_first(given.of("Patient")):
        for contact in children(each.resource, "contact"):
            over = given.is_past(when(child(contact, "period").get("end")))
            # When the Patient was last written says nothing of when this was true.
            yield _close(replace(each, when=None), person_name(child(contact, "name")), contact, current=not over)


def _close(each: Dated, name: str, person: Json, *, current: bool) -> _Involved:
    relations = (concept(one) for one in children(person, "relationship"))
    role = joined(*(_RELATIONS.get(one, one) for one in relations))
    numbers = phones(children(person, "telecom"))
    return _Involved(
        kind="personal",
        name=name or "Name not given",
        role=role,
        team="",
        phones=numbers,
        dated=each,
        current=current,
    )


def _teams(given: Given) -> Iterator[_Involved]:
    for each in latest_first(given.of("CareTeam")):
        resource = each.resource
        over = string(resource, "status") not in ("active", "proposed", "") or given.is_past(
            when(child(resource, "period").get("end"))
        )
        whole = string(resource, "name")
        numbers = phones(children(resource, "telecom"))
        members = [one for one in children(resource, "participant") if not _is_the_person(given, each, one)]
        found = [_member(given, each, one, whole, numbers, current=not over) for one in members]
        named = [one for one in found if one is not None]
        if not named:
            name = whole or f"Care team, {given.organisation(each.item.organisation).name}"
            reason = concepts(resource, "reasonCode")
            yield _Involved(kind="team", name=name, role=reason, team="", phones=numbers, dated=each, current=not over)
        yield from named


def _is_the_person(given: Given, each: Dated, participant: Json) -> bool:
    member = child(participant, "member")
    return (
        string(member, "reference").startswith("Patient/")
        or string(member, "type") == "Patient"
        or concepts(participant, "role").lower() == "patient"
        or given.target(member, each.resource).get("resourceType") == "Patient"
    )


def _member(
    given: Given, each: Dated, participant: Json, team: str, numbers: tuple[Phone, ...], *, current: bool
) -> _Involved | None:
    member = child(participant, "member")
    name = given.name_of(member, each.resource)
    role = concepts(participant, "role")
    if not name and not role:
        return None
    target = given.target(member, each.resource)
    over = given.is_past(when(child(participant, "period").get("end")))
    key = _is_key_worker(participant)
    own = phones(children(target, "telecom"))
    if both := _NAME_AND_NUMBER.fullmatch(name):
        name, own = both["name"], own or phones([{"value": both["number"]}])
    is_team = target.get("resourceType") == "Organization" or _is_organisation(member)
    return _Involved(
        kind="key-worker" if key else "team" if is_team else "professional",
        name=name or role,
        role=role if name else "",
        team=plain_words(team),
        phones=own or numbers,
        dated=each,
        current=current and not over,
    )


def _is_key_worker(participant: Json) -> bool:
    """By role, or by the extension that the council's involvements carry."""
    if "key-worker" in codes(participant, "role") or "key worker" in concepts(participant, "role").lower():
        return True
    extensions = children(participant, "extension")
    return any(string(one, "url") == _KEY_WORKER_EXTENSION and one.get("valueBoolean") is True for one in extensions)


def _practitioners(given: Given) -> Iterator[_Involved]:
    """The general practitioners that a registered practice names, and the managers of episodes of care."""
    for each in latest_first(given.of("Patient")):
        if given.organisation(each.item.organisation).kind == "gp-practice":
            doctors = (one for one in children(each.resource, "generalPractitioner") if not _is_organisation(one))
            for reference in doctors:
                current = each.resource.get("active") is not False
                yield from _named(given, replace(each, when=None), reference, "usual GP", current=current)
    for each in latest_first(given.of("EpisodeOfCare")):
        current = string(each.resource, "status") in ("active", "onhold")
        role = concepts(each.resource, "type")
        yield from _named(given, each, child(each.resource, "careManager"), role or "care manager", current=current)


def _is_organisation(reference: Json) -> bool:
    identified = string(child(reference, "identifier"), "system") == ODS_SYSTEM
    return identified or "Organization" in (string(reference, "type"), string(reference, "reference").split("/")[0])


def _named(given: Given, each: Dated, reference: Json, role: str, *, current: bool) -> Iterator[_Involved]:
    name = given.name_of(reference, each.resource)
    if name:
        target = given.target(reference, each.resource)
        own = concept(next(iter(children(target, "code")), None)) or role
        numbers = phones(children(target, "telecom"))
        yield _Involved(
            kind="professional",
            name=name,
            role=own,
            team=given.organisation(each.item.organisation).told,
            phones=numbers,
            dated=each,
            current=current,
        )
