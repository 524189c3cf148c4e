"""Who is held is judged anew, when the weights by which people are compared have changed since."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from concord.audit import AuditEvent, AuditWriter
from concord.base import Clock, IdSource
from concord.governance import Duty, permit_duty
from concord.identity import judge_anew, settle_persons
from concord.store import Store, Writing, body, people, registers

_DUTY = Duty(name="matching")
_MATCHING = permit_duty(_DUTY)
_PORTION = 200  # source patients of one transaction: others write between


@dataclass(frozen=True, kw_only=True, slots=True)
class Rejudged:
    """How many source patients a pass has looked at, and of how many it made what: `linked`; `waiting`, that had stood
    alone, for a human; `doubted`, which stay linked while a human is asked. `resumed`: it went on where an earlier one
    was cut short, and has not looked at what that one had done."""

    looked_at: int = 0
    linked: int = 0
    waiting: int = 0
    doubted: int = 0
    resumed: bool = False


class Rejudging:
    """Under the duty of matching. Nothing about a person leaves, only counts."""

    def __init__(self, store: Store, audit: AuditWriter, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def tried(self, tell: Callable[[int], None]) -> Rejudged:
        """What a pass would make of those who are held now; nothing is changed. What links would make of further ones
        is not foreseen."""
        done, after = Rejudged(), 0
        pairs: set[frozenset[str]] = set()
        while True:
            with self._store.reading() as reading:
                drawn = people.numbered_after(reading, _MATCHING, after, _PORTION)
                for each in drawn:
                    anew = judge_anew(reading, _MATCHING, each.source)
                    both = frozenset((each.base or "", anew.base)) if anew else frozenset()
                    if anew is not None and (anew.decision == "doubt" or both not in pairs):
                        pairs.add(both)
                        done = _counted(done, anew.decision)
            if not drawn:
                return done
            after = drawn[-1].number
            done = replace(done, looked_at=done.looked_at + len(drawn))
            tell(done.looked_at)

    def apply(self, tell: Callable[[int], None]) -> Rejudged:
        """Judge every source patient anew by the weights in force; `tell` hears after each portion how many it has
        looked at.

        Each portion, with its rows of the audit and how far the pass has come, is one transaction. Cut short it goes on
        where it was, unless other weights are in force since: then, as when they change meanwhile, it begins anew.
        """
        with self._store.reading() as reading:
            weights = registers.matching_version(reading)
            begun = registers.rejudging(reading)
        after = begun[1] if begun is not None and begun[0] == weights else 0
        done = Rejudged(resumed=after > 0)
        while True:
            with self._store.reading() as reading:
                drawn = people.numbered_after(reading, _MATCHING, after, _PORTION)
                to_change = [each.source for each in drawn if judge_anew(reading, _MATCHING, each.source) is not None]
            with self._store.writing() as writing:
                if (now := registers.matching_version(writing)) != weights:
                    weights, after = now, 0
                    continue
                if not drawn:
                    registers.end_rejudging(writing)
                    return done
                for source in to_change:
                    done = self._carry_out(writing, source, weights, done)
                after = drawn[-1].number
                registers.note_rejudging(writing, weights, after)
            done = replace(done, looked_at=done.looked_at + len(drawn))
            tell(done.looked_at)

    def _carry_out(self, writing: Writing, source: people.Source, weights: int, done: Rejudged) -> Rejudged:
        anew = judge_anew(writing, _MATCHING, source)  # others of the portion may have been linked since
        before = people.person_of(writing, source)
        if anew is None or before is None:
            return done
        at = self._clock.now()
        if anew.decision == "link":
            people.link(writing, source, anew.base, anew.why)
            touched = settle_persons(
                writing, _MATCHING, {before, anew.base}, {source: before}, at=body.microseconds(at),
                author=f"duty:{_DUTY.name}", why=f"judged anew by weights {weights}", ids=self._ids,
            )  # fmt: skip
        else:
            people.hold(writing, source, anew.base, anew.why)
            touched = {before}
        events = [
            AuditEvent(at=at, action="link", outcome="done", who=f"duty:{_DUTY.name}", person=person,
                       detail={"judged anew": anew.decision})
            for person in sorted(touched)
        ]  # fmt: skip
        self._audit.append(writing, events)
        return _counted(done, anew.decision)


def _counted(done: Rejudged, decision: str) -> Rejudged:
    return replace(
        done,
        linked=done.linked + (decision == "link"),
        waiting=done.waiting + (decision == "wait"),
        doubted=done.doubted + (decision == "doubt"),
    )
