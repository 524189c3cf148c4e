"""How fast a load is, what it takes, and how much room its items take on disk.

    .venv/bin/python benchmarks/load.py [--postgresql] [--json FILE]

Loads the Synthea files into a new installation, then the same again, which changes nothing; then makes Northfield.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from measuring import ORGANISATION, bytes_of, load_synthea, new, on, rows, show, tell


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder, on(postgresql=asked.postgresql):
        data, report = Path(folder) / "synthea", Path(folder) / "report.json"
        new(data, "--organisation", ORGANISATION)
        for what in ("Synthea", "the same again"):
            done, counted = load_synthea(data, report)
            tell(what)
            found.append(
                {
                    "load": what,
                    "read": counted["read"],
                    "stored": counted["stored"],
                    "rejected": counted["rejected"],
                    "resources/s": counted["read"] / done.wall,
                    "wall s": done.wall,
                    "user s": done.user,
                    "system s": done.system,
                    "peak MB": done.peak_mb,
                    "bytes/resource": bytes_of(data) / counted["read"],
                }
            )
        demo = Path(folder) / "northfield"
        done = new(demo, "--demo")
        ((items,),) = rows(demo, "SELECT count(*) FROM item")
        found.append(
            {
                "load": "Northfield, made and loaded",
                "read": items,
                "stored": items,
                "rejected": "",
                "resources/s": items / done.wall,
                "wall s": done.wall,
                "user s": done.user,
                "system s": done.system,
                "peak MB": done.peak_mb,
                "bytes/resource": bytes_of(demo) / items,
            }
        )
    show("Load", found, asked.json)


if __name__ == "__main__":
    main()
