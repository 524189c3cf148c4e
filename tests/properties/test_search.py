"""What narrows a search never loses a match, and what orders it agrees with the values that it orders."""

from datetime import date
from decimal import Decimal
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from concord.fhir import index_keys, index_values, matches, parse_search, relevant_time
from concord.fhir.searches import Sort, descending, index_decides, moments, place_of

DAYS = st.dates(min_value=date(1999, 12, 30), max_value=date(2000, 3, 2))


@st.composite
def times(draw: st.DrawFn) -> str:
    """A year, month, day or moment, with or without an offset from UTC."""
    day = draw(DAYS).isoformat()
    of_day = draw(st.sampled_from(["T00:00:00Z", "T23:30:00-01:00", "T12:00:00.5+05:30", "T09:15:00Z"]))
    return draw(st.sampled_from([day[:4], day[:7], day, day + of_day]))


@st.composite
def observations(draw: st.DrawFn) -> dict[str, Any]:
    when = draw(st.sampled_from(["none", "dateTime", "period", "instant"]))
    held: dict[str, Any] = {"resourceType": "Observation", "status": draw(st.sampled_from(["final", "amended"]))}
    if when == "dateTime":
        held["effectiveDateTime"] = draw(times())
    elif when == "period":
        held["effectivePeriod"] = draw(st.dictionaries(st.sampled_from(["start", "end"]), times(), min_size=1))
    elif when == "instant":
        held["effectiveInstant"] = f"{draw(DAYS).isoformat()}T10:00:00Z"
    held["issued"] = f"{draw(DAYS).isoformat()}T10:00:00Z"
    codings = st.fixed_dictionaries({"code": st.sampled_from("ab")}, optional={"system": st.sampled_from(["s", "t"])})
    held["code"] = {"coding": draw(st.lists(codings, max_size=2))}
    return held


asked = st.lists(
    st.tuples(st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]), times()).map("".join),
    min_size=1,
    max_size=2,
).map(",".join)


@given(observations(), asked)
def test_no_match_lies_outside_its_moments(held: dict[str, Any], dates: str) -> None:
    """The columns of a row hold its relevant time; what they rule out does not match."""
    (criterion,) = parse_search("Observation", [("date", dates)]).criteria
    before, after = moments("Observation", criterion)
    if matches(held, criterion):
        span = relevant_time(held)
        assert span is not None
        assert before is None or span[0] < before
        assert after is None or span[1] > after


@given(observations(), st.sampled_from(["a", "s|a", "|a", "a,t|b", "s|", "final", "s|a,b"]))
def test_what_the_index_decides_it_decides_rightly(held: dict[str, Any], code: str) -> None:
    (criterion,) = parse_search("Observation", [("code", code)]).criteria
    keys = index_keys(criterion)
    assume(keys is not None)
    assert keys is not None
    under = any(("code", key) in index_values(held) for key in keys)
    if matches(held, criterion):
        assert under, "nothing that matches stands elsewhere"
    if index_decides(criterion):
        assert under == matches(held, criterion)


numbers = st.decimals(min_value=-1000, max_value=1000, places=3, allow_nan=False, allow_infinity=False)


@given(numbers, numbers)
def test_numbers_stand_in_their_order(one: Decimal, other: Decimal) -> None:
    def place(value: Decimal, *, backwards: bool) -> Any:
        held = {"resourceType": "Observation", "valueQuantity": {"value": value}}
        return place_of(held, Sort(by="value-quantity", descending=backwards))

    assert sorted([one, other], key=lambda each: place(each, backwards=False)) == sorted([one, other])
    assert sorted([one, other], key=lambda each: place(each, backwards=True)) == sorted([one, other], reverse=True)


@given(st.text(max_size=4), st.text(max_size=4))
def test_texts_stand_in_their_order_backwards(one: str, other: str) -> None:
    assert sorted([one, other], key=lambda each: str(descending(each))) == sorted([one, other], reverse=True)


@given(numbers, numbers)
def test_prefixes_of_numbers_agree_with_each_other(held: Decimal, wanted: Decimal) -> None:
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": held}]}

    def met(prefix: str) -> bool:
        return matches(risk, parse_search("RiskAssessment", [("probability", f"{prefix}{wanted}")]).criteria[0])

    assert met("eq") is not met("ne")
    assert met("ge") == (met("gt") or held == wanted)
    assert met("le") == (met("lt") or held == wanted)
    assert met("sa") == met("gt")
    assert met("eb") == met("lt")
    assert [met("gt"), met("lt"), held == wanted].count(True) == 1
    assert met("eq") or held != wanted
