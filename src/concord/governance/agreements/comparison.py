"""Two versions side by side: exactly what opens and what closes, and nothing else changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from concord.governance.agreement import Agreement
from concord.governance.agreements.classes import Classes, ViewerClass
from concord.governance.agreements.reach import Reach, differences, reaches
from concord.governance.agreements.telling import PROCESSING, clause_words, promise_words
from concord.governance.directory import Directory, roles
from concord.governance.policy import Policy
from concord.governance.situations import ANY_DAY, as_signed, someone
from concord.terminology import HEADINGS, Heading


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What differs between two policies once everybody has signed both and both are in force.

    `opens`, `closes`: exactly the cells in which the decision differs; no two of `opens` say the same, nor of
    `closes`. `locates`, `no_longer_locates`: classes of viewers for whom `Decision.locates` differs, of those to
    whom either policy addresses a clause. `terms`: what else the texts say otherwise, in sentences.
    """

    opens: tuple[Reach, ...]
    closes: tuple[Reach, ...]
    locates: tuple[ViewerClass, ...]
    no_longer_locates: tuple[ViewerClass, ...]
    terms: tuple[str, ...]

    @property
    def is_nothing(self) -> bool:
        """Whether the decision is the same in every cell."""
        return not (self.opens or self.closes or self.locates or self.no_longer_locates)


def compare(before: Policy, after: Policy) -> Comparison:
    """What opens and what closes from `before` to `after`, whoever has signed and on whatever day."""
    opens, closes = differences(before, after)
    was, now = _locating(before, after)
    return Comparison(
        opens=opens,
        closes=closes,
        locates=tuple(each for each in now if each not in was),
        no_longer_locates=tuple(each for each in was if each not in now),
        terms=tuple(_terms(before.agreements, after.agreements, after.directory)),
    )


class Mark(StrEnum):
    """Of a role and a heading, whatever the organisation, label and relationship."""

    OPENS = "opens"
    CLOSES = "closes"
    BOTH = "opens for some, closes for others"
    OPEN = "open in both"
    SHUT = "closed in both"


def squares(comparison: Comparison, before: Policy) -> Mapping[str, Mapping[Heading, Mark]]:
    """The roles for which something changes, as a map: for each a mark for each heading that any of them sees by
    either policy."""
    opens, closes, was = (_squares(each) for each in (comparison.opens, comparison.closes, reaches(before)))
    changed = opens | closes
    concerned = {role for role, _ in changed}
    shown = [heading for heading in HEADINGS if any((role, heading) in changed | was for role in concerned)]

    def mark(square: tuple[str, Heading]) -> Mark:
        if square in changed:
            return Mark.BOTH if square in opens & closes else Mark.OPENS if square in opens else Mark.CLOSES
        return Mark.OPEN if square in was else Mark.SHUT

    return {role: {heading: mark((role, heading)) for heading in shown} for role in roles() if role in concerned}


def _squares(reached: Iterable[Reach]) -> set[tuple[str, Heading]]:
    return {(role, heading) for each in reached for role in each.roles for heading in each.headings}


def _locating(before: Policy, after: Policy) -> tuple[list[ViewerClass], list[ViewerClass]]:
    classes = Classes(
        agreements=[*before.agreements, *after.agreements], directories=[before.directory, after.directory]
    )
    found: tuple[list[ViewerClass], list[ViewerClass]] = ([], [])
    for policy, locating in zip((before, after), found, strict=True):
        signed = as_signed(policy.agreements, policy.directory, among=classes.tried)
        for viewers in classes.viewers():
            viewer = someone(min(viewers.roles), min(viewers.organisations), viewers.services.example, viewers.purpose)
            if signed.profile(viewer, ANY_DAY).locates:
                locating.append(viewers)
    return found


def _terms(before: Sequence[Agreement], after: Sequence[Agreement], directory: Directory) -> Iterator[str]:
    old = {agreement.agreement: agreement for agreement in before}
    new = {agreement.agreement: agreement for agreement in after}
    for name in sorted(old.keys() | new.keys()):
        if name not in new:
            yield f"{old[name].title} is no longer there."
        elif name not in old:
            yield f"{new[name].title} is new."
        else:
            for change in _changes(old[name], new[name], directory):
                yield f"{new[name].title}: {change}."


def _changes(old: Agreement, new: Agreement, directory: Directory) -> Iterator[str]:
    for name, was, now in (
        ("title", old.title, new.title),
        ("version", str(old.version), str(new.version)),
        ("purpose", old.purpose, new.purpose),
        ("lawful basis", ", ".join(old.lawful_basis), ", ".join(new.lawful_basis)),
        ("basis in confidence", ", ".join(old.confidence), ", ".join(new.confidence)),
        ("in force from", f"{old.from_on:%-d %B %Y}", f"{new.from_on:%-d %B %Y}"),
        ("review on", f"{old.review_on:%-d %B %Y}", f"{new.review_on:%-d %B %Y}"),
        ("in force until", f"{old.until_on:%-d %B %Y}", f"{new.until_on:%-d %B %Y}"),
        ("who may see where a protected person is", _titles(old.locating_roles), _titles(new.locating_roles)),
    ):
        if was != now:
            yield f"{name} was {was}, becomes {now}"
    for name, called in PROCESSING.items():
        was, now = (getattr(each.processing, name) if each.processing else "not said" for each in (old, new))
        if was != now:
            yield f'{called.lower()} was "{was}", becomes "{now}"'
    yield from _counting(old, new, directory)
    for code in sorted(new.parties - old.parties):
        yield f"{directory.name(code)} joins"
    for code in sorted(old.parties - new.parties):
        yield f"{directory.name(code)} leaves"
    yield from _promises(old, new, directory)


def _counting(old: Agreement, new: Agreement, directory: Directory) -> Iterator[str]:
    """Of clauses that open nobody's record, and so no cell: what they say."""
    was, now = ({each.id: clause_words(each, directory) for each in one.clauses if not each.when} for one in (old, new))
    for id_ in [*was, *(each for each in now if each not in was)]:
        if id_ not in now:
            yield f"clause {id_} is dropped: {was[id_].rstrip('.')}"
        elif id_ not in was:
            yield f"clause {id_} is new: {now[id_].rstrip('.')}"
        elif was[id_] != now[id_]:
            yield f"clause {id_} was: {was[id_]} It becomes: {now[id_].rstrip('.')}"


def _promises(old: Agreement, new: Agreement, directory: Directory) -> Iterator[str]:
    was = {promise.id: promise for promise in old.promises}
    now = {promise.id: promise for promise in new.promises}
    for id_ in [*was, *(each for each in now if each not in was)]:
        if id_ not in now:
            yield f"promise {id_} is dropped: {promise_words(was[id_], directory).rstrip('.')}"
        elif id_ not in was:
            yield f"promise {id_} is given: {promise_words(now[id_], directory).rstrip('.')}"
        elif promise_words(was[id_], directory) != promise_words(now[id_], directory):
            yield f"promise {id_} was: {promise_words(was[id_], directory)} It becomes: " + promise_words(
                now[id_], directory
            ).rstrip(".")


def _titles(named: frozenset[str]) -> str:
    return ", ".join(roles()[role].title for role in roles() if role in named) or "nobody"
