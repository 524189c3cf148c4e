"""How alike two are, in bits: by our scorer and by Splink, whose model it is."""

from collections.abc import Iterator
from itertools import combinations
from random import Random

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from concord.base import Conflict, NhsNumber
from concord.identity import Weights, learn
from concord.identity.likeness import COMPARISONS, MISSING, Scorer
from concord.identity.names import another_name, long_form, long_forms
from concord.identity.training import linker_of
from concord.identity.traits import Traits, blocks, traits
from concord.store import people
from tests.spec.identity.people_alike import PEGGY, SCORER, saying

FAMILIES = [
    "holroyd",
    "holroyde",
    "smith",
    "smithjones",
    "jonessmith",
    "margaret",
    "li",
    "o",
    "khan",
    "chowdhury",
    "choudhry",
    "иванов",
    "ivanov",
    "",
]
GIVEN = [
    "margaret",
    "peggy",
    "margret",
    "m",
    "holroyd",
    "smith",
    "khan",
    "baby",
    "emma",
    "emily",
    "mohamed",
    "muhammad",
    "محمد",
    "",
]
BIRTHS = ["1942-02-14", "1942-12-04", "1942-04-12", "1942-02-15", "1924-02-14", "1960-01-01", "1942", ""]
POSTCODES = ["nf42zz", "nf42zx", "nf41aa", "m11aa", "zz993vz", ""]
people_ = st.builds(
    lambda **said: saying(shown_name=f"X, {said['given']} {said.pop('further')}", **said),
    family=st.sampled_from(FAMILIES), given=st.sampled_from(GIVEN), born_on=st.sampled_from(BIRTHS),
    postcode=st.sampled_from(POSTCODES), sex=st.sampled_from(["female", "male", "unknown", ""]),
    nhs_number=st.sampled_from([None, "9990003114", "9990003203"]),
    address=st.sampled_from(["17 Weavers Fold, NF4 2ZZ", "3 Canal Row, NF4 2ZZ", "Larkfield House, NF4 2ZZ", ""]),
    further=st.sampled_from(["", "Ann", "Ann Joan", "Joan"]),
).map(traits)  # fmt: skip


@given(people_, people_)
def test_the_order_of_two_does_not_matter(one: Traits, other: Traits) -> None:
    there, back = SCORER.weigh(one, other), SCORER.weigh(other, one)
    assert there.bits == pytest.approx(back.bits)
    assert [step.level.name for step in there.steps] == [step.level.name for step in back.steps]


@given(people_, people_)
def test_the_waterfall_adds_up(one: Traits, other: Traits) -> None:
    weighed = SCORER.weigh(one, other)
    assert weighed.bits == pytest.approx(SCORER.prior_bits + sum(step.bits for step in weighed.steps))
    assert [step.comparison.name for step in weighed.steps] == [each.name for each in COMPARISONS]


def test_splink_weighs_every_pair_the_same() -> None:
    """The levels as SQL, in Splink on DuckDB, against the levels as Python, on pairs of every kind."""
    rng = Random(1)
    some = [
        traits(
            saying(
                family=rng.choice(FAMILIES), given=rng.choice(GIVEN), born_on=rng.choice(BIRTHS),
                postcode=rng.choice(POSTCODES), sex=rng.choice(["female", "male", ""]),
                nhs_number=rng.choice([None, "9990003114", "9990003203"]),
                address=rng.choice(["17 Weavers Fold, NF4 2ZZ", "3 Canal Row, NF4 2ZZ", "NF4 2ZZ"]),
                shown_name=rng.choice(["X, Y", "X, Y Ann", "X, Y Ann Joan", "X, Y Joan"]),
            )
        )
        for _ in range(120)
    ]  # fmt: skip
    weights = msgspec.structs.replace(
        SCORER.weights,
        frequencies={"given": {"margaret": 0.01}, "family": {"smith": 0.02}, "born_on": {"1960-01-01": 0.01}},
        rarest={"given": 0.005, "family": 0.001, "born_on": 0.0001},
    )  # fmt: skip
    scorer, linker = Scorer(weights), linker_of(some, weights)
    rows = [{"number": at, **each._asdict()} for at, each in enumerate(some)]
    found = linker.inference.score_pairs(rows, rows).as_record_list()
    seen = {(row["number_l"], row["number_r"]): row["match_weight"] for row in found}
    levels = set()
    for one, other in combinations(range(len(some)), 2):
        weighed = scorer.weigh(some[one], some[other])
        assert seen[one, other] == pytest.approx(weighed.bits, abs=1e-6), (some[one], some[other])
        levels |= {(step.comparison.name, step.level.name) for step in weighed.steps}
    assert levels == {(each.name, level.name) for each in COMPARISONS for level in each.levels}


