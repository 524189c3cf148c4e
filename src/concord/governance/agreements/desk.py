"""The desk of those who answer for the agreements: reading what is in force, and drafting what is not yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Never, TypeVar

import msgspec

from concord.audit import AuditEvent, AuditOutcome, AuditWriter
from concord.base import Clock, Conflict, IdSource, Incorrect, NotFound, OdsCode
from concord.governance.agreement import Agreement
from concord.governance.agreements.changes import Changes, changes
from concord.governance.agreements.counting import Counted
from concord.governance.agreements.drafting import Trial, next_version, try_draft
from concord.governance.agreements.proof import Broken, prove
from concord.governance.agreements.proposals import Proposal, proposals, refuse_proposal, void_signatures
from concord.governance.agreements.signing import Signing
from concord.governance.agreements.standing import Standing, standing
from concord.governance.gate import Gate, PolicyFiles, published_files
from concord.governance.grammar import named_by
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.rights import may_draft_agreements, may_read_agreements
from concord.governance.signatures import Intent, Signature
from concord.store import Reading, Store, Writing, body, drafts, registers

T = TypeVar("T")
_LONGEST_TITLE = 100
_NO_AGREEMENT = "There is no such agreement."
_NO_DRAFT = "There is no such draft."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A text that its organisation works on. `revision` counts how often it was kept, from 1.

    `proposed_at`: since when all may read and sign it, and nobody change it; None: it is its organisation's alone.
    """

    reference: str
    organisation: OdsCode
    title: str
    text: str
    revision: int
    kept_by: str
    kept_at: datetime
    proposed_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposed:
    """A version that is proposed for signature. `waits_for`: the parties that must sign before it takes the place of
    what is in force; `obstacle`: why it could not although they have, or empty."""

    reference: str
    standing: Standing
    replaces: Agreement | None
    waits_for: tuple[OdsCode, ...]
    obstacle: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Published:
    """A version of an agreement as it was first published."""

    version: int
    on: datetime


