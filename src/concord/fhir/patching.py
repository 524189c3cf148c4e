"""JSON Patch (RFC 6902) on a resource: the form of PATCH that Concord takes (http://hl7.org/fhir/R4/http.html#patch)."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, cast

from concord.base import Incorrect
from concord.fhir.wire import Resource, received_value

MOST_OPERATIONS = 1000

Op = Literal["add", "remove", "replace", "move", "copy", "test"]
_OPS = ("add", "remove", "replace", "move", "copy", "test")
_WITH_VALUE, _WITH_FROM = ("add", "replace", "test"), ("move", "copy")


@dataclass(frozen=True, kw_only=True, slots=True)
class PatchOperation:
    """One operation; `path` and `source` (the member `from`) as unescaped steps. `value` only where the op has one."""

    op: Op
    path: tuple[str, ...]
    source: tuple[str, ...] = ()
    value: Any = None


def read_patch(data: bytes) -> list[PatchOperation]:
    """The operations of a JSON Patch document. Raises Incorrect naming the operation by its number, from 0."""
    document = received_value(data)
    if not isinstance(document, list) or not document:
        raise Incorrect("A JSON Patch is an array of operations, at least one.")
    if len(document) > MOST_OPERATIONS:
        raise Incorrect(f"A JSON Patch holds at most {MOST_OPERATIONS} operations here.")
    return [_read(operation, number) for number, operation in enumerate(document)]


def apply_patch(resource: Resource, operations: Sequence[PatchOperation]) -> Resource:
    """A patched copy; it may break FHIR's rules, and is to be checked. Raises Incorrect: what failed, and where."""
    patched: Any = deepcopy(resource)
    for number, operation in enumerate(operations):
        patched = _apply(patched, operation, number)
    if not isinstance(patched, dict) or any(patched.get(key) != resource.get(key) for key in ("resourceType", "id")):
        raise Incorrect("A patch cannot change resourceType or id.")
    return cast("Resource", patched)


def _read(operation: Any, number: int) -> PatchOperation:
    if not isinstance(operation, dict) or operation.get("op") not in _OPS:
        raise Incorrect(f"[{number}].op: one of {', '.join(_OPS)} is needed.")
    op = cast("Op", operation["op"])
    if op in _WITH_VALUE and "value" not in operation:
        raise Incorrect(f"[{number}].value is needed to {op}.")
    return PatchOperation(
        op=op,
        path=_steps(operation.get("path"), f"[{number}].path"),
        source=_steps(operation.get("from"), f"[{number}].from") if op in _WITH_FROM else (),
        value=operation.get("value"),
    )


def _steps(pointer: Any, where: str) -> tuple[str, ...]:
    """The steps of a JSON Pointer (RFC 6901)."""
    if not isinstance(pointer, str) or (pointer and not pointer.startswith("/")):
        raise Incorrect(f"{where}: a JSON Pointer such as /name/0/family is needed.")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _apply(document: Any, operation: PatchOperation, number: int) -> Any:
    path, where = operation.path, f"[{number}].path"
    if operation.op == "test":
        if not _equal(_found(document, path, where), operation.value):
            raise Incorrect(f"[{number}]: the test failed, so nothing was changed.")
        return document
    if operation.op in _WITH_FROM:
        source = operation.source
        value = _found(document, source, f"[{number}].from")
        if operation.op == "copy":
            return _added(document, path, deepcopy(value), where)
        if path[: len(source)] == source and path != source:
            raise Incorrect(f"[{number}].path: nothing can be moved into itself.")
        return _added(_removed(document, source, f"[{number}].from"), path, value, where)
    if operation.op == "remove":
        return _removed(document, path, where)
    value = deepcopy(operation.value)
    if operation.op == "add":
        return _added(document, path, value, where)
    _found(document, path, where)
    if path and isinstance(holder := _found(document, path[:-1], where), list):
        holder[_index(path[-1], len(holder), where)] = value
        return document
    return _added(document, path, value, where)


def _found(document: Any, path: Sequence[str], where: str) -> Any:
    for step in path:
        if isinstance(document, dict):
            if step not in document:
                _nothing(where)
            document = document[step]
        elif isinstance(document, list):
            document = document[_index(step, len(document), where)]
        else:
            _nothing(where)
    return document


def _added(document: Any, path: Sequence[str], value: Any, where: str) -> Any:
    if not path:
        return value
    holder, step = _found(document, path[:-1], where), path[-1]
    if isinstance(holder, dict):
        holder[step] = value
    elif isinstance(holder, list):
        holder.insert(len(holder) if step == "-" else _index(step, len(holder) + 1, where), value)
    else:
        _nothing(where)
    return document


def _removed(document: Any, path: Sequence[str], where: str) -> Any:
    if not path:
        raise Incorrect(f"{where}: the whole resource cannot be removed by a patch. DELETE it.")
    _found(document, path, where)
    holder = _found(document, path[:-1], where)
    del holder[_index(path[-1], len(holder), where) if isinstance(holder, list) else path[-1]]
    return document


def _index(step: str, length: int, where: str) -> int:
    if not (step.isascii() and step.isdecimal()) or (len(step) > 1 and step[0] == "0"):
        raise Incorrect(f"{where}: an array is entered by a number, written without leading zeros.")
    if len(step) > 9 or int(step) >= length:
        _nothing(where)
    return int(step)


def _equal(one: Any, other: Any) -> bool:
    """As JSON: true is not 1, and numbers are equal by what they say (RFC 6902, 4.6)."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _nothing(where: str) -> NoReturn:
    raise Incorrect(f"{where}: the resource has nothing there.")
