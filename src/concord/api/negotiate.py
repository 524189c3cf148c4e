"""What was sent and what is wanted: who asks, in which format, with which body."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl

from starlette.requests import Request

from concord.api.doors import AccountsDoor
from concord.api.problems import Refused
from concord.base import Incorrect, Unauthenticated
from concord.governance import Asker, Viewer

LARGEST_BODY = 64 * 1024 * 1024
LARGEST_FORM = 256 * 1024
_JSON_TYPES = ("application/fhir+json", "application/json")
_ACCEPTABLE = (*_JSON_TYPES, "text/json", "application/*", "*/*")
_FORMATS = (*_JSON_TYPES, "text/json", "json")
_VERSIONS = ("4.0", "4.0.1")  # http://hl7.org/fhir/R4/http.html#version-parameter
PURPOSE_OF_USE = "Purpose-Of-Use"
_BREAKING_GLASS = ("BTG", "http://terminology.hl7.org/CodeSystem/v3-ActReason|BTG")
_FORM = "application/x-www-form-urlencoded"
JSON_PATCH = "application/json-patch+json"
NOT_A_JSON_PATCH = f"Send a JSON Patch (RFC 6902), as {JSON_PATCH}. FHIRPath Patch and XML Patch are not supported."
_ETAG = re.compile(r'(?:W/)?"([A-Za-z0-9.-]{1,64})"')


def asker_of(request: Request, accounts: AccountsDoor) -> Asker:
    """Who holds the request's bearer token (RFC 6750). Raises Unauthenticated, Incorrect (another purpose of use).

    The purpose of use is the token's; one request alone says for itself that it breaks the glass, so that overrides of
    the user that are in force count for it.
    """
    sent = request.headers.getlist("authorization")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a bearer token in the Authorization header. `concord token` prints one.")
    asker = accounts.asker(token.strip())
    purposes = request.headers.getlist(PURPOSE_OF_USE)
    if any(purpose.strip() not in _BREAKING_GLASS for purpose in purposes):
        raise Incorrect(f"{PURPOSE_OF_USE} is BTG or left out: every other purpose is that of the token.")
    return replace(asker, with_overrides=True) if purposes and isinstance(asker, Viewer) else asker


def check_wanted(request: Request, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters without `_format`, which outweighs the Accept header. Raises Refused (406) unless JSON will do."""
    # A plus sign that nobody percent-encoded arrives as a blank.
    formats = [value.replace(" ", "+") for name, value in pairs if name == "_format"]
    accepted = formats or _media_ranges(request.headers.get("accept") or "*/*")
    if not any(wanted in (_FORMATS if formats else _ACCEPTABLE) for wanted in accepted):
        raise Refused(406, "not-supported", "Answers come in JSON only, of FHIR R4. Ask for application/fhir+json.")
    return [(name, value) for name, value in pairs if name != "_format"]


def parameters(text: bytes) -> list[tuple[str, str]]:
    """The pairs of a query string or form, in order. Raises Incorrect when they are not UTF-8."""
    try:
        return parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise Incorrect("The parameters are not percent-encoded UTF-8.") from error


def query_of(request: Request) -> list[tuple[str, str]]:
    return parameters(request.scope["query_string"])


async def json_body(request: Request, largest: int | None = None) -> bytes:
    """The bytes of a JSON body. Raises Refused: 415 for another format, 413 when it is too large."""
    check_content(request, _JSON_TYPES, "Send FHIR R4 in JSON, as application/fhir+json, uncompressed and in UTF-8.")
    return await _body(request, largest or LARGEST_BODY)


async def form_body(request: Request) -> list[tuple[str, str]]:
    """The pairs of a form. Raises Refused (413, 415), Incorrect."""
    check_content(request, (_FORM,), f"Send the search as {_FORM}.")
    return parameters(await _body(request, LARGEST_FORM))


async def patch_body(request: Request) -> bytes:
    """The bytes of a JSON Patch. Raises Refused: 415 for another format, 413 when it is too large."""
    check_content(request, (JSON_PATCH,), NOT_A_JSON_PATCH)
    return await _body(request, LARGEST_BODY)


def preferred(request: Request) -> str:
    """The `return` preference; FHIR leaves the default to the server."""
    return preference(request, "return") or "representation"


def preference(request: Request, wanted: str) -> str:
    """A preference of the Prefer header (RFC 7240), in lower case; empty when it is not given."""
    for each in ",".join(request.headers.getlist("prefer")).lower().replace(";", ",").split(","):
        name, _, value = each.strip().partition("=")
        if name == wanted:
            return value
    return ""


def version_named(etag: str) -> str:
    """The version that an ETag of ours names (If-Match). Raises Incorrect for what is none."""
    found = _ETAG.fullmatch(etag.strip())
    if found is None:
        raise Incorrect('If-Match names one version, as the ETag of a read does: W/"version".')
    return found[1]


def only_new(if_none_match: str | None) -> bool:
    """Whether a write asks that nothing be held (If-None-Match: *). Raises Incorrect for another If-None-Match."""
    if if_none_match not in (None, "*"):
        raise Incorrect("If-None-Match of a write takes * only: nothing may be held. Use If-Match for a version.")
    return if_none_match is not None


def is_known(version: str, stored_at: datetime, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """Whether the client says that it has this version already (RFC 9110, 13.1.2 and 13.1.3)."""
    if if_none_match is not None:
        return if_none_match.strip() == "*" or version in _ETAG.findall(if_none_match)
    if if_modified_since is None:
        return False
    try:
        since = parsedate_to_datetime(if_modified_since)
    except ValueError:
        return False  # no date: to be ignored
    return stored_at.replace(microsecond=0) <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def check_content(request: Request, types: tuple[str, ...], message: str) -> None:
    """Raises Refused (415), with the message, unless the body is one of the types, in UTF-8 and not compressed."""
    type_, *options = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    other = any(charset != "utf-8" for charset in _option(options, "charset")) or not _is_r4(options)
    encoding = request.headers.get("content-encoding", "identity").lower()
    if type_ not in types or other or encoding != "identity":
        raise Refused(415, "not-supported", message)


def _option(options: Sequence[str], name: str) -> list[str]:
    """The values of a parameter of a media type, which stand in lower case already."""
    pairs = (option.partition("=") for option in options)
    return [value.strip().strip('"') for key, _, value in pairs if key.strip() == name]


def _is_r4(options: Sequence[str]) -> bool:
    return all(version in _VERSIONS for version in _option(options, "fhirversion"))


async def _body(request: Request, largest: int) -> bytes:
    refusal = Refused(413, "too-long", f"The body is larger than {largest:,} bytes. Send it in parts.")
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > largest:
        raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise refusal
    return bytes(body)


def _media_ranges(header: str) -> list[str]:
    """The media ranges of an Accept header that are wanted at all (RFC 9110, 12.5.1)."""
    ranges = []
    for part in header.split(","):
        name, *options = (piece.strip().lower() for piece in part.split(";"))
        refused = any(option.replace(" ", "") in ("q=0", "q=0.0", "q=0.00", "q=0.000") for option in options)
        if name and not refused and _is_r4(options):
            ranges.append(name)
    return ranges
