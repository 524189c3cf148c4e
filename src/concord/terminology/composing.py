"""Value sets, composed: which codes they hold (http://hl7.org/fhir/R4/valueset.html#compositions).

What is loaded is looked at first, then HL7's value sets that R4's required bindings name, which Concord carries; of
those the codes alone are known.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from concord.base import Incorrect
from concord.fhir import Resource, parse, required_value_sets
from concord.store import Reading, terms
from concord.store.terms import Loaded, Term
from concord.terminology.answers import Concept, NotKnown, TooCostly
from concord.terminology.incoming import words_of
from concord.terminology.snomed import SNOMED_CT

MOST_MEMBERS = 20_000
_MOST_DEEP = 8  # value sets within value sets
_OF_THE_CODE = ("concept", "code")
_VALUES = ("valueCode", "valueString", "valueBoolean", "valueInteger", "valueDecimal", "valueDateTime")
Key = tuple[str, str]


def carried_codes(system: str) -> frozenset[str]:
    """The codes of a system that HL7's required value sets name."""
    return _carried().get(system, frozenset())


class Composing:
    """Terminology as one snapshot of the database holds it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def system(self, url: str, version: str | None = None) -> Loaded | None:
        return terms.loaded(self._reading, "CodeSystem", url, version)

    def value_set(self, url: str, version: str | None = None) -> Resource:
        """A ValueSet by its URL, or canonical (`url|version`). Raises NotKnown."""
        plain, _, named = url.partition("|")
        loaded = terms.loaded(self._reading, "ValueSet", plain, version or named or None)
        if loaded is not None:
            return parse(loaded.body)
        implied = self._implied(plain)
        if implied is None and not (version or named):
            carried = required_value_sets().get(plain)
            implied = None if carried is None else _listing(carried)
        if implied is None:
            raise NotKnown("This value set, in this version, is not known here. `concord terminology load` loads one.")
        return {"resourceType": "ValueSet", "url": plain, "status": "active", **implied}

    def members(self, value_set: Resource, words: Sequence[str] = (), deep: int = 0) -> dict[Key, Concept]:
        """Its members that have words beginning with each of `words`. Raises NotKnown, TooCostly, Incorrect."""
        _check_deep(deep)
        compose = value_set.get("compose")
        if compose is None:
            listed = _contained(value_set)
            return {(each.system, each.code): each for each in listed if _has_words(each, words)}
        found: dict[Key, Concept] = {}
        for part in compose["include"]:
            for each in self._included(part, words, deep):
                found.setdefault((each.system, each.code), each)
            if len(found) > MOST_MEMBERS:
                raise TooCostly(f"The value set holds more than {MOST_MEMBERS:,} codes. Narrow it by `filter`.")
        excluding = compose.get("exclude", ())
        inactive = compose.get("inactive") is False
        return {
            key: each
            for key, each in found.items()
            if (each.active or not inactive) and not any(self._part_holds(part, key, deep) for part in excluding)
        }

    def holds(self, value_set: Resource, key: Key, deep: int = 0) -> bool:
        """Whether a code is among its members, without reading them all. Raises NotKnown, Incorrect."""
        _check_deep(deep)
        compose = value_set.get("compose")
        if compose is None:
            return any((each.system, each.code) == key for each in _contained(value_set))
        if compose.get("inactive") is False:
            loaded = self.system(key[0])
            held = None if loaded is None else terms.term(self._reading, loaded.number, key[1])
            if held is not None and not held.active:
                return False
        included = any(self._part_holds(part, key, deep) for part in compose["include"])
        return included and not any(self._part_holds(part, key, deep) for part in compose.get("exclude", ()))

    def _included(self, part: Mapping[str, Any], words: Sequence[str], deep: int) -> Iterator[Concept]:
        others = [self.value_set(url) for url in part.get("valueSet", ())]
        if "system" not in part:
            first, *rest = others or [{"compose": {"include": []}}]
            found: Iterator[Concept] = iter(self.members(first, words, deep + 1).values())
        else:
            rest = others
            found = self._of_system(part, words)
        for each in found:
            if all(self.holds(other, (each.system, each.code), deep + 1) for other in rest):
                yield each

    def _of_system(self, part: Mapping[str, Any], words: Sequence[str]) -> Iterator[Concept]:
        url, loaded = part["system"], self.system(part["system"], part.get("version"))
        if listed := part.get("concept"):
            for each in listed:
                held = None if loaded is None else terms.term(self._reading, loaded.number, each["code"])
                concept = _listed(url, each, held)
                if _has_words(concept, words):
                    yield concept
            return
        if loaded is None:
            raise NotKnown("The value set takes in a code system that is not loaded here, or not in that version.")
        filters = part.get("filter", [])
        for number, each in enumerate(filters):
            codes = self._candidates(loaded.number, each)
            if codes is not None:
                rest = [*filters[:number], *filters[number + 1 :]]
                found = terms.terms_of(self._reading, loaded.number, codes, words)
                break
        else:
            rest = filters
            found = iter(terms.terms(self._reading, loaded.number, words, MOST_MEMBERS + 1))
        for term in found:
            if all(self._passes(loaded.number, term, each) for each in rest):
                yield concept_of(url, term)

    def _part_holds(self, part: Mapping[str, Any], key: Key, deep: int) -> bool:
        system, code = key
        if not all(self.holds(self.value_set(url), key, deep + 1) for url in part.get("valueSet", ())):
            return False
        if "system" not in part:
            return "valueSet" in part
        if part["system"] != system:
            return False
        if listed := part.get("concept"):
            return any(each["code"] == code for each in listed)
        loaded = self.system(system, part.get("version"))
        if loaded is None:
            raise NotKnown("The value set takes in a code system that is not loaded here, or not in that version.")
        term = terms.term(self._reading, loaded.number, code)
        return term is not None and all(self._passes(loaded.number, term, each) for each in part.get("filter", ()))

    def _candidates(self, system: int, filter_: Mapping[str, Any]) -> list[str] | None:
        """The codes that pass a filter, where it names them; None where each concept must be looked at."""
        property_, op, value = filter_["property"], filter_["op"], filter_["value"]
        if property_ not in _OF_THE_CODE:
            return terms.children(self._reading, system, value) if (property_, op) == ("parent", "=") else None
        match op:
            case "is-a":
                return [value, *terms.below(self._reading, system, value)]
            case "descendent-of":
                return terms.below(self._reading, system, value)
            case "generalizes":
                return [value, *terms.above(self._reading, system, value)]
            case "=":
                return [value]
            case "in":
                return str(value).split(",")
            case _:
                return None

    def _passes(self, system: int, term: Term, filter_: Mapping[str, Any]) -> bool:
        """http://hl7.org/fhir/R4/valueset-filter-operator.html. Raises Incorrect for what is not supported."""
        property_, op, value = filter_["property"], filter_["op"], filter_["value"]
        of_code = property_ in _OF_THE_CODE
        if of_code and op in ("is-a", "descendent-of", "is-not-a"):
            under = value in terms.above(self._reading, system, term.code)
            itself = term.code == value
            return {"is-a": under or itself, "descendent-of": under, "is-not-a": not (under or itself)}[op]
        if of_code and op == "generalizes":
            return term.code == value or term.code in terms.above(self._reading, system, value)
        if op not in ("=", "in", "not-in", "exists"):
            raise Incorrect(f"The value set has a filter that is not supported here: {op} of {property_}.")
        said = self._said(system, term, property_)
        if op == "exists":
            return bool(said) is (value == "true")
        wanted = {value} if op == "=" else set(value.split(","))
        return bool(wanted & said) is (op != "not-in")

    def _said(self, system: int, term: Term, property_: str) -> set[str]:
        """What a concept says under a property, as text."""
        if property_ in _OF_THE_CODE:
            return {term.code}
        if property_ == "display":
            return {term.display}
        if property_ == "parent":
            return set(terms.parents(self._reading, system, term.code))
        if property_ == "inactive":
            return {str(not term.active).lower()}
        said = [each for each in parse(term.detail).get("property", ()) if each["code"] == property_]
        values = [each[name] for each in said for name in _VALUES if name in each]
        return {str(value).lower() if isinstance(value, bool) else str(value) for value in values}

    def _implied(self, url: str) -> Resource | None:
        """The value sets that SNOMED CT implies (http://hl7.org/fhir/R4/snomedct.html#implicit)."""
        stem, mark, rest = url.partition("?fhir_vs")
        if not mark or stem != SNOMED_CT:
            return None
        if not rest:
            return {"compose": {"include": [{"system": stem}]}}
        kind, _, code = rest.removeprefix("=").partition("/")
        if kind != "isa" or not code:
            return None
        narrowing = {"property": "concept", "op": "is-a", "value": code}
        return {"compose": {"include": [{"system": stem, "filter": [narrowing]}]}}


