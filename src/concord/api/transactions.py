"""What a batch or transaction asks for, entry by entry, as FHIR says (http://hl7.org/fhir/R4/http.html#transaction)."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from concord.api.negotiate import parameters
from concord.base import ConcordError, Forbidden, Incorrect
from concord.fhir import RESOURCE_TYPES
from concord.record import Submission

READ_ONLY = "A user's token reads only. Write with the token of a source system (`concord token --system`)."
_SUPPORTED = "only GET, POST to [type] and PUT to [type]/[id] are supported."
_CONDITIONS = ("ifMatch", "ifNoneMatch", "ifModifiedSince")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # http://hl7.org/fhir/R4/datatypes.html#id


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A GET: `type/id`, `type?pairs` or `Patient/id/$everything`, `Encounter/id/$everything`."""

    type: str
    id: str | None
    everything: bool
    pairs: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    submission: Submission


Step = Read | Write | ConcordError  # an error is what to answer for that entry


def steps_of(bundle: dict[str, Any], *, may_write: bool) -> tuple[Literal["batch", "transaction"], list[Step]]:
    """The kind of bundle and a step for each entry. Raises Incorrect, Forbidden when nothing of it can be done."""
    if bundle.get("resourceType") != "Bundle":
        raise Incorrect("What is sent to the base address is a Bundle. Send a single resource to /[type].")
    kind, entries = bundle.get("type"), bundle.get("entry", [])
    if kind not in ("batch", "transaction"):
        raise Incorrect("Bundle.type: only a batch or a transaction can be carried out.")
    if not isinstance(entries, list):
        raise Incorrect("Bundle.entry is not an array.")
    if kind == "transaction" and not may_write:
        raise Forbidden(READ_ONLY)
    steps = [_guarded_step(entry, f"Bundle.entry[{number}]", may_write) for number, entry in enumerate(entries)]
    if kind == "transaction":
        if any(isinstance(step, Read) for step in steps):
            raise Incorrect("A transaction here holds writes only. Send reads in a batch.")
        _check_distinct(steps)
    return kind, steps


def submission_of(
    resource: dict[str, Any], type_: str, id_: str | None, *, position: str, if_none_exist: str | None = None,
    full_url: str | None = None,
) -> Submission:  # fmt: skip
    """A write of `resource` to `type_` (creation) or `type_/id_` (update). Raises Incorrect when they disagree."""
    if resource.get("resourceType") != type_:
        raise Incorrect(f"{position}: the resource's resourceType is not that of the address.")
    if id_ is not None and resource.get("id", id_) != id_:
        raise Incorrect(f"{position}: the resource's id is not that of the address.")
    return Submission(
        resource=resource, source_id=id_, full_url=full_url, if_none_exist=if_none_exist, position=position
    )


def is_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def _guarded_step(entry: Any, position: str, may_write: bool) -> Step:
    try:
        return _step(entry, position, may_write)
    except ConcordError as error:
        return error


def _step(entry: Any, position: str, may_write: bool) -> Step:
    request = entry.get("request") if isinstance(entry, dict) else None
    if not isinstance(request, dict) or not all(isinstance(request.get(key), str) for key in ("method", "url")):
        raise Incorrect(f"{position}.request: method and url are needed.")
    method, url = request["method"], request["url"]
    if any(condition in request for condition in _CONDITIONS):
        raise Incorrect(f"{position}.request: {', '.join(_CONDITIONS)} are not supported.")
    path, _, query = url.partition("?")
    if method == "GET":
        return _read(path, query, position)
    if not may_write:
        raise Forbidden(READ_ONLY)
    if method not in ("POST", "PUT"):
        raise Incorrect(f"{position}.request: {_SUPPORTED}")
    resource, if_none_exist = entry.get("resource"), request.get("ifNoneExist")
    if not isinstance(resource, dict):
        raise Incorrect(f"{position}.resource is needed.")
    if not isinstance(if_none_exist, str | None) or not isinstance(entry.get("fullUrl"), str | None):
        raise Incorrect(f"{position}: ifNoneExist and fullUrl are strings.")
    type_, *rest = path.split("/")
    if query or type_ not in RESOURCE_TYPES:
        raise Incorrect(f"{position}.request.url: [type] or [type]/[id] is needed, relative to the base address.")
    if method == "POST" and not rest:
        id_ = None
    elif method == "PUT" and len(rest) == 1 and is_id(rest[0]) and if_none_exist is None:
        id_ = rest[0]
    else:
        raise Incorrect(f"{position}.request: {_SUPPORTED}")
    return Write(
        submission=submission_of(
            resource, type_, id_, position=position, if_none_exist=if_none_exist, full_url=entry.get("fullUrl")
        )
    )


def _read(path: str, query: str, position: str) -> Read:
    try:
        pairs = parameters(query.encode("ascii"))
    except UnicodeEncodeError:
        raise Incorrect(f"{position}.request.url is not percent-encoded.") from None
    type_, *rest = path.split("/")
    everything = type_ in ("Patient", "Encounter") and len(rest) == 2 and rest[1] == "$everything"
    if len(rest) > 1 and not everything:
        raise Incorrect(f"{position}.request.url: [type]/[id], [type]?[parameters] or $everything is needed.")
    return Read(type=type_, id=rest[0] if rest else None, everything=everything, pairs=pairs)


def _check_distinct(steps: Sequence[Step]) -> None:
    """Each entry of a transaction has an address of its own (R4, Bundle: fullUrl must be unique)."""
    submissions = [step.submission for step in steps if isinstance(step, Write)]
    urls = Counter(each.full_url for each in submissions)
    targets = Counter((each.resource["resourceType"], each.source_id) for each in submissions)
    for each in submissions:
        if each.full_url is not None and urls[each.full_url] > 1:
            raise Incorrect(f"{each.position}.fullUrl stands more than once in the transaction.")
        if each.source_id is not None and targets[each.resource["resourceType"], each.source_id] > 1:
            raise Incorrect(f"{each.position}.request.url stands more than once in the transaction.")
