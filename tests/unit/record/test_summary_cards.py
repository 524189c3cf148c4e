"""The other cards: problems, contacts, people, plans, care, documents; and what no card shows."""

from base64 import b64encode
from decimal import Decimal
from typing import Any

from concord.base import OdsCode
from concord.record import Item
from concord.terminology import Heading
from tests.unit.record.items import (
    AMBULANCE,
    COMMUNITY,
    COUNCIL,
    GP,
    HOSPITAL,
    coded,
    item,
    margaret,
    page,
    result,
    said,
    sources,
    words,
)


def problem(organisation: OdsCode, name: str, status: str = "active", **elements: Any) -> Item:
    return item(organisation, "Condition", code=said(name), clinicalStatus=coded(status), **elements)


def test_a_problem_once_with_all_who_say_it() -> None:
    card = page(
        problem(GP, "Atrial fibrillation", onsetDateTime="2019"),
        problem(HOSPITAL, "Atrial fibrillation", onsetDateTime="2022-03"),
        problem(GP, "Asthma", "resolved", abatementDateTime="1999"),
    ).problems
    (entry,) = card.entries
    assert [(source.chip, source.when) for source in entry.sources] == [("Hospital", "Mar 2022"), ("GP", "2019")]
    assert card.lead == "1 active · 1 past"
    assert [past.title for past in card.more] == ["Asthma"]


def test_resolved_in_one_place_and_active_in_another() -> None:
    active = problem(GP, "Heart failure", onsetDateTime="2022")
    resolved = problem(HOSPITAL, "Heart failure", "resolved", abatementDateTime="2024-05-01")
    (entry,) = page(active, resolved).problems.entries
    assert [(each.chip, each.words, words(each.marks)) for each in entry.against] == [
        ("Hospital", "resolved 1 May 2024", ["≠ Resolved"])
    ]
    again = problem(GP, "Heart failure", onsetDateTime="2025")
    (entry,) = page(again, resolved).problems.entries
    assert entry.against == ()


def test_found_days_ago_is_new_and_the_future_is_not_counted() -> None:
    card = page(
        problem(COMMUNITY, "Pressure ulcer", onsetDateTime="2026-11-20", bodySite=[said("sacrum")]),
        problem(GP, "Gout", onsetDateTime="2062"),
    ).problems
    assert [(entry.title, entry.detail, words(entry.marks)) for entry in card.entries] == [
        ("Pressure ulcer", "sacrum", ["New"]),
        ("Gout", "", ["? Dated in the future"]),
    ]
    assert card.lead == "1 active · 1 dated in the future"


def test_names_come_from_the_items_that_references_point_at() -> None:
    doctor = item(HOSPITAL, "Practitioner", id_="p1", name=[{"family": "LINDQVIST", "given": ["P"], "prefix": ["Dr"]}])
    visit = item(
        HOSPITAL,
        "Encounter",
        status="finished",
        class_={"code": "AMB"},
        period={"start": "2026-11-09"},
        participant=[{"individual": {"reference": "Practitioner/p1"}}],
    )
    (entry,) = page(doctor, visit).contacts.entries
    assert (entry.title, entry.meta) == ("Outpatient visit", ("Dr P Lindqvist",))


def test_only_the_latest_contacts_are_unfolded() -> None:
    visits = [
        item(GP, "Encounter", status="finished", class_={"code": "AMB"}, period={"start": f"2026-10-{day:02}"})
        for day in range(1, 12)
    ]
    card = page(*visits).contacts
    assert [entry.when for entry in card.entries[:2]] == ["11 Oct 2026", "10 Oct 2026"]
    assert (len(card.entries), len(card.more), card.lead) == (8, 3, "11 contacts")


def test_appointments_soonest_first() -> None:
    card = page(
        item(
            HOSPITAL,
            "Appointment",
            status="booked",
            start="2026-12-02T14:20:00Z",
            serviceType=[said("heart failure clinic")],
        ),
        item(COMMUNITY, "Appointment", status="booked", start="2026-11-23T10:00:00Z", description="District nurse"),
        item(GP, "Appointment", status="fulfilled", start="2026-11-09T10:00:00Z"),
        item(GP, "Appointment", status="booked", start="2026-11-01T10:00:00Z"),
        item(GP, "Appointment", lifecycle="cancelled", status="cancelled", start="2026-12-01T10:00:00Z"),
    ).appointments
    assert [(entry.when, entry.title, entry.marks) for entry in card.entries] == [
        ("23 Nov 2026 10:00", "District nurse", ()),
        ("2 Dec 2026 14:20", "Heart failure clinic", ()),
    ]
    assert len(card.more) == 2


