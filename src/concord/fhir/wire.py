"""FHIR JSON to Python and back, with every digit of a decimal kept.

Objects become dict, arrays list, numbers with a fraction or an exponent `Decimal`, other numbers int. `1.10`
stays `1.10` (http://hl7.org/fhir/R4/json.html#decimal).
"""

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
_at_byte = re.compile(r"(?:JSON is malformed: )?(.*?) \(byte (\d+)\)")


def parse(data: bytes) -> Resource:
    """The JSON object that `data` holds (UTF-8, with or without a byte order mark).

    Of a name that stands twice in one object the last value counts. Raises Incorrect, with byte, line and
    column where they are known: not JSON, not UTF-8, not an object, nested too deeply, a number out of all bounds.
    """
    value = decoded(data)
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
        raise Incorrect("The JSON is nested too deeply to be a FHIR resource.") from None
    except (DecimalException, msgspec.ValidationError):
        raise Incorrect("The JSON holds a number too large or too small to be kept.") from None
    except msgspec.DecodeError as error:
        raise Incorrect(_malformed(data, str(error))) from None


def encode(value: Any) -> bytes:
    """Compact JSON of what `parse` gives: dict, list, str, int, bool, None, and Decimal as a number."""
    return _encoder.encode(value)


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
