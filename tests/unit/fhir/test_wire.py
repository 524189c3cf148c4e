"""JSON in and out: digits kept, mistakes placed."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.base import Incorrect
from concord.fhir import encode, parse, received


@pytest.mark.parametrize(
    "number",
    ["1.10", "0.0", "-0.0", "100", "1E+2", "1.0E-7", "123456789012345678901234567890", "0.1234567890123456789012345"],
)
def test_every_digit_is_kept(number: str) -> None:
    text = f'{{"value":{number}}}'.encode()
    assert encode(parse(text)) == text


def test_an_exponent_keeps_its_value_and_precision() -> None:
    assert parse(b'{"value":1e400}')["value"].as_tuple() == Decimal("1E+400").as_tuple()


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(texts, values, max_size=4))
def test_what_is_written_is_read_as_it_was(value: dict[str, Any]) -> None:
    again = parse(encode(value))
    assert again == value
    assert encode(again) == encode(value)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"a":1,\n "b":?}', "line 2, column 6 (byte 13)"),
        (b'{"a":1,}', "line 1, column 8 (byte 7)"),
        (b'{"a":NaN}', "byte 5"),
        (b'{"a":Infinity}', "byte 5"),
        (b'{"a":01}', "byte 6"),
        (b'{"a":1} x', "trailing characters at line 1"),
        (b'{"a":\n{"b":1', "ends in the middle of a value, at line 2, column 7"),
        (b"", "ends in the middle"),
        (b'{"a":"x\n"}', "byte 7"),
        (b'{"family":"Smith\xff"}', "not UTF-8 at line 1, column 17 (byte 16)"),
        ('{"a":"é"}'.encode("latin-1"), "not UTF-8"),
        (b"[1]", "not an object"),
        (b'"text"', "not an object"),
        (b'{"a":' + b"[" * 5_000, "nested too deeply"),
        (b'{"a":1e9999999999999999999}', "number too large"),
        (b'{"a":' + b"9" * 5_000 + b"}", "number too large"),
        (rb'{"family":"Smith\u0000"}', "U+0000, which is no character, at line 1, column 17"),
    ],
)
def test_a_mistake_is_placed_and_not_quoted(data: bytes, says: str) -> None:
    with pytest.raises(Incorrect) as refused:
        parse(data)
    assert says in refused.value.message
    assert "Smith" not in refused.value.message


def test_a_byte_order_mark_is_passed_over() -> None:
    assert parse(b'\xef\xbb\xbf{"a":1}') == {"a": 1}


def test_what_only_looks_like_the_null_character_is_text() -> None:
    assert parse(rb'{"a":"C:\\u0000"}') == {"a": r"C:\u0000"}


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'{"code":1,"code":2}', "The name code stands twice"),
        (b'{"code":1,"c\\u006fde":1}', "The name code stands twice"),
        (b'{"a":[{"_birthDate":{},"_birthDate":{}}]}', "The name _birthDate stands twice"),
        (b'{"Ann Smith":1,"Ann Smith":2}', "A name stands twice"),
        (b'\xef\xbb\xbf{"text":"C:\\u005c","text":"C:\\\\"}', "The name text stands twice"),
    ],
)
def test_a_name_that_stands_twice_is_refused_in_what_others_wrote(data: bytes, says: str) -> None:
    with pytest.raises(Incorrect) as refused:
        received(data)
    assert says in refused.value.message
    assert "Smith" not in refused.value.message
    assert parse(data)


names = st.sampled_from(["a", "b", "code", '"', "\\", 'x"', "y\\", "é", "\\u0022"])
written = st.recursive(
    names | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.lists(st.tuples(names, inner), max_size=4).map(tuple),
    max_leaves=10,
)


def _text(value: Any, escape: Callable[[str], str]) -> str:
    """JSON of a value in which an object is a tuple of pairs, so that a name may stand twice."""
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{escape(name)} :{_text(each, escape)}" for name, each in value) + "}"
    if isinstance(value, list):
        return "[" + ",\n".join(_text(each, escape) for each in value) + "]"
    return escape(value) if isinstance(value, str) else str(value)


def _wholly_escaped(text: str) -> str:
    return '"' + "".join(f"\\u{ord(sign):04x}" for sign in text) + '"'


def _has_twins(value: Any) -> bool:
    inner = [each for _, each in value] if isinstance(value, tuple) else value if isinstance(value, list) else []
    twins = isinstance(value, tuple) and len({name for name, _ in value}) < len(value)
    return twins or any(map(_has_twins, inner))


@given(st.lists(st.tuples(names, written), max_size=4).map(tuple), st.sampled_from([json.dumps, _wholly_escaped]))
def test_twins_are_found_however_they_are_written_and_nothing_else_is(
    value: tuple[Any, ...], escape: Callable[[str], str]
) -> None:
    data = _text(value, escape).encode()
    if _has_twins(value):
        with pytest.raises(Incorrect, match="stands twice"):
            received(data)
    else:
        assert received(data) == parse(data)
