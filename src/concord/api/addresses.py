"""This server's own address, where a program wrote it in full: `http://here/fhir/Patient/1` is `Patient/1`.

The two are one reference (http://hl7.org/fhir/R4/references.html#literal). Without this, an item that names its person
by the address that the server itself gave out would be taken for one that names nobody.
"""

from typing import Any

from starlette.requests import Request

from concord.api.problems import Refused
from concord.fhir import received

_URIS = ("_source", "_profile", "url")

ROOT = "/fhir"
MOST_VALUES = 2_500_000  # each takes some 100 bytes once parsed; a transaction of 40 MB has as many
MOST_ENTRIES = 50_000
_PARTS = "Send it in parts, or load it from a file (`concord load`)."


def base_of(request: Request) -> str:
    """The address of this API as the client wrote it."""
    return str(request.base_url).rstrip("/") + ROOT


def parse_from_here(body: bytes, base: str) -> dict[str, Any]:
    """A JSON body, its references to `base` (the FHIR API's address) made relative.

    Raises Incorrect, and Refused (413) for one of few bytes that would be very much once parsed.
    """
    if len(body) > MOST_VALUES and sum(map(body.count, (b",", b"[", b"{"))) > MOST_VALUES:
        raise Refused(413, "too-costly", f"The body holds more than {MOST_VALUES:,} values. {_PARTS}")
    parsed = received(body)
    entries = parsed.get("entry")
    if isinstance(entries, list) and len(entries) > MOST_ENTRIES:
        raise Refused(413, "too-costly", f"The Bundle has more than {MOST_ENTRIES:,} entries. {_PARTS}")
    if base.partition("://")[2].partition("/")[0].encode() in body:  # the host: slashes may be escaped
        _make_relative(parsed, f"{base}/")
    return parsed


def relative(pairs: list[tuple[str, str]], base: str) -> list[tuple[str, str]]:
    """The pairs of a search, values that begin with an address under `base` made relative: references to what is here.

    A URI that names something by such an address is none that a source sent, and is left as it is after `_source`,
    `_profile` and `url`.
    """
    stem = f"{base}/"
    return [
        (name, value if name.partition(":")[0] in _URIS or stem not in value else value.replace(stem, ""))
        for name, value in pairs
    ]


def _make_relative(node: Any, stem: str) -> None:
    if isinstance(node, list):
        for each in node:
            _make_relative(each, stem)
    elif isinstance(node, dict):
        literal = node.get("reference")
        if isinstance(literal, str) and literal.startswith(stem):
            node["reference"] = literal.removeprefix(stem)
        for value in node.values():
            if isinstance(value, dict | list):
                _make_relative(value, stem)
