"""A site's own table of sensitivity, beside the one that ships: which labels does a code give here, and why?"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import FileRefused
from concord.fhir import codings
from concord.governance.labels import labels_of_resource, parse_site_table
from concord.terminology import incoming_of, labels_of, load_terminology
from tests.small_system import POLICY, enforce, small_system

LOCAL = "https://northfield.example/CodeSystem/clinic"
TREE = "https://northfield.example/CodeSystem/tree"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
LOINC = "http://loinc.org"
FINDING = "https://concord.example/CodeSystem/clinical-finding"

SITE = f"""\
systems:
  clinic: {{urls: ["{LOCAL}"], source: Northfield General, licence: our own}}
  tree: {{urls: ["{TREE}"], source: a made-up classification, licence: our own}}
rows:
  - {{system: clinic, codes: [GU1, GU2], labels: [sexual-health], reason: booked into the clinic for sexual health}}
  - {{system: clinic, codes: [PSY*], labels: [mental-health], reason: any clinic of the mental health team}}
  - {{system: clinic, codes: [PSY9], labels: [], reason: the memory clinic is no secret}}
  - {{system: icd-10, codes: [K70.3], labels: [substance-misuse], reason: here it tells of drinking}}
  - {{system: finding, codes: [depression], labels: [restricted], reason: restricted here as well}}
  - {{system: tree, below: [mind], labels: [mental-health], reason: an illness of the mind}}
  - {{system: tree, below: [memory], labels: [], reason: safe care hangs on knowing}}
  - {{system: tree, below: [blood-borne], labels: [hiv, restricted], reason: carried in the blood}}
  - {{system: tree, codes: [hepatitis-a], labels: [], reason: carried in food}}
