"""Bringing a feed on: the steps from its description to its first day, each ticked by what is held, not by hand.

docs/how-to/take-a-feed-live.md says what each step is for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from concord.base import Clock, NotFound, OdsCode
from concord.governance import Policy
from concord.ingest.feeds import FeedDescription
from concord.ingest.health import FeedHealth, FeedWatch
from concord.ingest.mllp.receiving import SHADOWED
from concord.ingest.quality import Measured, day_in_words

_LONDON = ZoneInfo("Europe/London")
_MOST_NAMED = 3
State = Literal["done", "to do", "left out"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """`told`: what is held as evidence of it, or what to do, what is to be typed between backticks. "left out": it was
    not done, and cannot be done any more."""

    says: str
    state: State
    told: str


class TrialOfOne(Protocol):
    """See `concord.record.trials.Trial`."""

    @property
    def testers(self) -> Sequence[str]: ...
    @property
    def looked(self) -> Sequence[str]: ...
    @property
    def live_at(self) -> datetime | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Onboarding:
    """`trial_of` an organisation, if there is or was one; `in_use_since`: when what it sends came into people's records
    without one; `reasons_of`: why a feed's rejects are held, and how many;
    `unmapped_of`: how often nothing was made of which field of its messages; `quality_of` an organisation, day by day,
    newest first."""

    feeds: FeedWatch
    trial_of: Callable[[OdsCode], TrialOfOne | None]
    in_use_since: Callable[[OdsCode], datetime | None]
    reasons_of: Callable[[str], Mapping[str, int]]
    unmapped_of: Callable[[str], Mapping[str, int]]
    quality_of: Callable[[OdsCode], Sequence[Measured]]
    policy: Callable[[], Policy]
    clock: Clock

    def of(self, feed: str) -> Sequence[Step]:
        """NotFound for a feed that is not described, or whose file cannot be read."""
        health = next((each for each in self.feeds.health().feeds if each.feed.name == feed), None)
        if health is None:
            raise NotFound(f"There is no feed {feed} whose file can be read. `concord feed check` says why.")
        return list(self._steps(health))

    def _steps(self, health: FeedHealth) -> Iterator[Step]:
        feed, came = health.feed, health.traffic
        yield Step(says="Its file is read", state="done", told=f"What {feed.organisation} sends, by {feed.transport}.")
        yield Step(
            says="Its rhythm is set",
            state=_state(feed.rhythm is not None),
            told=f"Something is expected every {feed.rhythm_in_words}."
            if feed.rhythm
            else "Write `rhythm` in its file: without one nobody is told that it has fallen silent.",
        )
        yield Step(
            says="Something has come",
            state=_state(health.last_at is not None),
            told=f"Last {health.silence_in_words} ago." if health.last_at else "Let the sender send, in the shadow.",
        )
        steady = came is not None and came.usual is not None and health.state == "heard" and feed.rhythm is not None
        yield Step(
            says="It keeps its rhythm",
            state=_state(steady),
            told=f"{came.usual:,.0f} a day are usual."
            if steady and came is not None
            else "Known after two days without an unexplained silence.",
        )
        yield self._rejects(health)
        if feed.kind == "hl7v2":
            yield self._unmapped(health)
        yield self._quality_of(feed.organisation)
        yield self._agreement(feed.organisation)
        yield from self._trial(health)

    def _rejects(self, health: FeedHealth) -> Step:
        own = {why: n for why, n in self.reasons_of(health.feed.name).items() if why != SHADOWED}
        left = sum(own.values()) + (health.failed or 0)
        refused = health.traffic.rejected if health.traffic and health.feed.transport == "fhir" else 0
        return Step(
            says="What would be rejected is understood",
            state=_state(health.last_at is not None and left == 0 and refused == 0),
            told=f"{left:,} are held or failed with a reason of their own: mend, or discard with a reason."
            if left
            else f"{refused:,} were refused in the last 24 hours: their sender was told why."
            if refused
            else "Nothing is held with a reason of its own."
            if health.last_at
            else "Nothing has come yet.",
        )

    def _unmapped(self, health: FeedHealth) -> Step:
        feed = health.feed
        fields = self.unmapped_of(feed.name)
        most = ", ".join(list(fields)[:_MOST_NAMED])
        counted = health.last_at is not None and not feed.shadow
        return Step(
            says="What nothing is made of is counted",
            state=_state(counted),
            told=f"Nothing was made of {len(fields):,} fields, most often {most}: the feed's page has them all."
            if counted and fields
            else "Something was made of every field that came."
            if counted
            else f"From the first message that is taken in. Of a sample, `concord feed trace {feed.name}` says it.",
        )

    def _quality_of(self, organisation: OdsCode) -> Step:
        days = [each for each in self.quality_of(organisation) if each.figures.items]
        return Step(
            says="Its data quality is measured",
            state=_state(bool(days)),
            told=f"On {day_in_words(days[0].day)}: see the programme's page on data quality."
            if days
            else f"Once data are in: `concord quality measure {organisation}`.",
        )

    def _agreement(self, organisation: OdsCode) -> Step:
        policy, now = self.policy(), self.clock.now()
        open_by = sorted(
            {
                agreement.title
                for agreement in policy.agreements
                for clause in agreement.clauses
                if organisation in clause.contributors
                for recipient in clause.recipients
                if any(start <= now < end for start, end in policy.live(agreement, organisation, recipient))
            }
        )
        return Step(
            says="An agreement that is signed opens it",
            state=_state(bool(open_by)),
            told=f"{', '.join(open_by)}." if open_by else "None does: whatever comes, nobody will see it.",
        )

    def _trial(self, health: FeedHealth) -> Iterator[Step]:
        organisation, shadow = health.feed.organisation, health.feed.shadow
        trial = self.trial_of(organisation)
        live_at = trial.live_at if trial else self.in_use_since(organisation)
        yield _testers(health.feed, trial, live_at)
        live = not shadow and health.last_at is not None and (trial is None or live_at is not None)
        seen = f"has seen it since {_day(live_at)}" if live_at else "sees it"
        yield Step(
            says="It is live",
            state=_state(live),
            told=f"Whoever agreements let see it {seen}."
            if live
            else "It is in its shadow: write `shadow: no` when the testers' time begins."
            if shadow
            else f"`concord feed go-live {health.feed.name}`"
            if trial
            else "Nothing has come yet.",
        )


def _state(done: bool) -> State:
    return "done" if done else "to do"


def _testers(feed: FeedDescription, trial: TrialOfOne | None, live_at: datetime | None) -> Step:
    """What went live without a trial was never tried, and nobody can do it any more."""
    says, whose = "Testers have seen it", feed.organisation
    if trial is None:
        if live_at is None:
            return Step(says=says, state="to do", told=f"`concord feed trial {feed.name} --tester USER`")
        told = (
            f"{whose} went live without a trial: what it sends has been in people's records since {_day(live_at)}, "
            "when its system first sent some. No command began that, so no name is kept."
        )
        return Step(says=says, state="left out", told=told)
    if live_at is not None and not trial.looked:
        return Step(says=says, state="left out", told=f"{whose} went live on {_day(live_at)}: no tester had looked.")
    told = f"{len(trial.looked)} of {len(trial.testers)} testers have looked."
    return Step(says=says, state=_state(bool(trial.looked)), told=told)


def _day(at: datetime) -> str:
    return day_in_words(at.astimezone(_LONDON).date().isoformat())
