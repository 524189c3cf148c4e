"""The files beside the agreements: organisations, signatures, legal bars, the sensitivity table."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from concord.base import FileRefused, Incorrect, OdsCode
from concord.governance import Policy, parse_directory, purpose_word, roles
from concord.governance.bars import legal_bars, parse_bars
from concord.governance.directory import purposes
from concord.governance.labels.tables import parse_sensitivity, shipped_table
from concord.governance.spans import start_of_day
from concord.terminology import Label
from tests.spec.governance.northfield import AGREEMENT, ORGANISATIONS, agreement, directory, policy


@pytest.mark.parametrize(
    ("written", "instead", "told"),
    [
        ("organisations:", "organizations:", 'line 2, column 1: unknown key "organizations" in the directory; did you'),
        (
            "kind: gp-practice",
            "kind: gp-practise",
            'unknown kind of organisation "gp-practise"; did you mean "gp-practice"',
        ),
        ("    short: GP\n", "", 'line 3, column 5: an organisation needs the key "short"'),
        ("code: ZZP01", "code: zz", '"zz" is not an ODS code'),
        ("code: ZZP01", "code: ZZP02", 'organisation "ZZP02" stands twice'),
        ("labels: [sexual-health]", "labels: [sexual]", 'unknown label "sexual"; did you mean "sexual-health"?'),
        ("service: sexual-health", "service: emergency", 'service "emergency" stands twice'),
    ],
)
def test_a_directory_that_is_refused(written: str, instead: str, told: str) -> None:
    with pytest.raises(FileRefused) as refused:
        parse_directory(ORGANISATIONS.replace(written, instead, 1), filename="organisations.yaml")
    assert told in refused.value.message


SUCCEEDED = "short: GP\n    succeeded_by: {code: ZZP02, on: 2027-04-01}\n"
AGAIN = ("telephone: 01632 960112}", "telephone: 01632 960112, succeeded_by: {code: %s, on: %s}}")


@pytest.mark.parametrize(
    ("instead", "onward", "told"),
    [
        ("succeeded_by: {code: ZZP02}", None, 'line 6, column 19: a succession needs the key "on"'),
        ("succeeded_by: {code: ZZP2, on: 2027-04-01}", None, 'line 6, column 26: unknown organisation "ZZP2"; did you'),
        ("succeeded_by: {code: ZZP02, on: April}", None, "line 6, column 37: on must be a date such as 2026-04-01"),
        ("succeeded_by: {code: ZZP01, on: 2027-04-01}", None, '"ZZP01" would succeed itself through "ZZP01"'),
        ("succeeded_by: ZZP02", None, "line 6, column 19: a succession must be a mapping"),
        ("succeeded_by: {code: ZZP02, on: 2027-04-01, type: merger}", None, 'unknown key "type" in a succession'),
        ("succeeded_by: {code: ZZP02, on: 2027-04-01}", ("ZZP01", "2027-04-01"), 'would succeed itself through "ZZP0'),
        (
            "succeeded_by: {code: ZZP02, on: 2027-04-01}",
            ("ZZA", "2027-03-31"),
            'line 6, column 26: "ZZP02" is itself succeeded on 2027-03-31, before it could succeed "ZZP01"; name "ZZA"',
        ),
    ],
)
def test_a_succession_that_is_refused(instead: str, onward: tuple[str, str] | None, told: str) -> None:
    text = ORGANISATIONS.replace("short: GP\n", f"short: GP\n    {instead}\n", 1)
    if onward is not None:
        text = text.replace(AGAIN[0], AGAIN[1] % onward, 1)
    with pytest.raises(FileRefused) as refused:
        parse_directory(text, filename="organisations.yaml")
    assert told in refused.value.message


def test_a_succession_acts_from_midnight_in_the_united_kingdom_and_through_others() -> None:
    text = ORGANISATIONS.replace("short: GP\n", SUCCEEDED, 1).replace(AGAIN[0], AGAIN[1] % ("ZZA", "2027-06-01"), 1)
    found = parse_directory(text, filename="organisations.yaml")
    first, second, last = OdsCode("ZZP01"), OdsCode("ZZP02"), OdsCode("ZZA")
    before, april, june = (
        datetime(2027, 3, 31, 22, 59, 59, tzinfo=UTC), datetime(2027, 3, 31, 23, tzinfo=UTC),
        datetime(2027, 5, 31, 23, tzinfo=UTC),
    )  # fmt: skip
    assert [found.line(first, at) for at in (before, april, june)] == [
        (first,), (first, second), (first, second, last),
    ]  # fmt: skip
    assert found.edges == (april, june)
    assert found.seats(second, before) == (second,)
    assert found.seats(second, april) == found.seats(first, april) == (second, first)
    assert found.seats(first, june) == (last, first, second)
    assert found.predecessors(second, june) == (first,)


def test_two_organisations_may_have_one_successor() -> None:
    text = ORGANISATIONS.replace("short: GP\n", SUCCEEDED.replace("ZZP02", "ZZX"), 1)
    text = text.replace(AGAIN[0], AGAIN[1] % ("ZZX", "2027-04-01"), 1)
    found = parse_directory(text, filename="organisations.yaml")
    assert found.predecessors(OdsCode("ZZX"), datetime(2028, 1, 1, tzinfo=UTC)) == ("ZZP01", "ZZP02")


def test_a_succession_is_part_of_what_decides() -> None:

    text = ORGANISATIONS.replace("short: GP\n", SUCCEEDED, 1)
    succeeded = parse_directory(text, filename="organisations.yaml")
    assert replace(policy(), directory=succeeded).version != policy().version


def test_the_directory() -> None:
    found = directory()
    assert list(found.organisations) == ["ZZP01", "ZZP02", "ZZA", "ZZL", "ZZX"]
    assert found.name(OdsCode("ZZA")) == "Northfield General"
    assert found.name(OdsCode("ZZQ")) == "ZZQ"
    assert found.service_labels(OdsCode("ZZA"), "sexual-health") == Label.SEXUAL_HEALTH.mask
    assert found.service_labels(OdsCode("ZZA"), "emergency") == 0
    assert found.service_labels(OdsCode("ZZQ"), None) == 0


def test_every_role_of_the_table_is_whole() -> None:
    assert len(roles()) == 26
    assert {role for role, row in roles().items() if row.audits} == {"privacy-officer"}
    untraced = {role for role, row in roles().items() if not row.traces}
    assert untraced == {"ig-lead", "data-quality-officer", "population-analyst", "administrator", "patient"}
    assert {role for role, row in roles().items() if row.reviews_links} == {"data-quality-officer"}
    assert {role for role, row in roles().items() if row.runs_programme} == {"ig-lead", "administrator"}
    assert roles()["privacy-officer"].sds == ("R0001",)


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ("TREAT", "direct-care"),
        ("ETREAT", "direct-care"),
        ("BTG", "direct-care"),
        ("direct-care", "direct-care"),
        ("HRESCH", "research"),
        ("PATRQT", "own-access"),
        ("treat", None),
        ("CURIOSITY", None),
    ],
)
def test_purposes_of_use(given: str, word: str | None) -> None:
    assert purpose_word(given) == word


def test_no_code_stands_for_two_purposes() -> None:
    codes = [code for purpose in purposes().values() for code in purpose.codes]
    assert len(codes) == len(set(codes))


def test_one_version_of_an_agreement_at_a_time() -> None:
    older = agreement(AGREEMENT.replace("version: 3", "version: 2"))
    with pytest.raises(Incorrect, match="stands in two files"):
        Policy(agreements=[agreement(), older], signatures=[], directory=directory())


def test_the_version_of_a_policy_hangs_on_what_it_enforces() -> None:
    assert policy().version == policy().version
    reworded = agreement("# a comment\n" + AGREEMENT.replace("[doctor, nurse]", "[nurse, doctor]", 1))
    assert policy(reworded).version == policy().version
    assert policy(agreement(AGREEMENT.replace("14d", "15d"))).version != policy().version
    assert policy(signed_by="ZZP01").version != policy().version
    assert policy(signed_on=date(2026, 3, 2)).version != policy().version


def test_every_label_that_the_law_bars_stands_in_the_table() -> None:
    barred = {label for bar in legal_bars() for label in bar.labels}
    assert barred == {Label.GENDER_HISTORY, Label.FERTILITY, Label.ADOPTION}
    with pytest.raises(FileRefused, match='needs the key "lawful"'):
        parse_bars("- {bar: a, statute: An Act, labels: [adoption], says: Nobody may}", filename="bars.yaml")


def test_the_sensitivity_table_is_strict() -> None:
    assert [each.labels for each in shipped_table().rows("http://loinc.org", "56888-1")] == [Label.HIV.mask]
    assert shipped_table().rows("http://loinc.org", "2823-3") == ()
    head = "systems: {a: {urls: [x], source: us, licence: ours}}\nrows:\n"
    row = "  - {system: a, codes: [b], labels: [hiv], reason: so}\n"
    assert parse_sensitivity(head + row, filename="t").rows("x", "b") == ((Label.HIV.mask, "so"),)
    for wrong, told in [
        (row * 2, 'line 4, column 25: a code of this row stands above already: "b"'),
        (row.replace("system: a", "system: c"), 'unknown code system "c"'),
        (row.replace(", reason: so", ""), 'needs the key "reason"'),
        (row.replace("hiv", "hvi"), 'did you mean "hiv"?'),
    ]:
        with pytest.raises(FileRefused) as refused:
            parse_sensitivity(head + wrong, filename="t")
        assert told in refused.value.message


def test_days_begin_in_the_united_kingdom() -> None:
    assert start_of_day(date(2026, 7, 1)) == datetime(2026, 6, 30, 23, tzinfo=UTC)
    assert start_of_day(date(2026, 12, 1)) == datetime(2026, 12, 1, tzinfo=UTC)
