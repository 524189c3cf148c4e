"""The hash of an agreement, which is what its parties sign: all that it means, and nothing of how it is written."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from concord.base import OdsCode
from concord.governance import Agreement
from concord.governance.agreement import Condition, Lift, Outside, Unless, When
from concord.terminology import Heading, Label
from tests.spec.governance.northfield import AGREEMENT, agreement

# One field of every kind changed | a value that the agreement does not have there
OTHERS: dict[type, Any] = {
    str: "another", int: 99, bool: True, date: date(2031, 5, 17), timedelta: timedelta(hours=1), When: When.RESIDENT,
    Outside: Outside.ORGANISATION,
}  # fmt: skip
SETS: dict[type, Any] = {
    OdsCode: OdsCode("ZZQ"), Heading: Heading.RISKS, Label: Label.ADOPTION, Lift: Lift.CONSENT, Unless: Unless.SHARE_IN,
    str: "another",
}  # fmt: skip
WITHOUT_MEANING = {"line", "column", "examples"}
RICH = (
    AGREEMENT
    + """
promises:
  - {id: p1, never: {roles: [doctor], labels: [hiv], outside: contributing-service}, unless: override, says: Never}
"""
)


def changed(value: Any) -> Iterator[tuple[str, Any]]:
    """Every way in which one field of a value, or of one within it, is another; with where it is."""
    for field in fields(value):
        if field.name in WITHOUT_MEANING:
            continue
        for where, other in _changed(getattr(value, field.name)):
            yield f"{field.name}{where}", replace(value, **{field.name: other})


def _changed(value: Any) -> Iterator[tuple[str, Any]]:
    if is_dataclass(value):
        yield from ((f".{where}", other) for where, other in changed(value))
    elif isinstance(value, frozenset):
        kind = type(next(iter(value), ""))
        yield " and one more", value | {SETS.get(kind, "another")}
        if value:
            yield " but one", value - {min(value)}
    elif isinstance(value, tuple):
        for position, each in enumerate(value):
            yield f" without {position}", value[:position] + value[position + 1 :]
            for where, other in _changed(each):
                yield f"[{position}]{where}", (*value[:position], other, *value[position + 1 :])
    elif value is None:
        return
    else:
        other = not value if isinstance(value, bool) else OTHERS[type(value)]
        yield "", other


def test_a_change_of_any_field_changes_it() -> None:
    signed = agreement(RICH)
    seen = {signed.digest: "as it is"}
    for where, other in changed(signed):
        assert isinstance(other, Agreement)
        if other != signed:
            assert other.digest not in seen, f"{where} has the hash of {seen.get(other.digest)}"
            seen[other.digest] = where
    assert len(seen) > 100


@pytest.mark.parametrize(
    ("written", "instead"),
    [
        ("\ntitle: ", "\n# a comment\n\ntitle:   "),
        ("roles: [doctor, nurse]", "roles:\n      [nurse,  doctor]"),
        ("version: 3", 'version: "3"'),
    ],
)
def test_layout_does_not_change_it(written: str, instead: str) -> None:
    assert written in AGREEMENT
    assert agreement(AGREEMENT.replace(written, instead, 1)).digest == agreement().digest


def test_order_does_not_change_it() -> None:
    signed = agreement(RICH)
    turned = replace(
        signed,
        clauses=tuple(replace(each, when=each.when[::-1]) for each in signed.clauses[::-1]),
        promises=signed.promises[::-1],
    )
    assert turned.digest == signed.digest


def test_what_was_signed_stays_signed_under_a_later_concord() -> None:
    """Changed by nothing but a change of what the agreement means: the signatures of every installation hang on it."""
    assert agreement().digest == "f4be71fd556d800539ebc4725edc620eb5b249bcd9b127769fde4a7544cdf591"


def test_spans_of_a_condition_are_told_apart() -> None:
    signed = agreement()
    clause = signed.clauses[0]
    spans = {
        replace(signed, clauses=(replace(clause, when=(Condition(word=When.DISCHARGED_WITHIN, span=span),)),)).digest
        for span in (timedelta(hours=1), timedelta(days=1), timedelta(seconds=1))
    }
    assert len(spans) == 3
