"""Runs the examples that an agreement's author wrote, as if every party had signed and it were in force."""

from collections.abc import Iterator

from concord.base import FileRefused, OdsCode
from concord.governance.agreement import Agreement, Example, When
from concord.governance.decision import decide
from concord.governance.directory import Directory
from concord.governance.policy import Policy
from concord.governance.reasons import Reason
from concord.governance.situations import ANY_DAY, Held, Situation, as_signed, someone
from concord.terminology import Heading, label_mask


def failing_examples(agreement: Agreement, directory: Directory, *, filename: str) -> Iterator[FileRefused]:
    """One refusal for each example that is not so, with its line and what decided.

    An example that names no contributor `sees` a heading if any party's is open, and `hides` it if none is.
    """
    policy = as_signed([agreement], directory)
    for example in agreement.examples:
        yield from _failures(example, agreement, policy, filename)


def _failures(example: Example, agreement: Agreement, policy: Policy, filename: str) -> Iterator[FileRefused]:
    """The first heading of which the example is not so."""
    asked = [example.contributor] if example.contributor else sorted(agreement.parties)
    viewer = someone(example.role, example.organisation, example.service, agreement.purpose)
    facts = _situation(example).facts(example.organisation, asked, ANY_DAY)
    decision = decide(viewer, facts, policy, ANY_DAY)
    for heading in example.headings:
        reasons = [
            decision.explain(each, service, heading, label_mask(example.labels))
            for each in asked
            for service in _services(each, policy.directory)
        ]
        shown = [reason for reason in reasons if reason.shown]
        if bool(shown) != example.sees:
            yield _refused(example, heading, shown or reasons, filename)
            return


def _services(organisation: OdsCode, directory: Directory) -> list[str | None]:
    """An example says nothing about the contributing service: it may be any that the organisation has."""
    return [None, *(service.service for service in directory.organisations[organisation].services)]


def _refused(example: Example, heading: Heading, reasons: list[Reason], filename: str) -> FileRefused:
    told = next((reason for reason in reasons if reason.clause is not None), reasons[0])
    expected = "seen" if example.sees else "hidden"
    why = f'the example expects "{heading}" to be {expected}, but: {told}'
    return FileRefused(why, filename=filename, line=example.line, column=example.column)


def _situation(example: Example) -> Situation:
    held = [Held(word=word) for word in example.relationships]
    if example.discharged is not None:
        held.append(Held(word=When.DISCHARGED_WITHIN, ago=example.discharged))
    return Situation(
        held=tuple(held),
        objects=example.objects,
        share_out=example.share_out,
        share_in=example.share_in,
        overrides=example.overrides,
    )
