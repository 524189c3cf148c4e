"""JSON in and out: digits kept, mistakes placed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.base import Incorrect
from concord.fhir import encode, parse


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
