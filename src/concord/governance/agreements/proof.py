"""Promises, proved: every class of viewers is asked for every class of items that a promise speaks of.

Of a person with every relationship, and with every consent that the promise does not except, the most is seen that is
seen of anybody, by a viewer who has broken the glass, unless the promise excepts that; what is hidden of them is hidden
of everybody. Likewise no signature and no day opens more than all signatures
and every day. So one decision a class of viewers is enough, and it is the decision itself that is asked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from concord.base import FileRefused, OdsCode
from concord.governance.agreement import Outside, Promise, Unless, When
from concord.governance.agreements.classes import Classes, Related, Services, ViewerClass
from concord.governance.agreements.reach import ItemClass
from concord.governance.agreements.telling import counterexample, promise_words
from concord.governance.decision import Decision, decide
from concord.governance.directory import Directory
from concord.governance.headings import heading_set
from concord.governance.model import Viewer
from concord.governance.policy import ClauseName, Policy
from concord.governance.situations import ANY_DAY, Held, Situation, as_signed, someone
from concord.terminology import HEADINGS

_EVERY_RELATIONSHIP = tuple(Held(word=word) for word in When)


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """The promise holds. `tried`: classes of viewers that were asked."""

    promise: Promise
    tried: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Broken:
    """The promise does not hold: a case in which it does not, the clause that opens it, and the same in a sentence."""

    promise: Promise
    viewer: Viewer
    item: ItemClass
    situation: Situation
    clause: ClauseName
    counterexample: str


def prove(policy: Policy, *promises: Promise) -> tuple[Kept | Broken, ...]:
    """Whether the agreements of the policy, all of them together, keep each promise, whoever has signed and whenever.

    Promises whose organisations the policy's directory does not know are kept: to such organisations nothing is open.
    """
    proof = _Proof(policy, promises)
    return tuple(proof.verdict(promise) for promise in promises)


def refuse_broken_promises(policy: Policy, *, filenames: Sequence[str]) -> None:
    """Raises FileRefused for the first promise that is broken, where it stands; `filenames`: of the agreements."""
    for filename, agreement in zip(filenames, policy.agreements, strict=True):
        for verdict in prove(policy, *agreement.promises) if agreement.promises else ():
            if isinstance(verdict, Broken):
                promise = verdict.promise
                in_words = promise_words(promise, policy.directory)
                why = f'promise "{promise.id}" is broken. {in_words} But: {verdict.counterexample}'
                raise FileRefused(why, filename=filename, line=promise.line, column=promise.column)


class _Proof:
    """One enumeration for all promises; a decision that two of them ask for is made once."""

    def __init__(self, policy: Policy, promises: Sequence[Promise]) -> None:
        self._classes = Classes(agreements=policy.agreements, directories=[policy.directory], promises=promises)
        self._policy = as_signed(policy.agreements, policy.directory, among=self._classes.tried)
        self._viewers = tuple(self._classes.viewers())
        self._sources = sorted(self._classes.tried)
        self._decisions: dict[tuple[ViewerClass, Situation], Decision] = {}

    @property
    def _directory(self) -> Directory:
        return self._policy.directory

    def verdict(self, promise: Promise) -> Kept | Broken:
        asked = [viewers for viewers in self._viewers if _speaks_of(promise, viewers)]
        for viewers in asked:
            for viewer, item in self._seen(promise, viewers):
                return self._broken(promise, viewer, item)
        return Kept(promise=promise, tried=len(asked))

    def _seen(self, promise: Promise, viewers: ViewerClass) -> Iterator[tuple[Viewer, ItemClass]]:
        """What the promise says is not seen, and is: one case for each open cell."""
        decision = self._decided(viewers, _most_open(promise))
        cells = [(self._sources[cell.source_patient], cell) for cell in decision.openings]
        headings = promise.headings or frozenset(HEADINGS)
        wanted = heading_set(headings)
        labels = sorted(label.mask for label in promise.labels) if promise.labels else [0]
        for contributor, _, services in self._classes.contributors(viewers):
            if promise.contributors is not None and contributor not in promise.contributors:
                continue
            pair = self._pair(promise, viewers, contributor, services)
            if pair is None:
                continue
            for code, cell in cells:
                carried = [label for label in labels if label & ~cell.labels == 0]
                if code == contributor and cell.headings & wanted and carried and cell.service in (None, pair[1]):
                    heading = next(each for each in HEADINGS if each in headings and cell.headings >> each.bit & 1)
                    item = ItemClass(contributor=code, service=pair[1], heading=heading, labels=carried[0])
                    yield replace(decision.viewer, service=pair[0]), item

    def _decided(self, viewers: ViewerClass, situation: Situation) -> Decision:
        key = viewers, situation
        if key not in self._decisions:
            viewer = someone(min(viewers.roles), min(viewers.organisations), viewers.services.example, viewers.purpose)
            facts = situation.facts(viewer.organisation, self._sources, ANY_DAY)
            self._decisions[key] = decide(viewer, facts, self._policy, ANY_DAY)
        return self._decisions[key]

    def _pair(
        self, promise: Promise, viewers: ViewerClass, contributor: OdsCode, services: Services
    ) -> tuple[str | None, str | None] | None:
        """A viewer's and an item's service of which the promise speaks; None if there are none such.

        An organisation of one service is that service; who works in no named one of several stands outside each.
        """
        same = min(viewers.organisations) == contributor
        if not same or promise.outside is None:
            return viewers.services.example, services.example
        if promise.outside is Outside.ORGANISATION or len(self._directory.services_of(contributor)) < 2:
            return None
        known = [each.service for each in self._directory.services_of(contributor)]
        viewing = [each for each in [*known, *sorted(viewers.services.names), None] if each in viewers.services]
        giving = [each for each in [*known, *sorted(services.names), None] if each in services]
        return next(((one, other) for one in viewing for other in giving if one is None or one != other), None)

    def _broken(self, promise: Promise, viewer: Viewer, item: ItemClass) -> Broken:
        """The case with the one relationship that opens it, and by which clause."""
        most = _most_open(promise)
        cases = [
            replace(most, held=() if held is None else (held,), overrides=overrides)
            for overrides in sorted({False, most.overrides})
            for held in (*(related.example for related in self._classes.related), None)
        ]
        for alone in cases:
            facts = alone.facts(viewer.organisation, self._sources, ANY_DAY)
            decision = decide(viewer, facts, self._policy, ANY_DAY)
            reason = decision.explain(item.contributor, item.service, item.heading, item.labels)
            if reason.shown and reason.clause is not None:
                told = counterexample(viewer, item, alone, self._related(alone), reason.clause, self._directory)
                return Broken(
                    promise=promise,
                    viewer=viewer,
                    item=item,
                    situation=alone,
                    clause=reason.clause,
                    counterexample=told,
                )
        raise AssertionError("what every relationship opens, one of them opens")

    def _related(self, situation: Situation) -> Related | None:
        """The class of the one relationship, if there is one."""
        held = next(iter(situation.held), None)
        return next((each for each in self._classes.related if held is not None and held in each), None)


def _most_open(promise: Promise) -> Situation:
    return Situation(
        held=_EVERY_RELATIONSHIP,
        objects=promise.objects,
        share_out=None if Unless.SHARE_OUT in promise.unless else True,
        share_in=None if Unless.SHARE_IN in promise.unless else True,
        protected=promise.protected,
        overrides=Unless.OVERRIDE not in promise.unless,
    )


def _speaks_of(promise: Promise, viewers: ViewerClass) -> bool:
    role = promise.roles is None or viewers.roles <= promise.roles
    return role and (promise.at is None or viewers.organisations <= promise.at)
