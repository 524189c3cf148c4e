"""The latest Observations of each kind: `Observation/$lastn`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Keys
from concord.fhir import Criterion, fold, matches
from concord.governance import Asker, Gate
from concord.record.asking import asked
from concord.record.reading import Found, ItemReader
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.seen import Seen
from concord.store import Reading, Store
from concord.store.items import StoredItem

_Read = tuple[StoredItem, Mapping[str, Any]]


class Latest:
    """One decision, one snapshot, one audit row."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._rows = Rows(gate, keys)

    def observations(self, patient: str, criteria: Sequence[Criterion], asker: Asker, *, most: int) -> Audited[Found]:
        """Of each code the latest `most` that are open and meet the criteria, and whatever is as late as the last.

        The kinds stand in the order of their latest, each from its latest on; the undated last. Of a Patient that is
        hidden or absent, nothing.
        """
        timings: Timings = {}
        with self._store.reading() as reading:
            scope = self._reader.scopes.of_patient(reading, patient, asker, timings)
            found = [] if scope is None else list(self._found(reading, scope, criteria))
            kinds = [sorted(kind, key=_order) for kind in _by_kind(found)]
            kinds.sort(key=lambda kind: _order(kind[0]))
            shown = [item for kind in kinds for item, _ in _latest(kind, most)]
            served = [] if scope is None else [self._reader.serve(reading, item, scope) for item in shown]
        detail = {"type": "Observation", "asked": ["patient", *(criterion.name for criterion in criteria)]}
        if scope is None or not shown:
            event = asked(self._clock.now(), asker, "search", "nothing", detail=detail)
        else:
            seen = Seen((item, each.wire) for item, each in zip(shown, served, strict=True))
            event = self._reader.shown(asker, "search", scope, seen, **detail)
        return self._audit.record(Found(served, (), len(served), None), [event], timings)

    def _found(self, reading: Reading, scope: Scope, criteria: Sequence[Criterion]) -> Iterator[_Read]:
        permitted = scope.permitted
        own = {(opening.home, opening.source_patient) for opening in permitted.openings} | {permitted.source_patient}
        for item in self._rows.of(reading, scope, "Observation"):
            # An Observation lies with its subject: what lies elsewhere names the person as something else.
            if item.lifecycle == 0 and item.place[:2] in own:
                resource = self._reader.resource(reading, item, scope)
                if all(matches(resource, criterion, item.stored_at) for criterion in criteria):
                    yield item, resource


def _by_kind(found: Sequence[_Read]) -> list[list[_Read]]:
    """Observations that share a coding, or the words of the code, are of one kind, and so is what shares with these."""
    kind_of: dict[tuple[str, ...], list[_Read]] = {}
    for read in found:
        names = _names(read[1])
        mine: list[_Read] = [read]
        for name in names:
            other = kind_of.get(name, mine)
            if other is not mine:
                other += mine
                for key, kind in kind_of.items():
                    if kind is mine:
                        kind_of[key] = other
                mine = other
            kind_of[name] = mine
    return list({id(kind): kind for kind in kind_of.values()}.values())


def _names(observation: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """What an Observation's code is called; of one without any, a name of its own."""
    code = observation.get("code", {})
    names: list[tuple[str, ...]] = [
        ("code", each.get("system", ""), each["code"]) for each in code.get("coding", ()) if "code" in each
    ]
    if "text" in code:
        names.append(("text", fold(code["text"])))
    return names or [("id", observation["id"])]


def _order(read: _Read) -> tuple[bool, int, str]:
    item, _ = read
    return item.starts_at is None, -(item.starts_at or 0), item.id


def _latest(kind: Sequence[_Read], most: int) -> Sequence[_Read]:
    """The first `most`, and what bears the same time as the last of them."""
    if len(kind) <= most:
        return kind
    last = kind[most - 1][0].starts_at
    return [read for number, read in enumerate(kind) if number < most or read[0].starts_at == last]
