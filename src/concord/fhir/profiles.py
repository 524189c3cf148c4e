"""Profiles: what a StructureDefinition asks of a resource beyond R4 (http://hl7.org/fhir/R4/profiling.html).

The differential is read into rules and applied together with those of the profile that it derives from, down to R4
itself: cardinality, fixed values and patterns, types and targets, required bindings whose codes are known, slices by
value, pattern, existence or type, and constraints. `mustSupport` asks nothing of a resource. What cannot be checked
is told as information, never passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord.base import Incorrect
from concord.fhir.definitions import DEFINITIONS
from concord.fhir.fhirpath import NotEvaluated, holds
from concord.fhir.invariants import not_evaluated
from concord.fhir.outcomes import Issue, Severity
from concord.fhir.targets import named_type
from concord.fhir.walking import Element, below, elements_of
from concord.fhir.wire import Resource

R4 = "http://hl7.org/fhir/StructureDefinition/"
Codes = frozenset[tuple[str | None, str]]


@dataclass(kw_only=True, slots=True)
class Rule:
    """What a profile asks of one element, or of one slice of it. `max` None: no bound."""

    name: str
    min: int = 0
    max: int | None = None
    types: dict[str, list[str]] = field(default_factory=dict)  # type: the profiles that its value must keep
    targets: list[str] = field(default_factory=list)
    fixed: Any = None
    pattern: Any = None
    value_set: str | None = None
    slicing: dict[str, Any] | None = None
    constraints: list[dict[str, Any]] = field(default_factory=list)
    children: "dict[str, Rule]" = field(default_factory=dict)
    slices: "dict[str, Rule]" = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    url: str
    type: str
    base: str
    root: Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What there is to check by: profiles, and the codes of value sets, by their URLs."""

    profiles: Mapping[str, Profile]
    value_sets: Mapping[str, Codes]


NOTHING_KNOWN = Known(profiles={}, value_sets={})


def read_profile(definition: Resource) -> Profile:
    """A profile from its StructureDefinition, by the differential. Raises Incorrect for what is no profile of R4."""
    url, of, base = definition.get("url"), definition.get("type"), definition.get("baseDefinition")
    told: Resource = definition.get("differential") or definition.get("snapshot") or {}
    listed = told.get("element", [])
    if definition.get("derivation") != "constraint" or of not in DEFINITIONS.elements or not listed:
        raise Incorrect(f"{url}: this is not a profile of a type of R4 with a differential.")
    root = Rule(name=str(of))
    try:
        for element in listed:
            _read(_place(root, element.get("id", element["path"])), element)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Incorrect(f"{url}: its differential is not one of R4.") from None
    return Profile(url=str(url), type=str(of), base=str(base), root=root)


def _place(root: Rule, id_: str) -> Rule:
    """The rule of an element id such as `Patient.identifier:nhsNumber.system`, made where it is not there yet."""
    here = root
    for step in id_.split(".")[1:]:
        name, _, slice_name = step.partition(":")
        here = here.children.setdefault(name, Rule(name=name))
        if slice_name:
            here = here.slices.setdefault(slice_name, Rule(name=name))
    return here


def _read(rule: Rule, element: dict[str, Any]) -> None:
    rule.min = element.get("min", rule.min)
    if "max" in element:
        rule.max = None if element["max"] == "*" else int(element["max"])
    for key, value in element.items():
        if key.startswith("fixed"):
            rule.fixed = value
        elif key.startswith("pattern"):
            rule.pattern = value
    for each in element.get("type", ()):
        rule.types[each["code"]] = each.get("profile", [])
        rule.targets += each.get("targetProfile", [])
    binding = element.get("binding", {})
    if binding.get("strength") == "required":
        rule.value_set = binding.get("valueSet", "").partition("|")[0]
    rule.slicing = element.get("slicing", rule.slicing)
    rule.constraints += [each for each in element.get("constraint", ()) if "expression" in each]


def check_profiles(resource: Resource, urls: Sequence[str], known: Known) -> Iterator[Issue]:
    """What a resource breaks of the profiles at `urls`, and of the definitions of its extensions, where known."""
    checking = _Checking(resource, known)
    for url in urls:
        yield from checking.against(url, next(elements_of(resource)))
    for element in elements_of(resource):
        its_url = element.members.get("url") if element.of == "Extension" else None
        if type(its_url) is str and its_url in known.profiles:
            yield from checking.against(its_url, element)
    yield from checking.unchecked.values()