def test_times_are_those_of_london() -> None:
    summer = item(GP, "Appointment", status="booked", start="2027-07-01T09:00:00Z")
    assert page(summer).appointments.entries[0].when == "1 Jul 2027 10:00"


def test_who_is_involved() -> None:
    daughter = item(
        HOSPITAL,
        "RelatedPerson",
        name=[{"family": "Price", "given": ["Janet"]}],
        relationship=[said("daughter")],
        telecom=[{"system": "phone", "value": "07700 900431"}],
    )
    team = item(
        COMMUNITY,
        "CareTeam",
        status="active",
        name="Frailty team",
        participant=[
            {"member": {"reference": "Patient/x", "display": "Margaret Holroyd"}},
            {"member": {"display": "Sam Kelly"}, "role": [said("physiotherapist")]},
            {"member": {"display": "Grace Adeyemi, 01632 960251"}, "role": [said("Frailty nurse", "key-worker")]},
        ],
    )
    former = item(COUNCIL, "CareTeam", status="inactive", participant=[{"member": {"display": "Tom Ashworth"}}])
    practice = margaret(generalPractitioner=[{"display": "Dr S Rahman"}])
    card = page(team, daughter, former, practice).people
    assert [(entry.title, entry.detail, words(entry.marks)) for entry in card.entries] == [
        ("Janet Price", "daughter", []),
        ("Grace Adeyemi", "Frailty nurse", ["Key worker"]),
        ("Sam Kelly", "physiotherapist", []),
        ("Dr S Rahman", "usual GP", []),
    ]
    assert [phone.href for phone in card.entries[1].phones] == ["tel:01632960251"]
    assert [entry.title for entry in card.more] == ["Tom Ashworth"]


def test_plans_are_pinned_and_the_cpr_decision_leads_the_alerts() -> None:
    respect = item(
        GP,
        "CarePlan",
        status="active",
        intent="plan",
        category=[coded("end-of-life-care")],
        title="ReSPECT: CPR attempts not recommended",
        description="Wants to live longer if it is likely to work, but comfort comes first.",
        period={"start": "2026-10-14", "end": "2027-04-14"},
        author={"display": "Dr S Rahman"},
    )
    crisis = item(COMMUNITY, "CarePlan", status="revoked", intent="plan", category=[coded("contingency-plan")])
    summary = page(crisis, respect)
    (entry,) = summary.plans.entries
    assert words(entry.marks) == ["In force"]
    assert entry.meta == ("Dr S Rahman", "review 14 Apr 2027")
    assert [(alert.title, alert.tone) for alert in summary.alerts] == [(respect.resource["title"], "plan")]
    assert words(summary.plans.more[0].marks) == ["Revoked"]


def test_a_plan_past_its_review_is_still_the_last_word() -> None:
    period = {"start": "2024-01-01", "end": "2025-01-01"}
    plan = item(GP, "CarePlan", status="active", category=[coded("end-of-life")], title="Advance plan", period=period)
    (entry,) = page(plan).plans.entries
    assert words(entry.marks) == ["! Review date passed"]


def test_flags_safeguarding_first_and_in_the_strip() -> None:
    falls = item(COMMUNITY, "Flag", status="active", category=[coded("safety")], code=said("Falls risk"))
    child = item(COUNCIL, "Flag", status="active", category=[coded("safeguarding")], code=said("Child protection plan"))
    ended = item(COUNCIL, "Flag", status="inactive", category=[coded("safeguarding")], code=said("Looked after"))
    summary = page(falls, child, ended)
    assert [(entry.title, words(entry.marks)) for entry in summary.risks.entries] == [
        ("Child protection plan", ["Safeguarding"]),
        ("Falls risk", ["Risk"]),
    ]
    assert [alert.anchor for alert in summary.alerts] == [entry.anchor for entry in summary.risks.entries]
    assert [entry.title for entry in summary.risks.more] == ["Looked after"]


def test_a_flag_by_its_coded_name_then_in_the_sources_words() -> None:
    code = {
        "text": "Lives with her mother",
        "coding": [{"code": "child-protection-plan", "display": "Child protection plan"}],
    }
    (entry,) = page(item(COUNCIL, "Flag", status="active", code=code)).risks.entries
    assert (entry.title, entry.detail) == ("Child protection plan", "Lives with her mother")


