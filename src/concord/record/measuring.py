"""What an organisation contributed, read to be counted: for data quality, under a duty of its own.

Nothing about a person leaves; what is kept are figures, a day at a time.
"""

from collections.abc import Sequence
from typing import NamedTuple

from concord.audit import AuditEvent, AuditWriter
from concord.base import Clock, OdsCode
from concord.fhir import Resource
from concord.governance import SourceSystem, permit_source
from concord.record.wire import as_sent
from concord.store import Reading, Store, body, items, people, quality
from concord.terminology import HEADINGS, Heading

_AT_ONCE = 100  # source patients
Held = tuple[Heading, Resource]


class Portion(NamedTuple):
    """The current items of some source patients, each one's together; `after` is the number of the last of these."""

    after: int
    patients: Sequence[Sequence[Held]]


class Measuring:
    def __init__(self, store: Store, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._codec = body.Codec()

    def begin(self, organisation: OdsCode, day: str) -> tuple[int, str] | None:
        """How far a pass of this day had come that was cut short, and its figures; None: from the start. Audited."""
        detail = {"organisation": organisation, "for": "data quality"}
        event = AuditEvent(at=self._clock.now(), action="read", outcome="done", who="duty:data-quality", detail=detail)
        self._audit.record(None, [event]).wait()
        with self._store.reading() as reading:
            return quality.noted(reading, organisation, day)

    def portion(self, organisation: OdsCode, after: int) -> Portion | None:
        """The next source patients behind a number; None when there are no more."""
        own = SourceSystem(organisation=organisation)
        with self._store.reading() as reading:
            found = people.contributed(reading, permit_source(own), after=after, most=_AT_ONCE)
            if not found:
                return None
            held = [self._held(reading, own, (each.home, each.number)) for each in found if not each.shelf]
            return Portion(found[-1].number, [each for each in held if each])

    def sharing_a_number(self, organisation: OdsCode) -> int:
        """How many of its Patients bear an NHS number that another of them bears."""
        with self._store.reading() as reading:
            return quality.sharing_a_number(reading, organisation)

    def note(self, organisation: OdsCode, day: str, figures: str, *, after: int) -> None:
        """Note how far a pass has come."""
        with self._store.writing() as writing:
            quality.note(writing, quality.Measured(organisation, day, figures), after)

    def keep(self, organisation: OdsCode, day: str, figures: str) -> None:
        """Keep a day's figures: the pass has ended."""
        with self._store.writing() as writing:
            quality.keep(writing, quality.Measured(organisation, day, figures))

    def kept(self, organisation: OdsCode, most: int) -> Sequence[tuple[OdsCode, str, str]]:
        """(organisation, day, figures) of the newest days of an organisation, newest first."""
        with self._store.reading() as reading:
            return quality.kept(reading, organisation, most)

    def newest(self) -> Sequence[tuple[OdsCode, str, str]]:
        """The same of each organisation's newest day."""
        with self._store.reading() as reading:
            return quality.newest(reading)

    def _held(self, reading: Reading, own: SourceSystem, source: people.Source) -> list[Held]:
        return [
            (HEADINGS[item.heading], as_sent(reading.words.text(reading, item.type), item, self._codec))
            for item in items.read(reading, permit_source(own, source), current_only=True)
        ]
