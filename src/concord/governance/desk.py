"""The desk of those who answer for the agreements: reading what is in force, and drafting what is not yet."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Never, TypeVar

import msgspec

from concord.audit import AuditEvent, AuditOutcome, AuditWriter
from concord.base import Clock, Conflict, IdSource, Incorrect, NotFound, OdsCode, read_entry
from concord.governance.agreement import Agreement
from concord.governance.changes import Changes, changes
from concord.governance.drafting import Trial, next_version, try_draft
from concord.governance.gate import Gate, PolicyFiles, published_files
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.rights import may_draft_agreements, may_read_agreements
from concord.governance.standing import Standing, standing
from concord.store import Reading, Store, Writing, body, drafts, registers

T = TypeVar("T")
_LONGEST_TITLE = 100
_NO_AGREEMENT = "There is no such agreement."
_NO_DRAFT = "There is no such draft."


@dataclass(frozen=True, kw_only=True, slots=True)
class Draft:
    """A text that its organisation works on. `revision` counts how often it was kept, from 1."""

    reference: str
    organisation: OdsCode
    title: str
    text: str
    revision: int
    kept_by: str
    kept_at: datetime


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

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids

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
            return next(text for text in published_files(reading).agreements.values() if _names(text)[0] == agreement)

    def history(self, viewer: Viewer, agreement: str) -> list[Published]:
        """The versions of an agreement that have been published, newest first."""
        with self._store.reading() as reading:
            self._readable(reading, viewer)
            publications = registers.publications(reading)
        first: dict[int, datetime] = {}
        for _, at, files in publications:
            for text in msgspec.json.decode(files, type=PolicyFiles).agreements.values():
                name, version = _names(text)
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
            row = _mine(reading, viewer, reference)
        return self._refuse(viewer, _NO_DRAFT) if row is None else _draft(row)

    def try_draft(self, viewer: Viewer, reference: str) -> tuple[Draft, Trial]:
        """A draft, read and proved against what is in force."""
        draft, policy = self.draft(viewer, reference), self.policy(viewer)
        return draft, try_draft(draft.text, policy)

    def changes(self, viewer: Viewer, trial: Trial) -> Changes | None:
        """What a draft opens and closes; None for one that cannot be read."""
        return None if trial.after is None else changes(self.policy(viewer), trial.after)

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
        """Keep a draft as changed from `revision`. Raises Incorrect as `begin`, Conflict when it has changed since."""
        title, text = _title(title), _text(text)
        kept_at = body.microseconds(self._clock.now())

        def act(writing: Writing) -> drafts.DraftRow:
            last = _mine(writing, viewer, reference)
            if last is None:
                raise NotFound(_NO_DRAFT)
            changed = replace(
                last, title=title, content=text, revision=revision + 1, kept_by=viewer.name, kept_at=kept_at
            )
            if not drafts.keep(writing, changed):
                raise Conflict(
                    f"{last.kept_by} kept this draft while you wrote. Your text stands below: copy it, open the draft "
                    "again and put the two together"
                )
            return changed

        return _draft(self._write(viewer, reference, "kept", act))

    def discard(self, viewer: Viewer, reference: str) -> None:
        """Nothing of it is left but the audit of who worked on it and when."""

        def act(writing: Writing) -> None:
            if _mine(writing, viewer, reference) is None:
                raise NotFound(_NO_DRAFT)
            drafts.discard(writing, reference)

        self._write(viewer, reference, "discarded", act)

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


def _named(policy: Policy, agreement: str) -> Agreement:
    found = next((each for each in policy.agreements if each.agreement == agreement), None)
    if found is None:
        raise NotFound(_NO_AGREEMENT)
    return found


@lru_cache(maxsize=256)
def _names(text: str) -> tuple[str, int]:
    """The name and version that a published text gives itself."""
    fields = {key.text("key"): value for key, value in read_entry(text, filename="").pairs("the agreement")}
    return fields["agreement"].slug("agreement"), fields["version"].number("version")


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
    )
