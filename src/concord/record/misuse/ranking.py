"""What is odd about accesses, as reasons with points; and which of them a reviewer should see, the oddest first.

Points and thresholds were set on the labelled set of `benchmarks/misuse.py`, whose table says what they catch. What
reviewers find weighs them anew: a reason that stood on what proved justified counts for less.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from statistics import median

from concord.record.misuse.explaining import Explained, Explanation
from concord.record.misuse.model import Access, Near, Tie, Verdict


class Why(StrEnum):
    """Why an access is odd; the ties say whose the person is to the user."""

    OWN = "own"
    FAMILY = "family"
    HOUSEHOLD = "household"
    FORMER_HOUSEHOLD = "former-household"
    COLLEAGUE = "colleague"
    SURNAME = "surname"
    NEIGHBOUR = "neighbour"
    PROTECTED = "protected"
    DIED = "died"
    NO_CONTACT = "no-contact"
    ANOTHER_SERVICE = "another-service"
    HOUR = "hour"
    OFF_SHIFT = "off-shift"
    VOLUME = "volume"
    BROWSING = "browsing"
    CROWD = "crowd"
    REPEATED = "repeated"
    OVERRIDE = "override"


_POINTS: Mapping[Why, float] = {
    Why.OWN: 10, Why.FAMILY: 6, Why.HOUSEHOLD: 6, Why.FORMER_HOUSEHOLD: 5, Why.COLLEAGUE: 5, Why.SURNAME: 3,
    Why.NEIGHBOUR: 3, Why.PROTECTED: 4, Why.DIED: 3, Why.NO_CONTACT: 2, Why.ANOTHER_SERVICE: 1, Why.HOUR: 2,
    Why.OFF_SHIFT: 2, Why.VOLUME: 4, Why.BROWSING: 4, Why.CROWD: 5, Why.REPEATED: 3, Why.OVERRIDE: 3,
}  # fmt: skip
_TO_REVIEW = 4.0
_CLOSE = frozenset({Tie.FAMILY, Tie.HOUSEHOLD, Tie.FORMER_HOUSEHOLD, Tie.COLLEAGUE})
_PRIOR = 4.0  # verdicts that a reason starts with, half of them justified
_CROWD, _CROWD_SERVICES, _CROWD_WITHIN = 4, 3, timedelta(days=2)
_REPEATED_DAYS = 3
_BROWSED, _BROWSED_WITHIN = 4, timedelta(hours=1)
_MANY, _MANY_TIMES_USUAL = 6, 3
_HABIT, _RARE_HOUR = 30, 0.02


@dataclass(frozen=True, kw_only=True, slots=True)
class Odd:
    """An access that a reviewer should see. `whys`: what weighs most first. `explanation`: what would have explained it
    but for a close tie."""

    access: Access
    points: float
    whys: tuple[Why, ...]
    explanation: Explanation | None


def rank(accesses: Sequence[Access], verdicts: Iterable[Verdict] = ()) -> list[Odd]:
    """Those that a reviewer should see, the oddest first. `verdicts`: what reviewers made of earlier ones."""
    known = list(verdicts)
    explained = Explained(accesses, known)
    weights = _weights(known)
    by_access = [(access, explained.by(access)) for access in accesses]
    unexplained = [access for access, explanation in by_access if explanation is None]
    cohort = _Cohort(accesses, unexplained)
    found = []
    for access, explanation in by_access:
        if not _is_looked_at(access, explanation):
            continue
        worth = {why: _POINTS[why] * weights[why] for why in cohort.whys(access, explained=explanation is not None)}
        points, whys = sum(worth.values()), tuple(sorted(worth, key=lambda why: -worth[why]))
        if points >= _TO_REVIEW or Tie.OWN in access.ties:
            found.append(Odd(access=access, points=points, whys=whys, explanation=explanation))
    found.sort(key=lambda odd: (-odd.points, odd.access.at, odd.access.user, odd.access.person))
    return found


def _is_looked_at(access: Access, explanation: Explanation | None) -> bool:
    """What is explained is left alone; but nobody's own record, and of those close to them only what they are named
    to care for, or a reviewer has cleared."""
    if explanation is None or Tie.OWN in access.ties:
        return True
    cleared = explanation in (Explanation.NAMED, Explanation.VERDICT)
    return not cleared and bool(access.ties & _CLOSE)


def _weights(verdicts: Collection[Verdict]) -> Mapping[Why, float]:
    """By how often what a reason stood on was not justified: 1 where nothing is known, between 0 and 2."""
    stood, wrong = Counter[str](), Counter[str]()
    for verdict in verdicts:
        stood.update(verdict.whys)
        if not verdict.justified:
            wrong.update(verdict.whys)
    return {why: 2 * (wrong[why] + _PRIOR / 2) / (stood[why] + _PRIOR) for why in Why}


class _Cohort:
    """What is odd about an access beside all the others."""

    def __init__(self, accesses: Sequence[Access], unexplained: Sequence[Access]) -> None:
        self._hours: dict[str, Counter[int]] = defaultdict(Counter)
        for each in accesses:
            self._hours[each.user][each.at.hour] += 1
        self._of_user: dict[str, list[Access]] = defaultdict(list)
        self._of_person: dict[str, list[Access]] = defaultdict(list)
        self._of_day: dict[str, Counter[date]] = defaultdict(Counter)
        for each in unexplained:
            self._of_user[each.user].append(each)
            self._of_person[each.person].append(each)
            self._of_day[each.user][each.at.date()] += 1

    def whys(self, access: Access, *, explained: bool) -> Iterator[Why]:
        yield from (why for why in Why if why.value in {tie.value for tie in access.ties})
        if access.own_word and not access.contact:
            yield Why.OVERRIDE
        if access.on_shift is False:
            yield Why.OFF_SHIFT
        if access.on_shift is None and self._at_an_odd_hour(access):
            yield Why.HOUR
        if explained:
            return
        if not access.contact:
            yield Why.NO_CONTACT
        if access.related and access.near is Near.NOT:
            yield Why.ANOTHER_SERVICE
        if self._is_one_of_many(access):
            yield Why.VOLUME
        if self._is_browsing(access):
            yield Why.BROWSING
        if self._is_in_a_crowd(access):
            yield Why.CROWD
        if self._is_repeated(access):
            yield Why.REPEATED

    def _at_an_odd_hour(self, access: Access) -> bool:
        """An hour at which this user is hardly ever seen."""
        hours = self._hours[access.user]
        around = sum(hours[(access.at.hour + each) % 24] for each in (-1, 0, 1))
        return hours.total() >= _HABIT and around <= max(1, _RARE_HOUR * hours.total())

    def _is_one_of_many(self, access: Access) -> bool:
        days = self._of_day[access.user]
        usual = median(days.values())
        return days[access.at.date()] >= max(_MANY, _MANY_TIMES_USUAL * usual)

    def _is_browsing(self, access: Access) -> bool:
        """One of several people who have nothing to do with the user, within the hour."""
        near = {
            each.person
            for each in self._of_user[access.user]
            if not each.contact and abs(each.at - access.at) <= _BROWSED_WITHIN
        }
        return len(near) >= _BROWSED

    def _is_in_a_crowd(self, access: Access) -> bool:
        """Several users of several services look at somebody whom none of them has to do with."""
        near = [each for each in self._of_person[access.person] if abs(each.at - access.at) <= _CROWD_WITHIN]
        users = {each.user for each in near}
        return len(users) >= _CROWD and len({(each.organisation, each.service) for each in near}) >= _CROWD_SERVICES

    def _is_repeated(self, access: Access) -> bool:
        days = {each.at.date() for each in self._of_user[access.user] if each.person == access.person}
        return len(days) >= _REPEATED_DAYS
