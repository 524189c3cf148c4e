"""Who can see what of one's own record, in lay words: by kind of information, and of one item."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from threading import Lock

from concord.audit import Audited, AuditWriter
from concord.base import Clock, NotFound
from concord.governance import Choice, Decided, Gate, Viewer
from concord.governance.agreements import (
    About,
    ItemClass,
    Reach,
    Seeing,
    WhoSeesWhat,
    reaches_about,
    who_sees_the_item,
    who_sees_the_kind,
    who_sees_what,
)
from concord.record.asking import asked
from concord.record.dates import LONDON
from concord.record.own import NOTHING, own_person
from concord.record.reading import ItemReader
from concord.record.scopes import Timings
from concord.record.seen import Seen
from concord.store import Reading, Store
from concord.terminology import HEADINGS, Heading

_MOST_KEPT = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class WhoCanSee:
    """`everything`: who sees what, in short; or `seen`, which says who sees `one` kind of information, or an item, and
    when.

    `told` is False of an item of somebody whose whereabouts are protected: who has written it could be read off it.
    """

    everything: WhoSeesWhat | None = None
    one: str = ""
    seen: Sequence[Seeing] = ()
    told: bool = True


class Seers:
    """For whoever's own record it is, by right of access; NotFound for anybody else, in doubt, and of what is not open
    to them. What was worked out is kept under all that it hangs on: the policy, the day, the choices."""

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, reader: ItemReader) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._kept: OrderedDict[tuple[str, date, About], tuple[Reach, ...]] = OrderedDict()
        self._turn = Lock()

    def kinds(self, viewer: Viewer, heading: str | None = None) -> Audited[WhoCanSee]:
        """Of every kind of information; or of one `heading`: NotFound if there is none of that name."""
        now = self._clock.now()
        known = next((each for each in HEADINGS if each == heading and each is not Heading.UNCLASSIFIED), None)
        with self._store.reading() as reading:
            decided = self._own(reading, viewer)
            if decided is None or (heading is not None and known is None):
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "explain", "nothing")])
            directory = decided.decision.policy.directory.settled(now)
            reached = self._reached(reading, decided)
        everything = who_sees_what(reached, directory)
        told = WhoCanSee(everything=everything)
        if known is not None:
            words = next(each.words for kinds in everything.themes.values() for each in kinds if each.heading is known)
            told = WhoCanSee(one=words, seen=who_sees_the_kind(reached, known, directory))
        return self._audit.record(told, [asked(now, viewer, "explain", "shown", person=decided.person)])

    def item(self, viewer: Viewer, type_: str, id_: str) -> Audited[WhoCanSee]:
        """Of one item of the viewer's own record that is open to them."""
        now = self._clock.now()
        timings: Timings = {}
        with self._store.reading() as reading:
            decided = self._own(reading, viewer)
            found = None if decided is None else self._reader.open_item(reading, type_, id_, viewer, timings)
            if decided is None or found is None or found[0].person != decided.person:
                nothing = asked(now, viewer, "explain", "nothing", detail={"type": type_})
                return self._audit.refuse(NotFound(NOTHING), [nothing])
            scope, item = found
            of = ItemClass(
                contributor=self._gate.organisation_of(reading, item.source),
                service=reading.words.text(reading, item.service) if item.service else None,
                heading=HEADINGS[item.heading],
                labels=item.labels,
            )
            told = WhoCanSee(told=False)
            if decided.locates:
                reached, directory = self._reached(reading, decided), decided.decision.policy.directory.settled(now)
                told = WhoCanSee(seen=who_sees_the_item(reached, of, directory))
            event = self._reader.shown(viewer, "explain", scope, Seen([(item, b"")]), type=type_)
        return self._audit.record(told, [event], timings)

    def _own(self, reading: Reading, viewer: Viewer) -> Decided | None:
        person = own_person(reading, viewer)
        decided = None if person is None else self._gate.decide(reading, viewer, person)
        return decided if decided is not None and decided.own else None

    def _reached(self, reading: Reading, decided: Decided) -> tuple[Reach, ...]:
        now, policy = decided.decision.now, decided.decision.policy
        about = About(
            choices=tuple(_timeless(self._gate.known_choices(reading, decided))), protected=decided.facts.protected
        )
        key = policy.version, now.astimezone(LONDON).date(), about
        with self._turn:
            if key not in self._kept:
                self._kept[key] = reaches_about(policy, about, now)
                while len(self._kept) > _MOST_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[key]


def _timeless(choices: Sequence[Choice]) -> list[Choice]:
    """Choices in effect, whenever that began: so that people who have chosen alike are worked out once."""
    return [replace(choice, start_at=None, end_at=None) for choice in choices]
