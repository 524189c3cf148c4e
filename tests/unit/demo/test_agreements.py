"""What Northfield's agreements promise is so, and a clause that is slipped in breaks the right promise."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from concord.base import FileRefused
from concord.demo import write_northfield
from concord.governance import Policy, PolicyFiles, parse_agreement, parse_directory
from concord.governance.agreements import Broken, comparison_page, prove, read_policy

CARE, URGENT = "northfield-direct-care.yaml", "northfield-urgent-care.yaml"
CHILDREN = "northfield-childrens-safeguarding.yaml"
CLAUSES = "clauses:\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PolicyFiles:
    folder = tmp_path_factory.mktemp("northfield")
    write_northfield(folder, people=40, seed=1, today=date(2026, 11, 22), progress=lambda done, total: None)
    return PolicyFiles(
        directory=(folder / "organisations.yaml").read_text(encoding="utf-8"),
        agreements=_texts(folder),
    )


def _texts(folder: Path) -> Mapping[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted((folder / "agreements").glob("*.yaml"))}


def planted(files: PolicyFiles, name: str, clause: str) -> PolicyFiles:
    text = files.agreements[name]
    assert text.count(f"\n{CLAUSES}") == 1
    changed = text.replace(f"\n{CLAUSES}", f"\n{CLAUSES}  - {clause}\n")
    return PolicyFiles(directory=files.directory, agreements={**files.agreements, name: changed})


def test_every_promise_is_kept(files: PolicyFiles) -> None:
    policy = read_policy(files)
    promises = [promise for agreement in policy.agreements for promise in agreement.promises]
    clauses, examples = (sum(len(getattr(each, of)) for each in policy.agreements) for of in ("clauses", "examples"))
    assert (len(policy.agreements), clauses >= 40, len(promises) >= 20, examples >= 60) == (5, True, True, True)
    assert all(agreement.processing for agreement in policy.agreements)
    assert all(agreement.promises for agreement in policy.agreements)
    assert [each.promise.id for each in prove(policy, *promises) if isinstance(each, Broken)] == []


# The clause that is slipped in | the file | the promise that it breaks | the counterexample
PLANTED = [
    (
        (
            "{id: new, from: {organisations: practices}, shares: [allergies], "
            "with: {organisations: own, roles: [receptionist]}, when: [registered]}"
        ),
        CARE,
        "reception-sees-nothing-clinical",
        (
            "A receptionist at Millbrook Surgery would see allergies of Millbrook Surgery while "
            "the person is registered "
            "there. Clause new, Northfield direct care, version 3."
        ),
    ),
    (
        (
            "{id: new, from: {organisations: practices}, shares: [future-appointments], "
            "with: {organisations: own, roles: [receptionist]}, when: [registered], allows_labels: [mental-health]}"
        ),
        CARE,
        "reception-sees-nothing-private",
        (
            "A receptionist at Millbrook Surgery would see future appointments labelled mental "
            "health of Millbrook Surgery "
            "while the person is registered there. Clause new, Northfield direct care, version 3."
        ),
    ),
    (
        (
            "{id: new, from: {organisations: hospital, services: [sexual-health]}, shares: [problems], "
            "with: {organisations: own, roles: [doctor]}, when: [inpatient], allows_labels: [hiv]}"
        ),
        CARE,
        "sexual-health-stays-in-its-service",
        (
            "A doctor at Northfield General Hospital (Surgery and orthopaedics) would see problems "
            "labelled HIV of Northfield "
            "General Hospital (Sexual health clinic) while the person is in hospital there. Clause "
            "new, Northfield direct "
            "care, version 3."
        ),
    ),
    (
        (
            "{id: new, from: {organisations: practices}, shares: [problems], "
            "with: {organisations: hospital, roles: [doctor]}, when: [attending], "
            "allows_labels: [genetic, mental-health]}"
        ),
        CARE,
        "the-most-private-stays-where-it-was-written",
        "would see problems labelled genetic of Millbrook Surgery while the person is attending there.",
    ),
    (
        (
            "{id: new, from: {organisations: practices}, shares: [documents], "
            "with: {organisations: out-of-hours, roles: [call-handler]}, when: [referred]}"
        ),
        URGENT,
        "call-handlers-see-no-medical-record",
        (
            "A call handler at Northfield Urgent Care would see documents of Millbrook Surgery "
            "while the person has been "
            "referred there. Clause new, Northfield urgent care, version 2."
        ),
    ),
    (
        (
            "{id: new, from: {organisations: council}, shares: [safeguarding], "
            "with: {organisations: ambulance, roles: [paramedic]}, when: [attending], "
            "allows_labels: [child-protection]}"
        ),
        CHILDREN,
        "protection-plans-are-for-few",
        (
            "A paramedic at Northfield Ambulance Service would see safeguarding labelled child "
            "protection of Northfield "
            "Council while the person is attending there. Clause new, Northfield safeguarding of children, version 1."
        ),
    ),
    (
        (
            "{id: new, from: {organisations: practices}, shares: [alerts], "
            "with: {organisations: council, roles: [administrator]}, when: [on-caseload]}"
        ),
        CARE,
        "overseers-see-no-records",
        (
            "An administrator at Northfield Council would see alerts of Millbrook Surgery while the person is on their "
            "caseload."
        ),
    ),
    (
        # Slipped into one agreement, it breaks what another promised.
        (
            "{id: new, from: {organisations: practices}, shares: [investigation-results], "
            "with: {organisations: council, services: [adult-social-care], roles: [social-worker-adults]}, "
            "when: [on-caseload]}"
        ),
        CHILDREN,
        "social-work-sees-no-medicines-or-results",
        "Clause new, Northfield safeguarding of children, version 1.",
    ),
]


@pytest.mark.parametrize(("clause", "name", "promise", "counterexample"), PLANTED)
def test_a_planted_clause_breaks_the_right_promise(
    files: PolicyFiles, clause: str, name: str, promise: str, counterexample: str
) -> None:
    with pytest.raises(FileRefused) as refused:
        read_policy(planted(files, name, clause))
    assert f'promise "{promise}" is broken' in refused.value.message
    assert counterexample in refused.value.message


def test_a_wider_clause_is_compared_with_every_promise_that_it_breaks(files: PolicyFiles) -> None:
    before = read_policy(files)
    wider = (
        "{id: new, from: {organisations: practices}, shares: [vaccinations, family-history], "
        "with: {organisations: hospital, roles: [privacy-officer, doctor, nurse]}, "
        "when: [attending, {discharged-within: 7d}], allows_labels: [hiv]}"
    )
    text = files.agreements[CARE].replace(f"\n{CLAUSES}", f"\n{CLAUSES}  - {wider}\n")
    after = _unproved(files, text)
    page = comparison_page(before, after)
    broken = next(section for section in page.sections if section.title == "Promises broken")
    assert {sentence.partition(":")[0] for sentence in broken.sentences} == {
        "overseers-see-no-records",
        "paper-that-nobody-needs-at-the-bedside",
        "sexual-health-stays-in-its-service",
        "the-most-private-stays-where-it-was-written",
    }


def _unproved(files: PolicyFiles, care: str) -> Policy:
    """The policy with another text of one agreement, which may be refused were it published."""
    directory = parse_directory(files.directory, filename="organisations.yaml")
    texts = {**files.agreements, CARE: care}
    agreements = [parse_agreement(text, filename=name, directory=directory) for name, text in sorted(texts.items())]
    return Policy(agreements=agreements, signatures=(), directory=directory)
