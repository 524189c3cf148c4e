"""What an organisation's extracts that hold all there is held, so that what a later one lacks is known to be gone."""

from collections.abc import Collection

from concord.base import OdsCode
from concord.store import Store, registers

Named = tuple[str, str]


class Snapshots:
    """Of one organisation. `source` names the extract; a name is a resource's type and source id."""

    def __init__(self, store: Store, organisation: OdsCode) -> None:
        self._store = store
        self._organisation = organisation

    def held(self, source: str) -> set[Named]:
        with self._store.reading() as reading:
            return set(registers.in_snapshot(reading, self._organisation, source))

    def note(self, source: str, names: Collection[Named]) -> None:
        """Durably; before what they name is written."""
        with self._store.writing() as writing:
            registers.note_in_snapshot(writing, self._organisation, source, sorted(names))

    def strike(self, source: str, names: Collection[Named]) -> None:
        """After what they name has gone."""
        with self._store.writing() as writing:
            registers.strike_from_snapshot(writing, self._organisation, source, sorted(names))