def concept_of(system: str, term: Term) -> Concept:
    return Concept(
        system=system, code=term.code, display=term.display or None, active=term.active, detail=parse(term.detail)
    )


def _listed(system: str, listed: Mapping[str, Any], held: Term | None) -> Concept:
    """A code that a value set lists, called as it says there, else as its code system does."""
    known = None if held is None else concept_of(system, held)
    return Concept(
        system=system,
        code=listed["code"],
        display=listed.get("display") or (known.display if known else None),
        active=known.active if known else True,
        detail={name: each for name in ("designation",) if (each := listed.get(name) or _of(known, name))},
    )


def _of(known: Concept | None, name: str) -> Any:
    return known.detail.get(name) if known else None


def _contained(value_set: Resource) -> list[Concept]:
    """The members of a value set that says nothing but its expansion."""

    def each(listed: Sequence[dict[str, Any]]) -> Iterator[Concept]:
        for one in listed:
            if "code" in one and not one.get("abstract"):
                yield Concept(
                    system=one.get("system", ""), code=one["code"], display=one.get("display"),
                    active=not one.get("inactive", False),
                )  # fmt: skip
            yield from each(one.get("contains", ()))

    return list(each(value_set.get("expansion", {}).get("contains", ())))


def _has_words(concept: Concept, words: Sequence[str]) -> bool:
    said = [each for name in concept.names or [concept.code] for each in words_of(name)]
    return all(any(each.startswith(word) for each in said) for word in words)


def _listing(carried: Mapping[str, Sequence[str]]) -> Resource:
    return {
        "compose": {
            "include": [
                {"system": system, "concept": [{"code": code} for code in codes]} for system, codes in carried.items()
            ]
        }
    }


@cache
def _carried() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for systems in required_value_sets().values():
        for system, codes in systems.items():
            found.setdefault(system, set()).update(codes)
    return {system: frozenset(codes) for system, codes in found.items()}


def _check_deep(deep: int) -> None:
    if deep > _MOST_DEEP:
        raise Incorrect(f"Value sets take each other in more than {_MOST_DEEP} deep, or in a circle.")
