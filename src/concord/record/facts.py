"""The legitimate relationships that an item gives rise to: facts, written with it in one transaction.

The table that this module carries out stands with its examples in tests/spec/record/test_facts.py. It errs to the
narrower side: a status not listed gives nothing, and what is over but does not say when, ended when it began.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from concord.base import ODS_SYSTEM, STAFF_ID_SYSTEM, OdsCode
from concord.governance import Relationship, RelationshipKind
from concord.record.dates import when

_NOMINATED_PHARMACY = "https://concord.example/StructureDefinition/nominated-pharmacy"
_EPISODE_TYPE = "https://concord.example/CodeSystem/episode-type"
_TEAM_CATEGORY = "https://concord.example/CodeSystem/care-team-category"
_REQUEST_CATEGORY = "https://concord.example/CodeSystem/service-request-category"

_STAYS = {"IMP", "ACUTE", "NONAC"}
_PRESENT = {"arrived", "triaged", "in-progress", "onleave"}
_COMING = {"booked", "arrived", "checked-in"}

_Span = tuple[datetime | None, datetime | None]
_OPEN: _Span = (None, None)


def relationships(
    resource: Mapping[str, Any], organisation: OdsCode, organisation_kind: str, service: str | None
) -> list[Relationship]:
    """The relationships of the person whom `resource` (FHIR R4) is about.

    `organisation` contributes it, and is of the directory's kind `organisation_kind` ("gp-practice", ...); `service`
    holds it. What is entered in error or cancelled gives none, so writing it closes what an earlier version opened.
    """
    match resource.get("resourceType"):
        case "Patient":
            return _of_patient(resource, organisation, organisation_kind)
        case "Encounter":
            return _of_encounter(resource, organisation)
        case "EpisodeOfCare":
            return _of_episode(resource, organisation, service)
        case "CareTeam":
            return _of_care_team(resource, organisation, service)
        case "ServiceRequest":
            return _of_referral(resource)
        case "Appointment":
            return _of_appointment(resource, organisation)
        case _:
            return []


def _of_patient(resource: Mapping[str, Any], organisation: OdsCode, organisation_kind: str) -> list[Relationship]:
    """Registration, and the pharmacy nominated there. Only a practice's word counts, and only while registered."""
    if organisation_kind != "gp-practice" or resource.get("active") is False:
        return []
    found = [_relationship(RelationshipKind.REGISTERED, _OPEN, organisation=organisation)]
    for extension in _children(resource, "extension"):
        if extension.get("url") == _NOMINATED_PHARMACY:
            pharmacy = _identified(extension.get("valueReference"), ODS_SYSTEM)
            if pharmacy is not None:
                kind = RelationshipKind.NOMINATED_PHARMACY
                found.append(_relationship(kind, _OPEN, organisation=OdsCode(pharmacy)))
    return found


def _of_encounter(resource: Mapping[str, Any], organisation: OdsCode) -> list[Relationship]:
    """Being in a bed or in the emergency department. Ended ones are kept: a clause may allow a tail."""
    class_ = _child(resource, "class").get("code")
    if class_ in _STAYS:
        kind = RelationshipKind.INPATIENT
    elif class_ == "EMER":
        kind = RelationshipKind.ATTENDING
    else:
        return []
    start, end = _span(_child(resource, "period"))
    status = resource.get("status")
    if status == "finished":
        end = end or start
        if end is None:  # over, nobody knows when: it must not look open
            return []
    elif status not in _PRESENT:
        return []
    return [_relationship(kind, (start, end), organisation=organisation)]


