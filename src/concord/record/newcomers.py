"""What is held about Patients before they come. Of most there is nothing: it is asked of all of a write at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from concord.record.prepare import Context
from concord.store import Writing, items, registers, ties
from concord.store.items import Place


class Before(NamedTuple):
    """What was there before a Patient: items that name it beside the one they lie with, whether any wait for it, and
    whether anything is said of whose it is."""

    named_by: Sequence[Place]
    waited_for: bool
    spoken_of: bool


class Newcomers:
    """Of one transaction, which tells what it writes that bears on those who are yet to come."""

    def __init__(self, writing: Writing, context: Context) -> None:
        self._writing = writing
        self._context = context
        self._expected: set[str] = set()
        self._named: dict[str, list[Place]] | None = None
        self._waited_for: set[str] = set()
        self._spoken_of: set[str] = set()

    def expect(self, patients: Iterable[str]) -> None:
        """Patients, by logical id, that are not held and may come."""
        new = set(patients) - self._expected
        if new:
            self._expected |= new
            self._named = None

    def take(self, patient: str) -> Before:
        """A Patient has come."""
        self.expect([patient])
        if self._named is None:
            self._named = self._ask()
        self._expected.discard(patient)
        return Before(self._named.get(patient, ()), patient in self._waited_for, patient in self._spoken_of)

    def indexed(self) -> None:
        """Items were indexed, which may name any of them."""
        self._named = None

    def wait(self, patient: str) -> None:
        """An item waits for a Patient."""
        self._waited_for.add(patient)

    def speak(self, patients: Iterable[str]) -> None:
        """Another Patient says that these are the same human's."""
        self._spoken_of.update(patients)

    def _ask(self) -> dict[str, list[Place]]:
        expected = sorted(self._expected)
        self._waited_for |= registers.waited_for(self._writing, expected)
        self._spoken_of |= ties.any_spoken_of(self._writing, expected)
        values = {self._context.refers_to(f"Patient/{patient}"): patient for patient in expected}
        named: dict[str, list[Place]] = {}
        for value, place in items.found_under(self._writing, values):
            named.setdefault(values[value], []).append(place)
        return named