class _Checking:
    def __init__(self, resource: Resource, known: Known) -> None:
        self._resource = resource
        self._known = known
        self.unchecked: dict[str, Issue] = {}
        self._done: set[tuple[str, str]] = set()

    def against(self, url: str, element: Element) -> Iterator[Issue]:
        """The profile and those that it derives from."""
        url = url.partition("|")[0]
        while not (url.startswith(R4) and url.removeprefix(R4) in DEFINITIONS.elements):
            if (element.at, url) in self._done:
                return
            self._done.add((element.at, url))
            profile = self._known.profiles.get(url)
            if profile is None:
                self._skip(element.at, url, "this profile is not loaded", severity="warning")
                return
            if profile.type != element.of:
                yield self._issue(element.at, url, f"a {profile.type}, by the profile")
                return
            yield from self._rules(element, profile.root, url)
            url = profile.base.partition("|")[0]

    def _rules(self, element: Element, rule: Rule, url: str) -> Iterator[Issue]:
        yield from self._value(element, rule, url)
        for name, child in rule.children.items():
            found = list(_under(element, name))
            yield from self._number(f"{element.at}.{name}", len(found), child, url)
            for each in found:
                yield from self._rules(each, child, url)
            yield from self._slices(element, found, child, url)

    def _number(self, at: str, number: int, rule: Rule, url: str) -> Iterator[Issue]:
        if number < rule.min:
            yield self._issue(at, url, f"at least {rule.min}")
        if rule.max is not None and number > rule.max:
            yield self._issue(at, url, f"at most {rule.max}" if rule.max else "none")

    def _slices(self, holder: Element, found: list[Element], rule: Rule, url: str) -> Iterator[Issue]:
        if not rule.slices:
            return
        at = f"{holder.at}.{rule.name}"
        discriminators = (rule.slicing or {}).get("discriminator") or _usual(rule)
        if any(not _can_tell(each) for each in discriminators):
            self._skip(
                at, url, f"slices of {rule.name} that are told apart by what a reference points to or by profile"
            )
            return
        matched: set[int] = set()
        for name, piece in rule.slices.items():
            inside = [each for each in found if all(_matches(each, piece, one, self._known) for one in discriminators)]
            matched.update(map(id, inside))
            yield from self._number(f"{at}:{name}", len(inside), piece, url)
            for each in inside:
                yield from self._rules(each, piece, url)
        if (rule.slicing or {}).get("rules") == "closed":
            for each in found:
                if id(each) not in matched:
                    yield self._issue(each.at, url, "one of the slices of the profile, and nothing else")

    def _value(self, element: Element, rule: Rule, url: str) -> Iterator[Issue]:
        if rule.fixed is not None and element.value != rule.fixed:
            yield self._issue(element.at, url, "the fixed value of the profile")
        if rule.pattern is not None and not covers(rule.pattern, element.value):
            yield self._issue(element.at, url, "all of the pattern of the profile")
        if rule.types and "Extension" not in rule.types:
            yield from self._type(element, rule, url)
        if rule.value_set:
            yield from self._binding(element, rule.value_set, url)
        for constraint in rule.constraints:
            yield from self._constraint(element, constraint, url)

    def _type(self, element: Element, rule: Rule, url: str) -> Iterator[Issue]:
        # An element of its own has a path for a type; a resource of any type may be asked for; ids are System.String.
        told = {"Resource", "DomainResource"}.isdisjoint(rule.types) and not any("/" in each for each in rule.types)
        if told and "." not in element.of and element.of not in rule.types:
            yield self._issue(element.at, url, f"of type {' or '.join(rule.types)}")
        for profile in rule.types.get(element.of, ()):
            yield from self.against(profile, element)
        named = named_type(str(element.members.get("reference", ""))) if element.of == "Reference" else None
        if named is not None and rule.targets:
            types = [self._type_of(target) for target in rule.targets]
            if None in types:
                self._skip(element.at, url, "types of targets by profiles that are not loaded")
            elif named not in types and "Resource" not in types:
                yield self._issue(element.at, url, f"a reference to {' or '.join(map(str, types))}")

    def _type_of(self, target: str) -> str | None:
        if target.startswith(R4) and (target.removeprefix(R4) in DEFINITIONS.resources or target == f"{R4}Resource"):
            return target.removeprefix(R4)
        profile = self._known.profiles.get(target.partition("|")[0])
        return profile.type if profile else None

    def _binding(self, element: Element, value_set: str, url: str) -> Iterator[Issue]:
        codes = codes_in(value_set, self._known)
        if codes is None:
            self._skip(element.at, url, f"codes of the value set {value_set}, which are not loaded")
        elif not _is_bound(element, codes):
            yield self._issue(element.at, url, f"a code of the value set {value_set}")

    def _constraint(self, element: Element, constraint: dict[str, Any], url: str) -> Iterator[Issue]:
        key, human = str(constraint.get("key")), str(constraint.get("human"))
        severity: Severity = "warning" if constraint.get("severity") == "warning" else "error"
        try:
            if not holds(str(constraint["expression"]), element, self._resource):
                yield Issue(severity=severity, path=element.at, rule=key, message=f"{human} [{url}]")
        except NotEvaluated:
            self.unchecked.setdefault(key, not_evaluated(element.at, key, human))

    def _issue(self, at: str, url: str, expected: str) -> Issue:
        return Issue(severity="error", path=at, rule="profile", message=f"{expected} [{url}]")

    def _skip(self, at: str, url: str, what: str, *, severity: Severity = "information") -> None:
        message = f"not checked: {what} [{url}]"
        self.unchecked.setdefault(message, Issue(severity=severity, path=at, rule="profile", message=message))


