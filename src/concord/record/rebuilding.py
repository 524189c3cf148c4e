"""What somebody saw at a past moment, rebuilt from its audit row and the history of the record."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from concord.audit import Kept, look_with
from concord.base import Keys, NotFound
from concord.governance import Duty, Gate, permit_duty
from concord.record.seen import places, versions_hash
from concord.record.wire import as_sent, version_id
from concord.store import Reading, body, versions
from concord.store.items import StoredItem
from concord.terminology import HEADINGS

_REBUILDING = permit_duty(Duty(name="audit-rebuild"))
_NOT_OF_ITEMS = "This row is not about items: it shows no content of a record, so there is nothing to rebuild."
_OLDER = "This row is older than chains, and does not say which items were shown."
_ERASED = "The details of this row were erased, so what it showed cannot be rebuilt. Its place in the chain holds."
_DIFFERS = (
    "What is held as the versions of that moment is not what was shown: a version was removed, or was stored at that "
    "very moment. The items below are those that are held."
)
_REBUILT = "Rebuilt: these versions have the hash that the row keeps."
_SAME_POLICY = "Its agreements, signatures and tables are held, and have that hash."
_OTHER_POLICY = (
    "What is held of it has another hash: a table that comes with Concord says something else since, or a signature "
    "does. What it opened is told by the row alone."
)
_NO_POLICY = "It is not held, or cannot be read any longer: what it opened is told by the row alone."


@dataclass(frozen=True, kw_only=True, slots=True)
class RebuiltItem:
    """A version as its source wrote it; the user saw it cut by the rules of the day (docs/explanation/record.md)."""

    type: str
    id: str
    version: str
    organisation: str
    heading: str
    stored_at: str
    resource: dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Rebuilt:
    """`exact`: the items are those that were shown, proved by the row's hash; `told` says so in a sentence, or why
    not. `policy`: the number and hash of the policy that decided, "" where none did; `policy_told` says whether it is
    still held as it was."""

    look: Kept
    exact: bool
    told: str
    policy: str
    policy_told: str
    items: Sequence[RebuiltItem]


class Rebuilder:
    def __init__(self, gate: Gate, keys: Keys) -> None:
        self._gate = gate
        self._keys = keys
        self._codec = body.Codec()

    def rebuild(self, reading: Reading, number: int) -> Rebuilt:
        """Raises NotFound when there is no such row."""
        kept = look_with(reading, number)
        if kept is None:
            raise NotFound(f"The audit has no row {number}. `concord audit show` lists them.")
        context, detail = kept.event.context, kept.event.detail
        policy = f"{context['policy']} ({context['policy_hash']})" if "policy_hash" in context else ""
        policy_told = self._policy_told(reading, kept) if policy else ""
        if "shown" not in detail:
            why = _OLDER if kept.chain is None else _ERASED if kept.erased else _NOT_OF_ITEMS
            return Rebuilt(look=kept, exact=False, told=why, policy=policy, policy_told=policy_told, items=())
        at = body.microseconds(kept.event.at)
        found = versions.read_as_of(reading, _REBUILDING, at, places(detail["shown"]))
        exact = versions_hash((each.source_patient, each.item, each.version) for each in found) == detail["versions"]
        return Rebuilt(
            look=kept,
            exact=exact,
            told=_REBUILT if exact else _DIFFERS,
            policy=policy,
            policy_told=policy_told,
            items=[self._item(reading, each) for each in found],
        )

    def _policy_told(self, reading: Reading, kept: Kept) -> str:
        context = kept.event.context
        held = self._gate.past_policy(reading, int(context["policy"]), kept.event.at)
        if held is None:
            return _NO_POLICY
        return _SAME_POLICY if held.version == context["policy_hash"] else _OTHER_POLICY

    def _item(self, reading: Reading, item: StoredItem) -> RebuiltItem:
        type_ = reading.words.text(reading, item.type)
        return RebuiltItem(
            type=type_,
            id=item.id,
            version=version_id(self._keys, item.stored_at),
            organisation=self._gate.organisation_of(reading, (item.home, item.source_patient)),
            heading=HEADINGS[item.heading].value,
            stored_at=body.fhir_instant(item.stored_at),
            resource=as_sent(type_, item, self._codec),
        )
