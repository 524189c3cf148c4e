"""Who sees what, when, and the sentence that says why: examples for an information governance lead to read."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.base import OdsCode
from concord.governance import decide, permit_viewer
from concord.governance.model import Choice, Death, Relationship
from concord.terminology import Heading, Label, label_mask
from tests.spec.governance.northfield import (
    AGREEMENT,
    DAY,
    NOW,
    agreement,
    choice,
    person,
    policy,
    relationship,
    viewer,
)

SECOND = timedelta(seconds=1)
FACTS: dict[str, list[Relationship | Choice]] = {
    "nothing": [],
    "attending": [relationship("attending", "ZZA")],
    "attending elsewhere": [relationship("attending", "ZZP02")],
    "attending tomorrow": [relationship("attending", "ZZA", began=-DAY)],
    "inpatient": [relationship("inpatient", "ZZA")],
    "left now": [relationship("attending", "ZZA", ended=timedelta())],
    "left almost 14 days ago": [relationship("inpatient", "ZZA", began=20 * DAY, ended=14 * DAY - SECOND)],
    "left 14 days ago": [relationship("inpatient", "ZZA", began=20 * DAY, ended=14 * DAY)],
    "off the caseload since yesterday": [relationship("on-caseload", "ZZL", ended=DAY)],
    "appointment in 7 days": [relationship("appointment", "ZZA", began=-7 * DAY, ended=-7 * DAY - SECOND)],
    "appointment in 8 days": [relationship("appointment", "ZZA", began=-8 * DAY, ended=-8 * DAY - SECOND)],
    "long appointment that ended almost 7 days ago": [
        relationship("appointment", "ZZA", began=9 * DAY, ended=7 * DAY - SECOND)
    ],
    "appointment without a time": [relationship("appointment", "ZZA", began=None)],
    "ends before it begins": [relationship("inpatient", "ZZA", began=DAY, ended=2 * DAY)],
    "registered": [relationship("registered", "ZZP01")],
    "caseload": [relationship("on-caseload", "ZZL")],
    "caseload of the service": [relationship("on-caseload", "ZZL", service="adult-social-care")],
    "caseload of another service": [relationship("on-caseload", "ZZL", service="childrens-services")],
    "caseload of her team": [relationship("on-caseload", "ZZL", team="red")],
    "caseload of another team": [relationship("on-caseload", "ZZL", team="blue")],
    "her own caseload": [relationship("on-caseload", None, user="555000000001")],
    "a colleague's caseload": [relationship("on-caseload", None, user="555000000002")],
    "caseload of nobody named": [relationship("on-caseload", None, team="red")],
    "nominated": [relationship("nominated-pharmacy", "ZZX")],
    "nominated, both consents": [
        relationship("nominated-pharmacy", "ZZX"),
        choice("share-out", given=True),
        choice("share-in", given=True, about="ZZX"),
    ],
    "nominated, one consent": [relationship("nominated-pharmacy", "ZZX"), choice("share-out", given=True)],
    "nominated, consent for everybody": [
        relationship("nominated-pharmacy", "ZZX"),
        choice("share-out", given=True),
        choice("share-in", given=True),
    ],
    "nominated, consents given and one refused": [
        relationship("nominated-pharmacy", "ZZX"),
        choice("share-out", given=True),
        choice("share-in", given=True, about="ZZX"),
        choice("share-in", about="ZZX", by="ZZL"),
    ],
    "attending, objects": [relationship("attending", "ZZA"), choice("objection", by="ZZL")],
    "attending, objection withdrawn": [relationship("attending", "ZZA"), choice("objection", given=True)],
    "registered, objects": [relationship("registered", "ZZP01"), choice("objection")],
    "attending, unknown choice": [relationship("attending", "ZZA"), choice("unknown", given=True)],
    "attending, practice may not share": [relationship("attending", "ZZA"), choice("share-out")],
    "attending, council may not share": [relationship("attending", "ZZA"), choice("share-out", by="ZZL")],
    "registered, practice may not share": [relationship("registered", "ZZP01"), choice("share-out")],
    "attending, hospital may not look": [relationship("attending", "ZZA"), choice("share-in", about="ZZA")],
    "attending, nobody may look": [relationship("attending", "ZZA"), choice("share-in")],
    "attending, council may not look": [relationship("attending", "ZZA"), choice("share-in", about="ZZL")],
    "attending, hospital prohibited": [
        relationship("attending", "ZZA"),
        choice("organisation-prohibited", about="ZZA"),
    ],
}

DEATHS = {
    "inpatient, died yesterday": ("inpatient", DAY),
    "inpatient, died almost 28 days ago": ("inpatient long since", 28 * DAY - SECOND),
    "inpatient, died 28 days ago": ("inpatient long since", 28 * DAY),
    "inpatient, died on a day nobody names": ("inpatient", None),
    "attending since, though recorded as dead for a year": ("attending", 365 * DAY),
    "appointment, died yesterday": ("appointment in 7 days", DAY),
    "appointment, died on a day nobody names": ("appointment in 7 days", None),
    "registered, died 28 days ago": ("registered", 28 * DAY),
    "registered, died 90 days ago": ("registered", 90 * DAY),
    "nominated, both consents, died 14 days ago": ("nominated, both consents", 14 * DAY),
    "attending, herself, died yesterday": ("attending", DAY),
}
IN_LIFE = FACTS | {"inpatient long since": [relationship("inpatient", "ZZA", began=100 * DAY)]}
FACTS |= {known: IN_LIFE[alive] for known, (alive, _) in DEATHS.items()}

NUMBER = "9990003114"
NUMBERS = {
    "attending, herself": {NUMBER},
    "attending, herself, died yesterday": {NUMBER},
    "attending, her number and another": {NUMBER, "9990003203"},
}
FACTS |= {known: [relationship("attending", "ZZA")] for known in NUMBERS}

VIEWERS = {
    "the doctor, at work": replace(viewer("doctor", "ZZA", "emergency"), nhs_number=NUMBER),
    "the doctor, as a patient": replace(viewer("doctor", "ZZA", "emergency"), nhs_number=NUMBER, purpose="own-access"),
    "ED doctor": viewer("doctor", "ZZA", "emergency"),
    "ED nurse": viewer("nurse", "ZZA", "emergency"),
    "hospital pharmacist": viewer("hospital-pharmacist", "ZZA"),
    "GP at Millbrook": viewer("gp", "ZZP01"),
    "GP at Hilltop": viewer("gp", "ZZP02"),
    "social worker": viewer("social-worker-adults", "ZZL", "adult-social-care"),
    "social worker of no service": viewer("social-worker-adults", "ZZL"),
    "community pharmacist": viewer("community-pharmacist", "ZZX"),
    "astronaut": viewer("astronaut", "ZZA"),
    "doctor from elsewhere": viewer("doctor", "ZZQ"),
}
SOURCE_PATIENTS = {"ZZP01": {0}, "ZZP02": {1}, "ZZA": {2, 3}, "ZZL": {4}, "ZZX": {5}}
EXAMPLES = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in Path(__file__).with_name("decision.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| Who looks", "|---"))
]


@pytest.mark.parametrize(("who", "known", "heading", "labels", "whose", "clause", "reason"), EXAMPLES)
def test_who_sees_what(who: str, known: str, heading: str, labels: str, whose: str, clause: str, reason: str) -> None:
    contributor, service = [*whose.split(), None][:2]
    bit = Heading(heading).bit
    mask = label_mask(Label(label) for label in labels.split() if label != "-")

    whom = replace(person(*FACTS[known]), nhs_numbers=frozenset(NUMBERS.get(known, ())), death=_death(known))
    decision = decide(VIEWERS[who], whom, policy(), NOW)
    told = decision.explain(OdsCode(str(contributor)), service, Heading(heading), mask)
    open_at = {
        opening.source_patient
        for opening in permit_viewer(decision).openings
        if opening.service in (None, service) and opening.headings >> bit & 1 and mask & ~opening.labels == 0
    }
    held_at = SOURCE_PATIENTS[str(contributor)]

    assert told.sentence == reason
    assert told.shown == (clause != "-")
    assert open_at & held_at == (held_at if told.shown else set())
    by_clause = told.shown and clause != "by right"
    assert not by_clause or str(told).endswith(f" Clause {clause}, Northfield direct care, version 3.")


def _death(known: str) -> Death | None:
    if known not in DEATHS:
        return None
    ago = DEATHS[known][1]
    return Death(at=None if ago is None else NOW - ago)


@pytest.mark.parametrize("known", FACTS)
def test_every_row_of_facts_is_used(known: str) -> None:
    assert any(row[1] == known for row in EXAMPLES)


def test_what_two_clauses_share_under_the_same_labels_adds_up() -> None:
    medicines = AGREEMENT.index("practice-sees-hospital-medicines")
    same = AGREEMENT[:medicines] + AGREEMENT[medicines:].replace("[mental-health]", "[sexual-health]", 1)
    registered = person(relationship("registered", "ZZP01"))
    decision = decide(viewer("gp", "ZZP01"), registered, policy(agreement(same)), NOW)
    hospital = {source.number for source in registered.sources if source.organisation == "ZZA"}
    cells = [each for each in decision.openings if each.source_patient in hospital]
    assert len(cells) == len(hospital) > 0
    for cell in cells:
        shared = {heading for heading in Heading if cell.headings >> heading.bit & 1}
        assert shared == {Heading.DISCHARGE_DETAILS, Heading.PROBLEMS, Heading.MEDICATIONS}
