"""A tiny house with the rooms of the real one, for planting what must be caught; and the real one's source."""

import ast
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
SOURCE = CHECKOUT / "src" / "concord"
LINTER = Path(sys.executable).with_name("lint-imports")

_CONTRACTS = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
CONTRACT_NAMES = {contract["id"]: contract["name"] for contract in _CONTRACTS}
_BY_ID = {contract["id"]: contract for contract in _CONTRACTS}


def rooms() -> list[str]:
    """The rooms of this checkout, those of later issues (in parentheses in the contract) left out."""
    words = " ".join(_BY_ID["layers"]["layers"]).replace("|", " ").split()
    return [word for word in words if not word.startswith("(")]


def tiny_house(folder: Path) -> Path:
    """Every room with a front door and one inner module, under the real contracts. Returns its `concord` folder."""
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    package = folder / "src" / "concord"
    named = [module.split(".")[1:] for module in _BY_ID["pure-cores"]["source_modules"]]
    within = [parts[:2] for parts in named]
    for parts in [[], *([room] for room in rooms()), *([room, "inner"] for room in rooms()), *within, *named]:
        place = package.joinpath(*parts)
        place.mkdir(parents=True, exist_ok=True)
        (place / "__init__.py").write_text("")
    return package


def plant(package: Path, module: str, statement: str) -> None:
    place = package.joinpath(*module.split("."))
    place.mkdir(parents=True, exist_ok=True)
    (place / "__init__.py").write_text(statement + "\n")


def broken_contracts(folder: Path) -> set[str]:
    """Ids of the contracts that the package under `folder`/src breaks, by the real linter."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src"), "COLUMNS": "200"}
    command = [str(LINTER), "--no-cache", "--no-logo"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    verdicts = {
        identifier: verdict
        for identifier, name in CONTRACT_NAMES.items()
        for verdict in ("KEPT", "BROKEN")
        if any(line.startswith(f"{name} {verdict}") for line in lines)
    }
    assert verdicts.keys() == CONTRACT_NAMES.keys(), done.stdout + done.stderr
    assert (done.returncode == 0) == ("BROKEN" not in verdicts.values())
    return {identifier for identifier, verdict in verdicts.items() if verdict == "BROKEN"}


def modules(folder: Path = SOURCE) -> Iterator[tuple[str, ast.Module]]:
    """Each module of the house: its path within the package, and its syntax tree."""
    for file in sorted(folder.rglob("*.py")):
        yield file.relative_to(folder).as_posix(), ast.parse(file.read_text(encoding="utf-8"))
