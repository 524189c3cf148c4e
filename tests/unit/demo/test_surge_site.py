"""A surge site is brought on by one file: before it nobody there sees anything; after it, exactly what was read out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound, OdsCode, PersonId
from concord.demo import write_northfield
from concord.governance import (
    Held,
    Policy,
    PolicyFiles,
    Situation,
    SourceSystem,
    When,
    decide,
    parse_agreement,
    parse_directory,
    roles,
)
from concord.governance.agreements import agreement_page, compare
from concord.governance.agreements.comparison import Comparison
from concord.governance.agreements.reach import ItemClass
from concord.record import OpenRecord
from concord.terminology import HEADINGS, Heading, Label
from tests.signing import SIGNED_ON, key_of, signatories, signed
from tests.small_system import HOSPITAL, NOW, PRACTICE, condition, patient, send, small_system, viewer

HALL = "ZZN"
ADDED = "  - {code: ZZN, name: Northfield Exhibition Hall Hospital, short: Surge, kind: acute-trust}\n"
FILE = "northfield-exhibition-hall.yaml"
TEXT = (files("concord.demo") / "directory" / "surge" / FILE).read_text(encoding="utf-8")
PARTIES = ("ZZN", "ZZP01", "ZZP02", "ZZP03", "ZZP04", "ZZA", "ZZC")
SIGNED_BY = ("ZZP01", "ZZP02", "ZZP03", "ZZA", "ZZC", "ZZM", "ZZL")  # what there was before the hall
DOCTOR = viewer("doctor", HALL)
CONTRIBUTORS = ("ZZP01", "ZZA", "ZZC", "ZZM", "ZZL", HALL)
STANDINGS = (When.INPATIENT, When.ATTENDING, When.REFERRED, When.REGISTERED, None)


@pytest.fixture(scope="module")
def northfield(tmp_path_factory: pytest.TempPathFactory) -> PolicyFiles:
    folder = tmp_path_factory.mktemp("northfield")
    write_northfield(folder, people=40, seed=1, today=date(2026, 11, 22), progress=lambda done, total: None)
    known = (folder / "organisations.yaml").read_text(encoding="utf-8")
    return PolicyFiles(
        directory=known,
        agreements={path.name: path.read_text(encoding="utf-8") for path in (folder / "agreements").glob("*.yaml")},
        signatories=signatories(*parse_directory(known, filename="organisations.yaml").organisations),
    )


def told(before: PolicyFiles, after: PolicyFiles) -> Comparison:
    """What the reviewers read, from the texts alone."""
    return compare(*(_as_texts(each) for each in (before, after)))


def _as_texts(texts: PolicyFiles) -> Policy:
    directory = parse_directory(texts.directory, filename="organisations.yaml")
    agreements = [parse_agreement(text, filename=name, directory=directory) for name, text in texts.agreements.items()]
    return Policy(agreements=agreements, signatures=(), directory=directory)


def with_the_hall(northfield: PolicyFiles) -> PolicyFiles:
    own = key_of(HALL).signatory_row(SIGNED_ON)
    return replace(northfield, directory=northfield.directory + ADDED, signatories=northfield.signatories + own)


def with_its_file(northfield: PolicyFiles) -> PolicyFiles:
    added = with_the_hall(northfield)
    return replace(added, agreements={**added.agreements, FILE: TEXT})


def sign(app: App, texts: PolicyFiles) -> None:
    app.publish(texts)
    for party in PARTIES:
        app.signing.receive(signed(app, party, "northfield-exhibition-hall"), by="duty:test")


def letter(source_id: str, of: str) -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "id": source_id,
        "status": "current",
        "subject": {"reference": f"Patient/{of}"},
        "content": [{"attachment": {"contentType": "text/plain", "title": "Letter"}}],
    }


def admission(source_id: str, of: str) -> dict[str, Any]:
    return {
        "resourceType": "Encounter",
        "id": source_id,
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP"},
        "subject": {"reference": f"Patient/{of}"},
        "period": {"start": "2026-11-22T01:00:00Z"},
    }


def seen(app: App) -> set[tuple[str, Heading]]:
    """Of whom what is on the page of a doctor of the hall."""
    with app.store.reading() as reading:
        row = reading.row("SELECT person FROM link")
    assert row is not None
    try:
        record = app.records.open(PersonId(row[0]), DOCTOR).wait()
    except NotFound:  # the hall is nobody yet
        return set()
    return {(item.organisation, item.heading) for item in record.items} if isinstance(record, OpenRecord) else set()


def test_a_doctor_there_sees_nothing_and_then_exactly_what_was_read_out(
    northfield: PolicyFiles, tmp_path: Path
) -> None:
    after = with_its_file(northfield)
    opens = told(northfield, after).opens
    private = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "MH"}]}
    with small_system(tmp_path, northfield, signed_by=SIGNED_BY) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"), letter("d1", "p1"))
        send(app, PRACTICE, condition("c2", "p1", words="Low mood", meta=private))
        send(app, HOSPITAL, patient("h1"), condition("c3", "h1"), letter("d2", "h1"))
        assert seen(app) == set()

        app.publish(with_the_hall(northfield))
        hall = SourceSystem(organisation=OdsCode(HALL))
        send(app, hall, patient("n1"), admission("e1", "n1"))
        assert seen(app) == set()

        app.publish(after)
        assert seen(app) == set()  # nobody has signed

        sign(app, after)
        held = {
            *((contributor, Heading.DEMOGRAPHICS) for contributor in ("ZZP01", "ZZA", HALL)),
            ("ZZP01", Heading.PROBLEMS),
            ("ZZP01", Heading.DOCUMENTS),
            ("ZZA", Heading.PROBLEMS),
            ("ZZA", Heading.DOCUMENTS),
            (HALL, Heading.ADMISSION_DETAILS),
        }
        lies_there = Situation(held=(Held(word=When.INPATIENT),))
        expected = {
            (contributor, heading)
            for contributor, heading in held
            if any(
                each.includes(
                    DOCTOR, ItemClass(contributor=OdsCode(contributor), service=None, heading=heading), lies_there
                )
                for each in opens
            )
        }
        assert expected == held - {("ZZP01", Heading.DOCUMENTS)}
        assert seen(app) == expected


def cases() -> Iterator[tuple[str, Situation]]:
    for role, standing, objects in product(roles(), STANDINGS, (False, True)):
        yield role, Situation(held=() if standing is None else (Held(word=standing),), objects=objects)


def test_in_force_every_role_there_sees_what_the_comparison_says_and_nothing_else(
    northfield: PolicyFiles, tmp_path: Path
) -> None:
    after = with_its_file(northfield)
    found = told(northfield, after)
    assert found.closes == ()
    with small_system(tmp_path, northfield, signed_by=SIGNED_BY) as app:
        sign(app, after)
        with app.store.reading() as reading:
            policy = app.gate.policy(reading)
    shown = 0
    for role, situation in cases():
        asking = viewer(role, HALL)
        facts = situation.facts(OdsCode(HALL), [OdsCode(each) for each in CONTRIBUTORS], NOW)
        decision = decide(asking, facts, policy, NOW)
        for contributor, heading, labels in product(CONTRIBUTORS, HEADINGS, (0, Label.MENTAL_HEALTH.mask)):
            item = ItemClass(contributor=OdsCode(contributor), service=None, heading=heading, labels=labels)
            is_shown = decision.explain(item.contributor, None, heading, labels).shown
            assert is_shown == any(each.includes(asking, item, situation) for each in found.opens)
            shown += is_shown
    assert shown > 100


def test_whoever_answers_for_it_reads_it_in_an_hour(northfield: PolicyFiles) -> None:
    """At 200 words a minute, the agreement read out and the comparison take less than a quarter of that."""
    policy = _as_texts(with_its_file(northfield))
    agreement = next(each for each in policy.agreements if each.agreement == "northfield-exhibition-hall")
    page = agreement_page(agreement, policy.directory)
    texts = [text for section in page.sections for text in section.sentences]
    texts += [cell for section in page.sections for table in section.tables for row in table.rows for cell in row]
    assert sum(len(text.split()) for text in texts) < 15 * 200
