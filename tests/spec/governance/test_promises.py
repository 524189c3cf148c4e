"""What an agreement promises: how it is written, how it reads, when it is kept, and the case that breaks it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from concord.base import FileRefused, OdsCode
from concord.governance import PolicyFiles, as_signed
from concord.governance.agreement import Agreement, Clause, Promise
from concord.governance.agreements import Broken, prove, read_policy
from concord.governance.agreements.telling import promise_words
from concord.terminology import Label
from tests.spec.governance.northfield import AGREEMENT, ORGANISATIONS, agreement, directory, policy

HEAD = "promises:\n  - {id: a-promise, "
SAYS = ", says: So we think}\n"


def promising(text: str) -> Agreement:
    return agreement(f"{AGREEMENT}{HEAD}{text}{SAYS}")


def verdict(text: str) -> str:
    """`kept`, or the counterexample."""
    found = promising(text)
    (proved,) = prove(policy(found), *found.promises)
    return proved.counterexample if isinstance(proved, Broken) else "kept"


KEPT = "kept"
CLAUSE = " Clause {}, Northfield direct care, version 3."
# What is promised | how it reads | kept, or the case that breaks it
PROMISES = [
    (
        "never: {roles: [receptionist]}",
        "No receptionist ever sees anything.",
        KEPT,
    ),
    (
        "never: {roles: [nurse, community-pharmacist], labels: [hiv, sexual-health]}",
        "No nurse or community pharmacist ever sees anything labelled sexual health or HIV.",
        KEPT,
    ),
    (
        "never: {roles: [nurse], labels: [hiv, mental-health]}",
        "No nurse ever sees anything labelled mental health or HIV.",
        "A nurse at Northfield General would see alerts labelled mental health of Millbrook "
        "Surgery while the person "
        "is attending there." + CLAUSE.format("hospital-sees-gp-core"),
    ),
    (
        "never: {roles_other_than: [gp, doctor, nurse], labels: [mental-health]}",
        "Nobody but a doctor, a nurse or a GP ever sees anything labelled mental health.",
        KEPT,
    ),
    (
        "never: {roles_other_than: [gp], labels: [mental-health]}",
        "Nobody but a GP ever sees anything labelled mental health.",
        "A doctor at Northfield General would see alerts labelled mental health of Millbrook "
        "Surgery while the person "
        "is attending there." + CLAUSE.format("hospital-sees-gp-core"),
    ),
    (
        "never: {at: council, from: practices}",
        "Nobody at Northfield Council ever sees anything of Millbrook Surgery and Hilltop Surgery.",
        KEPT,
    ),
    (
        "never: {at: [council], headings: [gp-core, discharge-details]}",
        (
            "Nobody at Northfield Council ever sees alerts, safeguarding, discharge details, "
            "problems, allergies or "
            "medications."
        ),
        "A social worker for adults at Northfield Council (Adults' social care) would see discharge details of "
        "Northfield General (Emergency department) while the person is on their caseload."
        + CLAUSE.format("social-work-sees-stays"),
    ),
    (
        "never: {outside: contributing-organisation, labels: [hiv]}",
        "Nobody outside the organisation that contributed it ever sees anything labelled HIV.",
        KEPT,
    ),
    (
        "never: {outside: contributing-organisation, labels: [sexual-health]}, unless: override",
        (
            "Nobody outside the organisation that contributed it ever sees anything labelled "
            "sexual health, unless the "
            "record is broken open in an emergency."
        ),
        "A GP at Millbrook Surgery would see discharge details labelled sexual health of Northfield General "
        "while the person is registered there." + CLAUSE.format("practice-sees-hospital"),
    ),
    (
        "never: {outside: contributing-organisation, objects: yes, headings: [medications, problems]}",
        (
            "Nobody outside the organisation that contributed it ever sees problems or "
            "medications, about a person who "
            "objects to the shared record."
        ),
        KEPT,
    ),
    (
        "never: {outside: contributing-organisation, objects: yes}",
        (
            "Nobody outside the organisation that contributed it ever sees anything, about a "
            "person who objects to the "
            "shared record."
        ),
        "A doctor at Northfield General would see safeguarding of Millbrook Surgery while the "
        "person is attending "
        "there and objects to the shared record." + CLAUSE.format("hospital-sees-gp-core"),
    ),
    (
        "never: {roles: [community-pharmacist]}, unless: [share-out, share-in]",
        (
            "No community pharmacist ever sees anything, unless the person's consent to share "
            "out is recorded or the "
            "person's consent to share in is recorded."
        ),
        KEPT,
    ),
    (
        "never: {roles: [community-pharmacist]}, unless: override",
        "No community pharmacist ever sees anything, unless the record is broken open in an emergency.",
        "A community pharmacist at Canal Pharmacy would see allergies of Millbrook Surgery "
        "while the person has "
        "nominated that pharmacy." + CLAUSE.format("pharmacy-sees-medicines"),
    ),
    (
        "never: {protected: yes, headings: [gp-practice, future-appointments]}",
        "Nobody ever sees GP practice or future appointments, about a person who is protected from being found.",
        KEPT,
    ),
    (
        "never: {labels: [gender-history, unknown, sealed-flagged, sealed-locked]}",
        (
            "Nobody ever sees anything labelled marked in a way that nobody knows, gender "
            "history, sealed by the person "
            "or sealed and locked by the person."
        ),
        KEPT,
    ),
]


@pytest.mark.parametrize(("text", "words", "expected"), PROMISES)
def test_a_promise(text: str, words: str, expected: str) -> None:
    assert promise_words(promising(text).promises[0], directory()) == words
    assert verdict(text) == expected


def clause(change: Callable[[Clause], Clause], id_: str = "hospital-sees-gp-core") -> Agreement:
    """The agreement with one clause changed, as it could not be written."""
    found = agreement()
    return replace(found, clauses=tuple(change(each) if each.id == id_ else each for each in found.clauses))


def outside_service(found: Agreement) -> bool:
    promise = promising("never: {outside: contributing-service, labels: [sexual-health]}").promises[0]
    return isinstance(prove(as_signed([found], directory()), promise)[0], Broken)


@pytest.mark.parametrize(
    ("giving", "taking", "broken"),
    [
        (None, None, True),
        ("sexual-health", None, True),
        (None, "sexual-health", True),
        ("emergency", "sexual-health", True),
        ("sexual-health", "sexual-health", False),
    ],
)
def test_a_service_is_left_unless_both_ends_are_that_service(
    giving: str | None, taking: str | None, broken: bool
) -> None:
    hospital = OdsCode("ZZA")
    found = clause(
        lambda each: replace(
            each,
            contributors=frozenset({hospital}),
            own=True,
            contributing_services=frozenset({giving}) if giving else None,
            recipient_services=frozenset({taking}) if taking else None,
            allows=frozenset({Label.SEXUAL_HEALTH}),
        )
    )
    others = replace(found, clauses=tuple(each for each in found.clauses if each.id == "hospital-sees-gp-core"))
    assert outside_service(others) is broken


def test_an_organisation_of_one_service_is_that_service() -> None:
    within = clause(
        lambda each: replace(each, allows=frozenset({Label.SEXUAL_HEALTH})),
        "practice-sees-its-own",
    )
    alone = replace(within, clauses=tuple(each for each in within.clauses if each.id == "practice-sees-its-own"))
    assert not outside_service(alone)


REFUSED = [
    ("never: {}", "50:28", "never must not be empty"),
    ("nevr: {roles: [gp]}", "50:21", 'unknown key "nevr" in a promise; did you mean "never"?'),
    ("never: {role: [gp]}", "50:29", 'unknown key "role" in never; did you mean "roles"?'),
    ("never: {roles: [gq]}", "50:37", 'unknown role "gq"; did you mean "gp"?'),
    ("never: {roles: []}", "50:36", "the list of roles must not be an empty list"),
    (
        "never: {roles: [gp], roles_other_than: [gp]}",
        "50:60",
        'a promise names either "roles" or "roles_other_than"',
    ),
    ("never: {labels: [mental]}", "50:38", 'unknown label "mental"; did you mean "mental-health"?'),
    ("never: {headings: [gp-cor]}", "50:40", 'unknown heading or set "gp-cor"; did you mean "gp-core"?'),
    (
        "never: {at: hospitals}",
        "50:33",
        'unknown organisation or group of parties "hospitals"; did you mean "hospital"?',
    ),
    (
        "never: {outside: contributing-servise}",
        "50:38",
        'unknown outside "contributing-servise"; did you mean "contributing-service"?',
    ),
    ("never: {objects: no}", "50:38", 'unknown objects "no"'),
    ("never: {roles: [gp]}, unless: breaking-glass", "50:51", 'unknown exception "breaking-glass"'),
]


@pytest.mark.parametrize(("text", "place", "told"), REFUSED)
def test_a_promise_that_is_refused(text: str, place: str, told: str) -> None:
    assert AGREEMENT.count("\n") == 48
    with pytest.raises(FileRefused) as refused:
        promising(text)
    assert f"{refused.value.line}:{refused.value.column}" == place
    assert told in refused.value.message


def test_a_promise_is_given_once() -> None:
    with pytest.raises(FileRefused, match='promise "a-promise" stands twice'):
        promising("never: {roles: [receptionist]}, says: a}\n  - {id: a-promise, never: {roles: [receptionist]}")


def files(*promises: str, other: str = "") -> PolicyFiles:
    lines = "".join(f"  - {{id: p{number}, {each}{SAYS}" for number, each in enumerate(promises))
    agreements = {"care.yaml": f"{AGREEMENT}promises:\n{lines}"}
    return PolicyFiles(
        directory=ORGANISATIONS,
        agreements=agreements | ({"other.yaml": other} if other else {}),
    )


def test_a_broken_promise_refuses_the_publication_where_it_stands() -> None:
    assert len(read_policy(files("never: {roles: [receptionist]}")).agreements[0].promises) == 1
    with pytest.raises(FileRefused) as refused:
        read_policy(files("never: {roles: [receptionist]}", "never: {roles: [gp], labels: [hiv]}"))
    assert refused.value.message == (
        'care.yaml, line 51, column 5: promise "p1" is broken. No GP ever sees anything labelled HIV. But: A GP at '
        "Millbrook Surgery would see demographics labelled HIV of Millbrook Surgery while the "
        "person is registered there. "
        "Clause practice-sees-its-own, Northfield direct care, version 3."
    )


def test_a_promise_binds_every_other_agreement_too_signed_or_not() -> None:
    other = AGREEMENT.replace("northfield-direct-care", "reception").replace(
        "roles: [doctor, nurse]", "roles: [receptionist]"
    )
    promised = "never: {roles: [receptionist]}"
    read_policy(files(promised))
    with pytest.raises(FileRefused, match=r'promise "p0" is broken.*A receptionist at Northfield General'):
        read_policy(files(promised, other=other.replace("title: Northfield direct care", "title: Reception")))


def test_what_is_promised_is_part_of_what_is_signed_and_where_it_stands_is_not() -> None:
    one, same = promising("never: {roles: [receptionist]}"), promising("never:    {roles: [receptionist]}")
    moved = agreement(f"{AGREEMENT}promises:\n\n  # moved\n  - {{id: a-promise, never: {{roles: [receptionist]}}{SAYS}")
    assert one.digest == same.digest == moved.digest
    assert one.digest != agreement().digest
    assert one.digest != promising("never: {roles: [administrator]}").digest


def test_a_promise_holds_for_an_agreement_that_has_ended_or_not_begun() -> None:
    ended = replace(promising("never: {roles: [nurse]}"), until_on=datetime(2000, 1, 1, tzinfo=UTC).date())
    assert isinstance(prove(policy(ended), *ended.promises)[0], Broken)


def test_the_proof_says_how_many_classes_it_tried() -> None:
    promise: Promise = promising("never: {outside: contributing-organisation, labels: [hiv]}").promises[0]
    (proved,) = prove(policy(), promise)
    assert not isinstance(proved, Broken)
    assert proved.tried == 4  # doctors and nurses are one; GPs of either practice; social workers; pharmacists


def test_an_organisation_of_several_services_is_not_tried_by_one_of_a_single_service() -> None:
    """Two practices that the clauses treat alike; the second, of the name that comes last, has a clinic."""
    clinic = "short: GP, kind: gp-practice, telephone: 01632 960112"
    services = "services: [{service: surgery, name: Surgery}, {service: clinic, name: Clinic}]"
    assert clinic in ORGANISATIONS
    text = f"{AGREEMENT}{HEAD}never: {{outside: contributing-service, labels: [hiv], at: practices}}{SAYS}"
    one = PolicyFiles(directory=ORGANISATIONS, agreements={"care.yaml": text})
    read_policy(one)
    several = PolicyFiles(
        directory=ORGANISATIONS.replace(clinic, f"{clinic}, {services}"), agreements={"care.yaml": text}
    )
    with pytest.raises(FileRefused) as refused:
        read_policy(several)
    assert "A GP at Hilltop Surgery (Surgery) would see demographics labelled HIV of Hilltop Surgery (Clinic)" in str(
        refused.value.message
    )
