"""Two FHIR servers, wherever they are: do they answer alike, though one of them holds a thing more?

    python -m tests.twin_worlds.pair URL URL --token TOKEN [--guess Type/id] [--canary WORD]

What differs is asked again: what a server does not answer twice alike (a moment, a random id) tells nothing and is left
out, by its place in the answer, and listed at the end. Exit status 1: something leaks.
"""

import argparse
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from concord.base import Incorrect
from concord.fhir import parse
from tests.twin_worlds.asking import Known, Request
from tests.twin_worlds.catalogue import catalogue

# What the transport says of itself: the body is compared, so its length is, and links are compared without their host.
_TRANSPORT = frozenset({"date", "server", "connection", "keep-alive", "transfer-encoding", "content-length"})
_ITS_OWN = frozenset({"server-timing", "x-request-id"})
_SAFE = re.compile(r"/(_search|\$match|\$everything|\$lastn|\$validate|\$meta|\$lookup|\$expand|\$translate)(\?|$)")
_STARTS_SOMETHING = re.compile(r"\$(export|import|job)|break-glass")
_BASE = "http://server.example/fhir"
_TYPES = ("Patient", "Condition", "Observation", "Encounter")

Leaves = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Server:
    """A FHIR server by its base address (`http://127.0.0.1:8000/fhir`), asked with a bearer token."""

    base: str
    token: str
    http: httpx.Client

    def ask(self, request: Request) -> Leaves:
        """The answer in its smallest parts, by place: `status`, `header etag`, `body.entry.0.resource.id`."""
        base = self.base.rstrip("/")
        headers = {"Authorization": f"Bearer {self.token}"} | dict(request.headers)
        url = base + request.path.removeprefix("/fhir")
        answer = self.http.request(request.method, url, headers=headers, content=request.body)
        leaves: Leaves = {"status": answer.status_code}
        for name, value in answer.headers.items():
            if name not in _TRANSPORT | _ITS_OWN:
                leaves[f"header {name}"] = value.replace(base, _BASE)
        body = answer.content.replace(base.encode(), _BASE.encode())
        try:
            leaves.update(_leaves("body", parse(body)))
        except Incorrect:  # no JSON, or none that FHIR allows
            leaves["body"] = body
        return leaves


@dataclass(frozen=True, kw_only=True)
class Findings:
    """`leaks`: a line each. `volatile`: places, by template, at which a server does not answer itself alike."""

    asked: int
    templates: int
    leaks: Sequence[str]
    volatile: Sequence[str]


def compare(one: Server, other: Server, requests: Iterable[Request], canaries: Sequence[str] = ()) -> Findings:
    leaks: list[str] = []
    volatile: set[str] = set()
    templates: set[str] = set()
    number = 0
    for request in requests:
        number += 1
        templates.add(request.template)
        first, second = one.ask(request), other.ask(request)
        if first != second:
            again = [_places(first, one.ask(request)), _places(second, other.ask(request))]
            random = set().union(*again)
            volatile |= {f"{request.template}: {place}" for place in random}
            if differing := sorted(_places(first, second) - random):
                place = differing[0]
                leaks.append(f"{request}: {place}: {first.get(place)!r:.80} / {second.get(place)!r:.80}")
        for canary in canaries:
            asked = f"{request.path} {request.body!r}"
            if canary not in asked and any(canary in str(leaf) for leaf in (*first.values(), *second.values())):
                leaks.append(f"{request}: tells the canary {canary}")
    return Findings(asked=number, templates=len(templates), leaks=leaks, volatile=sorted(volatile))


def requests_of(known: Known, *, writes: bool = False, every: int = 1) -> list[Request]:
    """What of the catalogue is FHIR's; without `writes` nothing that could change or start something."""
    fhir = (each for each in catalogue(known) if each.route.startswith("/fhir"))
    wanted = [each for each in fhir if writes or _changes_nothing(each)]
    return wanted[::every]


def shown_by(server: Server, guessed: Sequence[str]) -> Known:
    """What plain searches show, with the guesses; raises Incorrect when the server shows nothing at all."""
    shown: list[str] = []
    versions: list[str] = []
    for type_ in _TYPES:
        leaves = server.ask(Request(route="/fhir/{type}", method="GET", path=f"/fhir/{type_}?_count=3"))
        ids = [str(leaf) for place, leaf in leaves.items() if re.fullmatch(r"body\.entry\.\d+\.resource\.id", place)]
        shown += [f"{type_}/{id_}" for id_ in ids]
        told = [str(leaf) for place, leaf in leaves.items() if place.endswith("resource.meta.versionId")]
        versions += [f"{type_}/{id_}/_history/{version}" for id_, version in zip(ids, told, strict=False)]
    if not shown:
        raise Incorrect(f"{server.base} shows this token nothing: there would be nothing to compare. Use another.")
    versions += [f"{address}/_history/{version}" for address in guessed for version in ("1", "2")]
    return Known(shown=shown, versions=versions, persons=(), guessed=guessed, cookie="", drafts=())


def _changes_nothing(request: Request) -> bool:
    if _STARTS_SOMETHING.search(request.path):
        return False
    return request.method in {"GET", "HEAD", "OPTIONS"} or (
        request.method == "POST" and _SAFE.search(request.path) is not None
    )


def _leaves(place: str, value: Any) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield place, tuple(value)  # the order of members too
        for name, each in value.items():
            yield from _leaves(f"{place}.{name}", each)
    elif isinstance(value, list):
        yield place, len(value)
        for number, each in enumerate(value):
            yield from _leaves(f"{place}.{number}", each)
    else:
        yield place, value


def _places(one: Leaves, other: Leaves) -> set[str]:
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.twin_worlds.pair", description=__doc__)
    parser.add_argument("one", help="base address of the server without the hidden thing")
    parser.add_argument("other", help="base address of the server that holds it")
    parser.add_argument("--token", required=True, help="bearer token of a viewer who may not know of it")
    parser.add_argument("--other-token", help="the same viewer's token at the other server, if it is another")
    parser.add_argument("--guess", action="append", default=[], help="Type/id of what is hidden; may be repeated")
    parser.add_argument("--canary", action="append", default=[], help="a word of what is hidden; may be repeated")
    parser.add_argument("--writes", action="store_true", help="ask for writes too: on servers that may be changed")
    parser.add_argument("--every", type=int, default=1, help="ask one in so many requests")
    given = parser.parse_args(arguments)
    with httpx.Client(timeout=60) as http:
        one = Server(base=given.one, token=given.token, http=http)
        other = Server(base=given.other, token=given.other_token or given.token, http=http)
        requests = requests_of(shown_by(one, given.guess), writes=given.writes, every=given.every)
        findings = compare(one, other, requests, given.canary)
    lines = [f"LEAK {leak}" for leak in findings.leaks]
    lines += [f"left out, not the same twice: {place}" for place in findings.volatile]
    lines.append(f"{findings.asked} requests of {findings.templates} templates: {len(findings.leaks)} leaks")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if findings.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
