"""FHIR JSON to Python and back, with every digit of a decimal kept.

Objects become dict, arrays list, numbers with a fraction or an exponent `Decimal`, other numbers int. `1.10`
stays `1.10` (http://hl7.org/fhir/R4/json.html#decimal).
"""

import json
import re
from decimal import Decimal, DecimalException
from typing import Any

import msgspec

from concord.base import Incorrect

Resource = dict[str, Any]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")
_no_character = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")  # databases keep no such text
_element_name = re.compile(r"_?[a-z][A-Za-z]{1,64}")
_TOO_DEEP = "The JSON is nested too deeply to be a FHIR resource."
_at_byte = re.compile(r"(?:JSON is malformed: )?(.*?) \(byte (\d+)\)")


def parse(data: bytes) -> Resource:
    """The JSON object that `data` holds (UTF-8, with or without a byte order mark).

    Of a name that stands twice in one object the last value counts: for what we wrote ourselves. Raises Incorrect, with
    byte, line and column where they are known: not JSON, not UTF-8, not an object, nested too deeply, a number out of
    all bounds.
    """
    return _object(decoded(data))


def received(data: bytes) -> Resource:
    """As `parse`, of what others wrote. Raises Incorrect also when a name stands twice in one object: programs differ
    in which of the two they take (RFC 8259, section 4), so nobody can say which was meant."""
    return _object(received_value(data))


def received_value(data: bytes) -> Any:
    """The JSON value that others wrote, of whatever kind. Raises Incorrect as `received` does."""
    value = decoded(data)
    # A value that was passed over took the quotes of its name with it. Those of all others are there again when they
    # are written, but for a quote that was written \u0022.
    if b"u0022" in data or data.count(b'"') != encode(value).count(b'"'):
        del value  # what is read twice is not held twice
        _check_names(data)
        value = decoded(data)
    return value


def _object(value: Any) -> Resource:
    if type(value) is not dict:
        raise Incorrect("The JSON is not an object. A FHIR resource is one JSON object with a resourceType.")
    return value


def decoded(data: bytes) -> Any:
    """The JSON value that `data` holds, of whatever kind. Raises Incorrect as `parse` does."""
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if b"u0000" in data and (found := _no_character.search(data)):
        raise Incorrect(f"The text holds U+0000, which is no character, at {_position(data, found.start())}.")
    try:
        return _decoder.decode(data)
    except UnicodeDecodeError:
        raise Incorrect(_invalid_utf8(data)) from None
    except RecursionError:
        raise Incorrect(_TOO_DEEP) from None
    except (DecimalException, msgspec.ValidationError):
        raise Incorrect("The JSON holds a number too large or too small to be kept.") from None
    except msgspec.DecodeError as error:
        raise Incorrect(_malformed(data, str(error))) from None


def encode(value: Any) -> bytes:
    """Compact JSON of what `parse` gives: dict, list, str, int, bool, None, and Decimal as a number."""
    return _encoder.encode(value)


def _check_names(data: bytes) -> None:
    """Raises Incorrect when a name stands twice in one object."""
    try:
        json.loads(data.removeprefix(_BYTE_ORDER_MARK), object_pairs_hook=_once, parse_int=str, parse_float=str)
    except RecursionError:
        raise Incorrect(_TOO_DEEP) from None


def _once(pairs: list[tuple[str, Any]]) -> None:
    met: set[str] = set()
    for name, _ in pairs:
        if name in met:
            known = f"The name {name}" if _element_name.fullmatch(name) else "A name"
            raise Incorrect(f"{known} stands twice in one object of the JSON, so nobody can say which value is meant.")
        met.add(name)


def _malformed(data: bytes, message: str) -> str:
    if "truncated" in message:
        return f"The JSON ends in the middle of a value, at {_position(data, len(data))}. Was the file cut short?"
    found = _at_byte.fullmatch(message)
    if found is None:
        return "This is not JSON."
    return f"This is not JSON: {found[1]} at {_position(data, int(found[2]))}."


def _invalid_utf8(data: bytes) -> str:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"The text is not UTF-8 at {_position(data, error.start)}. FHIR JSON is always UTF-8."
    return "The text is not UTF-8. FHIR JSON is always UTF-8."


def _position(data: bytes, offset: int) -> str:
    """Lines and columns count from 1, columns in bytes; `offset` from 0."""
    before = data[:offset]
    line = before.count(b"\n") + 1
    column = offset - (before.rfind(b"\n") + 1) + 1
    return f"line {line}, column {column} (byte {offset})"
