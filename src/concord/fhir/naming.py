"""The parameters of a search, read by name: modifiers, chains (`subject:Patient.name`) and `_has`.

What Concord does not answer is refused by name: what a server does not understand it must not pretend to have applied.
"""

import re
from collections.abc import Collection
from typing import NoReturn, Protocol

from concord.base import Incorrect
from concord.fhir.criteria import Criterion, Modifier, Referring, Value
from concord.fhir.definitions import DEFINITIONS
from concord.fhir.parameters import ANY_TYPE, OF_EVERY_TYPE, TABLE, SearchParameter, parameter_of
from concord.fhir.values import implies_system, of_type, read_value, reference, split, token, unescape

MOST_HOPS = 4  # of a chain, and of `_has` within `_has`
MOST_BRANCHES = 100  # the types that a chain's hops may go by, all told
MOST_VALUES = 1000  # of one parameter
_OF_THE_SEARCH = (
    "_count", "_elements", "_include", "_page", "_revinclude", "_sort", "_summary", "_total", "_type",
)  # fmt: skip
_MODIFIERS: dict[str, tuple[str, ...]] = {
    "token": ("not", "text", "of-type", "in", "not-in", "above", "below", "missing"),
    "string": ("exact", "contains", "missing"),
    "uri": ("above", "below", "missing"),
    "reference": ("identifier", "missing"),
    "text": (),
}
_NOT_ANSWERED = {
    "_filter": "Say it with the parameters of the type.",
    "_query": "There are no named queries here.",
    "_contained": "Contained resources are found with what contains them.",
    "_containedType": "Contained resources are found with what contains them.",
}


class NotSupported(Incorrect):
    """A parameter or modifier that this server does not answer: with `handling=lenient` it is passed over."""


class Expansions(Protocol):
    """What codes mean together, for `:in`, `:not-in`, `:above` and `:below`; None where it is not known here."""

    def members(self, value_set: str, /) -> Collection[tuple[str, str]] | None:
        """(system, code) of each member of a value set, named by its URL."""
        ...

    def above(self, system: str, code: str, /) -> Collection[tuple[str, str]] | None:
        """The code and all that subsume it."""
        ...

    def below(self, system: str, code: str, /) -> Collection[tuple[str, str]] | None:
        """The code and all that it subsumes."""
        ...


