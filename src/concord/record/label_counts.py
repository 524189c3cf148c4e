"""How the labels of an organisation's items stand, in numbers: what waits for review, was corrected, and is carried."""

from dataclasses import dataclass

from concord.governance.labels import Says
from concord.store import Permitted, Reading, labelling
from concord.terminology import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelCounts:
    """Of one label, how many items: whose words suggest it `to_review`; to which it was `added`, from which it was
    `removed`, here, `mistakes` of those since the source had marked them wrongly; and that carry it now for whatever
    reason, `carried`."""

    label: Label
    to_review: int
    added: int
    removed: int
    mistakes: int
    carried: int


def label_counts(reading: Reading, permitted: Permitted, of: labelling.Reviewed) -> list[LabelCounts]:
    """Of every label of which there is anything to count, in their order."""
    waiting = labelling.count_waiting(reading, permitted, of)
    carried = labelling.count_carried(reading, permitted, of)
    said = labelling.count_corrected(reading, permitted, of)
    counts = [
        LabelCounts(
            label=label,
            to_review=waiting.get(label.mask, 0),
            added=sum(said.get((label, Says.CARRIES, mistake), 0) for mistake in (False, True)),
            removed=sum(said.get((label, Says.LACKS, mistake), 0) for mistake in (False, True)),
            mistakes=said.get((label, Says.LACKS, True), 0),
            carried=sum(count for labels, count in carried.items() if labels & label.mask),
        )
        for label in Label
    ]
    return [each for each in counts if each.to_review or each.added or each.removed or each.carried]