def test_care_packages_equipment_and_caseloads() -> None:
    package = item(
        COUNCIL,
        "CarePlan",
        status="on-hold",
        category=[said("Home care", "care-package")],
        title="Home care",
        description="4 visits a day by Kindle Home Care",
        period={"start": "2026-10-05"},
    )
    mattress = item(COMMUNITY, "DeviceUseStatement", status="active", device={"display": "Pressure mattress"})
    summary = page(package, mattress)
    first, second = summary.care.entries
    assert (first.title, first.detail, words(first.marks)) == (
        "Home care",
        package.resource["description"],
        ["On hold"],
    )
    assert first.meta == ("since 5 Oct 2026",)
    assert second.title == "Pressure mattress"


def letter(organisation: OdsCode, title: str, text: str, **elements: Any) -> Item:
    attachment = {"contentType": "text/plain", "title": title, "data": b64encode(text.encode()).decode()}
    return item(organisation, "DocumentReference", status="current", content=[{"attachment": attachment}], **elements)


def test_documents_with_their_text() -> None:
    card = page(
        letter(HOSPITAL, "Discharge letter", "Dear doctor\nall is well", date="2026-09-30T10:00:00Z"),
        item(GP, "DocumentReference", status="superseded", description="old letter", date="2026-09-01"),
        item(
            COMMUNITY,
            "Composition",
            status="final",
            title="Nursing report",
            date="2026-10-01",
            section=[{"title": "Skin", "text": {"div": "<div><p>Intact &amp; dry</p><p>Heel<br/>red</p></div>"}}],
        ),
    ).documents
    assert [(entry.when, entry.title, entry.text) for entry in card.entries] == [
        ("1 Oct 2026", "Nursing report", "Skin\nIntact & dry\nHeel\nred"),
        ("30 Sep 2026 11:00", "Discharge letter", "Dear doctor\nall is well"),
    ]
    assert [(entry.title, words(entry.marks)) for entry in card.more] == [("Old letter", ["Superseded"])]


def test_what_no_card_shows_stands_under_its_heading() -> None:
    father = item(GP, "FamilyMemberHistory", relationship=said("Father"), condition=[{"code": said("Diabetes")}])
    flu = [
        item(GP, "Immunization", vaccineCode=said("Influenza vaccine"), occurrenceDateTime=f"{year}-10-01")
        for year in (2025, 2026)
    ]
    summary = page(father, *flu)
    assert [(group.heading, group.title) for group in summary.elsewhere] == [
        (Heading.VACCINATIONS, "Vaccinations"),
        (Heading.FAMILY_HISTORY, "Family history"),
    ]
    vaccinations, family = (group.entries for group in summary.elsewhere)
    assert [(entry.title, [source.when for source in entry.sources]) for entry in vaccinations] == [
        ("Influenza vaccine", ["1 Oct 2026", "1 Oct 2025"])
    ]
    assert [(entry.title, entry.detail) for entry in family] == [("Father", "Diabetes")]
    assert summary.by_heading == {Heading.FAMILY_HISTORY: 1, Heading.VACCINATIONS: 2}


def test_an_organisation_that_the_directory_does_not_know_goes_by_its_code() -> None:
    stranger = item(OdsCode("ZZZ99"), "Procedure", code=said("Cataract surgery"))
    assert [(source.chip, source.name) for source in sources(page(stranger).elsewhere)] == [("ZZZ99", "ZZZ99")]


def test_a_stay_is_called_by_the_name_of_its_service() -> None:
    stay = item(
        HOSPITAL, "Encounter", status="finished", class_={"code": "IMP"}, serviceType=coded("frailty"),
        period={"start": "2026-09-21T19:30:00Z", "end": "2026-09-30T15:00:00Z"},
    )  # fmt: skip
    (entry,) = page(stay).contacts.entries
    assert entry.title == "Acute frailty"


def test_a_crew_at_the_door_is_no_emergency_department() -> None:
    call = item(
        AMBULANCE, "Encounter", status="finished", class_={"code": "EMER"}, type=[said("Emergency response")],
        period={"start": "2026-11-21T21:58:00Z", "end": "2026-11-21T22:40:00Z"},
    )  # fmt: skip
    (entry,) = page(call).contacts.entries
    assert entry.meta[0] == "Ambulance crew"


def test_alerts_put_what_is_urgent_tonight_before_what_has_long_been_known() -> None:
    flag = item(
        GP, "Flag", status="active", code=said("Bleeding risk"), category=[coded("alert")], period={"start": "2019"}
    )
    critical = result(
        HOSPITAL, "Creatinine", Decimal(187), "umol/L", "2026-11-22T02:20:00Z", interpretation=[coded("HH")]
    )
    titles = [alert.title for alert in page(flag, critical).alerts]
    assert titles == ["‼ Critically high: Creatinine 187 µmol/L", "Bleeding risk"]
