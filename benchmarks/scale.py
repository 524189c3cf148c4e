"""Whether it stays as fast as it grows: the same figures at several sizes, and their ratios.

    .venv/bin/python benchmarks/scale.py FOLDER [--sizes 1000 10000] [--rounds 3] [--json FILE]

FOLDER keeps what `volume.py` makes for each size (10,000 people: 200,000 items, 90 MB, a minute or two; 100,000 ten
times that). The sizes are measured in turns, round by round, and the least median of each measure counts: what else the
machine does then weighs on all sizes alike, and seldom on every round. What is asked about one person is asked about a
Northfield person every time; a list grows with its organisation, so that searches over lists are told with what they
found.
"""

import argparse
from pathlib import Path
from typing import Any

import across
import asking
import open as opening
from measuring import show
from volume import make


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000])
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    for people in asked.sizes:
        make(asked.folder / str(people), people=people)
    of_size: dict[int, dict[str, float]] = {people: {} for people in asked.sizes}
    found: dict[int, dict[str, int]] = {people: {} for people in asked.sizes}
    for _ in range(asked.rounds):
        for people, least in of_size.items():
            for measure, (value, number) in figures(asked.folder / str(people)).items():
                least[measure] = min(value, least.get(measure, value))
                if number is not None:
                    found[people][measure] = number
    show("As it grows (ms, least p50 of the rounds)", _ratios(of_size, found), asked.json)


def figures(data: Path) -> dict[str, tuple[float, int | None]]:
    """Medians by what was asked; of searches over a list, how many they found."""
    of_person = opening.measure(data, "the largest person", opening.largest(data), 30)
    requests = asking.as_doctor(data, 150)
    lists = across.measure(data, 20)
    return {
        **{f"open, {row['by']}": (row["server p50"], None) for row in of_person},
        **{row["asked"]: (row["p50"], None) for row in requests},
        **{f"{row['scope']}: {row['search']}": (row["p50"], row["found"]) for row in lists},
    }


def _ratios(of_size: dict[int, dict[str, float]], found: dict[int, dict[str, int]]) -> list[dict[str, Any]]:
    """A row a measure: its figure at each size, how many times that of the least size it is, and what was found."""
    first, *others = of_size
    return [
        {"measure": measure}
        | {f"{people:,} people": of_size[people].get(measure, "") for people in of_size}
        | {f"x {people:,}": of_size[people][measure] / least if measure in of_size[people] else "" for people in others}
        | {f"found, {people:,}": found[people].get(measure, "") for people in of_size}
        for measure, least in of_size[first].items()
    ]


if __name__ == "__main__":
    main()
