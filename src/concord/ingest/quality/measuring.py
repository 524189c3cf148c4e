"""Measuring what an organisation's data are like: in portions, each counted once, resumed where it was cut short."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from concord.base import Clock, OdsCode
from concord.fhir import Resource
from concord.ingest.quality.figures import Figures, read_figures
from concord.ingest.quality.judging import TWO_PATIENTS, HeldItem, add
from concord.terminology import Heading

_MOST_DAYS = 90  # of trend
_NOTED_EVERY = 20  # portions


class _Portion(Protocol):
    @property
    def after(self) -> int: ...
    @property
    def patients(self) -> Sequence[Sequence[tuple[Heading, Resource]]]: ...


class MeasuredDoor(Protocol):
    """Where what is measured is read, and figures (JSON) are kept by organisation and day."""

    def begin(self, organisation: OdsCode, day: str) -> tuple[int, str] | None: ...
    def portion(self, organisation: OdsCode, after: int) -> _Portion | None: ...
    def sharing_a_number(self, organisation: OdsCode) -> int: ...
    def note(self, organisation: OdsCode, day: str, figures: str, *, after: int) -> None: ...
    def keep(self, organisation: OdsCode, day: str, figures: str) -> None: ...
    def kept(self, organisation: OdsCode, most: int) -> Sequence[tuple[OdsCode, str, str]]: ...
    def newest(self) -> Sequence[tuple[OdsCode, str, str]]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """An organisation's figures of a day (a FHIR date)."""

    organisation: OdsCode
    day: str
    figures: Figures

    @property
    def measured_on(self) -> date:
        return date.fromisoformat(self.day)


class Quality:
    """What each organisation's data are like: counted by `measure`, kept by the day."""

    def __init__(self, records: MeasuredDoor, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def measure(self, organisation: OdsCode, tell: Callable[[int], None]) -> Measured:
        """Count everything current that an organisation contributed, and keep it as today's figures.

        Linear in its items, a portion of people in memory at a time; `tell` hears how many are counted. A pass of this
        day that was cut short is gone on with.
        """
        day = self._clock.now().date().isoformat()
        resumed = self._records.begin(organisation, day)
        after, figures = (0, Figures()) if resumed is None else (resumed[0], read_figures(resumed[1]))
        portions = 0
        while (portion := self._records.portion(organisation, after)) is not None:
            after, portions = portion.after, portions + 1
            for held in portion.patients:
                add(figures, [HeldItem(heading, resource) for heading, resource in held], day)
            if portions % _NOTED_EVERY == 0:
                self._records.note(organisation, day, figures.as_json(), after=after)
            tell(figures.people)
        if sharing := self._records.sharing_a_number(organisation):
            figures.findings[TWO_PATIENTS] = Counter({"Patient.identifier": sharing})
        figures.looked[TWO_PATIENTS] = figures.people
        self._records.keep(organisation, day, figures.as_json())
        return Measured(organisation=organisation, day=day, figures=figures)

    def trend(self, organisation: OdsCode) -> Sequence[Measured]:
        """The days on which an organisation was measured, newest first; at most the last 90."""
        return [_measured(row) for row in self._records.kept(organisation, _MOST_DAYS)]

    def newest(self) -> Sequence[Measured]:
        """Each organisation's newest day, by its code."""
        return [_measured(row) for row in self._records.newest()]


def _measured(row: tuple[OdsCode, str, str]) -> Measured:
    organisation, day, figures = row
    return Measured(organisation=organisation, day=day, figures=read_figures(figures))
