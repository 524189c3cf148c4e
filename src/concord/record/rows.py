"""The rows that a scope opens: narrowed by the index where it can, and open for everybody whom they name."""

from collections.abc import Iterable, Iterator, Sequence

from concord.base import Keys, OdsCode
from concord.fhir import Criterion, index_keys, patient_references, survey
from concord.governance import Gate
from concord.record.prepare import UNINDEXED, mentioned
from concord.record.references import NAMES_NO_PERSON
from concord.record.scopes import Scope, person_at
from concord.record.wire import as_sent
from concord.store import Reading, body, items, people, versions
from concord.store.items import StoredItem


class Rows:
    def __init__(self, gate: Gate, keys: Keys) -> None:
        self._gate = gate
        self._keys = keys
        self._codec = body.Codec()

    def of(
        self,
        reading: Reading,
        scope: Scope,
        type_: str | None = None,
        criteria: Sequence[Criterion] = (),
        during: items.During = items.WHENEVER,
    ) -> Iterator[StoredItem]:
        """Every open row, or those of one type that may meet the criteria; the asker of them looks whether they do.

        What lies with the person is then all under the criterion that `narrowing` names; what names them too need not.
        """
        types = None if type_ is None else [type_]
        values = None if type_ is None else self._index_values(scope, type_, criteria)
        if values is None:
            lying = items.read(reading, scope.permitted, types=types, during=during)
        else:
            lying = items.read_under(reading, scope.permitted, values, types=types, during=during)
        for item in lying:
            if not item.several or self._open_for_all(reading, item, scope):
                yield item
        for item in items.read_named(reading, scope.permitted, types=types):
            if self._open_for_all(reading, item, scope):
                yield item

    def one(self, reading: Reading, scope: Scope, place: items.Place) -> StoredItem | None:
        """The row at a place, if it is open."""
        item = items.read_one(reading, scope.permitted, place)
        return item if item is not None and self._open_for_all(reading, item, scope) else None

    def several(self, reading: Reading, scope: Scope, places: Iterable[items.Place]) -> dict[items.Place, StoredItem]:
        """The same of several places."""
        found = items.read_at(reading, scope.permitted, places)
        return {place: item for place, item in found.items() if self._open_for_all(reading, item, scope)}

    def versions(self, reading: Reading, scope: Scope, item: StoredItem) -> list[StoredItem]:
        """The versions of an open item that are open too, the newest first; not those that say it was deleted."""
        found = versions.read_versions(reading, scope.permitted, item.place, item.type, item.id)
        return [each for each in found if each.lifecycle != versions.DELETED and self._open_now(reading, each, scope)]

    def referred(self, reading: Reading, scope: Scope, place: items.Place, by: StoredItem) -> StoredItem | None:
        """What an open item refers to: open itself; or of the same contributor, naming nobody, its labels open too."""
        item = self.one(reading, scope, place)
        if item is not None or scope.decided is None or people.person_of(reading, place.source) is not None:
            return item
        if self._gate.organisation_of(reading, place.source) != self._gate.organisation_of(reading, by.source):
            return None
        item = items.read_one(reading, self._gate.shelf(reading, place.source), place)
        if item is None or reading.words.text(reading, item.type) not in NAMES_NO_PERSON:
            return None
        with_its_labels = by._replace(labels=by.labels | item.labels)
        return item if scope.decided.opens(reading, with_its_labels, by.source_patient) else None

    def _open_now(self, reading: Reading, version: StoredItem, scope: Scope) -> bool:
        """Whether an earlier version is open with the labels, too, that what it refers to has by now."""
        if scope.decided is None:
            return True
        sent = as_sent(reading.words.text(reading, version.type), version, self._codec)
        labels = version.labels
        for place in items.locate_many(reading, mentioned(survey(sent))).values():
            labels |= items.labels_at(reading, place)[0]
        with_theirs = version._replace(labels=labels)
        return scope.decided.opens(reading, with_theirs, version.source_patient) and self._open_for_all(
            reading, version, scope
        )

    def _index_values(self, scope: Scope, type_: str, criteria: Sequence[Criterion]) -> list[int] | None:
        """Values of the criterion that narrows, under each contributor; None when none does."""
        criterion = narrowing(criteria)
        if criterion is None:
            return None
        return [
            items.index_value(self._keys, organisation, type_, criterion.name, key)
            for organisation in _contributors(scope)
            for key in index_keys(criterion) or ()
        ]

    def _open_for_all(self, reading: Reading, item: StoredItem, scope: Scope) -> bool:
        """An item that names several people is shown only if it is open for each; for who is not held, nothing is."""
        decided = scope.decided
        if decided is None or not item.several:
            return True
        sent = as_sent(reading.words.text(reading, item.type), item, self._codec)
        for reference in patient_references(sent):
            if not reference.startswith("Patient/"):
                continue  # on another server
            place = items.locate(reading, "Patient", reference.removeprefix("Patient/"))
            viewer = decided.decision.viewer
            person = None if place is None else person_at(reading, place, viewer)
            if place is None or person is None:
                return False
            theirs = decided if person == scope.person else self._gate.decide(reading, viewer, person)
            if theirs is None or not theirs.opens(reading, item, place.source_patient):
                return False
        return True


def narrowing(criteria: Sequence[Criterion]) -> Criterion | None:
    """The first criterion that the index knows."""
    return next((each for each in criteria if each.name not in UNINDEXED and index_keys(each)), None)


def _contributors(scope: Scope) -> list[OdsCode]:
    """Whose index is searched: it is kept by contributor."""
    if scope.permitted.contributor is not None:
        return [scope.permitted.contributor]
    return list(scope.decided.openings_by_organisation) if scope.decided else []
