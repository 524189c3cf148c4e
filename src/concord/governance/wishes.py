"""What the person's choices come to for one viewer at one instant."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from concord.base import OdsCode
from concord.governance.directory import Directory
from concord.governance.model import Choice, ChoiceKind
from concord.governance.relationships import spans


@dataclass(frozen=True, kw_only=True, slots=True)
class Wishes:
    """Choices in effect, as they bear on the viewer's organisation. A refusal outweighs any consent beside it.

    `firm_*`: what an override that lifts objections leaves standing. `told_*`: what may be told, because the person
    did not ask for silence.
    """

    objection: ChoiceKind | None
    firm_objection: ChoiceKind | None
    prohibited: bool
    refused_in: bool
    refused_out: frozenset[OdsCode]
    given_in: bool
    given_out: frozenset[OdsCode]
    told_objection: bool
    told_firm_objection: bool
    told_refused_out: frozenset[OdsCode]

    def objection_under(self, *, lifted: bool) -> ChoiceKind | None:
        """The objection that stands; under an override that lifts objections, the firm one."""
        return self.firm_objection if lifted else self.objection

    def withholds_from(self, contributor: OdsCode, recipient: OdsCode) -> ChoiceKind | None:
        """The choice, whatever the clause, that closes one organisation's data to another.

        What an organisation shows its own staff neither leaves nor enters it, so that share-out and share-in do
        not speak about it; a prohibited organisation is prohibited altogether.
        """
        if self.prohibited:
            return ChoiceKind.ORGANISATION_PROHIBITED
        if contributor == recipient:
            return None
        if self.refused_in:
            return ChoiceKind.SHARE_IN
        return ChoiceKind.SHARE_OUT if contributor in self.refused_out else None

    def consented_out(self, contributor: OdsCode) -> bool:
        return contributor in self.given_out and contributor not in self.refused_out

    @property
    def consented_in(self) -> bool:
        return self.given_in and not self.refused_in


def wishes_for(organisation: OdsCode, choices: Sequence[Choice], now: datetime, directory: Directory) -> Wishes:
    """The choices in effect now, for viewers of the organisation, which nobody has succeeded. A refusal that names
    nobody means everybody.

    A refusal binds whoever has come in the place of the organisation that it names, or whose data it is about; what was
    given was given to nobody else.
    """
    current = [choice for choice in choices if spans((choice.start_at, choice.end_at), now)]
    refusals = [choice for choice in current if not choice.given]

    def refused(kind: ChoiceKind) -> bool:
        named = {each.organisation for each in refusals if each.kind is kind}
        return any(each is None or organisation in directory.line(each, now) for each in named)

    def line(contributors: Iterable[OdsCode]) -> frozenset[OdsCode]:
        return frozenset(code for each in contributors for code in directory.line(each, now))

    objections = [choice for choice in refusals if choice.kind is ChoiceKind.OBJECTION]
    firm = [choice for choice in objections if choice.firm]
    # What nobody understands may be an objection, whichever way it points: it withholds like one, and is not told.
    unknown = any(choice.kind is ChoiceKind.UNKNOWN for choice in current)
    out = [
        (choice, choice.contributor)
        for choice in current
        if choice.kind is ChoiceKind.SHARE_OUT and choice.contributor is not None
    ]
    return Wishes(
        objection=ChoiceKind.OBJECTION if objections else ChoiceKind.UNKNOWN if unknown else None,
        firm_objection=ChoiceKind.OBJECTION if firm else ChoiceKind.UNKNOWN if unknown else None,
        prohibited=refused(ChoiceKind.ORGANISATION_PROHIBITED),
        refused_in=refused(ChoiceKind.SHARE_IN),
        refused_out=line(contributor for choice, contributor in out if not choice.given),
        given_in=any(
            choice.kind is ChoiceKind.SHARE_IN and choice.given and choice.organisation == organisation
            for choice in current
        ),
        given_out=frozenset(contributor for choice, contributor in out if choice.given),
        told_objection=any(not choice.silent for choice in objections),
        told_firm_objection=any(not choice.silent for choice in firm),
        told_refused_out=line(contributor for choice, contributor in out if not choice.given and not choice.silent),
    )


_OUT_REFUSED, _OUT_GIVEN = "share-out refused ", "share-out given "


def wishes_in_words(wishes: Wishes) -> Iterator[str]:
    """The choices in effect as they bear on the viewer's organisation, in the words of the agreements; as the audit
    keeps them."""
    if wishes.objection is not None:
        yield wishes.objection.value
    if wishes.firm_objection is not None:
        yield f"{wishes.firm_objection.value} firm"
    if wishes.prohibited:
        yield "organisation-prohibited"
    if wishes.refused_in:
        yield "share-in refused"
    if wishes.given_in:
        yield "share-in given"
    yield from (f"{_OUT_REFUSED}{organisation}" for organisation in sorted(wishes.refused_out))
    yield from (f"{_OUT_GIVEN}{organisation}" for organisation in sorted(wishes.given_out))


def wishes_of_words(words: Collection[str]) -> Wishes:
    """What `wishes_in_words` said; of what may be told it says nothing."""

    def objection(after: str = "") -> ChoiceKind | None:
        kinds = (ChoiceKind.OBJECTION, ChoiceKind.UNKNOWN)
        return next((kind for kind in kinds if f"{kind.value}{after}" in words), None)

    def organisations(before: str) -> frozenset[OdsCode]:
        return frozenset(OdsCode(word.removeprefix(before)) for word in words if word.startswith(before))

    return Wishes(
        objection=objection(),
        firm_objection=objection(" firm"),
        prohibited="organisation-prohibited" in words,
        refused_in="share-in refused" in words,
        refused_out=organisations(_OUT_REFUSED),
        given_in="share-in given" in words,
        given_out=organisations(_OUT_GIVEN),
        told_objection=False,
        told_firm_objection=False,
        told_refused_out=frozenset(),
    )
