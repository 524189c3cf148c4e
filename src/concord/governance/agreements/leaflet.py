"""What people are told: a leaflet and a privacy notice, made from agreements, in words that a child of eleven reads."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from concord.base import Incorrect, OdsCode
from concord.governance.agreement import Agreement, Clause, Condition, Processing, When, spell_span
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.bars import legal_bars
from concord.governance.directory import Directory, roles
from concord.governance.policy import OPEN_AT_WORK
from concord.governance.words import place_names, places, words
from concord.terminology import Heading, Label, labels_of

# Labels that name no kind of information.
_NO_KIND = {Label.SEALED_FLAGGED, Label.SEALED_LOCKED, Label.UNKNOWN, *labels_of(OPEN_AT_WORK)}
_RIGHTS = (
    "You can ask to see the information that we hold about you.",
    "You can ask us to put right what is wrong in it.",
    "You can say no to sharing.",
    "You can ask us to limit how we use it.",
    "You can ask who has looked at it, and why.",
)
_COMPLAIN = (
    "Tell us first, so that we can put it right.",
    "You can also complain to the Information Commissioner. Phone 0303 123 1113, or go to ico.org.uk.",
)


def leaflet_page(agreements: Sequence[Agreement], directory: Directory) -> Page:
    """Two sides of paper for the person. Raises Incorrect for an agreement that says nothing under `processing`."""
    agreements = _widest_first(agreements)
    told = processing_of(agreements)
    clauses = _shown(agreements)
    return Page(
        title="Your record, and who can see it",
        lead="Teams that look after you can see parts of your record. This leaflet says who, what and when.",
        sections=tuple(
            section
            for section in (
                Section(title="Why we share", sentences=_once(each.in_plain_words for each in told)),
                _who(clauses, directory),
                Section(title="What stays private", sentences=tuple(_private(clauses))),
                Section(title="In an emergency", sentences=tuple(_emergency(clauses))),
                Section(title="What you can choose", sentences=tuple(_choices(clauses))),
                Section(
                    title="See who looked",
                    sentences=(
                        "Every time somebody opens your record, that is written down.",
                        "You can ask us who has looked, when and why.",
                    ),
                ),
                Section(title="Any questions?", sentences=_once(f"Ask: {each.contact}." for each in told)),
                _made_from(agreements),
            )
            if section.sentences or section.tables
        ),
    )


def notice_page(agreements: Sequence[Agreement], directory: Directory) -> Page:
    """The fair-processing (privacy) notice that UK GDPR articles 13 and 14 ask for. Raises like `leaflet_page`."""
    agreements = _widest_first(agreements)
    told = processing_of(agreements)
    clauses = _shown(agreements)
    parties = frozenset[OdsCode]().union(*(agreement.parties for agreement in agreements))
    shared = frozenset[Heading]().union(*(clause.headings for each in agreements for clause in each.clauses))
    law = [f"{_articles()[article]} (article {article})" for article in _used(agreements)]
    return Page(
        title="How we use your record",
        lead="This notice says what information we hold about you, why, who sees it and what your rights are.",
        sections=(
            Section(
                title="Who we are",
                sentences=(
                    "These places share your record with one another:",
                    *(f"{_capital(name)}." for name in place_names(parties, directory)),
                ),
            ),
            Section(title="Who answers for it", sentences=_once(each.controllers for each in told)),
            Section(title="Who it is about", sentences=_once(each.people for each in told)),
            Section(
                title="What we use",
                sentences=tuple(f"{says[0].upper()}{says[1:]}." for says, of in words(lay=True).themes if of & shared),
            ),
            Section(
                title="Where it comes from",
                sentences=("It comes from the teams that look after you.", "Each of us shares what we wrote."),
            ),
            Section(title="Why we use it", sentences=_once(each.in_plain_words for each in told)),
            Section(
                title="What the law says",
                sentences=(
                    "The law lets us use your record for these reasons:",
                    *(f"{_capital(each)}." for each in law),
                ),
            ),
            _who(clauses, directory),
            Section(title="Does it leave the UK?", sentences=_once(each.transfers for each in told)),
            Section(title="How long we keep it", sentences=_once(each.retention for each in told)),
            Section(title="How we keep it safe", sentences=_once(each.security for each in told)),
            Section(
                title="Does a computer decide?", sentences=("No. Computers do not make decisions about your care.",)
            ),
            Section(title="Your rights", sentences=_RIGHTS),
            Section(title="If you are not happy", sentences=_COMPLAIN),
            Section(title="Any questions?", sentences=_once(f"Ask: {each.contact}." for each in told)),
            _made_from(agreements),
        ),
    )


def processing_of(agreements: Iterable[Agreement]) -> Sequence[Processing]:
    """What each says of the processing. Raises Incorrect for one that says nothing."""
    found = []
    for agreement in agreements:
        if agreement.processing is None:
            raise Incorrect(
                f"{agreement.agreement} says nothing under `processing:`, of which leaflet, notice and record are made."
            )
        found.append(agreement.processing)
    return found


def _widest_first(agreements: Iterable[Agreement]) -> Sequence[Agreement]:
    return sorted(agreements, key=lambda agreement: -len(agreement.clauses))


def _shown(agreements: Iterable[Agreement]) -> Sequence[Clause]:
    """The clauses that show somebody's record."""
    return [clause for agreement in agreements for clause in agreement.clauses if clause.when]


def _once(said: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(said))


def _made_from(agreements: Iterable[Agreement]) -> Section:
    names = tuple(f"{each.title}, version {each.version}." for each in agreements)
    return Section(title="What this was made from", sentences=names)


