"""Ask both worlds the same and compare every byte."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import httpx

from concord.fhir import parse
from tests.twin_worlds.asking import Known, Request
from tests.twin_worlds.catalogue import catalogue
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.stories import CANARY, seed
from tests.twin_worlds.worlds import LATER, World
from tests.unit.api.client import ADDRESS, Client

# The reviewed list of what may differ (at most ten rules): header, what in it, why.
REWRITES = (("server-timing", re.compile(r"dur=[0-9.]+"), "how long it took; compared statistically in the soak"),)
_LINK = re.compile(r'href="/links/([^"/#?]+)/([^"/#?]+)')
_MILLISECONDS = re.compile(r" [0-9.]+$")
_PERSON = re.compile(r'href="/(?:person|my-record/acting-for)/([^"/#?]+)')
_MOST_PAGES = 200


@dataclass(frozen=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True)
class Difference:
    request: Request
    one: Answer
    other: Answer

    def __str__(self) -> str:
        """The request, and the first place where the answers part."""
        parts = zip(("status", "body", "headers"), _fields(self.one), _fields(self.other), strict=True)
        name, one, other = next(part for part in parts if part[1] != part[2])
        at = next((i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), 0)
        return (
            f"{self.request}: {name} differ: …{one[max(0, at - 60) : at + 60]!r} …{other[max(0, at - 60) : at + 60]!r}"
        )


@dataclass(frozen=True)
class Report:
    """`canaries` names requests and log lines in which what is hidden appeared."""

    asked: Sequence[Request]
    differences: Sequence[Difference]
    canaries: Sequence[str]
    log_differences: Sequence[tuple[str | None, str | None]]

    @property
    def leaks(self) -> list[str]:
        logs = [f"log: {one!r} / {other!r}" for one, other in self.log_differences]
        return [str(each) for each in self.differences] + [f"canary: {each}" for each in self.canaries] + logs


def seeded(scenario: Scenario, plain: World, hiding: World) -> None:
    """The same story in both worlds, and the hidden thing in the second; then the viewer arrives."""
    for world in (plain, hiding):
        seed(world)
        with world.ids.for_the_hidden():
            scenario.before(world)
    with hiding.ids.for_the_hidden():
        scenario.hide(hiding)
    if scenario.after is not None:
        for world in (plain, hiding):
            world.clock.instant += LATER
            scenario.after(world)
    for world in (plain, hiding):
        world.admit(scenario.viewer)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the catalogue: of `route` alone, if one is named; of `every` so many requests the `nth`.

    What begins or ends something (an override) is always asked: else much of the rest would be asked in vain.
    """

    route: str = ""
    every: int = 1
    nth: int = 0

    def of(self, catalogue: Iterable[Request]) -> list[Request]:
        return [
            request
            for number, request in enumerate(catalogue)
            if self.route in ("", request.route)
            and (number % self.every == self.nth % self.every or request.route in _LASTING)
        ]


WHOLE = Part()
_LASTING = {"/fhir/Patient/$break-glass", "/fhir/Patient/$end-break-glass", "/person/{person}/own-word"}


def compared(scenario: Scenario, plain: World, hiding: World, clients: Sequence[Client], part: Part = WHOLE) -> Report:
    """The catalogue, or part of it, and each page that an answer leads on to."""
    asked: list[Request] = []
    differences: list[Difference] = []
    canaries: list[str] = []
    waiting = part.of(catalogue(known_to_viewer(scenario, plain, clients[0])))
    followed = 0
    for request in waiting:
        asked.append(request)
        answers = [_answer(world, client, request) for world, client in zip((plain, hiding), clients, strict=True)]
        if answers[0] != answers[1]:
            differences.append(Difference(request, *answers))
        canaries += [str(request) for answer in answers if _sings(request, answer)]
        following = _next_page(answers[0])
        if following is not None and followed < _MOST_PAGES:
            followed += 1
            waiting.append(Request(route=request.route, method="GET", path=following))
    canaries += [line for world in (plain, hiding) for line in world.log if CANARY in line]
    logs = [(one, other) for one, other in zip_longest(_lines(plain), _lines(hiding)) if one != other]
    return Report(asked, differences, canaries, logs)


def known_to_viewer(scenario: Scenario, world: World, client: Client) -> Known:
    """What plain searches and pages show the viewer; and, as the luckiest of guesses, the ids of what is hidden."""
    shown: list[str] = []
    for type_ in ("Patient", "Condition", "Observation", "Encounter"):
        found = parse(client("GET", f"/fhir/{type_}").content)
        shown += [f"{type_}/{entry['resource']['id']}" for entry in found.get("entry", [])]
    shown += [f"Patient/{each}" for pair in _LINK.findall(client("GET", "/links").text) for each in pair]
    pages = [client("GET", path).text for path in ("/", "/my-record/acting-for")]
    persons = sorted({person for page in pages for person in _PERSON.findall(page)})
    guessed = [f"{type_}/{world.logical_id(code, type_, name)}" for code, type_, name in scenario.hidden]
    guessed += [f"{type_}/{name}" for _, type_, name in scenario.hidden]
    versions = [version for address in (*shown, *guessed) for version in world.versions(address)]
    return Known(
        shown=shown,
        versions=versions,
        persons=persons,
        guessed=guessed,
        cookie=world.cookie,
        drafts=world.ids.first_hidden(12),
    )


def _answer(world: World, client: Client, request: Request) -> Answer:
    with world.listened_to():
        response = client(request.method, request.path, headers=dict(request.headers), content=request.body)
    return Answer(response.status_code, tuple(_headers(response)), response.content)


def _headers(response: httpx.Response) -> Iterable[tuple[str, str]]:
    for name, value in response.headers.multi_items():
        for header, pattern, _ in REWRITES:
            if name == header:
                value = pattern.sub("dur=0", value)  # noqa: PLW2901 - rule after rule
        yield name, value


def _sings(request: Request, answer: Answer) -> bool:
    """The canary in an answer, unless the request held it and the answer only echoes that."""
    asked = f"{request.path} {request.body!r}"
    heard = CANARY.encode() in answer.body or any(CANARY in value for _, value in answer.headers)
    return heard and CANARY not in asked


def _next_page(answer: Answer) -> str | None:
    if not answer.body.startswith(b'{"resourceType":"Bundle"'):
        return None
    links = parse(answer.body).get("link", [])
    return next((link["url"].removeprefix(ADDRESS) for link in links if link["relation"] == "next"), None)


def _lines(world: World) -> list[str]:
    return [_MILLISECONDS.sub("", line) for line in world.log]


def _fields(answer: Answer) -> tuple[str, str, str]:
    return str(answer.status), answer.body.decode("utf-8", "replace"), str(answer.headers)
