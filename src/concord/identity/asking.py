"""What may be asked of identity by the weights in force and changes nothing: how two are alike, whom one may mean."""

from collections.abc import Callable, Iterable, Sequence

from concord.identity.explaining import Explained, explained
from concord.identity.grading import Grade, grade_all
from concord.identity.judging import Candidate
from concord.identity.traits import blocks, traits
from concord.identity.weighing import weights_in_force
from concord.store import Permitted, Reading, beside, people


def explain(reading: Reading, one: Candidate, other: Candidate) -> Explained:
    """Why two source patients are one person, may be, or are not."""
    return explained(one, other, weights_in_force(reading)[1])


def recognised(
    reading: Reading,
    duty: Permitted,
    asked: people.Demographics,
    whom: Callable[[Sequence[people.TracedSource]], Iterable[Sequence[people.TracedSource]]],
) -> list[tuple[Grade, Sequence[people.TracedSource]]]:
    """Whom `asked` may mean. `whom`: what of those who bear its number, or are enough alike for a human to look, the
    one who asks may be told of, human by human, each with all that is to be weighed."""
    scorer = weights_in_force(reading)[1]
    number, own = asked.nhs_number, traits(asked)
    found = {each.source: each for each in beside.alike(reading, duty, blocks(asked), None)}
    alike = [
        each for each in found.values() if scorer.weigh(own, traits(each.demographics)).bits >= scorer.weights.review
    ]
    if number is not None:
        alike = [*people.with_nhs_number(reading, duty, number), *alike]
    groups = [group for group in whom(list({each.source: each for each in alike}.values())) if group]
    grades = grade_all(asked, groups, scorer)
    return [(each, group) for each, group in zip(grades, groups, strict=True) if each is not None]
