"""Which store functions read without a `Permitted`: each is reviewed here, with why it tells of nobody."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, get_type_hints

import pytest

from concord.store import (
    Permitted,
    Reading,
    Writing,
    audit_rows,
    beside,
    census,
    facts,
    feed,
    items,
    jobs,
    labelling,
    oddities,
    originals,
    people,
    quarantine_rows,
    registers,
    terms,
    ties,
    traffic,
    versions,
)

DRAWERS: tuple[ModuleType, ...] = (
    items, versions, people, beside, ties, facts, feed, jobs, registers, quarantine_rows, audit_rows, terms,
    census, oddities, traffic, labelling, originals,
)  # fmt: skip

# function -> why it may do without. A new one is added only by whoever has thought of a reason.
REVIEWED = {
    "items.locate": "where an item lies; record asks a decision before it says that anything is there",
    "items.locate_many": "the same of many, in a write or for labels to be looked at",
    "items.found_under": "places alone, for labels to flow and conditions to be met",
    "items.labels_at": "labels alone, for them to flow in a write, and to an earlier version",
    "items.last_number": "only in a write: the number of rows so far",
    "registers.labelling": "how far a pass has come: an id, for it to go on behind",
    "labelling.said": "what people said of an item's labels; record asks whether the viewer may review it",
    "labelling.suggested": "only in a write, or a pass over all that is held: words of an item that is held there",
    "labelling.unreviewed": "labels alone, of an item that the viewer may review",
    "items.relabel": "a write; gives a version's number",
    "versions.locate_deleted": "where an item lay; record tells it to its source alone",
    "versions.first_stored": "a moment, by which it is known whose looks are somebody's",
    "versions.last_version": "only in a write: the number, time and service of the last version",
    "versions.lies_alone": "only in a write: whether a Patient may be deleted",
    "feed.position": "how far a consumer has read",
    "people.new_source_patient": "a write; gives its number",
    "people.shelf": "names no person",
    "people.person_of": "a link: an id that tells nothing by itself",
    "people.persons_of": "the same of several",
    "people.traced_source": "reads a row that was asked for with a Permitted",
    "people.linked": "links, from which a decision is made",
    "people.count_of_person": "a number of links",
    "people.near": "an id that tells nothing by itself",
    "people.with_proxy": "ids, to one who has the number of whoever acts for them",
    "people.linked_to": "links, by which it is known whose looks are somebody's",
    "people.count_linked": "a number of links, for linking anew",
    "people.contributor": "the organisation of a source patient, fixed for ever",
    "people.held_for_review": "links that wait for a human; nothing but ids",
    "ties.bases": "links: ids that tell nothing by themselves",
    "ties.base_of": "a link: an id that tells nothing by itself",
    "ties.out_of": "which Patients a source says to be one; for linking anew",
    "ties.into": "the same, from the other side",
    "ties.words": "what reviewers said of Patients; for linking anew",
    "ties.waiting": "links that wait for a human; nothing but ids",
    "ties.said": "what reviewers said of two Patients; record asks whether the viewer may review",
    "ties.changes": "links that changed; nothing but ids",
    "ties.changes_of": "the same, of persons whom the viewer has looked at",
    "ties.history": "whose a source patient was, and until when; nothing but ids",
    "ties.spoken_of": "only in a write: whether anything is said of a source patient",
    "ties.any_spoken_of": "the same of several Patients",
    "ties.replace": "a write; whether it changed anything",
    "facts.about": "facts, from which a decision is made",
    "facts.choice_rows_told": "choices, for the person whose they are, without those kept from them",
    "facts.protected": "a fact, from which it is decided whether somebody is found",
    "facts.any_labelled": "a fact, from which a notice is decided",
    "facts.people_related": "facts: the viewer's own relationships",
    "facts.related_on_trial": "the same, of what the viewer tests",
    "jobs.one": "no person: what an organisation's system asked for; record asks whether it is the asker's",
    "jobs.states": "no person",
    "jobs.take": "no person",
    "jobs.keep": "no person",
    "jobs.kept": "no person",
    "registers.definitions_version": "no person",
    "registers.definitions": "profiles and value sets, no person",
    "registers.installation": "no person",
    "registers.claim": "no person",
    "registers.policy_version": "no person",
    "registers.policy_files": "no person",
    "registers.publications": "no person",
    "registers.publish_policy": "no person",
    "registers.matching_weights": "rates, and values that many share, of nobody",
    "registers.add_matching_weights": "no person",
    "registers.statements": "what organisations signed, no person",
    "registers.last_turn": "a number",
    "registers.matching_version": "a number",
    "registers.rejudging": "numbers: how far a pass has come",
    "registers.heard": "an organisation's system, whoever it spoke about",
    "registers.waiting_services": "only in a write: the services under which what is written anew waits",
    "registers.waited_for": "only in a write: for whom anything waits",
    "registers.take_waiting": "only in a write: what waited enters with its Patient",
    "registers.in_snapshot": "only in a load: the names of what this source's extract held, in its own words",
    "quarantine_rows.held": "what could not be read; for whoever runs Concord, without the originals",
    "quarantine_rows.count_by_feed": "no person",
    "originals.keep": "only in a write: whether it was new",
    "originals.held_of": "only names: under which anything is kept with one whose items are open",
    "originals.numbered": "messages whole, for whoever runs Concord; record keeps who looked",
    "originals.at_place": "the same of rows and entries",
    "originals.of_item": "messages, to one who may have the item; record says whose duty it is",
    "originals.unmapped": "no person: how often nothing was made of a field",
    "traffic.sums": "no person: how many messages came by a feed",
    "quarantine_rows.one": "a reject whole, for whoever runs Concord",
    "quarantine_rows.of_patient": "numbers, to one who holds the source's own id",
    "quarantine_rows.with_digest": "numbers, to one who holds the bytes",
    "quarantine_rows.ended": "no person",
    "registers.received": "a hash of a message, to one who holds the message: whether it came before",
    "audit_rows.found": "audit rows; record asks whether the viewer may audit",
    "audit_rows.looks_since": "audit rows, for a replay that gives out counts",
    "audit_rows.count_since": "a number",
    "audit_rows.looks_at": "the same of one person, under the ids that their records have had",
    "audit_rows.looked_at": "a user's own looks, for that user",
    "audit_rows.count_lookers": "a number, for who runs Concord",
    "audit_rows.row_with": "the same of one row",
    "audit_rows.in_order": "audit rows as they are proved; for who runs Concord",
    "audit_rows.contexts": "who asked and by what right, as they are proved",
    "audit_rows.context_numbers": "numbers",
    "audit_rows.head": "hashes",
    "audit_rows.chains": "hashes",
    "audit_rows.links": "hashes",
    "audit_rows.link_hash": "a hash",
    "audit_rows.unsigned_heads": "hashes",
    "audit_rows.checkpoints": "hashes and signatures",
    "audit_rows.last_checkpoint": "hashes and signatures",
    "audit_rows.add_chain": "a write; its number",
    "audit_rows.add_checkpoint": "a write; whether it was the first under its number",
    "audit_rows.cosignatures": "signatures",
    "terms.begin": "codes, no person",
    "terms.loaded": "codes, no person",
    "terms.in_force": "codes, no person",
    "terms.all_loaded": "codes, no person",
    "terms.maps": "codes, no person",
    "terms.term": "codes, no person",
    "terms.terms": "codes, no person",
    "terms.terms_of": "codes, no person",
    "terms.placed_codes": "codes, no person",
    "terms.parents": "codes, no person",
    "terms.children": "codes, no person",
    "terms.above": "codes, no person",
    "terms.below": "codes, no person",
    "terms.mappings": "codes, no person",
    "census.people": "a number",
    "census.last_of_portion": "an id that tells nothing by itself",
    "census.sources": "links, from which decisions are made",
    "census.relationships": "facts, from which decisions are made",
    "census.choices": "facts, from which decisions are made",
    "census.died": "facts, from which decisions are made",
    "census.protected": "facts, from which decisions are made",
    "oddities.add": "a write; whether it was new",
    "oddities.with_reference": "an access; record asks whether the viewer reviews their organisation's",
    "oddities.of_organisation": "the same of an organisation",
    "oddities.every": "the same of all, for what reviewers found to count",
    "oddities.reviews": "what reviewers noted; record asks whether the viewer reviews",
    "oddities.relationships": "facts, by which an access is judged",
}


def readers(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public functions of a drawer that read and give something back."""
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ != module.__name__ or name.startswith("_"):
            continue
        hints = get_type_hints(function)
        if {Reading, Writing} & set(hints.values()) and hints.get("return") is not type(None):
            yield f"{module.__name__.rsplit('.', 1)[1]}.{name}", function


def test_whatever_gives_something_back_takes_a_permitted_or_has_been_reviewed() -> None:
    without = {
        name
        for module in DRAWERS
        for name, function in readers(module)
        if Permitted not in get_type_hints(function).values()
    }
    assert without == set(REVIEWED)


@pytest.mark.parametrize(
    "name", ["items.read", "items.read_under", "items.read_named", "items.read_one", "items.read_at"]
)
def test_whatever_gives_an_item_takes_one(name: str) -> None:
    found = dict(readers(items))
    assert get_type_hints(found[name])["permitted"] is Permitted


def test_no_item_comes_out_any_other_way() -> None:
    gives_items = {
        name
        for module in DRAWERS
        for name, function in readers(module)
        if "StoredItem" in str(get_type_hints(function).get("return"))
    }
    assert gives_items == {
        "items.read", "items.read_under", "items.read_named", "items.read_one", "items.read_at",
        "versions.read_versions", "versions.read_as_of",
    }  # fmt: skip