"""
# A small tree: what lies below what.
PARENTS = {
    "mind": [], "low-mood": ["mind"], "memory": ["mind"], "dementia": ["memory"], "drink-dementia": ["memory", "drink"],
    "drink": ["mind"], "blood-borne": [], "hepatitis": ["blood-borne"], "hepatitis-a": ["hepatitis"],
    "needle-fear": ["mind", "blood-borne"], "cold": [],
}  # fmt: skip

# (what the clinician reads, system, code, labels, the reason told)
EXAMPLES: list[tuple[str, str, str, str, str]] = [
    ("a code of the site's own", LOCAL, "GU1", "sexual-health", "booked into the clinic for sexual health"),
    ("one that begins as a row says", LOCAL, "PSY2", "mental-health", "any clinic of the mental health team"),
    ("one that a row names is what that row says", LOCAL, "PSY9", "", ""),
    ("one that no row knows", LOCAL, "EYE1", "", ""),
    ("a row about a system that Concord knows", ICD_10, "K703", "substance-misuse", "here it tells of drinking"),
    ("what ships still counts", ICD_10, "B20.1", "hiv", "infection, carrier state, laboratory evidence, exposure"),
    ("both say something: it adds up", FINDING, "depression", "mental-health restricted", "restricted here as well"),
    ("the code that a row begins at", TREE, "mind", "mental-health", "an illness of the mind"),
    ("what lies below it", TREE, "low-mood", "mental-health", "an illness of the mind"),
    ("what lies below a nearer row", TREE, "dementia", "", ""),
    ("by two ways, one of them nearer", TREE, "drink-dementia", "", ""),
    ("below a row that is no nearer", TREE, "drink", "mental-health", "an illness of the mind"),
    ("two levels below", TREE, "hepatitis", "hiv restricted", "carried in the blood"),
    ("named by a row, so not by what it lies below", TREE, "hepatitis-a", "", ""),
    ("below two rows that have nothing to do with each other", TREE, "needle-fear", "mental-health hiv restricted", ""),
    ("below no row", TREE, "cold", "", ""),
    ("a code that what is loaded does not have", TREE, "new-last-week", "unknown", "not loaded here"),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with small_system(tmp_path_factory.mktemp("site"), replace(POLICY, sensitivity=SITE)) as system:
        load_tree(system)
        yield system


def load_tree(app: App) -> None:
    concepts = [
        {"code": code, **({"property": [{"code": "parent", "valueCode": each} for each in parents]} if parents else {})}
        for code, parents in PARENTS.items()
    ]
    system = {
        "resourceType": "CodeSystem", "url": TREE, "status": "active", "content": "complete",
        "property": [{"code": "parent", "type": "code", "uri": "http://hl7.org/fhir/concept-properties#parent"}],
        "concept": concepts,
    }  # fmt: skip
    load_terminology(app.store, incoming_of(system))


def said(app: App, system: str, code: str) -> tuple[set[str], str]:
    """The labels of a condition with this code, and every reason told."""
    resource: dict[str, Any] = {"resourceType": "Condition", "code": {"coding": [{"system": system, "code": code}]}}
    with app.store.reading() as reading:
        sensitivity = app.gate.sensitivity(reading)
    mask = labels_of_resource(resource, codings(resource), 0, sensitivity)
    return {str(label) for label in labels_of(mask)}, " ".join(row.reason for row in sensitivity.rows(system, code))


@pytest.mark.parametrize(("what", "system", "code", "labels", "reason"), EXAMPLES, ids=[each[0] for each in EXAMPLES])
def test_labels_by_the_sites_table(app: App, what: str, system: str, code: str, labels: str, reason: str) -> None:
    found, reasons = said(app, system, code)
    assert found == set(labels.split())
    assert reason in reasons


def test_while_the_tree_is_not_loaded_every_code_of_it_that_no_row_names_is_unknown(tmp_path: Path) -> None:
    with small_system(tmp_path, replace(POLICY, sensitivity=SITE)) as app:
        assert said(app, TREE, "low-mood")[0] == {"unknown"}
        assert said(app, TREE, "cold")[0] == {"unknown"}
        assert said(app, TREE, "hepatitis-a")[0] == set()
        assert said(app, LOCAL, "EYE1")[0] == set()
        load_tree(app)
        assert said(app, TREE, "low-mood")[0] == {"mental-health"}
        assert said(app, TREE, "cold")[0] == set()


def test_a_row_about_a_code_that_the_tree_does_not_have_leaves_it_all_unknown(tmp_path: Path) -> None:
    with small_system(tmp_path, replace(POLICY, sensitivity=SITE.replace("[mind]", "[minds]"))) as app:
        load_tree(app)
        assert said(app, TREE, "cold")[0] == {"unknown"}
        assert said(app, TREE, "hepatitis")[0] == {"hiv", "restricted", "unknown"}
        with app.store.reading() as reading:
            (untold,) = app.gate.sensitivity(reading).site.untold()
        assert (untold.code, untold.line) == ("minds", 10)


def test_without_its_own_table_a_site_has_what_ships(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        assert said(app, LOINC, "56888-1")[0] == {"hiv"}
        assert said(app, LOCAL, "GU1")[0] == set()
        enforce(app, replace(POLICY, sensitivity=SITE))
        assert said(app, LOCAL, "GU1")[0] == {"sexual-health"}


ROW = "rows:\n  - {system: icd-10, codes: [K70.3], labels: [hiv], reason: so}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ROW.replace("hiv", "hvi"), 'line 2, column 47: unknown label "hvi"; did you mean "hiv"?'),
        (ROW.replace("icd-10", "icd10"), 'unknown code system "icd10"; did you mean "icd-10"?'),
        (ROW.replace("codes: [K70.3], ", ""), 'a row needs "codes", "below" or both'),
        (ROW.replace("codes", "code"), 'unknown key "code" in a row; did you mean "codes"?'),
        (ROW.replace(", reason: so", ""), 'needs the key "reason"'),
        (ROW.replace("hiv", "sealed-locked"), 'unknown label "sealed-locked"'),
        (ROW.replace("[K70.3]", "[K70.3, K703]"), "a code of this row stands above already"),
        (ROW.replace("codes: [K70.3]", "below: [a, a]"), 'a code of this row stands above already: "a"'),
        ("systems: {icd-10: {urls: [x], source: us, licence: ours}}\n" + ROW, 'code system "icd-10" is known already'),
    ],
)  # fmt: skip
def test_it_is_read_strictly(text: str, told: str) -> None:
    with pytest.raises(FileRefused) as refused:
        parse_site_table(text)
    assert told in refused.value.message
    assert refused.value.message.startswith("sensitivity.yaml, line ")
