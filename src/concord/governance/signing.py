"""Signing: which agreements there are and who has signed them, what there is to sign, and taking in what was signed.

A signature needs nobody's leave: it proves itself, and what it changes is so from the next request of every process.
"""

from datetime import date, datetime
from hashlib import sha256

from concord.audit import AuditEvent, AuditWriter
from concord.base import Clock, OdsCode
from concord.governance.agreement import Agreement
from concord.governance.gate import Gate
from concord.governance.policy import Policy
from concord.governance.signatures import Intent, Signature
from concord.governance.standing import Standing, standing
from concord.governance.statements import StatementRefused, read_signature, stated, statement_text
from concord.store import Reading, Store, body, registers


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

        Raises Incorrect for an agreement or version that is not published, or an organisation that is no party.
        """
        with self._store.reading() as reading:
            found = _published(self._gate.policy(reading), agreement, version)
            turn = registers.last_turn(reading, agreement, version, party) + 1
        day = from_on or self._clock.now().date()
        return statement_text(stated(found, party, intent=intent, from_on=day, number=turn))

    def receive(self, text: str, *, by: str) -> Signature:
        """Take in what was signed: kept, audited, and what decides from the next request on, in one transaction.

        `by`: who brought it, a user's name or `duty:<name>`. Raises StatementRefused, which is audited too.
        """
        now = self._clock.now()
        try:
            signature = read_signature(text)
            with self._store.writing() as writing:
                self._refuse(writing, signature, now)
                registers.keep_statement(
                    writing,
                    (
                        signature.agreement,
                        signature.version,
                        signature.party,
                        signature.number,
                        body.microseconds(now),
                        text,
                    ),
                )
                self._audit.append(writing, [_event(now, by, signature)])
        except StatementRefused as refused:
            detail = {"reason": refused.reason, "digest": sha256(text.encode()).hexdigest()}
            self._audit.record(
                None, [AuditEvent(at=now, action="sign", outcome="refused", who=by, detail=detail)]
            ).wait()
            raise
        return signature

    def _refuse(self, reading: Reading, signature: Signature, now: datetime) -> None:
        policy = self._gate.policy(reading)
        policy.signatories.refuse(signature, now)
        published = _published(policy, signature.agreement, signature.version)
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


def _published(policy: Policy, agreement: str, version: int) -> Agreement:
    found = next((each for each in policy.agreements if (each.agreement, each.version) == (agreement, version)), None)
    if found is None:
        versions = sorted(each.version for each in policy.agreements if each.agreement == agreement)
        known = f"Published: version {versions[-1]}." if versions else "No agreement of this name is published."
        raise StatementRefused("version", f"This version of the agreement is not published here. {known}")
    return found


def _event(now: datetime, by: str, signature: Signature) -> AuditEvent:
    detail = {
        "agreement": f"{signature.agreement} {signature.version}",
        "hash": signature.hash,
        "party": signature.party,
        "number": signature.number,
        "intent": signature.intent.value,
        "from": signature.from_on.isoformat(),
        "signatory": signature.signatory,
        "key": signature.key,
    }
    return AuditEvent(at=now, action="sign", outcome="done", who=by, detail=detail)
