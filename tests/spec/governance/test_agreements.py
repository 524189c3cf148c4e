"""What an agreement may not say and how that is told, by line, column and nearest known word; examples that are run."""

import pytest

from concord.base import FileRefused
from tests.spec.governance.northfield import AGREEMENT, agreement

CLAUSE = "  - id: practice-sees-its-own\n"

# What is written instead of what | line:column | what is told
REFUSED = [
    ("title: Northfield", "titel: Northfield", "3:1", 'unknown key "titel" in the agreement; did you mean "title"?'),
    ("title: Northfield direct care\n", "", "2:1", 'the agreement needs the key "title"'),
    ("version: 3", "version: 3.0", "4:10", 'version must be a whole number above 0, not "3.0"'),
    ("version: 3", "version: 0", "4:10", 'version must be a whole number above 0, not "0"'),
    (
        "purpose: direct-care",
        "purpose: direct care",
        "5:10",
        'unknown purpose "direct care"; did you mean "direct-care"?',
    ),
    ("6(1)(e)", "6(1)(z)", "6:23", '"6(1)(z)" is not a condition of UK GDPR article 6(1) or 9(2), such as 6(1)(e)'),
    ("from: 2026-04-01", "from: 1/4/2026", "7:18", 'from must be a date such as 2026-04-01, not "1/4/2026"'),
    ("from: 2026-04-01", "from: 2026-02-30", "7:18", 'from must be a date such as 2026-04-01, not "2026-02-30"'),
    ("until: 2028-03-31", "until: 2026-03-31", "7:11", "from, review and until must stand in that order of time"),
    ("hospital: [ZZA]", "hospital: [ZZAA]", "8:49", 'unknown organisation "ZZAA"; did you mean "ZZA"?'),
    ("hospital: [ZZA]", "hospital: []", "8:48", "the list of organisations must not be an empty list"),
    ("hospital: [ZZA]", "own: [ZZA]", "8:38", 'a group of parties cannot be called "own"'),
    ("hospital: [ZZA]", "ZZA: [ZZA]", "8:38", 'a group of parties cannot be called "ZZA"'),
    ("{gp-core: [alerts", "{gp-core: [allerts", "9:18", 'unknown heading or set "allerts"; did you mean "alerts"?'),
    ("{gp-core: [alerts", "{alerts: [alerts", "9:8", 'a set cannot be called "alerts": a heading has that name'),
    ("shares: [gp-core]", "shares: [gp-cor]", "14:14", 'unknown heading or set "gp-cor"; did you mean "gp-core"?'),
    ("shares: [gp-core]", "shares: [unclassified]", "14:14", "what is unclassified cannot be shared"),
    ("shares: [gp-core]", "shares: []", "14:13", "a list of headings must not be an empty list"),
    ("shares: [gp-core]", "share: [gp-core]", "14:5", 'unknown key "share" in a clause; did you mean "shares"?'),
    (
        "from: {organisations: practices}",
        "from: {organisations: practises}",
        "13:27",
        'unknown organisation or group of parties "practises"; did you mean "practices"?',
    ),
    (", pharmacy: [ZZX]", "", "46:27", 'unknown organisation or group of parties "pharmacy"'),
    ("with: {organisations: pharmacy,", "with: {organisations: hospital,", "8:10", 'party "ZZX" stands in no clause'),
    (
        "services: [emergency]",
        "services: [emergencies]",
        "39:48",
        'unknown service of these organisations "emergencies"; did you mean "emergency"?',
    ),
    ("roles: [doctor, nurse]", "roles: [doctor, nurce]", "15:53", 'unknown role "nurce"; did you mean "nurse"?'),
    ("roles: [doctor, nurse]", "roles: [nurse, nurse]", "15:52", 'role "nurse" stands twice'),
    ("hospital, roles: [doctor, nurse]", "hospital", "15:11", 'with needs the key "roles"'),
    (
        "when: [attending, inpatient",
        "when: [attends, inpatient",
        "16:12",
        'unknown relationship "attends"; did you mean "attending"?',
    ),
    (
        "{discharged-within: 14d}",
        "discharged-within",
        "16:34",
        "discharged-within needs a span, such as {discharged-within: 14d}",
    ),
    (
        "{discharged-within: 14d}",
        "{discharged-within: 14}",
        "16:54",
        'discharged-within must be a span such as 4h, 14d or 6w, not "14"',
    ),
    ("{discharged-within: 14d}", "{inpatient: 14d}", "16:35", '"inpatient" takes no span'),
    ("{discharged-within: 14d}", "attending", "16:34", '"attending" stands twice'),
    (
        "{except: [safeguarding]}",
        "{except: [gp-core]}",
        "17:25",
        "between organisations an objection can give way only for risks and safeguarding",
    ),
    (
        "{except: [safeguarding]}",
        "{except: [risks]}",
        "17:25",
        "an exception from objection must be among what the clause shares",
    ),
    (
        "allows_labels: [mental-health]\n" + CLAUSE,
        "allows_labels: [mental-helth]\n" + CLAUSE,
        "18:21",
        'unknown label "mental-helth"; did you mean "mental-health"?',
    ),
    (
        "allows_labels: [mental-health]\n" + CLAUSE,
        "allows_labels: [gender-history]\n" + CLAUSE,
        "18:21",
        '"gender-history" cannot be opened by an agreement: Gender Recognition Act 2004, section 22',
    ),
    (
        "allows_labels: [mental-health]\n" + CLAUSE,
        "allows_labels: [sealed-flagged]\n" + CLAUSE,
        "18:21",
        "an agreement cannot open what a person has sealed",
    ),
    (
        "allows_labels: [mental-health]\n" + CLAUSE,
        "allows_labels: [unknown]\n" + CLAUSE,
        "18:21",
        "an agreement cannot open what nobody knows the meaning of",
    ),
    ("{share-out: explicit, share-in: explicit}", "{share-out: yes}", "48:26", 'unknown kind of consent "yes"'),
    (
        "id: practice-sees-its-own\n",
        "id: hospital-sees-gp-core\n",
        "19:5",
        'clause "hospital-sees-gp-core" stands twice',
    ),
    (
        "id: practice-sees-its-own\n",
        "id: Practice sees\n",
        "19:9",
        'id "Practice sees" must be lower-case words joined by hyphens',
    ),
    ("{roles: [gp]}", "{roles: [gp], roles: [nurse]}", "10:35", 'key "roles" stands twice in location_protected'),
    ("{roles: [gp]}", "{roles: [on]}", "10:30", 'unknown role "on"'),
    ("{roles: [gp]}", "{roles: &these [gp]}", "10:29", "anchors and aliases are not allowed"),
    ("{roles: [gp]}", "!!set {roles: [gp]}", "10:21", "tags are not allowed"),
    ("{roles: [gp]}", "{roles: [gp}", "10:32", "expected ',' or ']', but got '}'"),
    ("version: 3", "version: 3\x07", "4:11", "a character that YAML forbids"),
    ("clauses:", "---\nclauses:", "11:1", "but found another document"),
]


