"""The five tables: their columns, and what a row of each becomes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from concord.base import STAFF_ID_SYSTEM
from concord.ingest.council.row import Row
from concord.ingest.model import Feed
from concord.ingest.naming import (
    fhir_id,
    nhs_identifier,
    organisation_reference,
    own_codes,
    own_system,
    recorded,
    service_tag,
)
from concord.record import Submission

_CONCORD = "https://concord.example/CodeSystem"
_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female", "o": "other", "other": "other"}
_CHOICES = {"share": "permit", "objects": "deny", "objects-silently": "deny"}
_PACKAGES = {
    "active": ("active", "in-progress"),
    "on-hold": ("on-hold", "on-hold"),
    "ended": ("completed", "completed"),
    "cancelled": ("revoked", "cancelled"),
}
_CONCERNS = {
    "child-protection-plan": "Child protection plan",
    "looked-after-child": "Looked-after child",
    "adult-safeguarding-concern": "Adult safeguarding concern",
}
_FLAGS = {"active": "active", "ended": "inactive", "entered-in-error": "entered-in-error"}


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[str, ...]
    build: Callable[[Row, Feed], list[Submission]]


def _people(row: Row, feed: Feed) -> list[Submission]:
    """The Patient, and the choice about sharing if one is recorded; one taken back is made inactive."""
    key = row.needed("person_id")
    patient = fhir_id(key)
    identifiers = [{"system": own_system(feed.organisation, "person"), "value": key}]
    if row.text("nhs_number"):
        identifiers.append(nhs_identifier(row.text("nhs_number")))
    name = _compact(family=row.text("family_name"), given=row.text("given_name").split())
    address = _compact(
        line=[line for line in [row.text("address_line")] if line],
        city=row.text("town"),
        postalCode=row.text("postcode"),
    )
    telephone = row.text("telephone")
    sex = row.text("sex").lower()
    person = _compact(
        resourceType="Patient",
        extension=_recorded(row),
        identifier=identifiers,
        name=[{"use": "official"} | name] if name else None,
        telecom=[{"system": "phone", "value": telephone}] if telephone else None,
        gender=_SEXES.get(sex, "unknown") if sex else None,
        birthDate=row.date("date_of_birth"),
        address=[address] if address else None,
    )
    submissions = [_submission(row, patient, person, feed)]
    choice = row.one_of("share_choice", "", *_CHOICES)
    choice_id = fhir_id(key, "share-choice")
    if choice:
        submissions.append(_submission(row, choice_id, _consent(row, patient, choice, feed), feed))
    elif (before := feed.earlier.resource("Consent", choice_id)) is not None:
        withdrawn = {name: value for name, value in before.items() if name not in ("id", "meta")}
        withdrawn |= {"status": "inactive", "patient": _subject(patient)}
        submissions.append(_submission(row, choice_id, withdrawn, feed))
    return submissions


def _consent(row: Row, patient: str, choice: str, feed: Feed) -> dict[str, Any]:
    given = _CHOICES[choice]
    silent = {"url": "https://concord.example/StructureDefinition/silent", "valueBoolean": True}
    act_code = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
    return _compact(
        resourceType="Consent",
        extension=[*_recorded(row), *([silent] if choice == "objects-silently" else [])],
        status="active",
        scope=_concept("http://terminology.hl7.org/CodeSystem/consentscope", "patient-privacy"),
        category=[_concept(f"{_CONCORD}/choice", "objection")],
        patient=_subject(patient),
        dateTime=row.instant("updated_at"),
        organization=[organisation_reference(feed.organisation)],
        policyRule=_concept(act_code, "OPTIN" if given == "permit" else "OPTOUT"),
        provision={"type": given},
    )


def _services(row: Row, feed: Feed) -> list[Submission]:
    key, kind = row.needed("service_id"), row.text("kind")
    telephone = row.text("telephone")
    service = _compact(
        resourceType="HealthcareService",
        meta=service_tag(row.needed("service")),
        identifier=[{"system": own_system(feed.organisation, "service"), "value": key}],
        active=True,
        providedBy=organisation_reference(feed.organisation),
        type=[{"text": kind}] if kind else None,
        name=row.needed("name"),
        telecom=[{"system": "phone", "value": telephone}] if telephone else None,
    )
    return [_submission(row, fhir_id(key), service, feed)]


def _packages(row: Row, feed: Feed) -> list[Submission]:
    """A package of care as a CarePlan with one activity: what, how often, by whom."""
    key, patient = row.needed("package_id"), fhir_id(row.needed("person_id"))
    plan_status, activity_status = _PACKAGES[row.one_of("status", *_PACKAGES)]
    visits, provider = row.count("visits_per_day"), row.text("provider")
    kind = row.needed("package_type")
    often = f"{visits} {'visit' if visits == 1 else 'visits'} a day" if visits else ""
    detail = _compact(
        code=_concept(own_codes(feed.organisation, "package-type"), kind, kind),
        status=activity_status,
        scheduledTiming={"repeat": {"frequency": visits, "period": 1, "periodUnit": "d"}} if visits else None,
        performer=[{"type": "Organization", "display": provider}] if provider else None,
    )
    plan = _compact(
        resourceType="CarePlan",
        meta=service_tag(row.needed("service")),
        extension=_recorded(row),
        identifier=[{"system": own_system(feed.organisation, "package"), "value": key}],
        status=plan_status,
        intent="plan",
        category=[_concept(f"{_CONCORD}/care-plan-category", "services-and-care", "Services and care")],
        title=kind,
        description=", ".join(part for part in (often, provider) if part),
        subject=_subject(patient),
        period=_period(row),
        activity=[{"detail": detail}],
    )
    return [_submission(row, fhir_id(key), plan, feed)]


def _involvements(row: Row, feed: Feed) -> list[Submission]:
    """A worker's involvement as a CareTeam of the category caseload; over once it has an end that has come."""
    key, patient = row.needed("involvement_id"), fhir_id(row.needed("person_id"))
    staff_id, worker, job = row.text("staff_id"), row.text("worker_name"), row.text("job")
    telephone = row.text("telephone")
    period = _period(row)
    updated_at = row.instant("updated_at") or ""
    over = bool(period.get("end")) and (not updated_at or period["end"] <= updated_at[:10])
    key_worker = row.text("key_worker").lower() in ("yes", "y", "true", "1")
    member = _compact(
        type="Practitioner",
        identifier={"system": STAFF_ID_SYSTEM, "value": staff_id} if staff_id else None,
        display=worker,
    )
    participant = _compact(
        extension=[{"url": "https://concord.example/StructureDefinition/key-worker", "valueBoolean": True}]
        if key_worker
        else None,
        role=[{"text": job}] if job else None,
        member=member,
        period=period,
    )
    team = _compact(
        resourceType="CareTeam",
        meta=service_tag(row.needed("service")),
        extension=_recorded(row),
        identifier=[{"system": own_system(feed.organisation, "involvement"), "value": key}],
        status="inactive" if over else "active",
        category=[_concept(f"{_CONCORD}/care-team-category", "caseload", "Caseload")],
        name=row.text("team"),
        subject=_subject(patient),
        period=period,
        participant=[participant],
        managingOrganization=[organisation_reference(feed.organisation)],
        telecom=[{"system": "phone", "value": telephone}] if telephone else None,
    )
    return [_submission(row, fhir_id(key), team, feed)]


