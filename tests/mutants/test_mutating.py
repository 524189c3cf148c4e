"""What a mutant is, and that one that no test notices is told."""

import inspect
from types import ModuleType

import pytest

from tests.mutants.mutating import Mutant, mutants

SOURCE = '''
def limit(age: int, *, adult: int = 18) -> str:
    """Words."""
    if age < adult and age >= 0:
        return "child"
    return "adult" if age else "nobody"


class Rule:
    @property
    def open(self) -> bool:
        return not any(each is None for each in (1, 2) if each)
'''


def module() -> ModuleType:
    made = ModuleType("made")
    exec(compile(SOURCE, "made.py", "exec"), made.__dict__)
    return made


@pytest.fixture(scope="module")
def found() -> list[Mutant]:
    return list(mutants(SOURCE, "made.py"))


def test_each_rule_is_changed_in_each_way(found: list[Mutant]) -> None:
    names = [each.name for each in found]
    assert len(set(names)) == len(names)
    for expected in (
        "limit: age < adult → age <= adult",
        "limit: age >= 0 → age > 0",
        "limit: age < adult and age >= 0 → age < adult or age >= 0",
        "limit: age < adult and age >= 0 → age >= 0",
        "limit: 'child' → 'childXX'",
        "limit: 0 → 1",
        "limit: 'adult' if age else 'nobody' → 'nobody'",
        "Rule.open: any((each is None for each in (1, 2) if each)) → all((each is None for each in (1, 2) if each))",
        "Rule.open: each is None → each is not None",
        "Rule.open: (… for each in (1, 2) if each) → (… for each in (1, 2))",
    ):
        assert expected in names
    assert not [name for name in names if "Words" in name or "18" in name], "words and defaults are no rules"


def test_a_mutant_is_put_into_the_function_that_everybody_has_imported_already(found: list[Mutant]) -> None:
    limit = module().limit
    assert limit(18) == "adult"
    (mutant,) = [each for each in found if each.name == "limit: age < adult → age <= adult"]
    limit.__code__ = mutant.code
    assert limit(18) == "child"
    assert inspect.signature(limit).parameters["adult"].default == 18


def test_every_mutant_is_one_change_of_the_source_as_it_is(found: list[Mutant]) -> None:
    """Nothing of one mutant is left in the next."""
    again = list(mutants(SOURCE, "made.py"))
    assert [each.code.co_code for each in found] == [each.code.co_code for each in again]
    original = module().limit.__code__
    differing = [each for each in found if each.function == "limit"]
    same = [each.name for each in differing if each.code == original]
    assert same == []
