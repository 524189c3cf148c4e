"""Drafts that are proposed for signature: the next versions of agreements, in force as soon as enough have signed.

A proposed version takes the place of the one in force when every party that shares by that one has signed it; whom it
leaves out withdraws first. So nobody loses what they have by somebody else's haste. Where nobody shares yet, and of a
new agreement, the parties of one of its flows do. From then on it is an agreement like any other, flow by flow.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from concord.base import Incorrect, OdsCode
from concord.governance.agreement import Agreement
from concord.governance.agreements.drafting import try_draft
from concord.governance.agreements.publishing import publish_policy
from concord.governance.agreements.standing import Stage, flows, standing
from concord.governance.gate import PolicyFiles, published_files
from concord.governance.grammar import named_by, read_agreement
from concord.governance.policy import Policy
from concord.governance.spans import is_within
from concord.store import Reading, Writing, drafts, registers


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """`before`: the policy in force; `after`: the same with the proposed version in the place of what it `replaces`."""

    reference: str
    text: str
    agreement: Agreement
    replaces: Agreement | None
    before: Policy
    after: Policy

    def waits_for(self, now: datetime) -> tuple[OdsCode, ...]:
        """Whose signatures, or withdrawals from what it replaces, it lacks to be in force; where nobody shares yet,
        whose signatures would do first."""
        signed = set(_signed(self.agreement, self.after, now))
        sharing = set() if self.replaces is None else set(_signed(self.replaces, self.before, now))
        if sharing:
            return tuple(sorted(sharing - signed))
        lacking = [tuple(sorted(set(pair) - signed)) for pair in flows(self.agreement)]
        return min(lacking, key=lambda codes: (len(codes), codes))


def _signed(agreement: Agreement, policy: Policy, now: datetime) -> Iterator[OdsCode]:
    return (code for code in agreement.parties if is_within(policy.signed(agreement, code), now))


def proposals(reading: Reading, policy: Policy) -> Iterator[Proposal]:
    """Those that can be read beside the policy in force, and are newer than what they replace."""
    for row in drafts.proposed(reading):
        try:
            agreement = read_agreement(row.content, filename="draft", directory=policy.directory)
        except Incorrect:  # the directory has changed since
            continue
        replaces = next((each for each in policy.agreements if each.agreement == agreement.agreement), None)
        if replaces is None or replaces.version < agreement.version:
            others = [each for each in policy.agreements if each is not replaces]
            yield Proposal(
                reference=row.reference,
                text=row.content,
                agreement=agreement,
                replaces=replaces,
                before=policy,
                after=replace(policy, agreements=[*others, agreement]),
            )


def refuse_proposal(text: str, organisation: OdsCode, reading: Reading, policy: Policy, now: datetime) -> None:
    """Raises Incorrect where a draft cannot be proposed by an organisation today."""
    trial = try_draft(text, policy)
    agreement = trial.agreement
    if agreement is None or trial.after is None or not trial.is_sound:
        raise Incorrect("Mend the draft first: only what could be in force can be proposed")
    if organisation not in (trial.replaced or agreement).parties:
        raise Incorrect("Only a party of the agreement can propose it")
    if standing(agreement, trial.after, now).stage in (Stage.NOT_YET, Stage.EXPIRED):
        raise Incorrect("Propose it on a day on which it could be in force: between its dates `from` and `until`")
    standing_by = [each.agreement for each in proposals(reading, policy)]
    taken = [each.version for each in standing_by if each.agreement == agreement.agreement]
    if agreement.version in taken:
        raise Incorrect(
            f"Another draft is proposed as version {agreement.version}. Write `version: {max(taken) + 1}` in yours: "
            "each waits for its own signatures"
        )


def void_signatures(text: str, writing: Writing) -> None:
    """A proposal is none any longer: what has been signed of it counts for nothing, whatever is proposed later."""
    agreement, version = named_by(text)
    published = dict(map(named_by, published_files(writing).agreements.values()))
    if version > published.get(agreement, 0):
        registers.void_statements(writing, agreement, version)


def settle(writing: Writing, policy: Policy, now: datetime) -> list[Mapping[str, Any]]:
    """Publish, in this transaction, every proposal that waits for nobody any longer; for each what the audit tells.

    `policy`: in force, with all that has been signed. A proposal that breaks a promise made meanwhile is left as it is;
    its page says so.
    """
    told: list[Mapping[str, Any]] = []
    for proposal in proposals(writing, policy):
        if not proposal.waits_for(now):
            try:
                number = publish_policy(writing, _with(published_files(writing), proposal), now)
            except Incorrect:
                continue
            drafts.discard(writing, proposal.reference)
            agreement = proposal.agreement
            told.append(
                {
                    "agreement": f"{agreement.agreement} {agreement.version}",
                    "hash": agreement.digest,
                    "draft": proposal.reference,
                    "publication": number,
                }
            )
    return told


def _with(files: PolicyFiles, proposal: Proposal) -> PolicyFiles:
    """The files with the proposal's text in the place of the one that it replaces."""
    named = {named_by(text)[0]: name for name, text in files.agreements.items()}
    name = named.get(proposal.agreement.agreement, f"{proposal.agreement.agreement}.yaml")
    return replace(files, agreements={**files.agreements, name: proposal.text})
