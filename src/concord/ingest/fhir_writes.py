"""What an organisation's system writes by the FHIR API but as messages: by the organisation's feed, as these are.

Whoever writes hears at once what became of it, so that nothing is held: what may not come, and what comes while the
feed is in its shadow, is judged and refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from concord.governance import SourceSystem
from concord.ingest.feeds import FeedDescription
from concord.ingest.fhir_feeds import FhirFeeds
from concord.ingest.mllp import ReceivingDoor, tried
from concord.record import Arrival, Change, Outcome, Submission

_SHADOWED = (
    "Nothing was stored: the feed is in its shadow. As far as can be told without storing it, this would be taken in. "
    "Send it again when the feed has left its shadow."
)
_NOT_ALLOWED = "The feed does not allow resources of this type."


class FhirWrites:
    def __init__(self, records: ReceivingDoor, feeds: FhirFeeds) -> None:
        self._records = records
        self._feeds = feeds

    def write(self, changes: Sequence[Change], /, *, by: SourceSystem, atomic: bool) -> Sequence[Outcome]:
        """The outcome of each change, as `record.write` has them: with the feed's service and its trust in NHS numbers.

        Raises Unavailable when it cannot be known just now how the feed is described.
        """
        feed = self._feeds.of(by.organisation)
        refused = [_refusal(each, feed) for each in changes]
        if feed.shadow or (atomic and any(refused)):
            outcomes = _nothing_stored(changes, refused, atomic=atomic)
        else:
            taken = [_with_service(each, feed) for each, no in zip(changes, refused, strict=True) if no is None]
            done = iter(self._records.write(taken, by=by, atomic=atomic, assurance=feed.nhs_numbers) if taken else ())
            outcomes = [no or next(done) for no in refused]
        if feed.name and changes:
            rejected = sum(each.status == "rejected" and each.reason != _SHADOWED for each in outcomes)
            self._records.arrived(Arrival(feed=feed.name, messages=len(changes), rejected=rejected))
        return outcomes


def _refusal(change: Change, feed: FeedDescription) -> Outcome | None:
    """Why a change may not come by the feed; in its shadow also what is wrong with it, as far as that can be told."""
    if feed.resources and _type_of(change) not in feed.resources:
        return _rejected(change, _NOT_ALLOWED)
    if feed.shadow and isinstance(change, Submission):
        became, reason = tried([change])
        return _rejected(change, reason) if became == "rejected" else None
    return None


def _nothing_stored(changes: Sequence[Change], refused: Sequence[Outcome | None], *, atomic: bool) -> Sequence[Outcome]:
    guilty = next((each for each in refused if each is not None), None)
    if atomic and guilty is not None:
        why = f"Nothing of this transaction was stored, because of {guilty.position}."
        return [no or _rejected(each, why) for each, no in zip(changes, refused, strict=True)]
    return [
        no or replace(_rejected(each, _SHADOWED), problem="conflict") for each, no in zip(changes, refused, strict=True)
    ]


def _with_service(change: Change, feed: FeedDescription) -> Change:
    if isinstance(change, Submission) and change.service is None:
        return replace(change, service=feed.service)
    return change


def _type_of(change: Change) -> str:
    return str(change.resource["resourceType"]) if isinstance(change, Submission) else change.type


def _rejected(change: Change, reason: str) -> Outcome:
    return Outcome(status="rejected", position=change.position, type=_type_of(change), reason=reason)
