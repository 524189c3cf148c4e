"""Criteria about other resources: chains and `_has`. Each hop goes only to what is open to the asker."""

from collections.abc import Iterable
from dataclasses import replace

from concord.base import Keys, PersonId
from concord.fhir import Criterion, Resource, Value, matches
from concord.fhir.searches import Referring, reference_parameters, reference_targets, referred
from concord.governance import Asker, SourceSystem, permit_source
from concord.record.reading import ItemReader, Opened
from concord.record.rows import Rows
from concord.record.scopes import Scope
from concord.store import Reading
from concord.store.items import StoredItem


class Following:
    """What one search finds by following references, remembered while it lasts. `scopes`: of whom it has decided about
    already, having found them on a list."""

    def __init__(self, reading: Reading, asker: Asker, reader: ItemReader, rows: Rows) -> None:
        self._reading = reading
        self._asker = asker
        self._reader = reader
        self._rows = rows
        self.scopes: dict[PersonId, Scope | None] = {}
        self._opened: dict[tuple[object, ...], Opened] = {}
        self._met: dict[tuple[object, ...], bool] = {}
        self._referring: dict[tuple[object, ...], frozenset[str]] = {}

    def meets(self, opened: Opened, criteria: Iterable[Criterion]) -> bool:
        """Whether an open item meets every criterion, as far as the asker may know."""
        return all(self._meets(opened.resource, opened.name, opened.item, opened.scope, each) for each in criteria)

    def target(self, name: str, scope: Scope, by: StoredItem) -> Opened | None:
        """What an open item refers to as "Type/id", if it is open too."""
        type_, _, id_ = name.partition("/")
        place = self._reader.scopes.locate(self._reading, type_, id_, self._asker)
        scope = self._wide(scope)
        item = None if place is None else self._rows.referred(self._reading, scope, place, by=by)
        if item is None:
            return None
        key = (_key(scope), item.place)
        if key not in self._opened:
            self._opened[key] = self._reader.opened(self._reading, item, scope)
        return self._opened[key]

    def _wide(self, scope: Scope) -> Scope:
        """A source system that named a Patient still has what names nobody."""
        return Scope(permit_source(self._asker)) if isinstance(self._asker, SourceSystem) else scope

    def _meets(self, resource: Resource, name: str, item: StoredItem, scope: Scope, criterion: Criterion) -> bool:
        if criterion.modifier == "chain":
            return self._chain_meets(resource, item, scope, criterion)
        if criterion.has is not None:
            return name in self._named_by(scope, criterion.has)
        return matches(resource, criterion, item.stored_at)

    def _chain_meets(self, resource: Resource, item: StoredItem, scope: Scope, criterion: Criterion) -> bool:
        wanted = dict(criterion.chain)
        for target in reference_targets(resource, criterion.name):
            if isinstance(target, dict):  # a resource that stands there itself: it goes out with what it stands in
                inner = wanted.get(target["resourceType"])
                if inner is not None and self._meets(target, "", item, scope, inner):
                    return True
                continue
            inner = wanted.get(target.partition("/")[0])
            if inner is not None and self._target_meets(target, scope, item, inner):
                return True
        return False

    def _target_meets(self, target: str, scope: Scope, by: StoredItem, inner: Criterion) -> bool:
        opened = self.target(target, scope, by)
        if opened is None:
            return False
        key = (_key(opened.scope), opened.item.place, inner)
        if key not in self._met:
            self._met[key] = self.meets(opened, [inner])
        return self._met[key]

    def _named_by(self, scope: Scope, has: Referring) -> frozenset[str]:
        """What open items of a scope that meet a criterion refer to."""
        key = (_key(scope), has)
        if key not in self._referring:
            rows = self._rows.of(self._reading, scope, has.type, [has.criterion])
            opened = (self._reader.opened(self._reading, item, scope) for item in rows)
            self._referring[key] = frozenset(
                name
                for each in opened
                if self.meets(each, [has.criterion])
                for name in referred(each.resource, has.parameter)
            )
        return self._referring[key]


def _key(scope: Scope) -> object:
    """What tells the scopes of one search apart."""
    return scope.person if scope.decided is not None else scope.permitted.source_patient


def with_aliases(criterion: Criterion, of: str, by: SourceSystem, keys: Keys) -> Criterion:
    """The criterion with what a source system calls things beside what they are called here."""
    if criterion.has is not None:
        has = criterion.has
        inner = with_aliases(has.criterion, has.type, by, keys)
        return replace(criterion, has=Referring(type=has.type, parameter=has.parameter, criterion=inner))
    if criterion.modifier == "chain":
        return replace(criterion, chain=tuple((to, with_aliases(inner, to, by, keys)) for to, inner in criterion.chain))
    if criterion.modifier is not None:
        return criterion
    if criterion.name == "_id":
        known = [Value(text="", code=keys.logical_id(by.organisation, of, v.code)) for v in criterion.values if v.code]
    elif criterion.kind == "reference":
        known = _references(criterion, of, by, keys)
    else:
        return criterion
    return replace(criterion, values=(*criterion.values, *known))


def _references(criterion: Criterion, of: str, by: SourceSystem, keys: Keys) -> list[Value]:
    targets = reference_parameters(of)[criterion.name].targets
    return [
        Value(text="", type=type_, id=keys.logical_id(by.organisation, type_, value.id))
        for value in criterion.values
        if value.id is not None
        for type_ in ([value.type] if value.type is not None else targets)
    ]
