"""Signing: which agreements there are and who has signed them, what there is to sign, and taking in what was signed.

A signature needs nobody's leave: it proves itself, and what it changes is so from the next request of every process.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from concord.audit import Action, AuditEvent, AuditOutcome, AuditWriter
from concord.base import Clock, OdsCode
from concord.governance.agreement import Agreement
from concord.governance.agreements.proposals import proposals, settle
from concord.governance.agreements.publishing import publish_policy, read_policy
from concord.governance.agreements.standing import Standing, standing
from concord.governance.gate import Gate, PolicyFiles
from concord.governance.policy import Policy
from concord.governance.signatures import Intent, Signature
from concord.governance.statements import StatementRefused, read_signature, stated, statement_text
from concord.store import Reading, Store, Writing, body, registers


class Signing:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock

    def standings(self) -> list[Standing]:
        """How each published agreement stands now, and where each party stands, in order of name."""
        with self._store.reading() as reading:
            policy, now = self._gate.policy(reading), self._clock.now()
        return [standing(each, policy, now) for each in sorted(policy.agreements, key=lambda one: one.agreement)]

    def statement(
        self, agreement: str, version: int, party: OdsCode, *, intent: Intent = Intent.SIGN, from_on: date | None = None
    ) -> str:
        """The text for a party's signatory to read and sign with their own key. `from_on` None: from today.

        Raises Incorrect for an agreement or version that is neither published nor proposed, or an organisation that is
        no party.
        """
        with self._store.reading() as reading:
            found, _ = _known(reading, self._gate.policy(reading), agreement, version)
            turn = registers.last_turn(reading, agreement, version, party) + 1
        day = from_on or self._clock.now().date()
        return statement_text(stated(found, party, intent=intent, from_on=day, number=turn))

    def publish(self, files: PolicyFiles, signed: Sequence[str] = (), *, by: str) -> int:
        """Publish agreements, directory and signatories, with what has been signed of them already, in one transaction:
        so a new version is in force between those who have signed it when the one before ceases to be. The number of
        the publication.

        Raises FileRefused or Incorrect, StatementRefused; then all stays as it was.
        """
        now = self._clock.now()
        policy = read_policy(files)
        with self._refusals_told(signed, now, by, None), self._store.writing() as writing:
            number = publish_policy(writing, files, now)
            for text in signed:
                self._accept(writing, policy, text, now, by, None)
            return number

    def receive(self, text: str, *, by: str, claims: Mapping[str, Any] | None = None) -> Signature:
        """Take in what was signed: kept, audited, and what decides from the next request on, in one transaction.

        If that was the last signature that a proposed version waited for, it is published with it. `by`: who brought
        it, a user's name or `duty:<name>`; `claims`: what the audit keeps of a user. Raises StatementRefused, which is
        audited too.
        """
        now = self._clock.now()
        with self._refusals_told([text], now, by, claims), self._store.writing() as writing:
            policy = self._gate.policy(writing)
            signature = self._accept(writing, policy, text, now, by, claims)
            published = settle(writing, replace(policy, signatures=[*policy.signatures, signature]), now)
            self._audit.append(writing, [_event(now, by, claims, "publish", told) for told in published])
        return signature

    @contextmanager
    def _refusals_told(
        self, texts: Sequence[str], now: datetime, by: str, claims: Mapping[str, Any] | None
    ) -> Iterator[None]:
        """A statement that is refused is audited, with its reason and the hash of all that came with it."""
        try:
            yield
        except StatementRefused as refused:
            detail = {"reason": refused.reason, "digest": sha256("".join(texts).encode()).hexdigest()}
            self._audit.record(None, [_event(now, by, claims, "sign", detail, outcome="refused")]).wait()
            raise

    def _accept(
        self, writing: Writing, policy: Policy, text: str, now: datetime, by: str, claims: Mapping[str, Any] | None
    ) -> Signature:
        signature = read_signature(text)
        _refuse(writing, policy, signature, now)
        at = body.microseconds(now)
        row = (signature.agreement, signature.version, signature.party, signature.number, at, text)
        registers.keep_statement(writing, row)
        self._audit.append(writing, [_event(now, by, claims, "sign", _told(signature))])
        return signature


def _refuse(reading: Reading, policy: Policy, signature: Signature, now: datetime) -> None:
    policy.signatories.refuse(signature, now)
    published, policy = _known(reading, policy, signature.agreement, signature.version)
    if signature.hash != published.digest:
        why = f"What was signed is not {published.agreement}, version {published.version}, as it is published here."
        raise StatementRefused("hash", why)
    if signature.party not in published.parties:
        raise StatementRefused("party", f"{signature.party} is no party of {published.agreement}.")
    held = registers.last_turn(reading, signature.agreement, signature.version, signature.party)
    if signature.number != held + 1:
        why = f"The next statement of {signature.party} about this version is number {held + 1}. Sign that one."
        raise StatementRefused("number", why)
    if signature.intent is not Intent.SIGN and not policy.signed(published, signature.party):
        raise StatementRefused("nothing", f"{signature.party} has no signature here that could be taken back.")


def _known(reading: Reading, policy: Policy, agreement: str, version: int) -> tuple[Agreement, Policy]:
    """A version that is published or proposed, and the policy that it stands in. Raises StatementRefused."""
    named = [each for each in policy.agreements if each.agreement == agreement]
    for each in named:
        if each.version == version:
            return each, policy
    for proposal in proposals(reading, policy):
        if (proposal.agreement.agreement, proposal.agreement.version) == (agreement, version):
            return proposal.agreement, proposal.after
    known = f"Published: version {named[0].version}." if named else "No agreement of this name is published."
    raise StatementRefused("version", f"This version of the agreement is not proposed, and not published here. {known}")


def _told(signature: Signature) -> Mapping[str, Any]:
    return {
        "agreement": f"{signature.agreement} {signature.version}",
        "hash": signature.hash,
        "party": signature.party,
        "number": signature.number,
        "intent": signature.intent.value,
        "from": signature.from_on.isoformat(),
        "signatory": signature.signatory,
        "key": signature.key,
    }


def _event(
    now: datetime, by: str, claims: Mapping[str, Any] | None, action: Action, detail: Mapping[str, Any],
    outcome: AuditOutcome = "done",
) -> AuditEvent:  # fmt: skip
    return AuditEvent(at=now, action=action, outcome=outcome, who=by, context=claims or {}, detail=detail)