def _of_episode(resource: Mapping[str, Any], organisation: OdsCode, service: str | None) -> list[Relationship]:
    """A caseload, of the service, of the teams named, or of the care manager alone; residence in a care home."""
    if resource.get("status") != "active":
        return []
    span = _span(_child(resource, "period"))
    if any(_has_code(each, _EPISODE_TYPE, "residential-care") for each in _children(resource, "type")):
        return [_relationship(RelationshipKind.RESIDENT, span, organisation=organisation)]
    kind = RelationshipKind.ON_CASELOAD
    manager = _identified(resource.get("careManager"), STAFF_ID_SYSTEM)
    if manager is not None:
        return [_relationship(kind, span, organisation=organisation, service=service, user=manager)]
    teams = [team for each in _children(resource, "team") if (team := _identified(each, None)) is not None]
    if teams:
        return [_relationship(kind, span, organisation=organisation, service=service, team=team) for team in teams]
    return [_relationship(kind, span, organisation=organisation, service=service)]


def _of_care_team(resource: Mapping[str, Any], organisation: OdsCode, service: str | None) -> list[Relationship]:
    """Each member named by staff id or organisation code. A caseload's members act for its sender."""
    if resource.get("status") != "active":
        return []
    caseload = any(_has_code(each, _TEAM_CATEGORY, "caseload") for each in _children(resource, "category"))
    whole = _child(resource, "period")
    found = []
    for participant in _children(resource, "participant"):
        span = _span(_child(participant, "period") or whole)
        member = participant.get("member")
        user, code = _identified(member, STAFF_ID_SYSTEM), _identified(member, ODS_SYSTEM)
        if user is not None and caseload:
            kind = RelationshipKind.ON_CASELOAD
            found.append(_relationship(kind, span, organisation=organisation, service=service, user=user))
        elif user is not None:
            found.append(_relationship(RelationshipKind.CARE_TEAM, span, user=user))
        elif code is not None:
            found.append(_relationship(RelationshipKind.CARE_TEAM, span, organisation=OdsCode(code)))
    return found


def _of_referral(resource: Mapping[str, Any]) -> list[Relationship]:
    if resource.get("status") != "active":
        return []
    if not any(_has_code(each, _REQUEST_CATEGORY, "referral") for each in _children(resource, "category")):
        return []
    authored = when(resource.get("authoredOn"))
    span = (authored.low if authored else None, None)
    codes = [_identified(each, ODS_SYSTEM) for each in _children(resource, "performer")]
    kind = RelationshipKind.REFERRED
    return [_relationship(kind, span, organisation=OdsCode(code)) for code in codes if code is not None]


def _of_appointment(resource: Mapping[str, Any], organisation: OdsCode) -> list[Relationship]:
    start = when(resource.get("start"))
    if resource.get("status") not in _COMING or start is None:
        return []
    end, minutes = when(resource.get("end")), resource.get("minutesDuration")
    lasts = timedelta(minutes=minutes if isinstance(minutes, int) else 0)
    end_at = end.low if end is not None else start.low + lasts
    return [_relationship(RelationshipKind.APPOINTMENT, (start.low, end_at), organisation=organisation)]


def _relationship(
    kind: RelationshipKind,
    span: _Span,
    *,
    organisation: OdsCode | None = None,
    service: str | None = None,
    team: str | None = None,
    user: str | None = None,
) -> Relationship:
    start_at, end_at = span
    return Relationship(
        kind=kind, organisation=organisation, service=service, team=team, user=user, start_at=start_at, end_at=end_at
    )


def _span(period: Mapping[str, Any]) -> _Span:
    """A Period's first instant and its last: a date counts whole, as FHIR says of Period.end."""
    start, end = when(period.get("start")), when(period.get("end"))
    if end is None:
        return (start.low if start else None, None)
    return (start.low if start else None, end.low if end.has_time else end.high)


def _identified(reference: Any, system: str | None) -> str | None:
    """The value of a Reference's identifier of that system (None: of any)."""
    identifier = _child(reference, "identifier") if isinstance(reference, dict) else {}
    value = identifier.get("value")
    if not isinstance(value, str) or not value or (system is not None and identifier.get("system") != system):
        return None
    return value


def _has_code(concept: Mapping[str, Any], system: str, code: str) -> bool:
    return any(each.get("system") == system and each.get("code") == code for each in _children(concept, "coding"))


def _child(parent: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = parent.get(name)
    return value if isinstance(value, dict) else {}


def _children(parent: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    value = parent.get(name)
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else iter(())
