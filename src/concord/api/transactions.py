"""What a batch or transaction asks for, entry by entry, as FHIR says (http://hl7.org/fhir/R4/http.html#transaction)."""

import re
from base64 import b64decode
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from concord.api.negotiate import JSON_PATCH, NOT_A_JSON_PATCH, only_new, parameters, version_named
from concord.base import ConcordError, Forbidden, Incorrect
from concord.fhir import RESOURCE_TYPES, read_patch
from concord.fhir.searches import is_subset
from concord.record import Change, Deletion, Patch, Submission

READ_ONLY = "A user's token reads only. Write with the token of a source system (`concord token --system`)."
_SUPPORTED = "GET, HEAD, POST, PUT, PATCH and DELETE are supported, each as it is at an address of its own."
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # http://hl7.org/fhir/R4/datatypes.html#id


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """A GET, by the steps of its path: [type], [type]/[id], [type]/[id]/_history/[version], Patient/[id]/$everything.

    `bodiless`: a HEAD. The conditions are those of a conditional read.
    """

    path: tuple[str, ...]
    pairs: list[tuple[str, str]]
    bodiless: bool = False
    if_none_match: str | None = None
    if_modified_since: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Write:
    change: Change


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
        _check_distinct(steps)
    return kind, steps


def submission_of(resource: dict[str, Any], type_: str, id_: str | None, *, position: str, **more: Any) -> Submission:
    """A write of `resource` to `type_` (creation) or `type_/id_` (update). Raises Incorrect when they disagree.

    `more`: further fields of the Submission. With `criteria` the id is the resource's own, if it has one.
    """
    if resource.get("resourceType") != type_:
        raise Incorrect(f"{position}: the resource's resourceType is not that of the address.")
    if id_ is not None and resource.get("id", id_) != id_:
        raise Incorrect(f"{position}: the resource's id is not that of the address.")
    if is_subset(resource):
        raise Incorrect(f"{position}: the resource is a part of one (its tag SUBSETTED). Read it whole, then write it.")
    own = resource.get("id")
    if more.get("criteria") is not None and own is not None:
        if not (isinstance(own, str) and is_id(own)):
            raise Incorrect(f"{position}: the resource's id is not written as an id is.")
        id_ = own
    return Submission(resource=resource, source_id=id_, position=position, **more)


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
    if not all(isinstance(value, str) for value in request.values()) or not isinstance(
        entry.get("fullUrl"), str | None
    ):
        raise Incorrect(f"{position}: fullUrl and what request holds are strings.")
    method = request["method"]
    if method in ("GET", "HEAD"):
        return _read(request, position)
    if not may_write:
        raise Forbidden(READ_ONLY)
    if method not in _WRITES:
        raise Incorrect(f"{position}.request: {_SUPPORTED}")
    path, _, query = request["url"].partition("?")
    type_, *rest = path.split("/")
    if type_ not in RESOURCE_TYPES or len(rest) > 1 or (rest and not is_id(rest[0])) or (rest and query):
        raise Incorrect(f"{position}.request.url: [type], [type]/[id] or [type]?[condition] is needed, relative.")
    return _WRITES[method](entry, request, _Target(type_, rest[0] if rest else None, query or None, position))


class _Target(NamedTuple):
    """What a write is about: an id, or a condition, or (a creation) neither."""

    type: str
    id: str | None
    criteria: str | None
    position: str

    def named(self) -> None:
        """Raises Incorrect unless it says which item is meant."""
        if self.id is None and self.criteria is None:
            raise Incorrect(f"{self.position}.request.url: [type]/[id] or [type]?[condition] is needed.")


def _post(entry: dict[str, Any], request: dict[str, str], target: _Target) -> Write:
    if target.id is not None or target.criteria is not None:
        raise Incorrect(f"{target.position}.request.url: a creation is a POST to [type].")
    _only(request, target, "ifNoneExist")
    submission = submission_of(
        _resource(entry, target), target.type, None, position=target.position,
        if_none_exist=request.get("ifNoneExist"), full_url=entry.get("fullUrl"),
    )  # fmt: skip
    return Write(change=submission)


