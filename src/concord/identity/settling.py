"""Bringing persons to what is said of their Patients: the one place where a source patient goes to another person.

Nothing moves but the list of links. Whatever was joined by a word or a tie comes apart again when it is taken back,
every source patient to where it came from.
"""

from collections.abc import Iterable, Mapping

from concord.base import IdSource, PersonId
from concord.identity.joining import KEPT_APART, Joined, Pair, Says, join, pair
from concord.store import Permitted, Writing, items, people, ties


def settle_persons(
    writing: Writing,
    duty: Permitted,
    around: Iterable[PersonId],
    before: Mapping[people.Source, PersonId],
    *,
    at: int,
    author: str,
    why: str,
    ids: IdSource,
) -> set[PersonId]:
    """Settle the persons `around`, and all that words and ties connect with them; the persons that changed.

    `before`: to whom source patients belonged, where that has been changed already. Each one that has gone from one
    person to another is noted, with `author` and `why`.
    """
    found = _gathered(writing, duty, around)
    said = _said(writing, found)
    if parted := _part(writing, found, said, before, ids):
        before = parted | dict(before)
        found = _gathered(writing, duty, around)
    for member in found.values():
        if member.held_for is not None and _answered(writing, duty, member, said):
            ties.settled(writing, member.source)
    told = {
        tie: pair(member.patient, tie.target)
        for member in found.values()
        for tie in ties.out_of(writing, member.source)
    }
    joined = join(list(found.values()), said, sorted(set(told.values())))
    for tie, named in told.items():
        if tie.held != (now := joined.held.get(named, "")):
            ties.hold(writing, tie, now)
    return _carried_out(writing, found, joined, before, (at, author, why))


def _carried_out(
    writing: Writing,
    found: Mapping[str, ties.Member],
    joined: Joined,
    before: Mapping[people.Source, PersonId],
    noted: tuple[int, str, str],
) -> set[PersonId]:
    at, author, why = noted
    changed: set[PersonId] = set()
    for member in found.values():
        person = PersonId(joined.persons[member.base])
        if person != member.person:
            ties.join(writing, member.source, person)
        was = before.get(member.source, member.person)
        if person != was:
            ties.note_change(writing, member.source, was, person, at=at, author=author, why=why)
            changed |= {was, person}
    return changed


def _gathered(writing: Writing, duty: Permitted, around: Iterable[PersonId]) -> dict[str, ties.Member]:
    """Every source patient that may belong together with those `around`, by the id of its Patient."""
    found: dict[str, ties.Member] = {}
    waiting = [base for person in around for base in ties.bases(writing, person)]
    seen: set[PersonId] = set()
    while waiting:
        base = waiting.pop()
        if base in seen:
            continue
        seen.add(base)
        named: set[str] = set()
        for member in ties.members(writing, duty, base):
            found[member.patient] = member
            waiting += ties.bases(writing, member.person)
            waiting += [there for tie in ties.into(writing, member.patient) if (there := _base_at(writing, tie))]
            named |= {tie.target for tie in ties.out_of(writing, member.source)}
            named |= {other for one, two, _ in ties.words(writing, member.patient) for other in (one, two)}
        for place in items.locate_many(writing, [f"Patient/{patient}" for patient in named - found.keys()]).values():
            if (there := ties.base_of(writing, place.source)) is not None:
                waiting.append(there)
    return found


def _base_at(writing: Writing, tie: ties.Tie) -> PersonId | None:
    return ties.base_of(writing, (tie.home, tie.source_patient))


def _said(writing: Writing, found: Mapping[str, ties.Member]) -> dict[Pair, Says]:
    """The last word about each pair."""
    return {(one, other): says for patient in found for one, other, says in ties.words(writing, patient)}


def _part(
    writing: Writing,
    found: Mapping[str, ties.Member],
    said: Mapping[Pair, Says],
    before: Mapping[people.Source, PersonId],
    ids: IdSource,
) -> dict[people.Source, PersonId]:
    """Give the younger of two Patients that the rules have linked, and a reviewer keeps apart, a base of its own: the
    person that it was before they did, if nobody else is that.

    To whom those belonged to whom that was done.
    """
    parted: dict[people.Source, PersonId] = {}
    taken = {member.base for member in found.values()}
    for one, other in sorted(said):
        here, there = found.get(one), found.get(other)
        if said[one, other] == "apart" and here and there and here.base == there.base:
            younger = max(here, there, key=lambda member: member.number)
            if younger.source not in parted:
                own = before.get(younger.source)
                if own is None or own in taken or people.count_linked(writing, own):
                    own = PersonId(ids.fresh())
                taken.add(own)
                people.link(writing, younger.source, own, KEPT_APART)
                parted[younger.source] = younger.person
    return parted


def _answered(writing: Writing, duty: Permitted, member: ties.Member, said: Mapping[Pair, Says]) -> bool:
    """Whether a reviewer has said whose it is, of those it was held for."""
    assert member.held_for is not None
    others = ties.members(writing, duty, member.held_for)
    return any(pair(member.patient, other.patient) in said for other in others)
