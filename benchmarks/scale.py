"""Whether it stays as fast as it grows: the same figures at 1,000, 10,000 and 100,000 people, and their ratios.

    .venv/bin/python benchmarks/scale.py FOLDER [--sizes 1000 10000 100000] [--json FILE]

FOLDER keeps what `volume.py` makes for each size. What is asked about one person is asked about a Northfield person
every time; a list grows with its organisation, so that searches over lists are told with the size of the list.
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
    options.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    of_size: dict[int, dict[str, float]] = {}
    for people in asked.sizes:
        data = asked.folder / str(people)
        make(data, people=people)
        of_size[people] = figures(data)
    least = of_size[asked.sizes[0]]
    found: list[dict[str, Any]] = [
        {"measure": measure}
        | {f"{people} people": of_size[people].get(measure, "") for people in asked.sizes}
        | {f"x {people}": of_size[people][measure] / least[measure] for people in asked.sizes[1:] if least[measure]}
        for measure in least
    ]
    show("As it grows (ms, p50)", found, asked.json)


def figures(data: Path) -> dict[str, float]:
    """Medians by what was asked."""
    of_person = opening.measure(data, "the largest person", opening.largest(data), 30)
    requests = asking.as_doctor(data, 150)
    lists = across.measure(data, 20)
    return {
        **{f"open {row['by']}": row["server p50"] for row in of_person},
        **{row["asked"]: row["p50"] for row in requests},
        **{f"{row['scope']}: {row['search']}": row["p50"] for row in lists},
    }


if __name__ == "__main__":
    main()
