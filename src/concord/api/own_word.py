"""Breaking the glass over the API: `Patient/$break-glass` begins it, `Patient/$end-break-glass` ends it.

What is begun counts for the requests of that user that say `Purpose-Of-Use: BTG`, as an IHE client names its purpose of
use (v3-ActReason BTG), and for no other.
"""

from collections.abc import Mapping

from starlette.concurrency import run_in_threadpool

from concord.api.doors import RecordsDoor
from concord.api.negotiate import PURPOSE_OF_USE
from concord.api.operations import given_once
from concord.base import NHS_NUMBER_SYSTEM, Forbidden, Incorrect, NhsNumber, nhs_number
from concord.fhir import encode
from concord.governance import Asker, AssertionKind, Viewer

_TAKES = ("identifier", "kind", "reason", "text")


def breaking(asker: Asker, operation: str) -> Viewer:
    """Raises Forbidden for who is no user, Incorrect for a request that does not say its purpose."""
    if not isinstance(asker, Viewer):
        raise Forbidden(f"{operation} is for users. A source system sees what it contributed.")
    if not asker.with_overrides:
        raise Incorrect(f"{operation} is asked for with the header {PURPOSE_OF_USE}: BTG.")
    return asker


async def begin(records: RecordsDoor, viewer: Viewer, pairs: list[tuple[str, str]]) -> bytes:
    """Parameters that say what was begun and until when."""
    given = given_once(pairs, "$break-glass")
    if set(given) - set(_TAKES):
        raise Incorrect(f"$break-glass takes {', '.join(_TAKES)}.")
    kind = given.get("kind", AssertionKind.OVERRIDE)
    number, reason, words = _number(given), given.get("reason", ""), given.get("text", "")
    audited = await run_in_threadpool(records.assert_by_number, number, viewer, kind, reason, words)
    asserted = await audited.released()
    until = asserted.until.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    told = [{"name": "kind", "valueCode": asserted.kind}, {"name": "until", "valueInstant": until}]
    return encode({"resourceType": "Parameters", "parameter": told})


def end(records: RecordsDoor, viewer: Viewer, pairs: list[tuple[str, str]]) -> bytes:
    """Parameters that say how many were ended."""
    given = given_once(pairs, "$end-break-glass")
    if set(given) - {"identifier"}:
        raise Incorrect("$end-break-glass takes identifier.")
    ended = records.end_assertions_by_number(_number(given), viewer)
    return encode({"resourceType": "Parameters", "parameter": [{"name": "ended", "valueInteger": ended}]})


def _number(given: Mapping[str, str]) -> NhsNumber:
    system, _, value = given.get("identifier", "").rpartition("|")
    number = nhs_number(value) if system in ("", NHS_NUMBER_SYSTEM) else None
    if number is None:
        raise Incorrect("identifier is an NHS number, as its ten digits or as system|value.")
    return number
