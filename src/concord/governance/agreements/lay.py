"""Who can see what of one's record, in lay words: by kind of information, and of one item. Pure.

It is the decision, asked for everybody at once (`reaches_about`): as is signed and in force now, under the choices that
the person knows of. It hangs on nothing that is held of them: not on their items, nor on who knows them, nor on who
looks after them now. Each sentence says instead while when it is so.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from concord.governance.agreements.classes import Related, Services, Unrelated
from concord.governance.agreements.reach import Contributors, ItemClass, Reach, Region, fits, gathered
from concord.governance.agreements.reach_words import told_to_the_person, while_words_to_the_person
from concord.governance.directory import ORGANISATION_KINDS, Directory, roles
from concord.governance.words import Words, words
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
class Reads:
    """What some jobs (`who`, in words) may see: of what others wrote; and besides of what their own did."""

    who: str
    of_others: Sequence[str]
    of_their_own: Sequence[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """A kind of organisation (`where`), and what may be seen there."""

    where: str
    reads: Sequence[Reads]


@dataclass(frozen=True, kw_only=True, slots=True)
class WhoSeesWhat:
    """Of what carries no label, without breaking the glass: what may be seen at every kind of organisation at which
    anything may, and by whom every kind of information may be seen; `themes` are what goes together, by its name."""

    places: Sequence[Place]
    themes: Mapping[str, Sequence[KindOfInformation]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Seeing:
    """Who sees it at one kind of organisation (`where`); `in_an_emergency`: only then, by breaking the glass.

    `in_short`: which jobs, while when, at any of them; `sentences`: exactly.
    """

    where: str
    in_an_emergency: bool
    in_short: Sequence[str]
    sentences: Sequence[str]


def who_sees_what(reached: Iterable[Reach], directory: Directory) -> WhoSeesWhat:
    """All that is open of the person to staff, in short: by where they work, and by kind of information."""
    usual = [each for each in reached if fits(0, each.labels) and False in each.broken]
    known = words(lay=True)
    themes = {
        theme: [
            KindOfInformation(
                heading=heading,
                words=known.headings[heading],
                seers=list(_by_kind([each for each in usual if heading in each.headings], directory)),
            )
            for heading in HEADINGS
            if heading in together
        ]
        for theme, together in known.themes
    }
    return WhoSeesWhat(places=_places(usual, directory), themes=themes)


def _places(usual: Sequence[Reach], directory: Directory) -> list[Place]:
    known = words(lay=True)
    places = []
    for kind, here in _at_each_kind(usual, directory):
        alike: dict[tuple[frozenset[Heading], frozenset[Heading]], list[str]] = {}
        for role in roles():
            theirs = [each for each in here if role in each.roles]
            every = frozenset[Heading]().union(*(each.headings for each in theirs))
            others = frozenset[Heading]().union(*(each.headings for each in theirs if each.contributors.others))
            if every:
                alike.setdefault((others, every - others), []).append(role)
        reads = [
            Reads(who=known.of_roles(who), of_others=_in_themes(others, known), of_their_own=_in_themes(own, known))
            for (others, own), who in alike.items()
        ]
        places.append(Place(where=known.kinds[kind], reads=reads))
    return places


def _in_themes(headings: frozenset[Heading], known: Words) -> list[str]:
    """What goes together by one name, where all of it is among them."""
    parts = []
    for theme, together in known.themes:
        named = [known.headings[each] for each in HEADINGS if each in together & headings]
        parts += [theme] if together <= headings else named
    return parts


def _at_each_kind(reached: Sequence[Reach], directory: Directory) -> Iterator[tuple[str, list[Reach]]]:
    """By kind of organisation, with its organisations alone as recipients."""
    for kind in ORGANISATION_KINDS:
        alike = frozenset(code for code, each in directory.organisations.items() if each.kind == kind)
        here = [replace(each, recipients=each.recipients & alike) for each in reached if each.recipients & alike]
        if here:
            yield kind, here


def _by_kind(reached: Sequence[Reach], directory: Directory) -> Iterator[Jobs]:
    known = words(lay=True)
    for kind, here in _at_each_kind(reached, directory):
        of_others = {role for each in here if each.contributors.others for role in each.roles}
        every = {role for each in here for role in each.roles}
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
        for kind, here in _at_each_kind(of_these, directory):
            sentences = [told_to_the_person(each, directory) for each in gathered(here)]
            yield Seeing(
                where=known.kinds[kind], in_an_emergency=broken, in_short=list(_in_short(here)), sentences=sentences
            )


def _in_short(here: Sequence[Reach]) -> Iterator[str]:
    """Jobs that may see it while the same holds, in one sentence."""
    alike: dict[tuple[frozenset[Related | Unrelated], bool], list[str]] = {}
    for role in roles():
        theirs = [each for each in here if role in each.roles]
        if theirs:
            related = frozenset[Related | Unrelated]().union(*(each.related for each in theirs))
            alike.setdefault((related, any(each.contributors.others for each in theirs)), []).append(role)
    for (related, of_others), who in alike.items():
        named = words(lay=True).of_roles(who)
        only = "" if of_others else " They see only what their own organisation wrote."
        yield f"{named[0].upper()}{named[1:]}, while {while_words_to_the_person(related)}.{only}"


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