def codes_of_value_set(definition: Resource, systems: Mapping[str, Resource]) -> Codes | None:
    """The (system, code) of a ValueSet: of its expansion, or of the codes and whole systems that it includes.

    `systems` are the CodeSystems that are there. None when it takes more to tell: filters, other value sets, systems
    that are not there.
    """
    expansion = definition.get("expansion", {}).get("contains")
    if expansion:
        return frozenset((each.get("system"), each["code"]) for each in _all(expansion, "contains") if "code" in each)
    codes: set[tuple[str | None, str]] = set()
    compose = definition.get("compose", {})
    for part in compose.get("include", [{}]):
        system = part.get("system")
        whole = systems.get(system, {})
        listed = part.get("concept") or (whole.get("concept") if whole.get("content") == "complete" else None)
        if not listed or "filter" in part or "valueSet" in part or "exclude" in compose:
            return None
        codes.update((system, each["code"]) for each in _all(listed, "concept"))
    return frozenset(codes)


def _all(listed: list[dict[str, Any]], within: str) -> Iterator[dict[str, Any]]:
    for each in listed:
        yield each
        yield from _all(each.get(within, []), within)


def codes_in(value_set: str, known: Known) -> Codes | None:
    """The (system, code) of a value set, where they are known."""
    if value_set in known.value_sets:
        return known.value_sets[value_set]
    systems = DEFINITIONS.value_sets.get(value_set)
    if systems is None:
        return None
    return frozenset((system, code) for system, codes in systems.items() for code in codes)


def covers(pattern: Any, value: Any) -> bool:
    """Whether a value holds all that a pattern does (http://hl7.org/fhir/R4/elementdefinition.html#pattern)."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(
            name in value and covers(each, value[name]) for name, each in pattern.items()
        )
    if isinstance(pattern, list):
        return isinstance(value, list) and all(any(covers(each, one) for one in value) for each in pattern)
    return bool(pattern == value)


def _under(element: Element, name: str) -> Iterator[Element]:
    """As `below`; a differential may also say `valueQuantity` for `value[x]`."""
    elements = DEFINITIONS.elements.get(element.of, DEFINITIONS.elements["Element"])
    if name in elements:
        yield from below(element, name)
    else:
        for declared in elements:
            if declared.endswith("[x]") and name.startswith(declared.removesuffix("[x]")):
                yield from (each for each in below(element, declared) if each.at.endswith(f".{name}"))


def _usual(rule: Rule) -> list[dict[str, str]]:
    """Extensions are told apart by url, the types of a choice by type, also where a differential does not say so."""
    if rule.name in ("extension", "modifierExtension"):
        return [{"type": "value", "path": "url"}]
    return [{"type": "type", "path": "$this"}] if rule.name.endswith("[x]") else [{"type": "profile", "path": ""}]


def _can_tell(discriminator: dict[str, str]) -> bool:
    path = discriminator.get("path", "")
    return discriminator.get("type") in ("value", "pattern", "exists", "type") and "(" not in path


def _matches(element: Element, piece: Rule, discriminator: dict[str, str], known: Known) -> bool:
    """Whether an element belongs to a slice, by one discriminator."""
    path = [step for step in discriminator["path"].split(".") if step != "$this"]
    rule, found, wanted = piece, [element], [piece.fixed if piece.fixed is not None else piece.pattern]
    for step in path:
        found = [each for one in found for each in _under(one, step)]
        wanted = [_part(each, step) for each in wanted]
        rule = rule.children.get(step, Rule(name=step))
        wanted += [each for each in (rule.fixed, rule.pattern) if each is not None]
    match discriminator["type"]:
        case "exists":
            return bool(found) if rule.min else not found if rule.max == 0 else True
        case "type":
            return any(each.of in (rule.types or {_named(piece, rule)}) for each in found)
    if piece.name in ("extension", "modifierExtension") and path == ["url"]:
        wanted += [url for profiles in piece.types.values() for url in profiles]
    known_values = [each for each in wanted if each is not None]
    if known_values:
        return any(covers(each, one.value) for each in known_values for one in found)
    codes = codes_in(rule.value_set, known) if rule.value_set else None
    return codes is not None and any(_is_bound(one, codes) for one in found)


def _named(piece: Rule, rule: Rule) -> str:
    return next(iter(rule.types or piece.types), "")


def _part(value: Any, name: str) -> Any:
    if isinstance(value, list):
        value = value[0] if value else None
    part = value.get(name) if isinstance(value, dict) else None
    return part[0] if isinstance(part, list) and part else part


def _is_bound(element: Element, codes: Codes) -> bool:
    if isinstance(element.value, str):
        return any(element.value == code for _, code in codes)
    if not isinstance(element.value, dict):
        return True
    codings = element.value.get("coding", []) if element.of == "CodeableConcept" else [element.value]
    return any((each.get("system"), each.get("code")) in codes for each in codings)
