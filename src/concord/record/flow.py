"""Labels flow along content references: an item carries its own, and the own labels of what it refers to and of what
refers to it. One step, both ways, whichever arrives last, in the same transaction."""

from collections.abc import Collection, Mapping, Sequence

from concord.fhir import survey
from concord.record.contributed import own
from concord.record.prepare import Context, Prepared, mentioned
from concord.record.wire import as_sent
from concord.store import Reading, Writing, body, feed, items
from concord.store.items import Place


def labels_of_new(
    writing: Writing,
    arrived: Sequence[tuple[Place, Prepared]],
    held: Mapping[str, Place | None],
    told: list[feed.Change],
) -> dict[Place, int]:
    """The labels of items that are about to be kept; neighbours that were kept before take theirs at once.

    Of those that change, the feed is `told`.
    """
    referred_to = {prepared.referred_to: place for place, prepared in arrived if prepared.row.type != "Patient"}
    pairs = [(referrer, referred_to[value]) for value, referrer in items.found_under(writing, referred_to)]
    for place, prepared in arrived:
        pairs += [(place, target) for mention in prepared.mentions if (target := held.get(mention)) is not None]
    of_their_own = {place: prepared.row.own_labels for place, prepared in arrived}
    labels = dict(of_their_own)
    before: dict[Place, int] = {}
    for place in {place for pair in pairs for place in pair} - labels.keys():
        of_their_own[place], before[place] = items.labels_at(writing, place)
        labels[place] = before[place]
    for one, other in pairs:
        labels[one] |= of_their_own[other]
        labels[other] |= of_their_own[one]
    for place, old in before.items():
        if labels[place] != old:
            told.append(_relabelled(writing, place, labels[place]))
    return labels


def neighbours(reading: Reading, place: Place, mentions: Collection[str], referred_to: int) -> set[Place]:
    """What an item refers to as content and what refers to it, as far as it is held."""
    found = {referrer for _, referrer in items.found_under(reading, [referred_to])}
    found.update(items.locate_many(reading, mentions).values())
    return found - {place}


def labels_with(writing: Writing, own_labels: int, around: Collection[Place]) -> int:
    for place in around:
        own_labels |= items.labels_at(writing, place)[0]
    return own_labels


def settle(writing: Writing, place: Place, context: Context, codec: body.Codec, told: list[feed.Change]) -> None:
    """Label an item anew, from itself and its neighbours: one of them has changed what it carries or refers to."""
    item = items.read_one(writing, own(context), place)
    if item is None:
        return
    type_ = writing.words.text(writing, item.type)
    mentions = mentioned(survey(as_sent(type_, item, codec)))
    around = neighbours(writing, place, mentions, context.refers_to(f"{type_}/{item.id}"))
    labels = labels_with(writing, items.labels_at(writing, place)[0], around)
    if labels != item.labels:
        told.append(_relabelled(writing, place, labels))


def label_anew(
    writing: Writing,
    item: items.StoredItem,
    own_labels: int,
    context: Context,
    codec: body.Codec,
    told: list[feed.Change],
) -> None:
    """Give an item other labels of its own, and what is around it those that flow from it."""
    type_, place = writing.words.text(writing, item.type), item.place
    mentions = mentioned(survey(as_sent(type_, item, codec)))
    items.label(writing, place, own_labels)
    for each in {place, *neighbours(writing, place, mentions, context.refers_to(f"{type_}/{item.id}"))}:
        settle(writing, each, context, codec, told)


def _relabelled(writing: Writing, place: Place, labels: int) -> feed.Change:
    return feed.Change(place, items.relabel(writing, place, labels), feed.RELABELLED)
