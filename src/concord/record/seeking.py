"""Whose rows a search runs over, and which of them it finds: in every scope only what that scope opens."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from concord.base import Incorrect, Keys, PersonId
from concord.fhir import Criterion, Search, Value
from concord.fhir.searches import (
    Compartment,
    in_compartment,
    in_order_of_index,
    index_decides,
    is_published,
    moments,
    referred,
)
from concord.governance import Asker, SourceSystem, permit_source
from concord.identity import tested_sources
from concord.record.across import Across, AcrossPeople
from concord.record.following import Following
from concord.record.reading import ItemReader, Opened
from concord.record.rows import Rows, narrowing
from concord.record.scopes import Scope, Timings, names_patients, person_at
from concord.record.tracing import TRACING
from concord.store import Reading, items, people
from concord.store.across import Match, Part
from concord.store.items import Place, StoredItem

_MOST_NAMED = 100  # Patients whom a chain may name to a source system, one by one
_NAME_A_PERSON = (
    "Only what is indexed can be searched across persons ({names} cannot). Name a person: patient=[id], "
    "patient.identifier=[NHS number], or GET Patient/[id]/{type}."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """A scope to look in. `whose`: the criteria met by being there; `places`: where to look alone; `within`: the
    parameters by one of which an item must refer to one of `members`, which are Patients if `of_patient`."""

    scope: Scope
    whose: Sequence[Criterion] = ()
    places: Sequence[Place] | None = None
    within: Sequence[str] = ()
    members: frozenset[str] = frozenset()
    of_patient: bool = False


class Seeker:
    def __init__(self, reader: ItemReader, rows: Rows, across: AcrossPeople, keys: Keys) -> None:
        self._keys = keys
        self._reader = reader
        self._rows = rows
        self._across_people = across

    def found(
        self,
        reading: Reading,
        search: Search,
        asker: Asker,
        following: Following,
        timings: Timings,
        part: Part | None = None,
    ) -> tuple[Iterator[Opened | Match], int]:
        """The open items of one type that meet the criteria, of which one may come twice; and how many there are
        beside them, when across people only a `part` is wanted.

        Those found across people come as the places where they lie, to be opened when they are shown. Raises Incorrect,
        naming what can be asked of one person alone.
        """
        sought = self._sought(reading, search, asker, following, timings, part)
        if isinstance(sought, Across):
            found = self._found_across(reading, search, sought, asker, following, timings)
            return found, 0 if sought.opens else sought.total - len(sought.found)
        return chain.from_iterable(self._meeting(reading, search, each, following) for each in sought), 0

    def opened(
        self, reading: Reading, matches: Iterable[Match], asker: Asker, following: Following, timings: Timings
    ) -> dict[Place, Opened]:
        """What lies where matches were found, each decided about as if it were asked for alone."""
        of_person: dict[PersonId | None, list[Place]] = {}
        for match in matches:
            if match.place is not None:
                of_person.setdefault(match.person, []).append(match.place)
        found: dict[Place, Opened] = {}
        for person, places in of_person.items():
            scope = self._scope_of(reading, person, asker, following, timings)
            if scope is not None:
                for place, item in self._rows.several(reading, scope, places).items():
                    found[place] = self._reader.opened(reading, item, scope)
        return found

    def _scope_of(
        self, reading: Reading, person: PersonId | None, asker: Asker, following: Following, timings: Timings
    ) -> Scope | None:
        if isinstance(asker, SourceSystem):
            return Scope(permit_source(asker))
        if person is None:
            return None
        if person not in following.scopes:
            following.scopes[person] = self._reader.scopes.of_person(reading, person, asker, timings)
        return following.scopes[person]

    def _found_across(
        self, reading: Reading, search: Search, across: Across, asker: Asker, following: Following, timings: Timings
    ) -> Iterator[Opened | Match]:
        """The matches, looked at where they must be; and what is open of those on the list who are decided about
        alone."""
        yield from () if across.opens else across.found
        for match in across.to_decide:
            if match.place is None:
                scope = self._scope_of(reading, match.person, asker, following, timings)
                if scope is not None:
                    yield from self._meeting(reading, search, Sought(scope=scope), following)
        for some in items.portions((*across.found, *across.to_decide) if across.opens else across.to_decide):
            for opened in self.opened(reading, some, asker, following, timings).values():
                if following.meets(opened, across.left):
                    yield opened

    def _meeting(self, reading: Reading, search: Search, sought: Sought, following: Following) -> Iterator[Opened]:
        criteria = in_order_of_index(tuple(each for each in search.criteria if each not in sought.whose))
        narrow = None if sought.places is not None else narrowing(criteria)
        left = [each for each in criteria if each is not narrow or not index_decides(each)]
        for item in self._candidates(reading, search.type, sought, criteria):
            opened = self._reader.opened(reading, item, sought.scope)
            # What names several people may be there for another reason than the one that is asked for.
            to_meet = [*criteria, *_of_whole_person(reading, sought)] if item.several else left
            if following.meets(opened, to_meet) and self._is_within(opened, sought):
                yield opened

    def _candidates(
        self, reading: Reading, type_: str, sought: Sought, criteria: Sequence[Criterion]
    ) -> Iterator[StoredItem]:
        if sought.places is None:
            yield from self._rows.of(reading, sought.scope, type_, criteria, _during(type_, criteria))
            return
        for place in sought.places:
            item = self._rows.one(reading, sought.scope, place)
            if item is not None:
                yield item

    def _is_within(self, opened: Opened, sought: Sought) -> bool:
        """What lies with a Patient is in that Patient's compartment, and need not be looked at."""
        if not sought.members or opened.name in sought.members or (sought.of_patient and not opened.item.several):
            return True
        return any(name in sought.members for each in sought.within for name in referred(opened.resource, each))

    def _sought(
        self,
        reading: Reading,
        search: Search,
        asker: Asker,
        following: Following,
        timings: Timings,
        part: Part | None,
    ) -> list[Sought] | Across:
        if any(names_patients(each) for each in search.criteria):
            found = self._of_search(reading, search, asker, timings)
        elif search.compartment is not None:
            return self._of_compartment(reading, search, search.compartment, asker, timings)
        elif (ids := _ids(search)) is not None:
            found = self._of_ids(reading, search.type, ids, asker, timings)
        else:
            described = self._of_chain(reading, search, asker, following, timings)
            if described is None:
                return self._across(reading, search, asker, timings, part)
            found = described
        if search.compartment is None:
            return found
        return [self._narrowed(reading, each, search, asker) for each in found]

    def _across(
        self, reading: Reading, search: Search, asker: Asker, timings: Timings, part: Part | None
    ) -> list[Sought] | Across:
        """Of nobody in particular: of a source system's own, of those whom tracing finds, or of the viewer's own."""
        if not isinstance(asker, SourceSystem) and not _traces(search):
            names = [each.name for each in search.criteria if not is_published(each)]
            if names:
                raise Incorrect(_NAME_A_PERSON.format(names=", ".join(dict.fromkeys(names)), type=search.type))
        scopes, whose = self._reader.scopes.of_search(reading, search, asker, timings)
        if scopes is not None:
            return [Sought(scope=scope, whose=whose) for scope in scopes]
        return self._across_people.find(reading, search, asker, part)

    def _of_search(self, reading: Reading, search: Search, asker: Asker, timings: Timings) -> list[Sought]:
        scopes, whose = self._reader.scopes.of_search(reading, search, asker, timings)
        return [Sought(scope=scope, whose=whose) for scope in scopes or ()]

    def _of_ids(self, reading: Reading, type_: str, ids: Sequence[str], asker: Asker, timings: Timings) -> list[Sought]:
        """What has these ids, decided as a read by id is."""
        scopes: dict[object, Scope | None] = {}
        places: dict[object, list[Place]] = {}
        absent: list[str] = []
        for id_ in ids:
            place = self._reader.scopes.locate(reading, type_, id_, asker)
            if place is None:
                absent.append(id_)
                continue
            person = person_at(reading, place, asker)
            if person not in scopes:
                scopes[person] = self._of_person(reading, person, asker, timings)
            places.setdefault(person, []).append(place)
        if not isinstance(asker, SourceSystem):
            self._reader.scopes.work_in_vain(reading, type_, absent, asker)
        return [Sought(scope=scope, places=places[person]) for person, scope in scopes.items() if scope is not None]

    def _of_person(self, reading: Reading, person: PersonId | None, asker: Asker, timings: Timings) -> Scope | None:
        if isinstance(asker, SourceSystem):
            return Scope(permit_source(asker), person)
        return None if person is None else self._reader.scopes.of_person(reading, person, asker, timings)

    def _of_chain(
        self, reading: Reading, search: Search, asker: Asker, following: Following, timings: Timings
    ) -> list[Sought] | None:
        """The scopes of the Patients that a chain describes (`patient.identifier=`); None when no chain tells."""
        told = next((each for each in search.criteria if _describes_patients(each, asker)), None)
        if told is None:
            return None
        patients = Search(type="Patient", criteria=(dict(told.chain)["Patient"],))
        named: dict[object, Scope] = {}
        for some in items.portions(self.found(reading, patients, asker, following, timings)[0]):
            matches = (each for each in some if isinstance(each, Match))
            opened = self.opened(reading, matches, asker, following, timings)
            for each in (*opened.values(), *(each for each in some if isinstance(each, Opened))):
                scope, source = each.scope, each.item.source
                if not isinstance(asker, SourceSystem):
                    named[scope.person] = scope
                    continue
                named[source] = Scope(permit_source(asker, source), people.person_of(reading, source))
                if len(named) > _MOST_NAMED:
                    return None
        return [Sought(scope=scope) for scope in named.values()]

    def _of_compartment(
        self, reading: Reading, search: Search, compartment: Compartment, asker: Asker, timings: Timings
    ) -> list[Sought]:
        if compartment.type == "Practitioner" and not isinstance(asker, SourceSystem):
            raise Incorrect("What a Practitioner did is searched for one person at a time here: add patient=[id].")
        scopes = self._reader.scopes
        if compartment.type == "Patient":
            scope = scopes.of_patient(reading, compartment.id, asker, timings)
            return [] if scope is None else [self._narrowed(reading, Sought(scope=scope), search, asker)]
        located = scopes.of_item(reading, compartment.type, compartment.id, asker, timings)
        if located is None or self._rows.one(reading, *located) is None:
            return []
        scope, place = located
        if isinstance(asker, SourceSystem) and place.source != people.shelf(reading, asker.organisation):
            scope = Scope(permit_source(asker, place.source), scope.person)
        return [self._narrowed(reading, Sought(scope=scope), search, asker)]

    def _narrowed(self, reading: Reading, sought: Sought, search: Search, asker: Asker) -> Sought:
        """The same of what is in the compartment, by its owner's id or, for a source system, its own name of it; in a
        Patient's, a user means the person."""
        assert search.compartment is not None
        owner = search.compartment
        members = {f"{owner.type}/{owner.id}"}
        if isinstance(asker, SourceSystem):
            members.add(f"{owner.type}/{self._keys.logical_id(asker.organisation, owner.type, owner.id)}")
        if owner.type == "Patient" and sought.scope.person is not None:
            members |= {f"Patient/{each}" for each in _patients_of(reading, sought.scope)}
        return replace(
            sought,
            within=in_compartment(owner.type, search.type),
            members=frozenset(members),
            of_patient=owner.type == "Patient",
        )


