"""Laws of a trial, whatever the organisation on it says: to who does not test it, it says nothing; to who does, it says
what it will say to all whom agreements let see, once it is live."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from concord.app import App
from concord.base import NhsNumber
from concord.fhir import parse, parse_search
from concord.governance import Viewer
from concord.record import PersonQuery
from tests.small_system import (
    COMMUNITY,
    COMMUNITY_NURSE,
    ED_DOCTOR,
    HOSPITAL,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    small_system,
    statuses,
)
from tests.spec.record.test_trials import SHARING, TESTER, TESTING_NURSE, ZZC, on_the_caseload

ATTENDING, REGISTERED, UNKNOWN = NUMBERS = ("9990003114", "9990003203", "9990003289")
SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
TESTERS = {ED_DOCTOR: TESTER, COMMUNITY_NURSE: TESTING_NURSE}
SEARCHES = (
    "Condition", "Condition?code=1", "Condition?code=1,2", "Encounter?date=ge2026-11-01", "EpisodeOfCare",
    *(f"Patient?identifier={SYSTEM}|{number}" for number in NUMBERS),
    *(f"Condition?patient.identifier={SYSTEM}|{number}" for number in NUMBERS),
    "Patient?family=Holroyd&birthdate=1942-02-14", "Condition?code=2&_include=Condition:patient",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Said:
    """What the organisation on trial says of one of its people."""

    number: str | None
    another_name: bool
    protected: bool
    objects: bool
    attends: bool
    on_caseload: bool
    problems: tuple[str, ...]

    def resources(self, source_id: str) -> Iterator[dict[str, Any]]:
        restricted = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
        more: dict[str, Any] = {"meta": {"security": [restricted]}} if self.protected else {}
        if self.another_name:
            more |= {"name": [{"family": "Quill", "given": ["Ada"]}], "birthDate": "1980-01-01"}
        yield patient(source_id, number=self.number, **more)
        if self.objects:
            choice = {"system": "https://concord.example/CodeSystem/choice", "code": "objection"}
            yield {
                "resourceType": "Consent", "id": f"{source_id}-o", "status": "active", "scope": {"text": "Sharing"},
                "category": [{"coding": [choice]}], "patient": {"reference": f"Patient/{source_id}"},
                "policyRule": {"text": "x"}, "provision": {"type": "deny"},
            }  # fmt: skip
        if self.attends:
            yield attendance(f"{source_id}-v", source_id)
        if self.on_caseload:
            yield on_the_caseload(f"{source_id}-k", source_id)
        for n, code in enumerate(self.problems):
            coded = {"text": f"problem {code}", "coding": [{"system": "http://snomed.info/sct", "code": code}]}
            yield condition(f"{source_id}-{n}", source_id) | {"code": coded}


def people(*, protected: st.SearchStrategy[bool]) -> st.SearchStrategy[list[Said]]:
    """Each under a number of their own, or under none."""
    of_one = st.builds(
        Said, number=st.sampled_from((*NUMBERS, None)), another_name=st.booleans(), protected=protected,
        objects=st.booleans(), attends=st.booleans(), on_caseload=st.booleans(),
        problems=st.lists(st.sampled_from("12"), max_size=2).map(tuple),
    )  # fmt: skip
    return st.lists(of_one, min_size=1, max_size=3, unique_by=lambda each: each.number)


@contextmanager
def on_trial(people: Sequence[Said]) -> Iterator[App]:
    with tempfile.TemporaryDirectory() as folder, small_system(Path(folder)) as app:
        enforce(app, replace(POLICY, agreements={"direct-care.yaml": POLICY.agreements["direct-care.yaml"] + SHARING}))
        send(app, PRACTICE, patient("gp"), condition("c1", "gp"), patient("gp-2", number=REGISTERED))
        send(app, HOSPITAL, patient("ed"), attendance("v1", "ed"))
        app.records.trials.begin(ZZC, [each.user for each in TESTERS.values()])
        for n, said in enumerate(people):
            assert set(statuses(send(app, COMMUNITY, *said.resources(f"c{n}")))) <= {"stored"}
        yield app


def answers(app: App, by: Viewer) -> dict[str, object]:
    """All that somebody is told, without the ids that differ from one system to the other."""
    told: dict[str, object] = {}
    for search in SEARCHES:
        type_, _, asked = search.partition("?")
        pairs = [(name, value) for name, _, value in (each.partition("=") for each in asked.split("&") if each)]
        found = app.records.search(parse_search(type_, pairs), by).wait()
        told[search] = found.total, *(sorted(map(words, part)) for part in (found.items, found.included))
    for number in NUMBERS:
        query = PersonQuery(nhs_number=NhsNumber(number))
        told[number] = sorted((each.name, each.link) for each in app.records.find(query, by).wait())
    for name in (None, "caseload"):
        told[f"list {name}"] = sorted((row.name, row.nhs_number) for row in app.records.lists(by, name).wait().rows)
    return told


def words(served: Any) -> str:
    resource = parse(served.wire)
    of = {part: resource.get(part) for part in ("code", "birthDate", "name", "status", "period")}
    return f"{resource['resourceType']} {resource['meta']['source']} {of}"


@settings(max_examples=6, deadline=None)
@given(people(protected=st.booleans()))
def test_to_who_does_not_test_it_nothing_has_come(said: list[Said]) -> None:
    with on_trial(said) as one, on_trial([]) as other:
        for by in TESTERS:
            assert answers(one, by) == answers(other, by)


@settings(max_examples=6, deadline=None)
@given(people(protected=st.just(False)))
def test_a_tester_is_told_what_all_are_told_once_it_is_live(said: list[Said]) -> None:
    """Of whom it protects, and of whom likeness links, nobody is told alike before and after: see ADR 31."""
    with on_trial([each for each in said if each.number is not None]) as app:
        before = {by: answers(app, tester) for by, tester in TESTERS.items()}
        app.records.trials.go_live(ZZC, lambda _: None)
        for by, told in before.items():
            assert answers(app, by) == told
