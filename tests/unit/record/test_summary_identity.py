"""The banner and the lines under it."""

from typing import Any

import pytest

from concord.base import NHS_NUMBER_SYSTEM
from concord.record.summary import Summary
from tests.unit.record.items import COMMUNITY, GP, HOSPITAL, item, margaret, page, said


def details(summary: Summary) -> dict[str, list[str]]:
    found = summary.identity.details
    return {each.label: [v.text or " ".join(phone.text for phone in v.phones) for v in each.variants] for each in found}


def test_the_banner_as_the_design_writes_it() -> None:
    identity = page(margaret()).identity
    assert identity.name == "HOLROYD, Margaret (Mrs)"
    assert identity.spoken_name == "Margaret Holroyd"
    assert (identity.born, identity.age, identity.sex) == ("14 Feb 1942", "84y", "Female")
    assert identity.nhs_number == "999 000 3114"
    assert (identity.now, identity.died, identity.warning) == ("", "", "")


@pytest.mark.parametrize(
    ("born", "age"),
    [
        ("2026-11-22", "0 days"),
        ("2026-11-21", "1 day"),
        ("2026-10-26", "27 days"),
        ("2026-10-25", "4 weeks"),
        ("2025-06-22", "17 months"),
        ("2024-11-23", "23 months"),
        ("2024-11-22", "2y"),
        ("1942-11-23", "83y"),
        ("1942", "about 84y"),
        ("2027-01-01", ""),
        ("not a date", ""),
    ],
)
def test_age(born: str, age: str) -> None:
    assert page(margaret(birthDate=born)).identity.age == age


def test_the_registered_practice_is_asked_first() -> None:
    hospital = margaret(HOSPITAL, name=[{"family": "HOLROYDE", "given": ["Margaret"]}])
    identity = page(hospital, margaret()).identity
    assert identity.name == "HOLROYD, Margaret (Mrs)"
    assert identity.warning == "Sources disagree on name"
    assert [source.chip for source in identity.sources] == ["GP", "Hospital"]


def test_sources_that_disagree_stand_side_by_side() -> None:
    old = [{"use": "home", "line": ["2 Old Street"], "city": "Northfield", "postalCode": "NF1 1AA"}]
    summary = page(margaret(), margaret(HOSPITAL, address=old, birthDate="1942-04-12"))
    found = details(summary)
    assert found["Address"] == ["17 Weavers Fold, Northfield NF4 2ZZ", "2 Old Street, Northfield NF1 1AA"]
    assert found["Date of birth"] == ["14 Feb 1942", "12 Apr 1942"]
    address = next(each for each in summary.identity.details if each.label == "Address")
    assert [mark.text for mark in address.marks] == ["≠ Sources differ"]


def test_two_spellings_of_an_address_are_one() -> None:
    spelt = [{"line": ["17, Weavers Fold"], "postalCode": "nf4 2zz"}]
    summary = page(margaret(), margaret(HOSPITAL, address=spelt))
    address = next(each for each in summary.identity.details if each.label == "Address")
    assert len(address.variants) == 1
    assert [source.chip for source in address.variants[0].sources] == ["GP", "Hospital"]
    assert address.marks == ()


def test_known_as_telephone_practice_and_communication() -> None:
    names = [
        {"use": "official", "family": "Holroyd", "given": ["Margaret"], "prefix": ["Mrs"]},
        {"use": "nickname", "given": ["Peggy"]},
    ]
    patient = margaret(
        name=names,
        telecom=[{"system": "phone", "value": "01632 960417"}, {"system": "email", "value": "m@example.org"}],
        generalPractitioner=[{"display": "Dr S Rahman"}],
        communication=[{"language": said("Urdu"), "preferred": True}],
    )
    need = item(GP, "Flag", status="active", code=said("Hearing aid, left ear", "communication-need"))
    summary = page(patient, need)
    found = details(summary)
    assert found["Known as"] == ["Peggy"]
    assert found["Phone"] == ["01632 960417"]
    assert found["GP"] == ["Millbrook Surgery, Dr S Rahman"]
    assert found["Communication"] == ["Urdu (preferred)", "Hearing aid, left ear"]