class AgreementDesk:
    """What is in force is for all whose role reads agreements, a draft for those of its organisation.

    Each raises NotFound for anybody else, and for what is not there; what changes a draft is audited in the same
    transaction.
    """

    LONGEST_DRAFT = 200_000
    """In letters."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource, signing: Signing
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._signing = signing

    # -- what is in force ----------------------------------------------------------------------------------------------

    def policy(self, viewer: Viewer) -> Policy:
        """All that is in force."""
        with self._store.reading() as reading:
            return self._readable(reading, viewer)

    def standings(self, viewer: Viewer) -> list[Standing]:
        """How each agreement stands today, by title."""
        policy, now = self.policy(viewer), self._clock.now()
        return sorted((standing(each, policy, now) for each in policy.agreements), key=lambda one: one.agreement.title)

    def standing(self, viewer: Viewer, agreement: str) -> Standing:
        policy = self.policy(viewer)
        return standing(_named(policy, agreement), policy, self._clock.now())

    def text(self, viewer: Viewer, agreement: str) -> str:
        """The file of an agreement in force, as it was published."""
        with self._store.reading() as reading:
            _named(self._readable(reading, viewer), agreement)
            return next(text for text in published_files(reading).agreements.values() if named_by(text)[0] == agreement)

    def history(self, viewer: Viewer, agreement: str) -> list[Published]:
        """The versions of an agreement that have been published, newest first."""
        with self._store.reading() as reading:
            self._readable(reading, viewer)
            publications = registers.publications(reading)
        first: dict[int, datetime] = {}
        for _, at, files in publications:
            for text in msgspec.json.decode(files, type=PolicyFiles).agreements.values():
                name, version = named_by(text)
                if name == agreement:
                    first.setdefault(version, body.instant(at))
        return [Published(version=version, on=at) for version, at in sorted(first.items(), reverse=True)]

    # -- drafts --------------------------------------------------------------------------------------------------------

    def drafts(self, viewer: Viewer) -> list[Draft]:
        """Those of the viewer's organisation, the one kept last first."""
        with self._store.reading() as reading:
            self._readable(reading, viewer)
            return [_draft(row) for row in drafts.of_organisation(reading, viewer.organisation)]

    def draft(self, viewer: Viewer, reference: str) -> Draft:
        with self._store.reading() as reading:
            self._readable(reading, viewer)
            row = drafts.one(reading, reference)
        if row is not None and row.proposed_at is None and row.organisation != viewer.organisation:
            row = None
        return self._refuse(viewer, _NO_DRAFT) if row is None else _draft(row)

    def try_draft(self, viewer: Viewer, reference: str) -> tuple[Draft, Trial]:
        """A draft, read and proved against what is in force."""
        draft, policy = self.draft(viewer, reference), self.policy(viewer)
        return draft, try_draft(draft.text, policy)

    def changes(self, viewer: Viewer, after: Policy, counted: Counted | None = None) -> Changes:
        """What opens and what closes from what is in force to `after` (of a Trial). `counted`: of the same two."""
        return changes(self.policy(viewer), after, counted)

    def begin_with(self, viewer: Viewer, title: str, agreement: str) -> str:
        """A draft of the next version of an agreement in force; its reference. Raises Incorrect without a title."""
        version = self.standing(viewer, agreement).agreement.version
        return self.begin(viewer, title, next_version(self.text(viewer, agreement), version))

    def begin(self, viewer: Viewer, title: str, text: str) -> str:
        """Keep a new draft; its reference. Raises Incorrect without a title, or for a text that is too long."""
        row = drafts.DraftRow(
            reference=self._ids.fresh(),
            organisation=viewer.organisation,
            title=_title(title),
            content=_text(text),
            revision=1,
            kept_by=viewer.name,
            kept_at=body.microseconds(self._clock.now()),
        )
        self._write(viewer, row.reference, "begun", lambda writing: drafts.add(writing, row))
        return row.reference

    def keep(self, viewer: Viewer, reference: str, *, title: str, text: str, revision: int) -> Draft:
        """Keep a draft as changed from `revision`. Raises Incorrect as `begin`, Conflict when it has changed since, or
        is proposed."""
        title, text = _title(title), _text(text)
        kept_at = body.microseconds(self._clock.now())

        def act(writing: Writing) -> drafts.DraftRow:
            last = _mine(writing, viewer, reference)
            if last is None:
                raise NotFound(_NO_DRAFT)
            changed = replace(
                last, title=title, content=text, revision=revision + 1, kept_by=viewer.name, kept_at=kept_at
            )
            if last.proposed_at is not None:
                raise Conflict("This draft is proposed for signature. Take it back to change it")
            if not drafts.keep(writing, changed):
                raise Conflict(
                    f"{last.kept_by} kept this draft while you wrote. Your text stands below: copy it, open the draft "
                    "again and put the two together"
                )
            return changed

        return _draft(self._write(viewer, reference, "kept", act))

    def discard(self, viewer: Viewer, reference: str) -> None:
        """Nothing of it is left but the audit of who worked on it and when. What was signed of it is void."""

        def act(writing: Writing) -> None:
            self._end_proposal(writing, viewer, reference)
            drafts.discard(writing, reference)

        self._write(viewer, reference, "discarded", act)

    # -- proposing and signing -----------------------------------------------------------------------------------------

    def propose(self, viewer: Viewer, reference: str) -> None:
        """Let the parties sign a draft. Raises Incorrect where it cannot be proposed."""
        now = self._clock.now()

        def act(writing: Writing) -> None:
            row = _mine(writing, viewer, reference)
            if row is None:
                raise NotFound(_NO_DRAFT)
            refuse_proposal(row.content, viewer.organisation, writing, self._gate.policy(writing), now)
            drafts.propose(writing, reference, body.microseconds(now))

        self._write(viewer, reference, "proposed", act)

    def take_back(self, viewer: Viewer, reference: str) -> None:
        """Make a proposal a draft again. What was signed of it is void, also should it be proposed again unchanged."""

        def act(writing: Writing) -> None:
            self._end_proposal(writing, viewer, reference)
            drafts.propose(writing, reference, None)

        self._write(viewer, reference, "taken back", act)

    def _end_proposal(self, writing: Writing, viewer: Viewer, reference: str) -> None:
        row = _mine(writing, viewer, reference)
        if row is None:
            raise NotFound(_NO_DRAFT)
        if row.proposed_at is not None:
            void_signatures(row.content, writing)

    def proposed(self, viewer: Viewer) -> list[Proposed]:
        """What is proposed for signature, by whichever organisation."""
        now = self._clock.now()
        with self._store.reading() as reading:
            return [_proposed(each, now) for each in proposals(reading, self._readable(reading, viewer))]

    def statement(self, viewer: Viewer, agreement: str, version: int, party: OdsCode, intent: Intent) -> str:
        """What a signatory of a party reads and signs. Raises Incorrect."""
        self.policy(viewer)
        return self._signing.statement(agreement, version, party, intent=intent)

    def receive(self, viewer: Viewer, text: str) -> Signature:
        """Take in what was signed. Raises StatementRefused."""
        with self._store.reading() as reading:
            if not may_draft_agreements(viewer, self._gate.policy(reading)):
                self._refuse(viewer, _NO_AGREEMENT)
        return self._signing.receive(text, by=viewer.author, claims=viewer.claims)

    # ------------------------------------------------------------------------------------------------------------------

    def _readable(self, reading: Reading, viewer: Viewer) -> Policy:
        policy = self._gate.policy(reading)
        if not may_read_agreements(viewer, policy):
            self._refuse(viewer, _NO_AGREEMENT)
        return policy

    def _write(self, viewer: Viewer, reference: str, step: str, act: Callable[[Writing], T]) -> T:
        """What `act` does, audited with it; `act` raises NotFound for a draft that is not the viewer's."""
        try:
            with self._store.writing() as writing:
                if not may_draft_agreements(viewer, self._gate.policy(writing)):
                    raise NotFound(_NO_DRAFT)
                done = act(writing)
                self._audit.append(writing, [self._event(viewer, "done", {"draft": reference, "step": step})])
                return done
        except NotFound:
            self._refuse(viewer, _NO_DRAFT)

    def _refuse(self, viewer: Viewer, why: str) -> Never:
        """Raises NotFound once the row that tells of it is durable."""
        self._audit.refuse(NotFound(why), [self._event(viewer, "nothing", {})]).wait()
        raise AssertionError("a refusal is raised")

    def _event(self, viewer: Viewer, outcome: AuditOutcome, detail: Mapping[str, str]) -> AuditEvent:
        return AuditEvent(
            at=self._clock.now(), action="draft", outcome=outcome, who=viewer.author, context=viewer.claims,
            detail=detail,
        )  # fmt: skip


