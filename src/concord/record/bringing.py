"""What a search brings beside its matches: `_include`, `_revinclude` and `:iterate`, as far as it is open."""

from collections.abc import Iterator, Sequence

from concord.base import Incorrect
from concord.fhir import Search
from concord.fhir.searches import Include, included, may_refer_to, referred
from concord.governance import Asker, SourceSystem, permit_source
from concord.record.following import Following
from concord.record.reading import ItemReader, Opened
from concord.record.rows import Rows
from concord.record.scopes import Scope
from concord.store import Reading, people
from concord.store.items import Place

MOST_BROUGHT = 2000  # beside one page


class Bringing:
    """Of one page of one search."""

    def __init__(self, reading: Reading, asker: Asker, reader: ItemReader, rows: Rows, following: Following) -> None:
        self._reading = reading
        self._asker = asker
        self._reader = reader
        self._rows = rows
        self._following = following
        self._referring: dict[tuple[object, ...], dict[str, list[Opened]]] = {}

    def brought(self, search: Search, shown: Sequence[Opened]) -> list[Opened]:
        """Each once, none that is shown already. Raises Incorrect when they are more than one answer can hold."""
        already: set[Place] = {each.item.place for each in shown}
        brought: list[Opened] = []
        fresh = list(shown)
        while fresh:
            asked = [each for each in (*search.includes, *search.revincludes) if not brought or each.iterate]
            found = [one for include in asked for each in fresh for one in self._by(include, search, each)]
            fresh = []
            for one in found:
                if one.item.place not in already:
                    already.add(one.item.place)
                    fresh.append(one)
            brought += fresh
            if len(brought) > MOST_BROUGHT:
                raise Incorrect(
                    f"This brings more than {MOST_BROUGHT} resources beside the matches. "
                    "Ask for smaller pages (_count), or include less."
                )
        return brought

    def _by(self, include: Include, search: Search, one: Opened) -> Iterator[Opened]:
        if include in search.includes:
            for name in included(one.resource, include):
                target = self._following.target(name, one.scope, one.item)
                if target is not None:
                    yield target
        if include in search.revincludes:
            yield from self._naming(include, one)

    def _naming(self, include: Include, one: Opened) -> Sequence[Opened]:
        """Open items that refer to this one, in the same person's record (or a contributor's, of what names nobody)."""
        type_ = one.name.partition("/")[0]
        if include.target not in (None, type_):
            return ()
        scope = self._around(one)
        types = [include.type] if include.type else sorted(may_refer_to(type_))
        key = (scope.person, scope.permitted.source_patient, include)
        if key not in self._referring:
            naming = self._referring[key] = {}
            for of in types:
                for item in self._rows.of(self._reading, scope, of):
                    opened = self._reader.opened(self._reading, item, scope)
                    for name in referred(opened.resource, include.parameter):
                        naming.setdefault(name, []).append(opened)
        return self._referring[key].get(one.name, ())

    def _around(self, one: Opened) -> Scope:
        if not isinstance(self._asker, SourceSystem):
            return one.scope
        if one.item.source == people.shelf(self._reading, self._asker.organisation):
            return Scope(permit_source(self._asker))
        return Scope(permit_source(self._asker, one.item.source))
