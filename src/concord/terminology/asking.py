"""Terminology, asked: codes looked up, checked, subsumed, expanded and mapped, each in one snapshot of the database."""

from collections.abc import Callable, Collection, Iterator, Sequence

from concord.base import Clock
from concord.fhir import Resource, fold, parse
from concord.store import Reading, Store, terms
from concord.terminology.answers import Checked, Concept, Expanded, Lookup, Mapped, NotKnown, Subsumption, TooCostly
from concord.terminology.composing import Composing, carried_codes, concept_of
from concord.terminology.incoming import words_of
from concord.terminology.resources import id_of_loaded, may_be_loaded, of_loaded

MOST_SEARCHED = 5000  # codes that one parameter of a search stands for
_NAMES = ("url", "version", "name", "title", "status")
_UNKNOWN_SYSTEM = "This code system, in this version, is not known here. `concord terminology list` tells which are."
_UNKNOWN_CODE = "The code system has no such code, as far as it is known here."


class Terminology:
    """What Concord carries and what was loaded, as it is now. Nothing of it is about persons: all hear the same.

    It answers search too, as the `Expansions` of `fhir`.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def lookup(self, system: str, code: str, version: str | None = None) -> Lookup:
        """Raises NotKnown."""
        with self._store.reading() as reading:
            loaded = terms.loaded(reading, "CodeSystem", system, version)
            if loaded is None:
                if version or not carried_codes(system):
                    raise NotKnown(_UNKNOWN_SYSTEM)
                if code not in carried_codes(system):
                    raise NotKnown(_UNKNOWN_CODE)
                return Lookup(concept=Concept(system=system, code=code), name=system, version=None)
            term = terms.term(reading, loaded.number, code)
            if term is None:
                raise NotKnown(_UNKNOWN_CODE)
            body = parse(loaded.body)
            return Lookup(
                concept=concept_of(system, term),
                name=body.get("title") or body.get("name") or system,
                version=loaded.version or None,
                parents=terms.parents(reading, loaded.number, code),
                children=terms.children(reading, loaded.number, code),
            )

    def check_code(self, system: str, code: str, display: str | None = None, version: str | None = None) -> Checked:
        """Whether a code system has a code, called so. Raises NotKnown for the code system.

        Of a system that is only carried, a code that no value set names is not told wrong: it is not known.
        """
        with self._store.reading() as reading:
            loaded = terms.loaded(reading, "CodeSystem", system, version)
            if loaded is None:
                return _named(self.lookup(system, code, version).concept, display)
            term = terms.term(reading, loaded.number, code)
            if term is None:
                return Checked(result=False, message=_UNKNOWN_CODE)
            return _named(concept_of(system, term), display)

    def subsumes(self, system: str, a: str, b: str, version: str | None = None) -> Subsumption:
        """How code A stands to code B. Raises NotKnown."""
        with self._store.reading() as reading:
            loaded = terms.loaded(reading, "CodeSystem", system, version)
            if loaded is None:
                raise NotKnown(_UNKNOWN_SYSTEM)
            if any(terms.term(reading, loaded.number, code) is None for code in (a, b)):
                raise NotKnown(_UNKNOWN_CODE)
            if a == b:
                return "equivalent"
            if a in terms.above(reading, loaded.number, b):
                return "subsumes"
            return "subsumed-by" if b in terms.above(reading, loaded.number, a) else "not-subsumed"

    def expand(
        self,
        url: str,
        *,
        version: str | None = None,
        text: str = "",
        offset: int = 0,
        count: int | None = None,
        active_only: bool = False,
    ) -> Expanded:
        """Members of a value set, in the order of its definition; `text` are beginnings of words. Raises NotKnown,
        TooCostly, and Incorrect for a value set that takes what is not supported."""
        with self._store.reading() as reading:
            composing = Composing(reading)
            definition = composing.value_set(url, version)
            found = list(composing.members(definition, words_of(text)).values())
        members = [each for each in found if each.active or not active_only]
        return Expanded(
            definition={name: definition[name] for name in _NAMES if name in definition},
            members=members[offset:] if count is None else members[offset : offset + count],
            total=len(members),
            offset=offset,
            at=self._clock.now(),
        )

    def check_member(
        self, url: str, codings: Sequence[tuple[str | None, str, str | None]], version: str | None = None
    ) -> Checked:
        """Whether one of the (system, code, display) is in a value set, called so; without a system, whether the code
        is there under any. Raises NotKnown, TooCostly, Incorrect."""
        with self._store.reading() as reading:
            composing = Composing(reading)
            definition = composing.value_set(url, version)
            checked = Checked(result=False, message="The value set has no such code.")
            for system, code, display in codings:
                if system is None:
                    keys = [key for key in composing.members(definition) if key[1] == code]
                else:
                    keys = [(system, code)] if composing.holds(definition, (system, code)) else []
                for key in keys:
                    checked = _named(_as_known(reading, *key), display)
                    if checked.result:
                        return checked
            return checked

    def translate(
        self, system: str, code: str, *, url: str | None = None, version: str | None = None, target: str | None = None
    ) -> list[Mapped]:
        """What maps make of a code: the map at `url`, else all that are loaded; into the system `target`, where one is
        named. Raises NotKnown for the map."""
        with self._store.reading() as reading:
            if url is None:
                maps = terms.maps(reading)
            else:
                one = terms.loaded(reading, "ConceptMap", url, version)
                if one is None:
                    raise NotKnown("This concept map, in this version, is not known here.")
                maps = [one]
            return [
                Mapped(map=each.url, equivalence=row[3], system=row[0], code=row[1], display=row[2])
                for each in maps
                for row in terms.mappings(reading, each.number, system, code)
                if target in (None, row[0])
            ]

    def resources(self, kind: str, urls: Sequence[str] | None = None) -> Iterator[Resource]:
        """The resources of a kind that were loaded, by URL and version; of those URLs alone, where any are given."""
        with self._store.reading() as reading:
            for url, version, loading, body in terms.in_force(reading, kind, urls):
                yield of_loaded(kind, url, version, loading, body)

    def resource(self, kind: str, id_: str) -> Resource | None:
        """What was loaded under an id, if it was."""
        if not may_be_loaded(id_):
            return None
        with self._store.reading() as reading:
            for url, version, loading, body in terms.in_force(reading, kind):
                if id_of_loaded(url, version) == id_:
                    return of_loaded(kind, url, version, loading, body)
        return None

    # -- for searches --------------------------------------------------------------------------------------------------

    def members(self, value_set: str, /) -> Collection[tuple[str, str]] | None:
        """(system, code) of each member. Raises TooCostly, Incorrect."""
        with self._store.reading() as reading:
            composing = Composing(reading)
            try:
                found = composing.members(composing.value_set(value_set))
            except NotKnown:
                return None
        return _few(list(found))

    def above(self, system: str, code: str, /) -> Collection[tuple[str, str]] | None:
        return self._around(system, code, terms.above)

    def below(self, system: str, code: str, /) -> Collection[tuple[str, str]] | None:
        return self._around(system, code, terms.below)

    def _around(
        self, system: str, code: str, look: Callable[[Reading, int, str], list[str]]
    ) -> Collection[tuple[str, str]] | None:
        with self._store.reading() as reading:
            loaded = terms.loaded(reading, "CodeSystem", system)
            if loaded is None or terms.term(reading, loaded.number, code) is None:
                return None
            codes = look(reading, loaded.number, code)
        return _few([(system, each) for each in (code, *codes)])


def _few(codes: list[tuple[str, str]]) -> list[tuple[str, str]]:
    if len(codes) > MOST_SEARCHED:
        raise TooCostly(f"This stands for more than {MOST_SEARCHED:,} codes. Name fewer.")
    return codes


def _named(concept: Concept, display: str | None) -> Checked:
    """That a code is there; and whether it is called so, where it is known what it is called."""
    names = {fold(name) for name in concept.names}
    if display is not None and names and fold(display) not in names:
        return Checked(result=False, display=concept.display, message="The code is there, and is not called so.")
    return Checked(result=True, display=concept.display)


def _as_known(reading: Reading, system: str, code: str) -> Concept:
    loaded = terms.loaded(reading, "CodeSystem", system)
    term = None if loaded is None else terms.term(reading, loaded.number, code)
    return Concept(system=system, code=code) if term is None else concept_of(system, term)