def test_what_is_common_tells_less() -> None:
    weights = msgspec.structs.replace(
        SCORER.weights, frequencies={"family": {"smith": 0.02}}, rarest={"family": 0.0001}
    )
    scorer = Scorer(weights)
    common, rare = (traits(saying(family=family)) for family in ("smith", "ramsbottom"))
    assert scorer.weigh(rare, rare).bits - scorer.weigh(common, common).bits == pytest.approx(7.64, abs=0.01)


@given(people_, people_)
def test_what_is_not_known_tells_nothing(one: Traits, other: Traits) -> None:
    blank = Traits(*[""] * len(Traits._fields))
    assert SCORER.weigh(one, blank).bits == pytest.approx(SCORER.prior_bits)
    assert all(step.bits == 0 for step in SCORER.weigh(one, other).steps if step.level.name == MISSING)


def test_who_is_looked_for_finds_the_looker_too() -> None:
    """Blocks are values that agree, so that it does not matter who came first."""
    swapped = saying(born_on="1942-02-11", family="x", given="y", postcode="")
    assert {"born_on": "1942-11-02"} in blocks(swapped)
    assert {"born_on": "1942-02-11"} in blocks(saying(born_on="1942-11-02"))
    assert blocks(saying(born_on="", family="", postcode="")) == []


def population(count: int) -> Iterator[people.Demographics]:
    rng = Random(2)
    for number in range(count):
        born = f"{rng.randint(1930, 2020)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"
        person = saying(
            nhs_number=NhsNumber(f"9{number:09}"), family=f"family{rng.randrange(400)}",
            given=f"given{rng.randrange(90)}", born_on=born, postcode=f"nf{rng.randrange(200)}aa",
            sex=rng.choice(["male", "female"]), shown_name="",
        )  # fmt: skip
        yield person
        yield saying(
            person,
            nhs_number=person.nhs_number if rng.random() < 0.9 else None,
            family=person.family if rng.random() < 0.97 else f"{person.family}x",
            postcode=person.postcode if rng.random() < 0.9 else "nf1zz",
        )


@pytest.fixture(scope="module")
def learnt() -> Weights:
    return learn(population(1_300))


def test_what_is_learnt_of_a_population_is_its_truth(learnt: Weights) -> None:
    assert learnt.source_patients == 2_600
    assert learnt.prior == pytest.approx(1_300 / (2_600 * 2_599 / 2), rel=0.3)
    assert learnt.rates["family"]["the same"].m == pytest.approx(0.97, abs=0.02)
    assert learnt.rates["place"]["the same house"].m == pytest.approx(0.9, abs=0.05)
    assert learnt.rates["family"]["the same"].u == pytest.approx(1 / 400, rel=0.3)
    assert learnt.rates["born_on"]["the same"].m > 0.95
    assert msgspec.json.decode(msgspec.json.encode(learnt), type=Weights) == learnt


def test_the_weights_name_only_what_many_have(learnt: Weights) -> None:
    held = [*population(1_300)]
    assert learnt.frequencies["given"]
    for trait, named in learnt.frequencies.items():
        assert all(sum(getattr(each, trait) == value for each in held) >= 10 for value in named)


def test_of_too_few_people_nothing_is_learnt() -> None:
    for few in ([], [PEGGY], population(100)):
        with pytest.raises(Conflict, match="Too few people"):
            learn(few)


def test_a_short_form_stands_for_one_name() -> None:
    text = yaml.safe_load(
        (__import__("importlib.resources").resources.files("concord.identity") / "short_forms.yaml").read_text()
    )
    forms = [form for each in text.values() for form in each.split()]
    assert len(forms) == len(set(forms)) == len(long_forms())
    assert not set(forms) & set(text)
    assert long_form("peggy") == "margaret"
    assert long_form("margaret") == "margaret"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("margaret", "peggy", False),
        ("margaret", "margret", False),
        ("margaret", "m", False),
        ("baby", "chidi", False),
        ("", "chidi", False),
        ("emma", "emily", True),
        ("adam", "david", True),
        ("m", "david", True),
    ],
)
def test_another_name_altogether(one: str, other: str, expected: bool) -> None:
    assert another_name(one, other) is another_name(other, one) is expected
