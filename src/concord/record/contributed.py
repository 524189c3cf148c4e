"""What the organisation that writes contributed before: all that its ids and its conditions can ever meet."""

import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from concord.base import Incorrect
from concord.fhir import Criterion, Resource, index_keys, matches, parse_search
from concord.fhir.searches import is_of_others
from concord.governance import SourceSystem, permit_source
from concord.record.prepare import UNINDEXED, Context
from concord.record.wire import as_sent, version_id
from concord.store import Permitted, Reading, body, items, people, versions
from concord.store.items import StoredItem

_LOGICAL_ID = re.compile(r"[a-z2-7]{24}")


class Contributed:
    """As one snapshot shows it. What others contributed is absent here, whatever is asked."""

    def __init__(self, reading: Reading, context: Context, codec: body.Codec) -> None:
        self.reading = reading
        self._context = context
        self._codec = codec

    def logical_id(self, type_: str, source_id: str) -> str:
        """What a source calls an item becomes a keyed hash; an id of ours that it was told is taken as it is."""
        if looks_logical(source_id) and (self.held(type_, source_id) or self._was_held(type_, source_id)):
            return source_id
        return self._context.keys.logical_id(self._context.organisation, type_, source_id)

    def held(self, type_: str, id_: str) -> StoredItem | None:
        """The item of a logical id."""
        place = items.locate(self.reading, type_, id_)
        return None if place is None else items.read_one(self.reading, own(self._context), place)

    def _was_held(self, type_: str, id_: str) -> bool:
        """Whether the organisation's own item of a logical id was deleted: it comes back under that id."""
        name = f"{type_}/{id_}"
        return any(
            people.contributor(self.reading, place.source) == self._context.organisation
            for place in versions.locate_deleted(self.reading, [name]).get(name, ())
        )

    def resource(self, type_: str, item: StoredItem) -> Resource:
        return as_sent(type_, item, self._codec)

    def is_version(self, item: StoredItem | None, version: str) -> bool:
        """Whether an item is held in the version that an ETag named."""
        return item is not None and version_id(self._context.keys, item.stored_at) == version

    def matching(self, type_: str, query: str) -> list[str]:
        """Ids of the items that a query describes. Raises Incorrect for what is no query."""
        search = parse_search(type_, parse_qsl(query, keep_blank_values=True))
        if not search.criteria:
            raise Incorrect("it names nothing to search for.")
        if any(is_of_others(criterion) for criterion in search.criteria):
            raise Incorrect("it may say what the item itself holds, and nothing of others (no chains, no _has).")
        criteria = [self._under_logical_ids(criterion, type_) for criterion in search.criteria]
        values = self._index_values(criteria, type_)
        held = (
            items.read_under(self.reading, own(self._context), values, types=[type_])
            if values
            else items.read(self.reading, own(self._context), types=[type_])
        )
        return [
            item.id
            for item in held
            if all(matches(self.resource(type_, item), criterion, item.stored_at) for criterion in criteria)
        ]

    def _under_logical_ids(self, criterion: Criterion, type_: str) -> Criterion:
        """A criterion that names items by what the source calls them, naming them as they are held."""
        if criterion.name == "_id":
            values = [replace(each, code=self.logical_id(type_, each.code)) if each.code else each
                      for each in criterion.values]  # fmt: skip
        elif criterion.kind == "reference":
            of = "Patient" if criterion.name in ("patient", "subject") else None
            values = [
                replace(each, id=self.logical_id(named, each.id)) if each.id and (named := each.type or of) else each
                for each in criterion.values
            ]
        else:
            return criterion
        return replace(criterion, values=tuple(values))

    def _index_values(self, criteria: Sequence[Criterion], type_: str) -> list[int]:
        """Index values that narrow a search, of the first criterion that has any."""
        for criterion in criteria:
            if criterion.name not in UNINDEXED and (keys := index_keys(criterion)):
                return [self._context.index_value(type_, criterion.name, key) for key in keys]
        return []


def own(context: Context) -> Permitted:
    """The right of the source system over what it contributed."""
    return permit_source(SourceSystem(organisation=context.organisation))


def looks_logical(id_: str) -> bool:
    """Whether an id is written as those are that Concord gives."""
    return _LOGICAL_ID.fullmatch(id_) is not None
