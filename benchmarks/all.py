"""All that benchmarks/README.md states of speed, measured anew: one table of Markdown after the other.

    .venv/bin/python benchmarks/all.py FOLDER [--people 10000] [--only sqlite|postgresql]

FOLDER is new, and keeps what was measured as JSON, by engine and program. Some twelve minutes for both engines, on two
cores that do nothing else; the load average stands above each table. What a hundred thousand people take is not in it:
`across.py FOLDER --people 100000`, `scale.py`.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from measuring import shown

HERE = Path(__file__).resolve().parent
ENGINES = ("sqlite", "postgresql")
ON_BOTH = ("load", "open", "audited", "asking", "across")
ON_SQLITE = ("decide", "harness")  # what is of the processor alone, and what others were measured with


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path)
    options.add_argument("--people", type=int, default=10_000)
    options.add_argument("--only", choices=ENGINES)
    asked = options.parse_args()
    for engine in ENGINES if asked.only is None else (asked.only,):
        folder = asked.folder / engine
        folder.mkdir(parents=True)
        for program in (*ON_BOTH, *(ON_SQLITE if engine == "sqlite" else ())):
            measure(program, engine, folder, asked.people)


def measure(program: str, engine: str, folder: Path, people: int) -> None:
    """Run one program and print its table. What fails is said, and the rest is measured."""
    report = folder / f"{program}.json"
    command: list[str | Path] = [sys.executable, HERE / f"{program}.py", *_words(program, engine, folder, people)]
    if program != "harness":
        command += ["--json", report]
    if engine == "postgresql":
        command.append("--postgresql")
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    print(f"\n## {program}, {engine}\n")
    if done.returncode:
        print(f"It failed, as was said above:\n\n{done.stdout[-2000:]}", flush=True)
    elif program == "harness":
        print(f"```\n{done.stdout}```", flush=True)
    else:
        print("\n".join(table(json.loads(report.read_text(encoding="utf-8")))), flush=True)


def _words(program: str, engine: str, folder: Path, people: int) -> Sequence[str | Path]:
    """A volume is made once for an engine that keeps it in its folder; a server of PostgreSQL ends with its program."""
    volume = folder / "volume"
    match program:
        case "asking":
            kept: Sequence[str | Path] = ["--volume", volume] if engine == "sqlite" else []
            return ["--people", str(people), *kept]
        case "across":
            return [volume, "--people", str(people)]
        case "harness":
            return [folder / "harness", "--volume", volume]
        case _:
            return []


def table(measured: dict[str, Any]) -> Iterator[str]:
    """A table of Markdown, with what it was taken on."""
    yield ", ".join(f"{name} {value}" for name, value in measured["machine"].items()) + "\n"
    names = list(dict.fromkeys(name for row in measured["rows"] for name in row))
    yield f"| {' | '.join(names)} |"
    yield "|---" * len(names) + "|"
    for row in measured["rows"]:
        yield f"| {' | '.join(shown(row.get(name, '')) for name in names)} |"


if __name__ == "__main__":
    main()
