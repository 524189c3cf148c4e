"""What was sent and what is wanted: who asks, in which format, with which body."""

from urllib.parse import parse_qsl

from starlette.requests import Request

from concord.api.doors import AccountsDoor
from concord.api.problems import Refused
from concord.base import Incorrect, Unauthenticated
from concord.governance import Asker

LARGEST_BODY = 64 * 1024 * 1024
LARGEST_FORM = 256 * 1024
_JSON_TYPES = ("application/fhir+json", "application/json")
_ACCEPTABLE = (*_JSON_TYPES, "text/json", "application/*", "*/*")
_FORMATS = (*_JSON_TYPES, "text/json", "json")
_FORM = "application/x-www-form-urlencoded"


def asker_of(request: Request, accounts: AccountsDoor) -> Asker:
    """Who holds the request's bearer token (RFC 6750). Raises Unauthenticated."""
    sent = request.headers.getlist("authorization")
    scheme, _, token = sent[0].partition(" ") if len(sent) == 1 else ("", "", "")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Send a bearer token in the Authorization header. `concord token` prints one.")
    return accounts.asker(token.strip())


def check_wanted(request: Request, pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The parameters without `_format`, which outweighs the Accept header. Raises Refused (406) unless JSON will do."""
    # A plus sign that nobody percent-encoded arrives as a blank.
    formats = [value.replace(" ", "+") for name, value in pairs if name == "_format"]
    accepted = formats or _media_ranges(request.headers.get("accept") or "*/*")
    if not any(wanted in (_FORMATS if formats else _ACCEPTABLE) for wanted in accepted):
        raise Refused(406, "not-supported", "Answers come in JSON only. Ask for application/fhir+json.")
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
    check_content(request, _JSON_TYPES, "Send FHIR in JSON, as application/fhir+json, uncompressed and in UTF-8.")
    return await _body(request, largest or LARGEST_BODY)


async def form_body(request: Request) -> list[tuple[str, str]]:
    """The pairs of a form. Raises Refused (413, 415), Incorrect."""
    check_content(request, (_FORM,), f"Send the search as {_FORM}.")
    return parameters(await _body(request, LARGEST_FORM))


def check_content(request: Request, types: tuple[str, ...], message: str) -> None:
    """Raises Refused (415), with the message, unless the body is one of the types, in UTF-8 and not compressed."""
    type_, *options = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    charsets = [option.partition("=")[2].strip('"') for option in options if option.startswith("charset=")]
    encoding = request.headers.get("content-encoding", "identity").lower()
    if type_ not in types or any(charset != "utf-8" for charset in charsets) or encoding != "identity":
        raise Refused(415, "not-supported", message)


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
        if name and not refused:
            ranges.append(name)
    return ranges