def _who(clauses: Sequence[Clause], directory: Directory) -> Section:
    """The gist for each role; the agreements' own pages say it exactly."""
    others = [clause for clause in clauses if not clause.own]
    kept = [clause for clause in (_less(each, others) for each in clauses if each.own) if clause.roles]
    tables = (
        ("", "What they can see", others),
        ("Who can see only what their own team wrote", "What they can see of it", kept),
    )
    return Section(
        title="Who can see what",
        sentences=(
            "Staff who look after you can see what their own team wrote.",
            "This table says what they can see of what other teams wrote. Each team sees what its work needs.",
            "It is the short form. Ask us if you want the full list.",
        ),
        tables=tuple(
            Table(title=title, head=("Who", what, "When one of these is so"), rows=tuple(_rows(some, directory)))
            for title, what, some in tables
            if some
        ),
    )


def _less(clause: Clause, others: Iterable[Clause]) -> Clause:
    """The same, without the roles that see what others wrote, too."""
    reading = frozenset[str]().union(*(each.roles for each in others if each.recipients & clause.recipients))
    return replace(clause, roles=clause.roles - reading)


def _rows(clauses: Iterable[Clause], directory: Directory) -> Iterator[tuple[str, str, str]]:
    """Roles of one place that see alike, in one row."""
    sees: dict[tuple[frozenset[OdsCode], str], tuple[set[Heading], set[Condition]]] = {}
    for clause in clauses:
        for role in clause.roles:
            headings, when = sees.setdefault((clause.recipients, role), (set(), set()))
            headings |= clause.headings
            when |= set(clause.when)
    alike: dict[tuple[str, str, str], list[str]] = {}
    known = list(directory.organisations)
    in_order = sorted(
        sees.items(), key=lambda each: (min(map(known.index, each[0][0])), list(roles()).index(each[0][1]))
    )
    for (recipients, role), (headings, when) in in_order:
        alike.setdefault((places(recipients, directory), _themes(headings), _when(when)), []).append(role)
    for (place, what, while_), who in alike.items():
        yield f"{_capital(words(lay=True).of_roles(who))} at {place}", what, while_


def _themes(headings: Iterable[Heading]) -> str:
    seen = frozenset(headings)
    return " ".join(f"{_capital(says)}." for says, of in words(lay=True).themes if of & seen)


def _when(conditions: Collection[Condition]) -> str:
    """Of spans of one word the longest."""
    longest = {each.word: each for word in When for each in sorted(conditions) if each.word is word}
    lay = words(lay=True).relationships
    said = [
        lay[word].format(span="" if each.span is None else f"less than {spell_span(each.span)}")
        for word, each in longest.items()
    ]
    return " ".join(f"{_capital(each)}." for each in said)


def _private(clauses: Sequence[Clause]) -> Iterator[str]:
    """Labels by how far they may go: to nobody by law, to nobody else, to few."""
    lay = words(lay=True)
    barred = frozenset(label for bar in legal_bars() for label in bar.labels)
    between = [clause for clause in clauses if not clause.own]
    few = frozenset[Label]().union(*(clause.allows for clause in between))
    hurry = frozenset[Label]().union(*(each.override.labels for each in between if each.override)) - few
    stays = frozenset(Label) - barred - few - hurry - _NO_KIND
    yield "Some things are more private than others."
    if stays:
        yield f"These stay with the place that wrote them: {lay.of_labels(stays, 'and')}."
    if few:
        yield f"Only some staff can see what is about: {lay.of_labels(few, 'and')}."
    if hurry:
        yield f"In an emergency some can also see what is about: {lay.of_labels(hurry, 'and')}."
    yield f"The law itself keeps these closed: {lay.of_labels(barred, 'and')}."


def _emergency(clauses: Iterable[Clause]) -> Iterator[str]:
    overrides = [clause.override for clause in clauses if clause.override is not None]
    if overrides:
        who = words(lay=True).of_roles(frozenset[str]().union(*(each.roles for each in overrides)))
        yield f"In an emergency some staff can open more of your record. They are: {who}."
        yield f"They must say why. It closes by itself in {spell_span(max(each.span for each in overrides))}."
        yield "We check each time that it was right. You can ask us if it was done to your record."


def _choices(clauses: Sequence[Clause]) -> Iterator[str]:
    between = [clause for clause in clauses if not clause.own]
    out, in_ = any(each.explicit_out for each in between), any(each.explicit_in for each in between)
    if out:
        yield "Your own team asks you first. If you have not said yes, they do not share."
    if in_:
        yield "Those who want to look must ask you too. If you have not said yes, they see nothing."
    if not (out or in_):
        yield "If you are happy with this, you do not need to do anything."
    yield "You can say no to sharing. Tell your GP or any team that looks after you."
    yield "If you say no, staff may not know about your allergies or medicines when it matters."
    if any(clause.despite_objection for clause in between):
        kept = frozenset[Heading]().union(*(clause.despite_objection for clause in between))
        yield f"Even if you say no, some of us still share: {words(lay=True).of_headings(kept)}."
    yield "You can say that one place must not share, or that one place must not look."
    yield "You can ask us to seal a part of your record, so that no other staff see it."
    yield "You can change your mind at any time. It counts straight away."


def _articles() -> Mapping[str, str]:
    return words(lay=True).articles


def _used(agreements: Iterable[Agreement]) -> Sequence[str]:
    return sorted({article for agreement in agreements for article in agreement.lawful_basis})


def _capital(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}"
