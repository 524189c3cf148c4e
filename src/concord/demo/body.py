"""What a person's tests come out at, over the years: their own baseline, moved by what they have."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random

from concord.demo.conditions import Held
from concord.demo.measurements import PANELS, TESTS, Reading


class Body:
    """`levels`: (value now, noise, change a year) of what a story fixes."""

    def __init__(
        self,
        held: Sequence[Held],
        rng: Random,
        today: date,
        levels: Mapping[str, tuple[float, float, float]] | None = None,
    ) -> None:
        self._rng = rng
        self._today = today
        self._levels: dict[str, tuple[float, float, float]] = {}
        for name, test in TESTS.items():
            self._levels[name] = (rng.gauss(test.mean, test.spread * 0.7), test.spread * 0.4, 0.0)
        for each in held:
            for name, (mean, spread, change) in each.condition.levels.items():
                self._levels[name] = (rng.gauss(mean, spread * 0.6), spread * 0.5, change)
        self._levels.update(levels or {})

    def reading(self, name: str, day: date, *, shift: float = 0.0) -> Reading:
        """The test `name` on that day; `shift` is what an illness of the moment adds."""
        now, noise, change = self._levels[name]
        years_ago = (self._today - day).days / 365.25
        value = now - change * years_ago + self._rng.gauss(0, noise) + shift
        test = TESTS[name]
        return Reading(name=name, number=f"{max(value, test.mean / 10):.{test.places}f}")

    def panel(self, panel: str, day: date, *, shifts: Mapping[str, float] | None = None) -> list[Reading]:
        return [self.reading(name, day, shift=(shifts or {}).get(name, 0.0)) for name in PANELS[panel]]
