"""The course of a visit: each event as it was told, and what they come to, in whatever order they came.

The events are kept with the Encounter (extension `MOVEMENT`), cancelled ones too, so that a late message finds its
place. An event is cancelled by A11 (an admission), A12 (a transfer), A13 (a discharge), A32 (an arrival), A33 (a
departure), A38 (an admission that was only expected), as HL7 v2.4, 3.3, has it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from concord.fhir import TOLD_BY
from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.types import Element

MOVEMENT = "https://concord.example/StructureDefinition/movement"
"""Extension of an Encounter, one an event: `event`, `at`, `said` (if later), `place`, `class`, `start`, `end`,
`patient`, `service`, TOLD_BY."""

ADMIT, REGISTER, BECOME_INPATIENT, BECOME_OUTPATIENT = "A01", "A04", "A06", "A07"
TRANSFER, DISCHARGE, UPDATE = "A02", "A03", "A08"
DEPART, ARRIVE = "A09", "A10"
TRACKING = frozenset({DEPART, ARRIVE})
MOVE_VISIT = "A45"
EXPECT = frozenset({"A05", "A14"})
CANCEL_ADMIT, CANCEL_TRANSFER, CANCEL_DISCHARGE, CANCEL_EXPECT = "A11", "A12", "A13", "A38"
CANCEL_ARRIVE, CANCEL_DEPART = "A32", "A33"
CANCELS = frozenset({CANCEL_ADMIT, CANCEL_TRANSFER, CANCEL_DISCHARGE, CANCEL_EXPECT, CANCEL_ARRIVE, CANCEL_DEPART})
_MOVES_VOID = {CANCEL_TRANSFER: TRANSFER, CANCEL_ARRIVE: ARRIVE, CANCEL_DEPART: DEPART}
_ARRIVALS = (ADMIT, REGISTER)
_REOPENS_NOT = {UPDATE, *TRACKING}  # told after a discharge, it does not open the visit again
_ADMISSIONS = {*_ARRIVALS, BECOME_INPATIENT, *EXPECT}
_ENDS = {DISCHARGE, MOVE_VISIT, *CANCELS}  # told of an admission that never was, they count all the same
# Of events of one moment: what comes first.
_RANK = {
    kind: rank
    for rank, kind in enumerate(
        (
            *("A05", "A14", "A04", "A01", "A06", "A07", "A02", "A09", "A10", "A08", "A03"),
            *("A11", "A12", "A13", "A32", "A33", "A38", "A45"),
        )
    )
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Event:
    """One message about a visit. `class_` is PV1-2; `start_at` and `end_at` are PV1-44 and PV1-45 where it has them.

    `patient`, of a visit that was moved: whose it is, by the source's id. `service`: the visit's, where one is named
    that the directory knows. `message` told of it; another one that tells the same tells of the same event.
    """

    kind: str
    said_at: str
    happened_at: str
    place: Element | None = None
    class_: str = ""
    start_at: str | None = None
    end_at: str | None = None
    patient: str = ""
    service: str = ""
    message: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Move:
    """From `start_at` on the patient was in `place`, or `on_the_way` there."""

    start_at: str
    place: Element
    message: str = ""
    on_the_way: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Course:
    """What the events come to. `expected_in`: the place that a planned visit is expected in."""

    status: Literal["planned", "in-progress", "finished", "entered-in-error", "unknown"]
    class_: str
    start_at: str | None
    end_at: str | None
    moves: tuple[Move, ...]
    expected_in: Element | None


def events_of(encounter: Mapping[str, Any] | None) -> list[Event]:
    """The events that an Encounter keeps."""
    extensions = encounter.get("extension", ()) if encounter else ()
    return [_event(one["extension"]) for one in extensions if one.get("url") == MOVEMENT]


def kept(events: Sequence[Event]) -> list[Element]:
    """The events as extensions of the Encounter."""
    return [{"url": MOVEMENT, "extension": _parts(event)} for event in events]


def with_event(events: Iterable[Event], event: Event) -> list[Event]:
    """The events and one more, in order of time.

    An update that repeats what was said before it is kept like all others: of a message that comes late, and belongs
    between the two, it may be the answer.
    """
    every = list(events)
    told_first = min((each for each in (*every, event) if each == event), key=lambda each: each.message)
    return sorted([*(each for each in every if each != event), told_first], key=_in_order)


def moved_to(events: Sequence[Event]) -> str:
    """The source id of the Patient whose visit it is by the last message that moved it; empty when none did."""
    moves = [event for event in events if event.kind == MOVE_VISIT]
    return max(moves, key=lambda event: moment(event.said_at)).patient if moves else ""


def course(events: Sequence[Event]) -> Course:
    """What the events, in order of time, come to."""
    void = _void(events)
    standing = [event for event in events if event.kind not in CANCELS and event not in void]
    never = any(event.kind in (CANCEL_ADMIT, CANCEL_EXPECT) for event in events) and not any(
        event.kind in _ADMISSIONS for event in standing
    )
    planned = any(event.kind in EXPECT for event in standing) and all(
        event.kind in EXPECT or event.kind in (UPDATE, MOVE_VISIT) for event in standing
    )
    start_at = _start(standing)
    end_at, moves = _walked(standing, start_at, _reopened_at(events))
    return Course(
        status=_status(standing, never=never, planned=planned, over=end_at is not None),
        class_=_class(standing) or _class(events),
        start_at=start_at,
        end_at=None if never else end_at,
        moves=() if never or planned else moves,
        expected_in=next((event.place for event in reversed(standing) if event.place), None) if planned else None,
    )


def _status(
    standing: Sequence[Event], *, never: bool, planned: bool, over: bool
) -> Literal["planned", "in-progress", "finished", "entered-in-error", "unknown"]:
    if never:
        return "entered-in-error"
    if all(event.kind == MOVE_VISIT for event in standing):
        return "unknown"  # nothing was told of it but whose it is
    return "planned" if planned else "finished" if over else "in-progress"


def _void(events: Sequence[Event]) -> list[Event]:
    """The events that others cancel."""
    void: list[Event] = []
    never: list[tuple[Event, Event]] = []  # an admission, and what cancelled it
    for cancel in sorted((event for event in events if event.kind in CANCELS), key=lambda one: moment(one.said_at)):
        said_before = [one for one in events if moment(one.said_at) <= moment(cancel.said_at) and one not in void]
        if cancel.kind == CANCEL_DISCHARGE:
            void += [one for one in said_before if one.kind == DISCHARGE]
        elif cancel.kind in _MOVES_VOID:
            gone = _meant(cancel, [one for one in said_before if one.kind == _MOVES_VOID[cancel.kind]])
            if gone is not None:  # with the updates that repeat where it led
                repeated = [one for one in said_before if one.kind == UPDATE and one.place == gone.place]
                void += [gone, *(one for one in repeated if moment(one.said_at) >= moment(gone.said_at))]
        else:
            admissions = _admission(cancel, said_before)
            void += admissions
            never += [(one, cancel) for one in admissions]
    return void + _told_of(never, events)


def _told_of(never: Sequence[tuple[Event, Event]], events: Sequence[Event]) -> list[Event]:
    """What was told, in order of time, of admissions that never were.

    An event belongs to the last admission before it that was not cancelled yet when it was said. One that was said
    when all were cancelled tells of nothing. A discharge stands: it may be the end of what came before.
    """
    void: list[Event] = []
    cancelled_at: list[datetime | None] = []  # of each admission so far
    for event in events:
        if event.kind in _ADMISSIONS:
            cancelled_at.append(next((moment(cancel.said_at) for one, cancel in never if one == event), None))
        elif cancelled_at and event.kind not in _ENDS:
            said_at = moment(event.said_at)
            open_then = [at for at in cancelled_at if at is None or at >= said_at]
            if not open_then or open_then[-1] is not None:
                void.append(event)
    return void


def _admission(cancel: Event, said_before: Sequence[Event]) -> list[Event]:
    """The admission that is cancelled, as often as it was told since the visit was last over."""
    admissions = EXPECT if cancel.kind == CANCEL_EXPECT else _ADMISSIONS
    meant = _meant(cancel, [one for one in said_before if one.kind in admissions])
    if meant is None:
        return []
    over = [_in_order(one) for one in said_before if one.kind == DISCHARGE and _in_order(one) < _in_order(meant)]
    since = max(over) if over else None
    return [one for one in said_before if one.kind == meant.kind and (since is None or _in_order(one) > since)]


def _meant(cancel: Event, candidates: Sequence[Event]) -> Event | None:
    """The event of the time that the cancellation names (EVN-6), else the last one."""
    exact = [one for one in candidates if moment(one.happened_at) == moment(cancel.happened_at)]
    return max(exact or candidates, key=_in_order, default=None)


def _reopened_at(events: Sequence[Event]) -> datetime | None:
    """When a discharge was last cancelled: ends said until then are void too."""
    return max((moment(event.said_at) for event in events if event.kind == CANCEL_DISCHARGE), default=None)


def _start(standing: Sequence[Event]) -> str | None:
    stated = [event for event in standing if event.start_at]
    if stated:
        return max(stated, key=lambda event: moment(event.said_at)).start_at
    arrived = [event for event in standing if event.kind in _ARRIVALS]
    admitted = arrived or [event for event in standing if event.kind == BECOME_INPATIENT]
    return admitted[0].happened_at if admitted else None


def _walked(
    standing: Sequence[Event], start_at: str | None, reopened_at: datetime | None
) -> tuple[str | None, tuple[Move, ...]]:
    """When the visit was over, and where the patient was until then."""
    end_at: str | None = None
    moves: tuple[Move, ...] = ()
    arrived = False
    bed: Element | None = None
    for event in standing:
        if event.kind in EXPECT or event.kind == MOVE_VISIT:
            continue
        at = moment(event.happened_at)
        over = end_at is not None and at >= moment(end_at)
        stated = event.end_at if reopened_at is None or moment(event.said_at) > reopened_at else None
        if event.kind == DISCHARGE:
            end_at = stated or event.happened_at
        elif stated:
            end_at = stated
        elif end_at is not None and event.kind not in _REOPENS_NOT and at > moment(end_at):
            end_at = None  # an admission or a transfer after the discharge opens the visit again
        if event.place is None or (event.kind == UPDATE and event.place == bed):
            continue
        if event.kind not in TRACKING:
            bed = event.place
        if event.kind != DISCHARGE and not (over and event.kind in _REOPENS_NOT):
            first = event.kind in _ARRIVALS and not arrived
            arrived = arrived or first
            began_at = start_at if first and start_at and "T" in start_at else event.happened_at
            moves = filed(moves, Move(began_at, event.place, event.message, event.kind == DEPART))
        elif not moves:
            moves = (Move(start_at or event.happened_at, event.place, event.message),)
    return end_at, moves


def _class(events: Iterable[Event]) -> str:
    """The patient class that was said last."""
    stated = [event for event in events if event.class_]
    return max(stated, key=lambda event: moment(event.said_at)).class_ if stated else ""


def filed(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """The moves with one more in its place in time. A move to where the patient already is, is none."""
    before = [one for one in moves if _at(one) <= _at(move)]
    after = [one for one in moves if _at(one) > _at(move)]
    if before and _same(before[-1], move):
        return moves
    if before and _at(before[-1]) == _at(move):
        before.pop()  # said of the same moment: the later word counts
    if after and _same(after[0], move):
        after.pop(0)
    return (*before, move, *after)


def _at(move: Move) -> datetime:
    return moment(move.start_at)


def _same(one: Move, other: Move) -> bool:
    return bool(one.place["identifier"] == other.place["identifier"]) and one.on_the_way == other.on_the_way


def _in_order(event: Event) -> tuple[datetime, datetime, int, str]:
    words = repr((event.place, event.class_, event.start_at, event.end_at, event.patient, event.service))
    return moment(event.happened_at), moment(event.said_at), _RANK.get(event.kind, 0), words


def _parts(event: Event) -> list[Element]:
    said_at = event.said_at if event.said_at != event.happened_at else None
    parts = (
        ("event", "valueCode", event.kind),
        ("at", "valueDateTime", event.happened_at),
        ("said", "valueDateTime", said_at),
        ("place", "valueReference", event.place),
        ("class", "valueString", event.class_),
        ("start", "valueDateTime", event.start_at),
        ("end", "valueDateTime", event.end_at),
        ("patient", "valueString", event.patient),
        ("service", "valueCode", event.service),
        (TOLD_BY, "valueString", event.message),
    )
    return [{"url": url, type_: value} for url, type_, value in parts if value]


def _event(parts: Iterable[Element]) -> Event:
    said = {part["url"]: next(value for name, value in part.items() if name != "url") for part in parts}
    return Event(
        kind=said["event"],
        said_at=said.get("said", said["at"]),
        happened_at=said["at"],
        place=said.get("place"),
        class_=said.get("class", ""),
        start_at=said.get("start"),
        end_at=said.get("end"),
        patient=said.get("patient", ""),
        service=said.get("service", ""),
        message=said.get(TOLD_BY, ""),
    )
