"""What lies below a code of a release of SNOMED CT's shape is labelled: by every way, safely, and anew by the next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import pytest

from concord.app import App
from concord.terminology import Label, incoming_snapshot, load_terminology
from tests.rf2 import Parents, check, lattice, write_snapshot
from tests.small_system import HOSPITAL, POLICY, PRACTICE, attendance, condition, patient, send, small_system

SNOMED_CT = "http://snomed.info/sct"
SIZE, WIDE = 20_000, 500
MIND, HIV = Label.MENTAL_HEALTH.mask, Label.HIV.mask


@dataclass(frozen=True, kw_only=True)
class Release:
    parents: Parents
    inactive: Parents

    def below(self, root: str) -> set[str]:
        """By going down from the root, parent by parent: they stand before their children."""
        found = {root}
        for code, above in self.parents.items():
            if not found.isdisjoint(above):
                found.add(code)
        return found


@pytest.fixture(scope="module")
def release() -> Release:
    chance = Random(7)
    parents = lattice(SIZE, chance)
    with_children = {parent for above in parents.values() for parent in above}
    leaves = [code for code in parents if code not in with_children]
    inactive = {code: parents.pop(code) for code in chance.sample(leaves, len(leaves) // 5)}
    return Release(parents=parents, inactive=inactive)


def roots_of(release: Release) -> tuple[str, str]:
    """Two codes well down the lattice, with much below them, of which neither lies below the other."""
    codes = list(release.parents)
    wide = (code for code in codes[len(codes) // 50 :] if len(release.below(code)) > WIDE)
    one = next(wide)
    return one, next(code for code in wide if code not in release.below(one))


@pytest.fixture(scope="module")
def app(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    mind, blood = roots_of(release)
    table = f"""\
rows:
  - {{system: snomed-ct, below: ["{mind}"], labels: [mental-health], reason: of the mind}}
  - {{system: snomed-ct, below: ["{blood}"], labels: [hiv], reason: of the blood}}
"""
    folder = tmp_path_factory.mktemp("release")
    with small_system(folder / "data", replace(POLICY, sensitivity=table)) as system:
        load(system, release, folder / "first", "20261001")
        yield system


def load(app: App, release: Release, folder: Path, released: str) -> None:
    write_snapshot(folder, release.parents, release.inactive, released=released)
    load_terminology(app.store, incoming_snapshot(folder))


def labels(app: App, code: str) -> int:
    with app.store.reading() as reading:
        rows = app.gate.sensitivity(reading).rows(SNOMED_CT, code)
    return sum({row.labels for row in rows})


def test_the_made_up_identifiers_have_their_check_digit(release: Release) -> None:
    assert check("2363") == 0, "the example of Verhoeff's scheme"
    assert all(check(code) == 0 for code in list(release.parents)[:500])
    assert check("116680003") == 0, "so has a real one: is a"


def test_every_descendant_is_labelled_by_whichever_way(app: App, release: Release) -> None:
    mind, blood = roots_of(release)
    of_mind, of_blood = release.below(mind), release.below(blood)
    assert min(len(of_mind), len(of_blood)) > WIDE
    assert of_mind & of_blood, "some lie below both"
    with app.store.reading() as reading:
        sensitivity = app.gate.sensitivity(reading)
    for code in release.parents:
        expected = MIND * (code in of_mind) | HIV * (code in of_blood)
        assert sum({row.labels for row in sensitivity.rows(SNOMED_CT, code)}) == expected


def test_a_concept_that_is_no_longer_used_may_mean_anything(app: App, release: Release) -> None:
    """Its is-a relationships are inactive: it lies below nothing, and old records are full of such codes."""
    below = release.below(roots_of(release)[0])
    was_below = [code for code, above in release.inactive.items() if not below.isdisjoint(above)]
    assert was_below
    with app.store.reading() as reading:
        sensitivity = app.gate.sensitivity(reading)
    for code in release.inactive:
        assert [row.labels for row in sensitivity.rows(SNOMED_CT, code)] == [Label.UNKNOWN.mask]


def test_the_next_release_relabels_what_is_held(release: Release, tmp_path: Path) -> None:
    parents = lattice(400, Random(3))
    codes = list(parents)
    first = Release(parents=parents, inactive={})
    mind = codes[8]
    inside = next(code for code in reversed(codes) if code in first.below(mind))
    outside = next(code for code in reversed(codes) if code not in first.below(mind))
    ended = next(code for code in reversed(codes) if code not in (inside, outside))
    moved = dict(parents) | {inside: [codes[0]], outside: [mind]}
    gone = {ended: moved.pop(ended)}
    second = Release(parents=moved, inactive=gone)
    table = f'rows: [{{system: snomed-ct, below: ["{mind}"], labels: [mental-health], reason: of the mind}}]\n'
    with small_system(tmp_path / "data", replace(POLICY, sensitivity=table)) as app:
        load(app, first, tmp_path / "first", "20261001")
        send(app, PRACTICE, patient("p1"), *(
            condition(name, "p1", code={"coding": [{"system": SNOMED_CT, "code": code}]})
            for name, code in (("inside", inside), ("outside", outside))
        ))  # fmt: skip
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        assert held(app) == {"inside": MIND, "outside": 0}
        load(app, second, tmp_path / "second", "20270101")
        assert held(app) == {"inside": MIND, "outside": 0}, "what is held is labelled anew by the pass"
        assert app.records.labelling.apply(lambda looked_at, changed: None).changed == 2
        assert held(app) == {"inside": 0, "outside": MIND}
        assert labels(app, ended) == Label.UNKNOWN.mask


def held(app: App) -> dict[str, int]:
    """The labels of the practice's conditions, by the names under which it sent them."""
    found = {}
    with app.store.reading() as reading:
        for name in ("inside", "outside"):
            id_ = app.records.standing(PRACTICE.organisation, "Condition", name).id
            row = reading.row("SELECT i.labels FROM item i WHERE i.id = ?", (id_,))
            assert row is not None
            found[name] = int(row[0])
    return found