def _patients_of(reading: Reading, scope: Scope) -> list[str]:
    """Ids of all the Patients of the person, as the asker knows them."""
    if scope.person is None:
        return []
    asker = None if scope.decided is None else scope.decided.decision.viewer
    tested = () if asker is None else tested_sources(reading, TRACING, asker.user, scope.person)
    return [source.patient for source in (*people.of_person(reading, TRACING, scope.person), *tested)]


def _of_whole_person(reading: Reading, sought: Sought) -> Sequence[Criterion]:
    """The criteria that name Patients, naming all the Patients of the same person: a user means the person."""
    if sought.scope.person is None or sought.scope.whole or not sought.whose:
        return sought.whose
    values = tuple(Value(text="", type="Patient", id=each) for each in _patients_of(reading, sought.scope))
    return [replace(criterion, values=values) for criterion in sought.whose]


def _ids(search: Search) -> list[str] | None:
    for criterion in search.criteria:
        if criterion.name == "_id" and criterion.modifier is None:
            return [value.code for value in criterion.values if value.code]
    return None


def _traces(search: Search) -> bool:
    """Whether it says enough of a Patient to find one by."""
    asked = {criterion.name for criterion in search.criteria if criterion.modifier is None}
    pairs = ({"family", "birthdate"}, {"family", "address-postalcode"}, {"birthdate", "address-postalcode"})
    return search.type == "Patient" and ("identifier" in asked or any(pair <= asked for pair in pairs))


def _describes_patients(criterion: Criterion, asker: Asker) -> bool:
    """A chain to Patients; for a source system to nothing else, since it may have what names nobody too."""
    to = {type_ for type_, _ in criterion.chain}
    if criterion.name not in ("patient", "subject") or "Patient" not in to:
        return False
    return to == {"Patient"} or not isinstance(asker, SourceSystem)


def _during(type_: str, criteria: Sequence[Criterion]) -> tuple[int | None, int | None]:
    """When what meets them all happened."""
    spans = [moments(type_, each) for each in criteria]
    before = [each for each, _ in spans if each is not None]
    after = [each for _, each in spans if each is not None]
    return min(before, default=None), max(after, default=None)