@pytest.mark.parametrize(("written", "instead", "place", "told"), REFUSED)
def test_refused(written: str, instead: str, place: str, told: str) -> None:
    assert written in AGREEMENT
    with pytest.raises(FileRefused) as refused:
        agreement(AGREEMENT.replace(written, instead, 1))
    assert f"{refused.value.line}:{refused.value.column}" == place
    assert told in refused.value.message
    assert refused.value.message.startswith(f"northfield.yaml, line {refused.value.line}, column ")


OVERRIDE = "    override: {roles: [doctor], lifts: [relationship, {labels: [hiv]}], for: 4h}"


@pytest.mark.parametrize(
    ("written", "instead", "place", "told"),
    [
        ("roles: [doctor]", "roles: [gp]", "17:23", 'the clause does not share with "gp" in the first place'),
        ("[relationship,", "[relationships,", "17:41", 'did you mean "relationship"?'),
        ("[relationship,", "[share-out,", "17:41", 'unknown condition that can be lifted "share-out"'),
        ("[hiv]", "[mental-health]", "17:40", 'the clause opens "mental-health" without an override'),
        ("[hiv]", "[sealed-locked]", "17:65", "an agreement cannot open what a person has sealed"),
        ("[hiv]", "[gender-history]", "17:65", '"gender-history" cannot be opened by an agreement'),
        ("for: 4h", "for: 4d", "17:78", "lasts at most 72h"),
        (", for: 4h", "", "17:15", 'override needs the key "for"'),
    ],
)
def test_an_override_that_is_refused(written: str, instead: str, place: str, told: str) -> None:
    clause = OVERRIDE.replace(written, instead, 1)
    with pytest.raises(FileRefused) as refused:
        agreement(AGREEMENT.replace("    objection: {except: [safeguarding]}", clause, 1))
    assert told in str(refused.value)
    assert f"{refused.value.line}:{refused.value.column}" == place


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        ("self-claimed", "self-claimed needs a span, such as {self-claimed: 24h}"),
        ("{self-claimed: 14d}", "lasts at most 72h"),
        ("{self-claim: 4h}", 'did you mean "self-claimed"?'),
    ],
)
def test_a_claim_that_is_refused(instead: str, told: str) -> None:
    with pytest.raises(FileRefused) as refused:
        agreement(AGREEMENT.replace("{discharged-within: 14d}", instead, 1))
    assert told in str(refused.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "just words", "[" * 5000])
def test_what_is_no_agreement_at_all(text: str) -> None:
    with pytest.raises(FileRefused):
        agreement(text)