class Naming:
    """Reads the parameters of one search; counts how far its chains branch."""

    def __init__(self, expansions: Expansions | None) -> None:
        self._expansions = expansions
        self._branches = 0

    def criterion(self, of: str, name: str, value: str, hops: int = 0) -> Criterion:
        """What `name=value` asks of items of a type. Raises NotSupported, or Incorrect for what is written wrong."""
        if name.startswith("_has:"):
            return self._has(name, value, hops)
        first, dot, rest = name.partition(".")
        if dot:
            return self._chain(of, first, rest, value, hops)
        stem, _, modifier = name.partition(":")
        if stem == "_list":
            return self._list(name, value, hops)
        parameter = parameter_of(of, stem)
        if parameter is None:
            _refuse(of, stem)
        if modifier == "missing":
            if value not in ("true", "false"):
                raise Incorrect(f"{stem}:missing is true or false.")
            return Criterion(name=stem, kind=parameter.type, modifier="missing", missing=value == "true")
        texts = [part for part in split(value, ",") if part]
        if not texts:
            raise Incorrect(f"The search parameter {stem} has no value.")
        if len(texts) > MOST_VALUES:
            raise Incorrect(f"The search parameter {stem} takes at most {MOST_VALUES} values.")
        return self._valued(of, parameter, stem, modifier, texts)

    def _valued(self, of: str, parameter: SearchParameter, stem: str, modifier: str, texts: list[str]) -> Criterion:
        kind = parameter.type
        if kind == "reference" and modifier in DEFINITIONS.resources:
            _check_target(of, stem, parameter, modifier)
            values = tuple(reference(stem, text, modifier) for text in texts)
            return Criterion(name=stem, kind=kind, values=tuple(v for v in values if v.type in (None, modifier)))
        if modifier and modifier not in _MODIFIERS.get(kind, ("missing",)):
            known = [f":{each}" for each in _MODIFIERS.get(kind, ("missing",))]
            known += ["a resource type"] if kind == "reference" else []
            told = f"takes {', '.join(known)}" if known else "takes no modifier"
            raise NotSupported(f"{_shown(f'{stem}:{modifier}')} is not supported: {stem} {told}.")
        if modifier in ("in", "not-in") or (kind == "token" and modifier in ("above", "below")):
            return self._expanded(parameter, stem, modifier, texts)
        if modifier == "of-type":
            values = tuple(of_type(stem, text) for text in texts)
        elif modifier == "identifier":
            values = tuple(token(stem, text, implied=False) for text in texts)
        elif modifier == "text":
            values = tuple(token(stem, text.replace("|", r"\|"), implied=False) for text in texts)
        else:
            values = tuple(read_value(parameter, stem, text) for text in texts)
        return Criterion(name=stem, kind=kind, values=values, modifier=_known(modifier))

    def _expanded(self, parameter: SearchParameter, name: str, modifier: str, texts: list[str]) -> Criterion:
        """A modifier that only terminology can answer, as the codes that it stands for."""
        members: dict[tuple[str, str], None] = {}
        for text in texts:
            found = self._meant(name, modifier, text)
            if found is None:
                raise NotSupported(
                    f"{name}:{modifier} cannot be answered: what it names is not known to this server's terminology."
                )
            members.update(dict.fromkeys(found))
        implied = implies_system(parameter)
        values = tuple(Value(text=code, system=None if implied else system, code=code) for system, code in members)
        return Criterion(name=name, kind="token", values=values, modifier="not" if modifier == "not-in" else None)

    def _meant(self, name: str, modifier: str, text: str) -> Collection[tuple[str, str]] | None:
        if modifier in ("in", "not-in"):
            return self._expansions.members(unescape(text)) if self._expansions else None
        value = token(name, text, implied=False)
        if not value.system or not value.code:
            raise Incorrect(f"{name}:{modifier} is written system|code.")
        if self._expansions is None:
            return None
        look_up = self._expansions.above if modifier == "above" else self._expansions.below
        return look_up(value.system, value.code)

    def _chain(self, of: str, first: str, rest: str, value: str, hops: int) -> Criterion:
        stem, _, wanted = first.partition(":")
        parameter = TABLE.parameters[of].get(stem)
        if parameter is None:
            _refuse(of, stem)
        if parameter.type != "reference":
            raise NotSupported(f"{stem} of {of} refers to nothing, so no parameter can follow it after a point.")
        _check_hops(hops)
        targets = (wanted,) if wanted else parameter.targets
        if wanted:
            _check_target(of, stem, parameter, wanted)
        elif ANY_TYPE in targets:
            raise Incorrect(f"{stem} of {of} may refer to any type: say which, as in {stem}:Patient.{_shown(rest)}.")
        chain, problem = [], None
        for target in targets:
            self._branches += 1
            if self._branches > MOST_BRANCHES:
                raise Incorrect(f"This chain goes by too many types. Say which, as in {stem}:{targets[0]}.")
            try:
                chain.append((target, self.criterion(target, rest, value, hops + 1)))
            except NotSupported as error:
                problem = error
        if not chain and problem is not None:
            raise problem
        return Criterion(name=stem, kind="reference", modifier="chain", chain=tuple(chain))

    def _has(self, name: str, value: str, hops: int) -> Criterion:
        _check_hops(hops)
        _, type_, parameter, rest = (*name.split(":", 3), "", "", "")[:4]
        known = TABLE.parameters.get(type_, {}).get(parameter)
        if known is None or known.type != "reference" or not rest:
            raise Incorrect("_has is written _has:Type:reference-parameter:parameter=value.")
        inner = self.criterion(type_, rest, value, hops + 1)
        return Criterion(name="_has", kind="has", has=Referring(type=type_, parameter=parameter, criterion=inner))

    def _list(self, name: str, value: str, hops: int) -> Criterion:
        if name != "_list" or value.startswith("$"):
            raise NotSupported("_list takes the ids of Lists; functional lists ($current-...) are not supported.")
        return self._has("_has:List:item:_id", value.replace("List/", ""), hops)


def _check_hops(hops: int) -> None:
    if hops >= MOST_HOPS:
        raise Incorrect(f"A chain has at most {MOST_HOPS} hops here, those of _has among them.")


def _check_target(of: str, stem: str, parameter: SearchParameter, wanted: str) -> None:
    if wanted not in DEFINITIONS.resources:
        raise NotSupported(
            f"{_shown(f'{stem}:{wanted}')} is not supported: {stem} takes a resource type, :identifier or :missing."
        )
    if wanted not in parameter.targets and ANY_TYPE not in parameter.targets:
        raise Incorrect(f"{stem} of {of} refers to {', '.join(parameter.targets)} only.")


def _known(modifier: str) -> Modifier | None:
    return modifier or None  # type: ignore[return-value]  # it was looked up in _MODIFIERS, whose words these are


def _refuse(of: str, name: str) -> NoReturn:
    if name in _NOT_ANSWERED:
        raise NotSupported(f"{name} is not supported. {_NOT_ANSWERED[name]}")
    known = ", ".join([*TABLE.parameters[of], *OF_EVERY_TYPE, "_has", "_list", *_OF_THE_SEARCH])
    raise NotSupported(f"{of} has no search parameter {_shown(name)} here. Supported: {known}.")


_parameter_like = re.compile(r"[A-Za-z_][A-Za-z0-9-]{0,39}(?:[:.][A-Za-z_-]{1,39}){0,4}").fullmatch


def _shown(name: str) -> str:
    """A name that does not look like a parameter's could be anything, and is not repeated."""
    return name if _parameter_like(name) else "of that name"
