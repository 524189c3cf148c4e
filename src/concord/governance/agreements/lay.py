"""Who can see what of one's record, in lay words: by kind of information, and of one item. Pure.

It is the decision, asked for everybody at once (`reaches_about`): as is signed and in force now, under the choices that
the person knows of. It hangs on nothing that is held of them: not on their items, nor on who knows them, nor on who
looks after them now. Each sentence says instead while when it is so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from concord.governance.agreements.classes import Services
from concord.governance.agreements.reach import Contributors, ItemClass, Reach, Region, fits, gathered
from concord.governance.agreements.reach_words import told_to_the_person
from concord.governance.directory import ORGANISATION_KINDS, Directory
from concord.governance.words import words
from concord.terminology import HEADINGS, Heading

_UNLABELLED: Region = frozenset({(0, frozenset())})


@dataclass(frozen=True, kw_only=True, slots=True)
class KindOfInformation:
    """A heading in lay words, and who may come to see what stands under it."""

    heading: Heading
    words: str
    seers: Sequence["Jobs"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Jobs:
    """The jobs in which staff of a kind of organisation (`where`) may see what others wrote, in words; and those in
    which they may see only what their own organisation wrote. Either may be empty."""

    where: str
    of_others: str
    of_their_own: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeing:
    """Who sees it at one kind of organisation (`where`); `in_an_emergency`: only then, by breaking the glass."""

    where: str
    in_an_emergency: bool
    sentences: Sequence[str]


def kinds_of_information(reached: Sequence[Reach], directory: Directory) -> list[KindOfInformation]:
    """Every heading, also one that nobody sees; of what carries no label, without breaking the glass."""
    known = words(lay=True)
    usual = [each for each in reached if fits(0, each.labels) and False in each.broken]
    return [
        KindOfInformation(
            heading=heading,
            words=known.headings[heading],
            seers=list(_by_kind([each for each in usual if heading in each.headings], directory)),
        )
        for heading in HEADINGS
        if heading is not Heading.UNCLASSIFIED
    ]


def _by_kind(reached: Sequence[Reach], directory: Directory) -> Iterator[Jobs]:
    known = words(lay=True)
    for kind in ORGANISATION_KINDS:
        alike = {code for code, each in directory.organisations.items() if each.kind == kind}
        here = [each for each in reached if each.recipients & alike]
        of_others = {role for each in here if each.contributors.others for role in each.roles}
        every = {role for each in here for role in each.roles}
        if every:
            yield Jobs(
                where=known.kinds[kind],
                of_others=known.of_roles(of_others),
                of_their_own=known.of_roles(every - of_others),
            )


def who_sees_the_kind(reached: Iterable[Reach], heading: Heading, directory: Directory) -> list[Seeing]:
    """Who can see what stands under a heading, and while when."""
    narrowed = [replace(each, headings=frozenset({heading})) for each in reached if heading in each.headings]
    return list(_told(narrowed, directory))


def who_sees_the_item(reached: Iterable[Reach], item: ItemClass, directory: Directory) -> list[Seeing]:
    """Who can see one item of the person, and while when. What it is and whose, everybody knows who asks."""
    return list(_told(list(of_item(reached, item)), directory))


def _told(reached: Sequence[Reach], directory: Directory) -> Iterator[Seeing]:
    """By kind of organisation; apart what asks for the glass to be broken."""
    known = words(lay=True)
    for broken in (False, True):
        of_these = [each for each in reached if (each.broken == {True}) is broken]
        for kind in ORGANISATION_KINDS:
            alike = frozenset(code for code, each in directory.organisations.items() if each.kind == kind)
            here = [replace(each, recipients=each.recipients & alike) for each in of_these if each.recipients & alike]
            if here:
                sentences = [told_to_the_person(each, directory) for each in gathered(here)]
                yield Seeing(where=known.kinds[kind], in_an_emergency=broken, sentences=sentences)


def of_item(reached: Iterable[Reach], item: ItemClass) -> Iterator[Reach]:
    """The same, as far as they say anything of the item, and saying nothing of any other."""
    own = frozenset({item.contributor})
    for each in reached:
        for recipients, contributors in (
            (each.recipients & own, Contributors(own=True, others=frozenset())),
            (each.recipients - own, Contributors(own=False, others=own)),
        ):
            if any(each.covers(item, viewing) for viewing in recipients):
                yield replace(
                    each, recipients=recipients, contributors=contributors, contributing=Services(),
                    headings=frozenset({item.heading}), labels=_UNLABELLED,
                )  # fmt: skip