def _mine(reading: Reading, viewer: Viewer, reference: str) -> drafts.DraftRow | None:
    row = drafts.one(reading, reference)
    return row if row is not None and row.organisation == viewer.organisation else None


def _proposed(proposal: Proposal, now: datetime) -> Proposed:
    waits_for, broken = proposal.waits_for(now), []
    if not waits_for:
        promises = [promise for each in proposal.after.agreements for promise in each.promises]
        broken = [each for each in prove(proposal.after, *promises) if isinstance(each, Broken)]
    return Proposed(
        reference=proposal.reference,
        standing=standing(proposal.agreement, proposal.after, now),
        replaces=proposal.replaces,
        waits_for=waits_for,
        obstacle=broken[0].counterexample if broken else "",
    )


def _named(policy: Policy, agreement: str) -> Agreement:
    found = next((each for each in policy.agreements if each.agreement == agreement), None)
    if found is None:
        raise NotFound(_NO_AGREEMENT)
    return found


def _title(given: str) -> str:
    title = " ".join(given.split())
    if not title or len(title) > _LONGEST_TITLE:
        raise Incorrect(f"Give the draft a title, of up to {_LONGEST_TITLE} letters")
    return title


def _text(given: str) -> str:
    text = given.replace("\r\n", "\n")
    if len(text) > AgreementDesk.LONGEST_DRAFT:
        raise Incorrect(f"An agreement is at most {AgreementDesk.LONGEST_DRAFT:,} letters long")
    return text if text.endswith("\n") else f"{text}\n"


def _draft(row: drafts.DraftRow) -> Draft:
    return Draft(
        reference=row.reference,
        organisation=row.organisation,
        title=row.title,
        text=row.content,
        revision=row.revision,
        kept_by=row.kept_by,
        kept_at=body.instant(row.kept_at),
        proposed_at=None if row.proposed_at is None else body.instant(row.proposed_at),
    )
