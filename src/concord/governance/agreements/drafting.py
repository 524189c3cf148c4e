"""A draft of an agreement, tried: is it right, do its examples hold, are all promises kept, what would it change?"""

from dataclasses import dataclass

from concord.base import FileRefused, read_entry
from concord.governance.agreement import Agreement
from concord.governance.agreements.proof import Broken, Kept, prove
from concord.governance.agreements.telling import promise_words
from concord.governance.examples import failing_examples
from concord.governance.grammar import read_agreement
from concord.governance.policy import Policy

_FILENAME = "draft"


@dataclass(frozen=True, kw_only=True, slots=True)
class Trial:
    """A draft beside what is in force.

    `faults`: what to mend, each at its line of the draft; where the text itself is at fault, the first such place, and
    all else is empty. `verdicts`: on every promise of every agreement, the draft in the place of its last version.
    `elsewhere`: promises of other agreements that it breaks. `replaced`: that last version, if there is one.
    """

    agreement: Agreement | None
    replaced: Agreement | None
    faults: tuple[FileRefused, ...]
    failing: tuple[FileRefused, ...] = ()
    verdicts: tuple[Kept | Broken, ...] = ()
    elsewhere: tuple[Broken, ...] = ()
    after: Policy | None = None

    @property
    def is_sound(self) -> bool:
        """Whether it could be put in force."""
        return not (self.faults or self.elsewhere)

    @property
    def broken(self) -> tuple[Broken, ...]:
        return tuple(each for each in self.verdicts if isinstance(each, Broken))


def try_draft(text: str, policy: Policy) -> Trial:
    """Read `text` and prove it together with the agreements of `policy`, whoever has signed and on whatever day."""
    try:
        agreement = read_agreement(text, filename=_FILENAME, directory=policy.directory)
        replaced = next((each for each in policy.agreements if each.agreement == agreement.agreement), None)
        _refuse_version(text, agreement, replaced)
    except FileRefused as refused:
        return Trial(agreement=None, replaced=None, faults=(refused,))
    after = with_draft(policy, agreement)
    failing = tuple(failing_examples(agreement, policy.directory, filename=_FILENAME))
    promises = [promise for each in after.agreements for promise in each.promises]
    verdicts = prove(after, *promises)
    broken = [each for each in verdicts if isinstance(each, Broken)]
    own = set(map(id, agreement.promises))
    here = [_broken(each, policy) for each in broken if id(each.promise) in own]
    return Trial(
        agreement=agreement,
        replaced=replaced,
        faults=tuple(sorted([*failing, *here], key=lambda fault: (fault.line, fault.column))),
        failing=failing,
        verdicts=verdicts,
        elsewhere=tuple(each for each in broken if id(each.promise) not in own),
        after=after,
    )


def with_draft(policy: Policy, draft: Agreement) -> Policy:
    """The texts of `policy` with the draft in the place of its last version; nobody has signed."""
    others = [each for each in policy.agreements if each.agreement != draft.agreement]
    return Policy(agreements=[*others, draft], signatures=(), directory=policy.directory)


def next_version(text: str, version: int) -> str:
    """The same text with its `version:` raised to one more than `version`; for starting a draft."""
    lines = text.splitlines(keepends=True)
    return "".join(f"version: {version + 1}\n" if each.startswith("version:") else each for each in lines)


def _refuse_version(text: str, agreement: Agreement, replaced: Agreement | None) -> None:
    if replaced is not None and agreement.version <= replaced.version:
        entry = next(
            value
            for key, value in read_entry(text, filename=_FILENAME).pairs("the agreement")
            if key.is_word("version")
        )
        raise entry.refused(
            f"version {replaced.version} is in force: write {replaced.version + 1}, so that nobody takes one for the "
            "other"
        )


def _broken(verdict: Broken, policy: Policy) -> FileRefused:
    promise = verdict.promise
    why = f'promise "{promise.id}" is broken. {promise_words(promise, policy.directory)} But: {verdict.counterexample}'
    return FileRefused(why, filename=_FILENAME, line=promise.line, column=promise.column)
