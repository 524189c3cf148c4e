"""What the value of each primitive type may be (http://hl7.org/fhir/R4/datatypes.html#primitive).

The patterns are the specification's, with its `\\s` as the four characters that XML Schema means by it, and
with days that exist: 2025-02-30 is refused.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from concord.fhir.narrative import narrative_fault

_YEAR = r"(?!0000)[0-9]{4}"
_LEAP_DAY = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29"
_MONTH_DAY = (
    r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    r"|02-(?:0[1-9]|1[0-9]|2[0-8]))"
)
_DAY = rf"(?!0000)(?:[0-9]{{4}}-{_MONTH_DAY}|{_LEAP_DAY})"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?"
_ZONE = r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))"
_SIGN = r"[^\x00-\x20]"  # no blank, and none of what a string may not hold
_PARTIAL = rf"{_YEAR}(?:-(?:0[1-9]|1[0-2]))?"

LONGEST_STRING = 1024 * 1024


def _whole_number(low: int) -> Callable[[Any], bool]:
    return lambda value: type(value) is int and low <= value < 2**31


_not_base64 = re.compile(r"[^A-Za-z0-9+/]")


def _base64(value: Any) -> bool:
    if type(value) is not str:
        return False
    packed = "".join(value.split())
    body = packed.rstrip("=")
    return bool(body) and len(packed) % 4 == 0 and len(packed) - len(body) < 3 and not _not_base64.search(body)


def _xhtml(value: Any) -> bool:
    return type(value) is str and narrative_fault(value) is None


_not_text = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # datatypes.html#string: of those below 32 tab, CR and LF


def is_text(value: Any) -> bool:
    return type(value) is str and 0 < len(value) <= LONGEST_STRING and not _not_text.search(value)


# Text that a pattern decides.
PATTERNS = {
    "canonical": rf"{_SIGN}+",
    "code": rf"{_SIGN}+(?:[ \t\r\n]{_SIGN}+)*",
    "date": rf"{_DAY}|{_PARTIAL}",
    "dateTime": rf"{_DAY}(?:T{_TIME}{_ZONE})?|{_PARTIAL}",
    "id": r"[A-Za-z0-9\-.]{1,64}",
    "instant": rf"{_DAY}T{_TIME}{_ZONE}",
    "oid": r"urn:oid:[0-2](?:\.(?:0|[1-9][0-9]*))+",
    "time": _TIME,
    "uri": rf"{_SIGN}+",
    "url": rf"{_SIGN}+",
    "uuid": r"urn:uuid:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}",
}

# Any text that is not empty.
TEXTS = {"string", "markdown"}

# Where something is to be found. A canonical names what it is about for ever, and is none.
ADDRESSES = {"oid", "uri", "url", "uuid"}

# What takes more than a pattern.
TESTS: dict[str, Callable[[Any], bool]] = {
    "base64Binary": _base64,
    "boolean": lambda value: type(value) is bool,
    "decimal": lambda value: type(value) is int or type(value) is Decimal,
    "integer": _whole_number(-(2**31)),
    "positiveInt": _whole_number(1),
    "unsignedInt": _whole_number(0),
    "xhtml": _xhtml,
}

_TEXT = "text, not empty, of at most 1 MB, without control characters but tab and ends of lines"

EXPECTED = {
    "base64Binary": "base64, not empty",
    "boolean": "true or false, without quotes",
    "canonical": "a URL without spaces",
    "code": "a code without leading, trailing or double spaces",
    "date": "YYYY, YYYY-MM, or YYYY-MM-DD on a day that exists",
    "dateTime": "YYYY, YYYY-MM, YYYY-MM-DD, or YYYY-MM-DDThh:mm:ss with an offset, on a day that exists",
    "decimal": "a number, without quotes",
    "id": "1 to 64 letters, digits, - or .",
    "instant": "YYYY-MM-DDThh:mm:ss with an offset, on a day that exists",
    "integer": "a whole number of 32 bits, without quotes",
    "markdown": _TEXT,
    "oid": "urn:oid: and an OID",
    "positiveInt": "a whole number from 1, without quotes",
    "string": _TEXT,
    "time": "hh:mm:ss",
    "unsignedInt": "a whole number from 0, without quotes",
    "uri": "a URI without spaces",
    "url": "a URL without spaces",
    "uuid": "urn:uuid: and a UUID in lower case",
    "xhtml": "one XHTML div element",
}