def test_a_practice_that_the_person_left_is_not_theirs() -> None:
    assert "GP" not in details(page(margaret(active=False)))


@pytest.mark.parametrize(
    ("elements", "died"),
    [
        ({"deceasedDateTime": "2025-03-03"}, "Died 3 Mar 2025, aged 83"),
        ({"deceasedDateTime": "2025"}, "Died 2025"),
        ({"deceasedBoolean": True}, "Died"),
        ({"deceasedBoolean": False}, ""),
    ],
)
def test_died(elements: dict[str, Any], died: str) -> None:
    identity = page(margaret(**elements)).identity
    assert identity.died == died
    assert (identity.age == "") is bool(died)


def test_a_number_that_fails_its_check_is_said_to() -> None:
    wrong = [{"system": NHS_NUMBER_SYSTEM, "value": "999 000 3115"}]
    assert page(margaret(identifier=wrong)).identity.warning == "The NHS number fails its check"
    assert page(margaret(identifier=[])).identity.nhs_number == "not traced"


def test_nobody_given() -> None:
    identity = page().identity
    assert (identity.name, identity.born, identity.nhs_number) == ("Name not known", "not known", "not traced")


@pytest.mark.parametrize(
    ("stay", "told"),
    [
        ({"status": "planned", "period": {"start": "2026-11-22T03:00:00Z"}}, "on the way to Scanner"),
        ({"status": "active", "period": {"start": "2026-11-22T03:00:00Z"}}, "Scanner"),
        ({"status": "planned"}, "In hospital, Northfield General"),
    ],
)
def test_who_is_moved_is_on_the_way(stay: dict[str, Any], told: str) -> None:
    ward = {"location": {"display": "Ash"}, "status": "completed", "period": {"end": "2026-11-22T03:00:00Z"}}
    scanner = {"location": {"display": "Scanner"}} | stay
    period = {"start": "2026-11-22T01:47:00Z"}
    visit = item(
        HOSPITAL, "Encounter", status="in-progress", class_={"code": "IMP"}, period=period, location=[ward, scanner]
    )  # fmt: skip
    assert page(margaret(), visit).identity.now == told


def test_where_the_person_is_stands_in_the_banner() -> None:
    place = {"location": {"display": "Majors 7"}, "status": "active"}
    left = {"location": {"display": "Triage"}, "status": "completed", "period": {"end": "2026-11-22T01:00:00Z"}}
    visit = item(
        HOSPITAL,
        "Encounter",
        status="in-progress",
        class_={"code": "EMER"},
        period={"start": "2026-11-22T01:47:00Z"},
        reasonCode=[said("Fall and confusion")],
        location=[left, place],
    )
    summary = page(margaret(), visit)
    assert summary.identity.now == "ED, Majors 7"
    (entry,) = summary.where_now.entries
    assert entry.title == "Emergency department, Majors 7"
    assert entry.detail == "Fall and confusion"
    assert entry.meta[0] == "since 22 Nov 2026 01:47"
    assert summary.contacts.entries == ()


def test_a_stay_that_is_over_is_a_contact() -> None:
    period = {"start": "2026-09-21T10:00:00Z", "end": "2026-09-30T12:00:00Z"}
    stay = item(HOSPITAL, "Encounter", status="finished", class_={"code": "IMP"}, period=period)
    summary = page(margaret(), stay)
    assert summary.where_now.entries == ()
    (entry,) = summary.contacts.entries
    assert (entry.when, entry.title) == ("21 Sep 2026 11:00", "Hospital stay")
    assert "to 30 Sep 2026 13:00" in entry.meta


def test_living_in_a_care_home() -> None:
    home = item(COMMUNITY, "EpisodeOfCare", status="active", type=[said("Residence", "residential-care")])
    assert [entry.title for entry in page(home).where_now.entries] == ["Lives at Northfield Community"]


def test_the_practice_dials_by_the_number_of_the_directory() -> None:
    (practice,) = (detail for detail in page(margaret()).identity.details if detail.label == "GP")
    assert [phone.href for phone in practice.variants[0].phones] == ["tel:01632960114"]
