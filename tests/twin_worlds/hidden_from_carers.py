"""What is hidden from who gives care."""

from concord.ingest.naming import fhir_id
from tests.small_system import (
    COMMUNITY,
    COMMUNITY_NURSE,
    HOSPITAL,
    PRACTICE,
    attendance,
    condition,
    patient,
)
from tests.twin_worlds.arrivals import (
    BARRED_ENTRY,
    CONCERNS,
    OPEN_ENTRY,
    ROWS,
    SEALED_ENTRY,
    brings_record,
    extracts,
    hears,
)
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.stories import (
    BEYOND,
    BLOCKED,
    CANARY,
    GATHERING,
    HIDDEN_CONTACT,
    OF_THE_DEPARTMENT,
    OF_THE_TRIAL,
    ONE,
    OTHER_NUMBER,
    POINTS_AT_IT,
    SEAL,
    SENSITIVITY,
    STRANGER,
    both,
    breakable,
    chooses,
    consent,
    deletes,
    labels_the_department,
    looked,
    on_trial,
    on_two_trials,
    secret,
    sends,
    succeeded,
    tagged,
)

FROM_CARERS = (
    Scenario(
        hides="an item that the person has locked, from who breaks the glass",
        before=breakable,
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item with a label that the override does not lift, from who breaks the glass",
        before=breakable,
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item under a heading that no clause opens",
        hide=sends(PRACTICE, BEYOND),
        hidden=(("ZZP01", "DocumentReference", "gp-x1"),),
    ),
    Scenario(
        hides="an item with a label that the clause does not allow",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item with a label that nobody knows",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged("https://elsewhere.example/tags", "odd"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that the person has locked",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hidden=ONE,
    ),
    Scenario(
        hides="a later version of a locked item",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"), onsetDateTime="2001-01-01")),
        hidden=ONE,
    ),
    Scenario(
        hides="a version between two that the viewer may see",
        before=sends(PRACTICE, condition("gp-x1", "gp-1", "Before")),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item was hidden before it could be seen",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that was deleted",
        hide=both(sends(PRACTICE, secret("gp-x1")), deletes(PRACTICE, "Condition", "gp-x1")),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item could be seen before the person locked it",
        before=looked,
        hide=both(
            sends(PRACTICE, secret("gp-x1")), looked, sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked")))
        ),
        hidden=ONE,
    ),
    Scenario(
        hides="that a withheld item was deleted",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=deletes(PRACTICE, "Condition", "gp-x1"),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item was deleted and came back",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=deletes(PRACTICE, "Condition", "gp-x1"),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that was labelled while it was held, because its service was",
        hide=sends(HOSPITAL, secret("gp-x1", "hx-1", **OF_THE_DEPARTMENT)),
        after=labels_the_department,
        hidden=(("ZZA", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="another label on an item that is withheld already",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hide=sends(
            PRACTICE,
            secret(
                "gp-x1",
                meta={
                    "security": [*tagged(SENSITIVITY, "sexual-health")["security"], *tagged(SEAL, "locked")["security"]]
                },
            ),
        ),
        hidden=ONE,
    ),
    Scenario(
        hides="what a visible item refers to",
        before=sends(PRACTICE, POINTS_AT_IT),
        hide=sends(PRACTICE, HIDDEN_CONTACT),
        hidden=(("ZZP01", "Encounter", "gp-x1"),),
    ),
    Scenario(
        hides="an item, and the practitioner whom it alone names",
        hide=sends(
            PRACTICE,
            {"resourceType": "Practitioner", "id": "gp-x2", "name": [{"family": CANARY}]},
            secret(
                "gp-x1",
                meta=tagged(SENSITIVITY, "sexual-health"),
                recorder={"reference": "Practitioner/gp-x2"},
                encounter={"reference": "Encounter/gp-x3"},
            ),
        ),
        hidden=(("ZZP01", "Condition", "gp-x1"), ("ZZP01", "Practitioner", "gp-x2")),
    ),
    Scenario(
        hides="that the viewer's own organisation has blocked a time, which tells of nobody",
        hide=sends(HOSPITAL, *BLOCKED),
        hidden=(("ZZA", "Slot", "hx-1"), ("ZZA", "Schedule", "hx-2")),
    ),
    Scenario(
        hides="a person whose whereabouts are protected",
        hide=sends(COMMUNITY, STRANGER, secret("gp-x1", "cx-9")),
        hidden=(("ZZC", "Patient", "cx-9"), ("ZZC", "Condition", "gp-x1")),
    ),
    Scenario(
        hides="a source that does not share with the viewer",
        hide=sends(COMMUNITY, patient("cx-1", telecom=[{"value": CANARY}]), secret("gp-x1", "cx-1")),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "gp-x1")),
    ),
    Scenario(
        hides="all that an organisation on trial says of people whom others know",
        before=on_trial,
        hide=sends(COMMUNITY, *OF_THE_TRIAL),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1"), ("ZZC", "Consent", "cx-x1")),
    ),
    Scenario(
        hides="from a nurse of an organisation on trial who does not test it, all that it sends",
        viewer=COMMUNITY_NURSE,
        before=on_trial,
        hide=sends(COMMUNITY, *OF_THE_TRIAL),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1"), ("ZZC", "Consent", "cx-x1")),
    ),
    Scenario(
        hides="from a tester of another organisation, all that an organisation on trial sends",
        before=on_two_trials,
        hide=sends(COMMUNITY, *OF_THE_TRIAL),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1"), ("ZZC", "Consent", "cx-x1")),
    ),
    Scenario(
        hides="people of an organisation on trial who come before those whose number or likeness they have",
        before=on_trial,
        hide=sends(
            COMMUNITY,
            patient("cx-2", number=OTHER_NUMBER, birthDate="1942-02-15"),
            patient("cx-3", number=None, link=[{"type": "seealso", "other": {"reference": "Patient/cx-2"}}]),
            attendance("cx-e1", "cx-2"),
            secret("cx-c1", "cx-3"),
        ),
        after=both(
            sends(HOSPITAL, patient("hx-2", number=OTHER_NUMBER), attendance("hx-e2", "hx-2")),
            sends(PRACTICE, patient("gp-3", number=None)),
        ),
        hidden=(("ZZC", "Patient", "cx-2"), ("ZZC", "Patient", "cx-3"), ("ZZC", "Condition", "cx-c1")),
    ),
    Scenario(
        hides="what a message brought beside an open item, and the message that brought it",
        before=hears(b"DG1|1||J18.9^Pneumonia^I10"),
        hide=hears(b"DG1|1||J18.9^Pneumonia^I10\rDG1|2||B24^" + CANARY.encode() + b"^I10\rNTE|1||" + CANARY.encode()),
        hidden=(("ZZA", "Condition", fhir_id("DG1", "hx-1", "I10", "B24")),),
    ),
    Scenario(
        hides="rows of an extract that are not shared, about the person and about another in the same file",
        before=extracts(ROWS),
        hide=extracts(ROWS, CONCERNS),
        hidden=(("ZZA", "Flag", "gp-x1"), ("ZZA", "Flag", "gp-x2")),
    ),
    Scenario(
        hides="an entry of a record in STU3 that the person has sealed, beside an open one",
        before=brings_record(OPEN_ENTRY),
        hide=brings_record(OPEN_ENTRY, SEALED_ENTRY),
        hidden=(("ZZA", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="an entry of a record in STU3 that the law bars, beside an open one",
        before=brings_record(OPEN_ENTRY),
        hide=brings_record(OPEN_ENTRY, BARRED_ENTRY),
        hidden=(("ZZA", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="an item that waits for its Patient",
        hide=sends(COMMUNITY, secret("gp-x1", "cx-nobody")),
        hidden=(("ZZC", "Condition", "gp-x1"), ("ZZC", "Patient", "cx-nobody")),
    ),
    Scenario(
        hides="an item of somebody who had shut out an organisation that the viewer's has taken over",
        before=succeeded,
        hide=sends(PRACTICE, secret("gp-x1", "gp-9")),
        hidden=(("ZZP01", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="a choice, kept silent, against an organisation that is not the viewer's",
        hide=sends(PRACTICE, consent("gp-x1", "gp-1", "organisation-prohibited", organisation="ZZC")),
        hidden=(("ZZP01", "Consent", "gp-x1"),),
    ),
    Scenario(
        hides="a choice, kept silent, that the person made against an organisation that is not the viewer's",
        hide=chooses("organisation-prohibited", "ZZC"),
    ),
    Scenario(
        hides="everything of a person with whom the viewer has no relationship",
        viewer=COMMUNITY_NURSE,
        hide=sends(PRACTICE, secret("gp-x1")),
        hidden=ONE,
    ),
    Scenario(
        hides="a person whose only Patient was deleted",
        hide=both(
            sends(COMMUNITY, patient("cx-9", number=OTHER_NUMBER, name=[{"family": CANARY}], birthDate="1970-01-01")),
            deletes(COMMUNITY, "Patient", "cx-9"),
        ),
        hidden=(("ZZC", "Patient", "cx-9"),),
    ),
    Scenario(
        hides="a list that the person has locked",
        hide=sends(PRACTICE, GATHERING),
        hidden=(("ZZP01", "List", "gp-x1"),),
    ),
)