def _safeguarding(row: Row, feed: Feed) -> list[Submission]:
    key, patient = row.needed("concern_id"), fhir_id(row.needed("person_id"))
    kind = row.one_of("concern_type", *_CONCERNS)
    code = _concept(f"{_CONCORD}/safeguarding", kind, _CONCERNS[kind])
    flag = _compact(
        resourceType="Flag",
        meta=service_tag(row.needed("service")),
        extension=_recorded(row),
        identifier=[{"system": own_system(feed.organisation, "concern"), "value": key}],
        status=_FLAGS[row.one_of("status", *_FLAGS)],
        category=[_concept(f"{_CONCORD}/flag-category", "safeguarding", "Safeguarding")],
        code=code | _compact(text=row.text("description")),
        subject=_subject(patient),
        period=_period(row),
        author=organisation_reference(feed.organisation),
    )
    return [_submission(row, fhir_id(key), flag, feed)]


TABLES = {
    "people": Table(
        (
            "person_id", "nhs_number", "family_name", "given_name", "date_of_birth", "sex", "address_line", "town",
            "postcode", "telephone", "share_choice", "updated_at",
        ),
        _people,
    ),
    "services": Table(("service_id", "service", "name", "kind", "telephone"), _services),
    "packages": Table(
        (
            "package_id", "person_id", "service", "package_type", "provider", "visits_per_day", "start_date",
            "end_date", "status", "updated_at",
        ),
        _packages,
    ),
    "involvements": Table(
        (
            "involvement_id", "person_id", "service", "staff_id", "worker_name", "job", "team", "telephone",
            "key_worker", "start_date", "end_date", "updated_at",
        ),
        _involvements,
    ),
    "safeguarding": Table(
        (
            "concern_id", "person_id", "service", "concern_type", "description", "start_date", "end_date", "status",
            "updated_at",
        ),
        _safeguarding,
    ),
}  # fmt: skip


def _submission(row: Row, source_id: str, resource: dict[str, Any], feed: Feed) -> Submission:
    position = f"line {row.line}, {resource['resourceType']}"
    return Submission(resource=resource, source_id=source_id, service=feed.service, position=position)


def _subject(patient: str) -> dict[str, Any]:
    return {"reference": f"Patient/{patient}"}


def _recorded(row: Row) -> list[dict[str, Any]]:
    updated_at = row.instant("updated_at")
    return [recorded(updated_at)] if updated_at else []


def _period(row: Row) -> dict[str, str]:
    start, end = row.date("start_date"), row.date("end_date")
    if start and end and end < start:
        raise Row.Wrong("end_date", "The column end_date holds a day before start_date.")
    return {name: day for name, day in (("start", start), ("end", end)) if day}


def _concept(system: str, code: str, display: str = "") -> dict[str, Any]:
    return {"coding": [_compact(system=system, code=code, display=display)]}


def _compact(**elements: Any) -> dict[str, Any]:
    """The elements that have a value."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}
