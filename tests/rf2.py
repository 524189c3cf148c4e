"""A made-up terminology in the shape of a SNOMED CT Release Format 2 snapshot: no concept of SNOMED CT is in it.

Its identifiers are of an extension namespace that nobody has, with the check digit of Verhoeff (1969). Only the
metadata that the format itself names (is a, the kinds of description) has the identifiers that it has.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

IS_A, FULLY_SPECIFIED_NAME, SYNONYM = "116680003", "900000000000003001", "900000000000013009"
_ENTIRE, _CASE, _MODULE, _INFERRED = "900000000000073002", "900000000000448009", "1", "900000000000011006"
_SOME = "900000000000451002"
_TURNED = "1576283094"  # the permutation whose powers the scheme applies by position
_DIHEDRAL = [
    [(a + b) % 5 if a < 5 and b < 5 else 5 + (a + b) % 5 if a < 5 else 5 + (a - b) % 5 if b < 5 else (a - b) % 5
     for b in range(10)]
    for a in range(10)
]  # fmt: skip

Parents = Mapping[str, Sequence[str]]


def _powers() -> list[list[int]]:
    powers = [list(range(10))]
    while len(powers) < 8:
        powers.append([int(_TURNED[each]) for each in powers[-1]])
    return powers


_POWERS = _powers()


def check(digits: str, begin: int = 0) -> int:
    """What the digits come to: 0 for a number with its check digit. `begin`: the place of the last, from the right."""
    found = 0
    for position, digit in enumerate(reversed(digits), start=begin):
        found = _DIHEDRAL[found][_POWERS[position % 8][int(digit)]]
    return found


def identifier(item: int, kind: str) -> str:
    """`kind`: "10" of a concept, "11" of a description, "12" of a relationship, all of an extension."""
    begins = f"{item}9999999{kind}"
    rest = check(begins, 1)
    return begins + str(next(digit for digit in range(10) if _DIHEDRAL[digit][rest] == 0))


def lattice(size: int, chance: Random) -> dict[str, list[str]]:
    """Concepts with their parents, roots first: deep, every third with several."""
    concepts = [identifier(number + 1, "10") for number in range(size)]
    parents: dict[str, list[str]] = {concepts[0]: []}
    for number in range(1, size):
        several = chance.choice([1, 1, 2, 3]) if number > 10 else 1
        above = {chance.randint(number * 3 // 5, number - 1) for _ in range(several)}
        parents[concepts[number]] = [concepts[each] for each in sorted(above)]
    return parents


def write_snapshot(folder: Path, parents: Parents, inactive: Parents, *, released: str) -> None:
    """`released`: "20261001". Of the `inactive` concepts the relationships are inactive too, as in a release."""
    terminology = folder / "Snapshot" / "Terminology"
    terminology.mkdir(parents=True, exist_ok=True)
    every = [*((code, "1") for code in parents), *((code, "0") for code in inactive)]
    _write(
        terminology / f"sct2_Concept_Snapshot_XX_{released}.txt",
        "id effectiveTime active moduleId definitionStatusId",
        ((code, released, active, _MODULE, _ENTIRE) for code, active in every),
    )
    _write(
        terminology / f"sct2_Description_Snapshot-en_XX_{released}.txt",
        "id effectiveTime active moduleId conceptId languageCode typeId term caseSignificanceId",
        (
            (
                identifier(2 * number + kind + 1, "11"),
                released,
                "1",
                _MODULE,
                code,
                "en",
                name,
                f"{word} {number}",
                _CASE,
            )
            for number, (code, _) in enumerate(every)
            for kind, (name, word) in enumerate(((FULLY_SPECIFIED_NAME, "Made-up thing (thing)"), (SYNONYM, "Thing")))
        ),
    )
    related = [
        (code, parent, active)
        for of, active in ((parents, "1"), (inactive, "0"))
        for code, above in of.items()
        for parent in above
    ]
    _write(
        terminology / f"sct2_Relationship_Snapshot_XX_{released}.txt",
        "id effectiveTime active moduleId sourceId destinationId relationshipGroup typeId characteristicTypeId "
        "modifierId",
        (
            (identifier(number + 1, "12"), released, active, _MODULE, code, parent, "0", IS_A, _INFERRED, _SOME)
            for number, (code, parent, active) in enumerate(related)
        ),
    )


def _write(path: Path, columns: str, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        for row in (columns.split(), *rows):
            out.write("\t".join(row) + "\r\n")