DOCTOR = "viewer: {role: doctor, at: ZZA}"
GP = "viewer: {role: gp, at: ZZP01}"
NOMINATED = "relationship: nominated-pharmacy"
PHARMACIST = "viewer: {role: community-pharmacist, at: ZZX}"
SOCIAL_WORKER = "viewer: {role: social-worker-adults, at: ZZL, service: adult-social-care}"

# Examples that are so
HOLD = [
    f"{{{DOCTOR}, person: {{relationship: attending}}, sees: [gp-core]}}",
    f"{{{DOCTOR}, person: {{relationship: [referred, inpatient]}}, item: {{from: ZZP02}}, sees: [medications]}}",
    f"{{{DOCTOR}, hides: [gp-core]}}",
    f"{{{DOCTOR}, person: {{discharged: 13d}}, sees: [medications]}}",
    f"{{{DOCTOR}, person: {{discharged: 14d}}, hides: [medications]}}",
    f"{{{DOCTOR}, person: {{relationship: appointment-within}}, sees: [medications]}}",
    f"{{{DOCTOR}, person: {{relationship: attending, objects: yes}}, hides: [medications]}}",
    f"{{{DOCTOR}, person: {{relationship: attending, objects: yes}}, sees: [safeguarding]}}",
    f"{{{DOCTOR}, person: {{relationship: attending, share-out: refused}}, hides: [safeguarding]}}",
    f"{{{DOCTOR}, person: {{relationship: attending, share-in: refused}}, hides: [safeguarding]}}",
    f"{{{DOCTOR}, person: {{relationship: attending}}, item: {{labels: [hiv]}}, hides: [problems]}}",
    f"{{{GP}, person: {{relationship: registered}}, item: {{from: ZZP02}}, hides: [problems]}}",
    f"{{{GP}, person: {{relationship: registered}}, item: {{from: ZZP01}}, sees: [problems]}}",
    f"{{{SOCIAL_WORKER}, person: {{relationship: on-caseload}}, sees: [discharge-details]}}",
    f"{{{PHARMACIST}, person: {{{NOMINATED}}}, hides: [medications]}}",
    f"{{{PHARMACIST}, person: {{{NOMINATED}, share-out: given, share-in: given}}, sees: [medications]}}",
]


@pytest.mark.parametrize("example", HOLD)
def test_an_example_that_holds(example: str) -> None:
    assert len(agreement(f"{AGREEMENT}examples:\n  - {example}\n").examples) == 1


@pytest.mark.parametrize("example", HOLD)
def test_its_contrary_refuses_the_file(example: str) -> None:
    contrary = example.replace("sees:", "HIDES:").replace("hides:", "sees:").replace("HIDES:", "hides:")
    with pytest.raises(FileRefused) as refused:
        agreement(f"{AGREEMENT}examples:\n  - {example}\n  - {contrary}\n")
    assert (refused.value.line, refused.value.column) == (51, 5)


def test_a_failing_example_says_what_was_expected_and_what_decided() -> None:
    example = "{viewer: {role: doctor, at: ZZA}, person: {discharged: 15d}, sees: [medications]}"
    with pytest.raises(FileRefused) as refused:
        agreement(f"{AGREEMENT}examples:\n  - {example}\n")
    assert refused.value.message == (
        'northfield.yaml, line 50, column 5: the example expects "medications" to be seen, but: Withheld because the '
        "clause opens it only while this person is attending at Northfield General, is in hospital at Northfield "
        "General, was discharged from Northfield General less than 14 days ago or has an appointment at Northfield "
        "General within 7 days. Clause hospital-sees-gp-core, Northfield direct care, version 3."
    )


@pytest.mark.parametrize(
    ("example", "told"),
    [
        ("{viewer: {role: doctor, at: ZZA}}", 'needs either "sees" or "hides"'),
        ("{viewer: {role: doctor, at: ZZA}, sees: [problems], hides: [alerts]}", 'needs either "sees" or "hides"'),
        ("{viewer: {role: doctor, at: ZZZ}, sees: [problems]}", 'unknown organisation "ZZZ"'),
        ("{viewer: {role: doctor, at: ZZA, service: ward}, sees: [problems]}", 'unknown service of ZZA "ward"'),
        ("{viewer: {role: doctor, at: ZZA}, person: {discharged-within: 1d}, sees: [problems]}", "unknown key"),
        (
            "{viewer: {role: doctor, at: ZZA}, person: {relationship: discharged-within}, sees: [alerts]}",
            "how long ago",
        ),
        ("{viewer: {role: doctor, at: ZZA}, person: {objects: true}, sees: [problems]}", 'unknown objects "true"'),
    ],
)
def test_an_example_that_says_nothing_to_run(example: str, told: str) -> None:
    with pytest.raises(FileRefused, match=told):
        agreement(f"{AGREEMENT}examples:\n  - {example}\n")
