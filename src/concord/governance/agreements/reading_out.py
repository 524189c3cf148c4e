"""An agreement, and a comparison of two, set out for people to read: sections of sentences and tables."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from concord.governance.agreement import Agreement
from concord.governance.agreements.classes import ViewerClass
from concord.governance.agreements.comparison import Comparison, compare
from concord.governance.agreements.counting import Concerned, Counted, invented_example
from concord.governance.agreements.pages import Page, Section, Table
from concord.governance.agreements.proof import Broken, prove
from concord.governance.agreements.reach import Reach, reaches
from concord.governance.agreements.reach_words import Told, service_words, told
from concord.governance.agreements.small_numbers import SMALL_NUMBERS, disclosed
from concord.governance.agreements.telling import PROCESSING, clause_words, example_words, promise_words
from concord.governance.directory import Directory, purposes
from concord.governance.policy import Policy
from concord.governance.situations import as_signed
from concord.governance.words import listed, places, words

OPENS, CLOSES = "would see", "would no longer see"
_USUAL = (
    "Each row holds once the organisations concerned have signed. It speaks of items without labels, of a person who "
    "does not object to the shared record, unless it says otherwise."
)
_COUNTED = "Nobody sees anybody's record under this agreement. People are counted, by what its clauses name."
_PROMISED = ("Promise", "In words", "The author says", "Proved")
_KEPT = "Kept."
_SEES = ("Who", "Sees", "Of", "While the person", "Private items", "Choices")


def agreement_page(agreement: Agreement, directory: Directory) -> Page:
    """The agreement in plain English, with who sees what; all of it generated from what is enforced."""
    return Page(
        title=f"{agreement.title}, version {agreement.version}",
        lead="Generated from the agreement as Concord enforces it. What no row of it opens is shut.",
        sections=(
            Section(title="At a glance", tables=(_glance(agreement, directory),)),
            Section(title="Promises", tables=_promises(agreement, directory)),
            _who_sees_what(agreement, directory),
            Section(title="Clauses", tables=(_clauses(agreement, directory),)),
            *_examples(agreement, directory),
        ),
    )


def _who_sees_what(agreement: Agreement, directory: Directory) -> Section:
    reached = reaches(as_signed([agreement], directory))
    if not purposes()[agreement.purpose].shows_records:
        return Section(title="Who sees what", sentences=(_COUNTED,))
    return Section(
        title="Who sees what",
        sentences=(_USUAL, *_protected(agreement)),
        tables=tuple(_tables(reached, directory)),
    )


def _glance(agreement: Agreement, directory: Directory) -> Table:
    rows = (
        ("Purpose", agreement.purpose.replace("-", " ")),
        ("Lawful basis", f"UK GDPR article {listed(agreement.lawful_basis)}"),
        ("Basis in confidence", listed([each.replace("-", " ") for each in agreement.confidence])),
        ("In force", f"{agreement.from_on:%-d %B %Y} to {agreement.until_on:%-d %B %Y}"),
        ("Review", f"{agreement.review_on:%-d %B %Y}"),
        ("Parties", places(agreement.parties, directory)),
        *((said, getattr(agreement.processing, name)) for name, said in PROCESSING.items() if agreement.processing),
        ("Clauses, promises, examples", ", ".join(
            str(len(each)) for each in (agreement.clauses, agreement.promises, agreement.examples)
        )),
        ("Hash of what is signed", agreement.digest),
    )  # fmt: skip
    return Table(title="", head=("", ""), rows=rows)


def _promises(agreement: Agreement, directory: Directory) -> tuple[Table, ...]:
    rows = _promise_rows(as_signed([agreement], directory), agreement)
    return (Table(title="", head=_PROMISED, rows=rows),) if rows else ()


def _promise_rows(policy: Policy, agreement: Agreement) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            verdict.promise.id,
            promise_words(verdict.promise, policy.directory),
            verdict.promise.says,
            f"Broken. {verdict.counterexample}" if isinstance(verdict, Broken) else _KEPT,
        )
        for verdict in prove(policy, *agreement.promises)
    )


def _protected(agreement: Agreement) -> Iterator[str]:
    who = words(lay=False).of_roles(agreement.locating_roles)
    if who:
        yield (
            f"What says where a protected person can be found opens to {who} alone, and only if every agreement that "
            "has a clause for them says so."
        )
    else:
        yield "What says where a protected person can be found opens to nobody."


def _tables(reached: Iterable[Reach], directory: Directory) -> Iterator[Table]:
    """One table for each set of organisations that receive."""
    told_ = [(places(each.recipients, directory), each) for each in reached]
    for recipients, rows in groupby(told_, key=lambda pair: pair[0]):
        yield Table(
            title=f"{recipients[0].upper()}{recipients[1:]}",
            head=_SEES,
            rows=tuple(_row(reach, told(reach, directory), directory) for _, reach in rows),
        )


def _row(reach: Reach, said: Told, directory: Directory) -> tuple[str, ...]:
    roles = words(lay=False).of_roles(reach.roles)
    who = f"{roles[0].upper()}{roles[1:]}{service_words(reach.services, reach.recipients, directory)}"
    return who, said.what, said.whose, said.related, said.labelled, said.said


def _clauses(agreement: Agreement, directory: Directory) -> Table:
    rows = tuple((clause.id, clause_words(clause, directory)) for clause in agreement.clauses)
    return Table(title="", head=("Clause", "In words"), rows=rows)


def _examples(agreement: Agreement, directory: Directory) -> Iterator[Section]:
    if agreement.examples:
        told_ = (
            "Each is tried whenever the agreement is read.",
            *(example_words(each, directory) for each in agreement.examples),
        )
        yield Section(title="Examples", sentences=told_)


def promises_page(policy: Policy) -> Page:
    """Every promise of every agreement of the policy, proved against all of them together."""
    agreements = policy.agreements
    tables = tuple(
        Table(title=agreement.title, head=_PROMISED, rows=_promise_rows(policy, agreement))
        for agreement in agreements
        if agreement.promises
    )
    broken = sum(row[-1] != _KEPT for table in tables for row in table.rows)
    number = sum(len(table.rows) for table in tables)
    lead = f"{number - broken} of {number} promises are kept." if number else "No promise is given."
    return Page(title="Promises", lead=lead, sections=(Section(title="", tables=tables),) if tables else ())


def comparison_page(before: Policy, after: Policy, counted: Counted | None = None) -> Page:
    """What opens, what closes, which promises break; and, if `counted` (of this comparison), for how many of those
    held, as such counts may leave."""
    comparison, directory = compare(before, after), after.directory
    exactly = "Exactly this changes, and nothing else: every class of viewers, items and situations was compared."
    opens = _Side("Opens", OPENS, comparison.opens, counted.opens if counted else None)
    closes = _Side("Closes", CLOSES, comparison.closes, counted.closes if counted else None)
    sections = (
        opens.section(directory),
        closes.section(directory),
        Section(title="Held here", sentences=tuple(held_here(counted)) if counted else ()),
        Section(title="Protected people", sentences=tuple(located_words(comparison, directory))),
        Section(title="Terms", sentences=tuple(comparison.terms)),
        Section(title="Promises broken", sentences=tuple(_broken(after))),
    )
    return Page(
        title=_compared(before, after),
        lead="Nobody sees more or less." if comparison.is_nothing else exactly,
        sections=tuple(section for section in sections if section.sentences or section.tables),
    )


@dataclass(frozen=True, slots=True)
class _Side:
    title: str
    verb: str
    reached: Sequence[Reach]
    counts: Sequence[Concerned] | None

    def section(self, directory: Directory) -> Section:
        sentences = tuple(told(each, directory).sentence(self.verb) for each in self.reached)
        if self.counts is None or not sentences:
            return Section(title=self.title, sentences=sentences)
        rows = tuple(
            (
                sentence,
                disclosed(count.people),
                disclosed(count.items),
                invented_example(reach, directory, self.verb, nth),
            )
            for nth, (sentence, reach, count) in enumerate(zip(sentences, self.reached, self.counts, strict=True))
        )
        return Section(title=self.title, tables=(Table(title="", head=_HELD_HERE, rows=rows),))


_HELD_HERE = ("Who, what, when", "People held who stand so now", "Their items", "An invented example")


def held_here(counted: Counted) -> Iterator[str]:
    """How many of those held what opens and what closes concerns, as may be told; and how they were counted.

    Not of how many in all: what a draft does not touch would show in the total, each time that it passes a step.
    """
    for what, all_ in (("opens", counted.all_opens), ("closes", counted.all_closes)):
        yield (
            f"Something {what} for {disclosed(all_.people)} people, {disclosed(all_.items)} items, each counted once."
        )
    yield (
        "Counted are people as they stand now to an organisation that a row addresses, and their current items that it "
        "speaks of, whoever has signed. Of a row that asks for the glass to be broken, those for whom it could be."
    )
    yield SMALL_NUMBERS


def _compared(before: Policy, after: Policy) -> str:
    """By what differs: whatever stands in both alike says nothing about the change."""
    was, now = (policy.agreements for policy in (before, after))
    dropped, new = ([each for each in one if each not in other] for one, other in ((was, now), (now, was)))
    if not (dropped or new):
        return f"{_names(was)}, compared with itself"
    if not dropped:
        return f"{_names(new)}, beside what there was"
    return f"{_names(dropped)}, compared with {_names(new) or 'nothing in its place'}"


def _names(agreements: Iterable[Agreement]) -> str:
    return listed([f"{agreement.title}, version {agreement.version}" for agreement in agreements])


def located_words(comparison: Comparison, directory: Directory) -> Sequence[str]:
    """Who may now, and who may no longer, see where a protected person is."""
    found = []
    for verb, classes in (("may now", comparison.locates), ("may no longer", comparison.no_longer_locates)):
        found += [f"{_viewers(each, directory)} {verb} see where a protected person is." for each in classes]
    return found


def _viewers(viewers: ViewerClass, directory: Directory) -> str:
    who, at = words(lay=False).of_roles(viewers.roles), places(viewers.organisations, directory)
    return f"{who[0].upper()}{who[1:]} at {at}{service_words(viewers.services, viewers.organisations, directory)}"


def _broken(policy: Policy) -> Sequence[str]:
    promises = [promise for agreement in policy.agreements for promise in agreement.promises]
    return [
        f"{each.promise.id}: {promise_words(each.promise, policy.directory)} {each.counterexample}"
        for each in prove(policy, *promises)
        if isinstance(each, Broken)
    ]
