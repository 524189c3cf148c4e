"""The reference page of agreements says what the code reads: grammar, words and example."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from textwrap import dedent

import pytest

from concord.governance import grammar, parse_agreement, parse_directory, promise_grammar, purposes, roles
from concord.governance.agreement import Condition, Outside, Unless, When
from concord.governance.agreements import read_policy
from concord.governance.bars import legal_bars
from concord.governance.directory import Purpose
from concord.governance.gate import PolicyFiles
from concord.governance.promise_grammar import _NEVER
from concord.governance.wording import relationships_wanted
from concord.governance.words import words
from concord.terminology import HEADINGS, Heading, Label
from tests.architecture.house import CHECKOUT

PAGE = (CHECKOUT / "docs" / "reference" / "agreements.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)


def table(*rows: Iterable[str]) -> str:
    lines = [" | ".join(row) for row in rows]
    rule = "|---" * len(list(rows[0])) + "|"
    return "\n".join([f"| {lines[0]} |", rule, *(f"| {line} |" for line in lines[1:])])


def generated() -> Mapping[str, str]:
    known = words(lay=False)
    barred = {label: bar.statute for bar in legal_bars() for label in bar.labels}
    closed = {
        **barred,
        Label.UNKNOWN: "never: nobody knows what it means",
        Label.SEALED_FLAGGED: "never: the person sealed it",
        Label.SEALED_LOCKED: "never: the person sealed it",
        Label.THIRD_PARTY: "by every clause: it is kept from the person alone",
        Label.NOT_FOR_THE_PERSON: "by every clause: it is kept from the person alone",
    }
    spans = {When.DISCHARGED_WITHIN: " (with a span)", When.APPOINTMENT_WITHIN: " (with a span, else 7 days)"}
    spans[When.SELF_CLAIMED] = " (with a span of at most 72 hours)"
    return {
        "roles": table(
            ("role", "who", "SDS job roles"),
            *((f"`{name}`", role.title, ", ".join(role.sds) or "none") for name, role in roles().items()),
        ),
        "headings": table(
            ("heading", "read out as"),
            *((f"`{each}`", known.headings[each]) for each in HEADINGS if each is not Heading.UNCLASSIFIED),
        ),
        "labels": table(
            ("label", "read out as", "opened by an agreement"),
            *((f"`{each}`", known.labels[each], _opened(closed.get(each))) for each in Label),
        ),
        "relationships": table(
            ("word", "it holds while the person"),
            *((f"`{each}`{spans.get(each, '')}", _wanted(each)) for each in When),
        ),
        "purposes": table(
            ("purpose", "v3-PurposeOfUse codes", "opens"),
            *((f"`{name}`", ", ".join(each.codes) or "none", _opens(each)) for name, each in purposes().items()),
        ),
    }


def _opened(closed: str | None) -> str:
    return "yes" if closed is None else closed if closed.startswith(("never", "by ")) else f"never: {closed}"


def _wanted(word: When) -> str:
    spanned = (When.DISCHARGED_WITHIN, When.APPOINTMENT_WITHIN, When.SELF_CLAIMED)
    span = timedelta(days=7) if word in spanned else None
    return relationships_wanted([Condition(word=word, span=span)], None).replace("7 days", "the span")


@pytest.mark.parametrize("name", ["roles", "headings", "labels", "relationships", "purposes"])
def test_a_generated_table_is_in_step(name: str) -> None:
    found = re.search(rf"<!-- generated: {name} -->\n(.*?)\n<!-- end -->", PAGE, re.DOTALL)
    assert found is not None
    assert found[1] == generated()[name], f"write this into docs/reference/agreements.md:\n{generated()[name]}"


@pytest.mark.parametrize("module", [grammar, promise_grammar])
def test_the_grammar_on_the_page_is_that_of_the_code(module: object) -> None:
    told = str(module.__doc__)
    rules = dedent("\n".join(line for line in told.splitlines() if line.startswith("    ")))
    assert rules.strip() in [block.strip() for _, block in BLOCKS]


def test_the_grammar_names_every_key_and_word_of_a_promise() -> None:
    told = str(promise_grammar.__doc__)
    for word in (*_NEVER, *Outside, *Unless):
        assert re.search(rf"\b{word}\b", told), word


def test_the_example_on_the_page_is_an_agreement() -> None:
    directory, agreement = (block for kind, block in BLOCKS if kind == "yaml")
    known = parse_directory(directory, filename="organisations.yaml")
    found = parse_agreement(agreement, filename="example.yaml", directory=known)
    assert found.promises
    assert found.examples
    files = PolicyFiles(directory=directory, agreements={"example.yaml": agreement})
    assert read_policy(files).agreements == [found]


def _opens(purpose: Purpose) -> str:
    if purpose.shows_records:
        return "records"
    return "no record: counts, but for who has opted out" if purpose.opt_out else "no record: counts"
