"""Who and what no clause distinguishes: trying one of each class tries all, so that an enumeration is a proof.

Organisations are alike when the same clauses name them as giving and as receiving, roles when the same clauses name
them, services of an organisation when the same clauses narrow themselves to them. Relationships are tried one at a
time: whatever several open, one of them opens. Two spans of one word make two classes of people: discharged less than
7 days ago, and from 7 to 14 days ago.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from itertools import pairwise, product
from typing import TypeVar

from concord.base import OdsCode
from concord.governance.agreement import Agreement, Clause, Outside, Promise, When
from concord.governance.directory import Directory, roles
from concord.governance.situations import ANY_DAY, Held

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, kw_only=True, slots=True)
class Services:
    """Services of an organisation: those named or, if `other`, all but those named; None among them."""

    names: frozenset[str] = frozenset()
    other: bool = True

    def __contains__(self, service: str | None) -> bool:
        return (service in self.names) != self.other

    def __or__(self, more: "Services") -> "Services":
        match self.other, more.other:
            case False, False:
                return Services(names=self.names | more.names, other=False)
            case True, True:
                return Services(names=self.names & more.names)
            case True, False:
                return Services(names=self.names - more.names)
            case _:
                return Services(names=more.names - self.names)

    @property
    def example(self) -> str | None:
        return None if self.other else min(self.names)

    @property
    def every(self) -> bool:
        return self.other and not self.names


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Related:
    """A class of relationships: those of `word`; with a span, what ended from `since` up to, not including, `until`.

    For a claim of one's own, `since` and `until` count from when it was made.
    """

    word: When
    since: timedelta = timedelta()
    until: timedelta | None = None

    def __contains__(self, held: Held) -> bool:
        return held.word is self.word and self.since <= held.ago and (self.until is None or held.ago < self.until)

    @property
    def example(self) -> Held:
        return Held(word=self.word, ago=self.since)


@dataclass(frozen=True, kw_only=True, slots=True)
class Unrelated:
    """No relationship at all, or only such as are in none of the classes `besides`: those that some clause asks for."""

    besides: frozenset[Related]

    def __contains__(self, held: Held) -> bool:
        return not any(held in each for each in self.besides)

    @property
    def example(self) -> None:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class ViewerClass:
    """Viewers whom nothing tells apart."""

    purpose: str
    organisations: frozenset[OdsCode]
    services: Services
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Classes:
    """The classes that `agreements` and `promises` distinguish, for organisations that a directory knows. Each of those
    `apart` is one by itself."""

    agreements: Sequence[Agreement]
    directories: Sequence[Directory]
    promises: Sequence[Promise] = ()
    apart: frozenset[OdsCode] = frozenset()

    @cached_property
    def _clauses(self) -> Sequence[Clause]:
        """Those that show a record; a clause that counts people (it has no `when`) tells nobody apart."""
        return [clause for agreement in self.agreements for clause in agreement.clauses if clause.when]

    @cached_property
    def organisations(self) -> Sequence[frozenset[OdsCode]]:
        known = dict.fromkeys(code for directory in self.directories for code in directory.organisations)
        return _alike(known, self._marks_of_organisation)

    def _marks_of_organisation(self, code: OdsCode) -> Hashable:
        asked = [code in named for promise in self.promises for named in (promise.at, promise.contributors) if named]
        narrow = any(promise.outside is Outside.SERVICE for promise in self.promises)
        return (
            tuple((code in clause.contributors, code in clause.recipients) for clause in self._clauses),
            tuple(code in directory.organisations for directory in self.directories),
            tuple(asked),
            code if code in self.apart else None,
            narrow and tuple(len(directory.services_of(code)) > 1 for directory in self.directories),
        )

    @cached_property
    def roles(self) -> Sequence[frozenset[str]]:
        named = [clause.roles for clause in self._clauses]
        named += [agreement.locating_roles for agreement in self.agreements]
        named += [clause.override.roles for clause in self._clauses if clause.override is not None]
        named += [promise.roles for promise in self.promises if promise.roles is not None]
        return _alike(roles(), lambda role: tuple(role in each for each in named))

    @cached_property
    def related(self) -> Sequence[Related]:
        asked = {condition for clause in self._clauses for condition in clause.when}
        found = []
        for word in When:
            spans = sorted(each.span for each in asked if each.word is word and each.span is not None)
            if spans:
                found += [
                    Related(word=word, since=since, until=until) for since, until in pairwise([timedelta(), *spans])
                ]
            elif any(each.word is word for each in asked):
                found.append(Related(word=word))
        return found

    @cached_property
    def tried(self) -> frozenset[OdsCode]:
        """Two of each class stand for all of it: one with itself, and with another like it."""
        return frozenset(code for alike in self.organisations for code in sorted(alike)[:2])

    def viewers(self) -> Iterator[ViewerClass]:
        """The classes of viewers to whom some clause is addressed; to all others nothing is ever open."""
        purposes = sorted({each.purpose for each in self.agreements if any(clause.when for clause in each.clauses)})
        for purpose, organisations in product(purposes, self.organisations):
            addressed = [clause for clause in self._clauses if organisations & clause.recipients]
            for services in _services([clause.recipient_services for clause in addressed]):
                here = [each for each in addressed if _takes(each, services)]
                for alike in self.roles:
                    if any(alike & clause.roles for clause in here):
                        yield ViewerClass(purpose=purpose, organisations=organisations, services=services, roles=alike)

    def contributors(self, viewers: ViewerClass) -> Iterator[tuple[OdsCode, frozenset[OdsCode] | None, Services]]:
        """Whose items a viewer of the class may ask for: one of them, the class (None: the viewer's own), services."""
        viewing = min(viewers.organisations)
        for alike in self.organisations:
            giving = [clause for clause in self._clauses if alike & self._whose(clause)]
            others = sorted(alike - {viewing})
            for services in _services([clause.contributing_services for clause in giving]) if giving else ():
                if viewing in alike:
                    yield viewing, None, services
                if others:
                    yield others[0], alike, services

    def _whose(self, clause: Clause) -> frozenset[OdsCode]:
        """Whose items it may open: where it gives each its own, also what predecessors contributed."""
        known = ((directory, code) for directory in self.directories for code in clause.contributors if clause.own)
        inherited = (each for directory, code in known for each in directory.predecessors(code, ANY_DAY))
        return clause.contributors | frozenset(inherited)


def _takes(clause: Clause, services: Services) -> bool:
    return clause.recipient_services is None or services.example in clause.recipient_services


def _services(narrowed: Iterable[frozenset[str] | None]) -> list[Services]:
    """The classes of services that clauses distinguish: those that none names, then those named alike."""
    sets = [names for names in narrowed if names is not None]
    every = frozenset[str]().union(*sets)
    named = _alike(sorted(every), lambda name: tuple(name in names for names in sets))
    return [Services(names=every), *(Services(names=alike, other=False) for alike in named)]


def _alike(of: Iterable[T], marks: Callable[[T], Hashable]) -> list[frozenset[T]]:
    classes: dict[Hashable, set[T]] = {}
    for each in of:
        classes.setdefault(marks(each), set()).add(each)
    return [frozenset(alike) for alike in classes.values()]
