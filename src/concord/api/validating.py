"""`$validate`: what is wrong with a resource that a client holds (http://hl7.org/fhir/R4/resource-operation-validate.html).

Nothing that is held here is looked up, so that nothing can be learned of it: the resource alone is judged, by R4 and by
the profiles that the installation has loaded. It is neither kept nor logged.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from concord.api.addresses import parse_from_here
from concord.api.problems import Refused
from concord.base import Busy, Incorrect
from concord.fhir import Issue, Known, Resource, report, validate

LARGEST_VALIDATED = 4 * 1024 * 1024
MOST_WAITING = 8  # each has its body in memory; one more is told to come back
_MODES = ("create", "update", "delete", "profile")
_KNOWN = ("resource", "mode", "profile", "_format")
_DELETION = Issue(
    severity="information", path="Parameters", rule="mode",
    message="not checked: whether something can be deleted depends on what is held, and $validate looks nothing up",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    resource: Resource | None
    mode: str | None
    profiles: Sequence[str]


class Validator:
    """One resource after another, on a thread beside the event loop: a large one takes seconds."""

    def __init__(self, known: Callable[[], Known]) -> None:
        self._known = known
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fhir-validate")
        self._waiting = 0

    async def outcome(
        self, type_: str, id_: str | None, body: bytes, pairs: Sequence[tuple[str, str]], base: str
    ) -> Resource:
        """An OperationOutcome of all that was found. Raises Incorrect for what is no request, Refused (413), Busy."""
        if len(body) > LARGEST_VALIDATED:
            raise Refused(413, "too-long", f"$validate takes {LARGEST_VALIDATED // 2**20} MB at most.")
        if self._waiting >= MOST_WAITING:
            raise Busy("Too many resources to validate at once. Send this one again in a moment.")
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(
                self._thread, lambda: report(self._found(type_, id_, _asked(parse_from_here(body, base), pairs)))
            )
        finally:
            self._waiting -= 1

    def _found(self, type_: str, id_: str | None, asked: _Asked) -> list[Issue]:
        if asked.mode == "delete":
            return [_DELETION]
        if asked.resource is None:
            raise Incorrect("Send the resource to validate: as the body, or as the parameter `resource`.")
        return [
            *_misplaced(asked.resource, type_, id_, asked.mode),
            *validate(asked.resource, profiles=asked.profiles, known=self._known()),
        ]


def _asked(body: Resource, pairs: Sequence[tuple[str, str]]) -> _Asked:
    """What is asked for: by a Parameters resource that says so, else by the bare resource and the address."""
    given: list[tuple[str, Any]] = list(pairs)
    resource: Any = body
    listed = body.get("parameter")
    if body.get("resourceType") == "Parameters" and isinstance(listed, list):
        resource = None
        for each in listed:
            if not isinstance(each, dict):
                raise Incorrect("A parameter of $validate is an object with a name.")
            if each.get("name") == "resource":
                resource = each.get("resource")
            else:
                given.append((str(each.get("name")), next((each[k] for k in each if k.startswith("value")), None)))
    unknown = [name for name, _ in given if name not in _KNOWN]
    if unknown or any(not isinstance(value, str) for _, value in given):
        raise Incorrect("$validate takes resource, mode (a code) and profile (a URL), and no other parameter.")
    modes = [value for name, value in given if name == "mode"]
    if len(modes) > 1 or any(mode not in _MODES for mode in modes):
        raise Incorrect(f"mode is one of {', '.join(_MODES)}, once.")
    if resource is not None and not isinstance(resource, dict):
        raise Incorrect("The parameter `resource` holds a resource.")
    profiles = [value for name, value in given if name == "profile"]
    return _Asked(resource=resource, mode=modes[0] if modes else None, profiles=profiles)


def _misplaced(resource: Resource, type_: str, id_: str | None, mode: str | None) -> list[Issue]:
    """What the address and the mode ask of the resource."""
    found = []
    if resource.get("resourceType") != type_:
        found.append(_error("resourceType", f"{type_}, as the address says"))
    if id_ is not None and resource.get("id") != id_:
        found.append(_error(f"{type_}.id", "the id of the address"))
    if mode == "update" and "id" not in resource:
        found.append(_error(f"{type_}.id", "an update has the id of what it updates"))
    return found


def _error(path: str, message: str) -> Issue:
    return Issue(severity="error", path=path, rule="address", message=message)
