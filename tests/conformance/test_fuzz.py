"""Whatever is sent, the answer is a FHIR one, and never 500: many odd requests, made from the CapabilityStatement.

What once failed stays, by name, in FOUND.
"""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.fhir import check, parse
from tests.conformance.fuzzing import Case, cases
from tests.conformance.odd_words import observation
from tests.small_system import ED_DOCTOR, HOSPITAL, PRACTICE, attendance, condition, patient
from tests.spec.api.interactions import Server, server

SEED = 20261122
IN_EVERY_RUN, IN_SOAK = 1_000, 20_000
A_HANG = 10.0  # seconds: far more than any answer takes, on a machine that does much else

FOUND = {
    "a line break in the address": Case(who="practice", method="DELETE", path="Patient/p1/%0A/x"),
}


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with server(folder, practice=PRACTICE, hospital=HOSPITAL, doctor=ED_DOCTOR) as served:
        for who, resource in (
            ("practice", patient("p1")), ("hospital", patient("p1")), ("hospital", attendance("e1", "p1")),
            ("practice", condition("c1", "p1")), ("practice", observation("o1", "p1")),
        ):  # fmt: skip
            address = f"{resource['resourceType']}/{resource['id']}"
            assert served.ask(who, "PUT", address, resource).status_code == 201
        yield served


@pytest.mark.parametrize("name", FOUND)
def test_what_once_failed(on: Server, name: str) -> None:
    try_(on, FOUND[name])


def test_no_odd_request_is_a_fault(on: Server) -> None:
    for case in itertools.islice(cases(parse(on.ask("practice", "GET", "metadata").content), SEED), IN_EVERY_RUN):
        try_(on, case)


@pytest.mark.soak
def test_no_odd_request_of_many_is_a_fault(on: Server) -> None:
    for case in itertools.islice(cases(parse(on.ask("practice", "GET", "metadata").content), SEED + 1), IN_SOAK):
        try_(on, case)


def try_(on: Server, case: Case) -> None:
    """Raises AssertionError unless the answer is one that FHIR's HTTP allows, in good time."""
    began = time.monotonic()
    answer = on.send(case.who, case.method, case.path, case.body, case.headers)
    assert time.monotonic() - began < A_HANG, case
    assert answer.status_code < 500 or answer.status_code == 503, f"{answer.status_code}: {case}"
    if answer.content and "json" in answer.headers.get("content-type", ""):
        told = parse(answer.content)
        if answer.status_code >= 400:
            assert told["resourceType"] == "OperationOutcome", case
            assert check(told) == [], case
    else:
        assert answer.status_code < 400 or case.method == "HEAD", f"{answer.status_code} without a word: {case}"