def _put(entry: dict[str, Any], request: dict[str, str], target: _Target) -> Write:
    target.named()
    _only(request, target, "ifMatch", "ifNoneMatch")
    submission = submission_of(
        _resource(entry, target), target.type, target.id, position=target.position, criteria=target.criteria,
        if_match=_version(request), only_new=only_new(request.get("ifNoneMatch")), full_url=entry.get("fullUrl"),
    )  # fmt: skip
    return Write(change=submission)


def _delete(_: dict[str, Any], request: dict[str, str], target: _Target) -> Write:
    target.named()
    _only(request, target, "ifMatch")
    deletion = Deletion(
        type=target.type, source_id=target.id, criteria=target.criteria, if_match=_version(request),
        position=target.position,
    )  # fmt: skip
    return Write(change=deletion)


def _patch(entry: dict[str, Any], request: dict[str, str], target: _Target) -> Write:
    """In a Bundle a JSON Patch stands in a Binary (http://hl7.org/fhir/R4/http.html#patch)."""
    target.named()
    _only(request, target, "ifMatch")
    binary = _resource(entry, target)
    if binary.get("resourceType") != "Binary" or binary.get("contentType") != JSON_PATCH:
        raise Incorrect(f"{target.position}.resource: {NOT_A_JSON_PATCH} It stands in a Binary of that contentType.")
    try:
        operations = read_patch(b64decode(binary.get("data", ""), validate=True))
    except (ValueError, TypeError):
        raise Incorrect(f"{target.position}.resource.data is not base64.") from None
    except Incorrect as error:
        raise Incorrect(f"{target.position}.resource.data: {error.message}") from None
    patch = Patch(
        type=target.type, operations=operations, source_id=target.id, criteria=target.criteria,
        if_match=_version(request), full_url=entry.get("fullUrl"), position=target.position,
    )  # fmt: skip
    return Write(change=patch)


_WRITES = {"POST": _post, "PUT": _put, "DELETE": _delete, "PATCH": _patch}


def _resource(entry: dict[str, Any], target: _Target) -> dict[str, Any]:
    resource = entry.get("resource")
    if not isinstance(resource, dict):
        raise Incorrect(f"{target.position}.resource is needed.")
    return resource


def _only(request: dict[str, str], target: _Target, *conditions: str) -> None:
    """Refuse a condition that would be ignored."""
    for condition in ("ifMatch", "ifNoneMatch", "ifModifiedSince", "ifNoneExist"):
        if condition in request and condition not in conditions:
            raise Incorrect(f"{target.position}.request: {condition} is not supported with {request['method']}.")


def _version(request: dict[str, str]) -> str | None:
    return version_named(request["ifMatch"]) if "ifMatch" in request else None


def _read(request: dict[str, str], position: str) -> Read:
    path, _, query = request["url"].partition("?")
    try:
        pairs = parameters(query.encode("ascii"))
    except UnicodeEncodeError:
        raise Incorrect(f"{position}.request.url is not percent-encoded.") from None
    steps = tuple(path.split("/"))
    for condition in ("ifMatch", "ifNoneExist"):
        if condition in request:
            raise Incorrect(f"{position}.request: {condition} is not supported with {request['method']}.")
    return Read(
        path=steps, pairs=pairs, bodiless=request["method"] == "HEAD",
        if_none_match=request.get("ifNoneMatch"), if_modified_since=request.get("ifModifiedSince"),
    )  # fmt: skip


def _check_distinct(steps: Sequence[Step]) -> None:
    """Each entry of a transaction has an address of its own (R4, Bundle: fullUrl must be unique)."""
    changes = [step.change for step in steps if isinstance(step, Write)]
    urls = Counter(url for each in changes if (url := _full_url(each)) is not None)
    targets = Counter((_type(each), each.source_id) for each in changes)
    for each in changes:
        if urls[_full_url(each) or ""] > 1:
            raise Incorrect(f"{each.position}.fullUrl stands more than once in the transaction.")
        if each.source_id is not None and targets[_type(each), each.source_id] > 1:
            raise Incorrect(f"{each.position}.request.url stands more than once in the transaction.")


def _full_url(change: Change) -> str | None:
    return None if isinstance(change, Deletion) else change.full_url


def _type(change: Change) -> str:
    return change.resource["resourceType"] if isinstance(change, Submission) else change.type
