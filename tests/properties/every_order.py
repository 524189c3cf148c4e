"""Every order in which a story's messages can come, each told once or again and again: all that can come of it.

What a message does hangs on what is held when it comes, and on nothing else. So orders need not be tried one by one:
from what is held, and which of the messages have been told, each message leads to one place, and all places that can be
reached are walked. Of 14 messages there are 87 billion orders, and without end of them where messages are told again;
they lead through some fifty thousand places. Nor need a message be mapped where it has been before: it does again what
it did when what it asked for was the same.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

import pytest

from concord.fhir import encode, parse, service_of
from concord.ingest.hl7v2 import Message, map_message
from concord.ingest.model import Earlier, Feed
from tests.unit.ingest.fake_records import TRUST, FakeSnapshots

NULL = '""'
"""A field that deletes."""
Name = tuple[str, str]  # type and source id
Held = Mapping[Name, bytes]
Answer = bytes | frozenset[tuple[Name, bytes]] | None
OF_VISIT = "told of visit"
SERVICES = frozenset({"gum", "surgery"})
Telling = Callable[[str, Earlier], Held]
"""What a message comes to, read against what was said earlier."""


def message(type_: str, day: str, *segments: str, number: str = "", version: str = "2.4") -> str:
    """A message of noon on a day of January 2024, numbered by its event and day if not otherwise."""
    said, event = f"202401{day}120000", type_.partition("^")[2]
    header = f"MSH|^~\\&|SYSTEM|ZZA|CONCORD|NN|{said}||{type_}|{number or event + day}|P|{version}"
    evn = [f"EVN|{event}|{said}"] if type_.startswith("ADT") else []
    return "\r".join([header, *evn, *segments])


def mapped(text: str, earlier: Earlier) -> Held:
    feed = Feed(organisation=TRUST, earlier=earlier, snapshots=FakeSnapshots(), services=SERVICES)
    return dict(_named(map_message(Message.parse(text.encode()), feed)))


def _named(found: Sequence[Any]) -> Iterator[tuple[Name, bytes]]:
    for one in found:
        assert one.source_id is not None
        yield (one.resource["resourceType"], one.source_id), encode(one.resource)


class Said:
    """What is held, by the source's own ids (the door `Earlier`), and what of it was asked for, in order."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self.asked: list[Name] = []

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        self.asked.append((type_, source_id))
        body = self._held.get((type_, source_id))
        return None if body is None else parse(body)

    def told_of_visit(self, visit: str, besides: Collection[Name]) -> list[tuple[str, dict[str, Any]]]:
        self.asked.append((OF_VISIT, visit))
        return [(name[1], parse(body)) for name, body in sorted(of_visit(self._held, visit)) if name not in besides]


def of_visit(held: Held, visit: str) -> frozenset[tuple[Name, bytes]]:
    """All that is held and stands under the service of a visit."""
    named = f"Encounter/{visit}"
    return frozenset((name, body) for name, body in held.items() if service_of(parse(body)) == named)


def answer(held: Held, asked: Name) -> Answer:
    """What is held of what is asked for: a resource, or what is told of a visit."""
    return of_visit(held, asked[1]) if asked[0] == OF_VISIT else held.get(asked)


class Told:
    """A message, and what it does: remembered by what it asked for and was answered, question by question."""

    def __init__(self, text: str, telling: Telling) -> None:
        self._text, self._telling = text, telling
        self._asks: dict[tuple[Answer, ...], Name] = {}  # by the answers so far, what it asks for next
        self._does: dict[tuple[Answer, ...], Held] = {}  # by all answers

    def does(self, held: Held) -> Held:
        answers: tuple[Answer, ...] = ()
        while asked := self._asks.get(answers):
            answers = (*answers, answer(held, asked))
        if answers not in self._does:
            said = Said(held)
            found = self._telling(self._text, said)
            answers = ()
            for asked in said.asked:
                assert self._asks.setdefault(answers, asked) == asked, "it hangs on more than on what is held"
                answers = (*answers, answer(held, asked))
            self._does[answers] = found
        return self._does[answers]


def ends(story: Sequence[str], telling: Telling = mapped) -> tuple[list[Held], int]:
    """All that can be held when each message of the story has been told at least once, and how many places were seen
    on the way there: sets of messages told, with what is held then."""
    messages = [Told(text, telling) for text in story]
    start = (0, frozenset[tuple[Name, bytes]]())
    seen, waiting = {start}, [start]
    while waiting:
        told, holding = waiting.pop()
        held = dict(holding)
        for number, message in enumerate(messages):
            place = (told | 1 << number, frozenset({**held, **message.does(held)}.items()))
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return [dict(holding) for told, holding in seen if told == (1 << len(story)) - 1], len(seen)


def after(story: Sequence[str]) -> dict[Name, bytes]:
    """What is held when the messages came in this order."""
    held: dict[Name, bytes] = {}
    for text in story:
        held |= mapped(text, Said(held))
    return held


SEEDS = [0, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(1, 50))]


def hold_to_one_state(tell: Callable[[Random, str], str], seed: int) -> None:
    """Forty stories of eight messages, each drawn by chance and numbered, in four orders drawn by chance."""
    chance = Random(seed)
    for _ in range(40):
        story = [tell(chance, str(number)) for number in range(8)]
        expected = after(story)
        for _ in range(3):
            chance.shuffle(story)
            assert after(story) == expected, story
