"""What the documents say is there, is there."""

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer

import concord.cli
from tests.architecture.house import CHECKOUT, SOURCE

TABLES = ("docs/security-properties.md", "docs/safety/hazards.md")
TEST_NAME = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
MODULE_NAME = re.compile(r"`(concord(?:\.\w+)+)`")
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)")
DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")])

# Spelt in two halves, so that this file does not hold what it looks for. The places of one machine,
# and hosts that a machine is set up with: packages are named, never their address.
WORDS_OF_ONE_MACHINE = tuple(
    "".join(halves)
    for halves in (
        ("/wo", "rk/main"), ("/wo", "rk/shared"), ("/ro", "ot/"), ("/ho", "me/"), ("/Us", "ers/"), ("/tm", "p/brief"),
        ("py", "pi.org"), ("pythonho", "sted.org"), ("npm", "js.org"), ("npm", "js.com"), ("deb.deb", "ian.org"),
        ("maven", ".org"), ("crates", ".io"), ("golang", ".org"), ("10.", "0.0."), ("192.", "168."),
    )
)  # fmt: skip


def rows(table: str) -> list[list[str]]:
    """The rows of a document's tables, without their heads and rules."""
    lines = [line for line in (CHECKOUT / table).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if re.fullmatch(r"[A-Z]+\d+", row[0])]


@pytest.mark.parametrize("table", TABLES)
def test_every_property_and_hazard_names_its_owner_and_a_test(table: str) -> None:
    found = rows(table)
    assert found
    for row in found:
        line = " | ".join(row)
        assert MODULE_NAME.search(line), f"{table}: {row[0]} names no owning module"
        assert TEST_NAME.search(line), f"{table}: {row[0]} names no test"


@pytest.mark.parametrize("table", TABLES)
def test_every_named_test_and_module_exists(table: str) -> None:
    text = (CHECKOUT / table).read_text(encoding="utf-8")
    missing = [f"{file}::{name}" for file, name in TEST_NAME.findall(text) if name not in _functions(CHECKOUT / file)]
    for module in MODULE_NAME.findall(text):
        place = SOURCE.parent.joinpath(*module.split("."))
        if not place.is_dir() and not place.with_suffix(".py").is_file():
            missing.append(module)
    assert missing == []


def _functions(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_link_leads_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(CHECKOUT).as_posix())
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (CHECKOUT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", document.read_text(encoding="utf-8"))) <= targets


def commands() -> dict[str, Any]:
    """Every `concord` command that `--help` tells of, by its words ("agreements load")."""
    found: dict[str, Any] = {}

    def walk(command: Any, words: tuple[str, ...]) -> None:
        inner = getattr(command, "commands", None)
        if words and (inner is None or command.invoke_without_command):
            found[" ".join(words)] = command
        for name, child in (inner or {}).items():
            if not child.hidden:
                walk(child, (*words, name))

    walk(typer.main.get_command(concord.cli.cli), ())
    return found


def test_the_reference_of_the_command_line_names_every_command_and_option() -> None:
    text = (CHECKOUT / "docs/reference/command-line.md").read_text(encoding="utf-8")
    sections = {
        title.strip(): body
        for title, body in re.findall(r"^## `concord ([a-z -]+)`\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    }
    found = commands()
    assert sections.keys() == found.keys()
    for name, command in found.items():
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--")]
        missing = [option for option in options if option != "--help" and option not in sections[name]]
        assert missing == [], f"concord {name}"


def test_no_kept_file_names_a_place_of_one_machine() -> None:
    found = []
    for file in _kept_files():
        try:
            text = file.read_text(encoding="utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue  # pictures and packed data; a file removed and not yet committed
        found += [f"{file.relative_to(CHECKOUT)}: {word}" for word in WORDS_OF_ONE_MACHINE if word in text]
    assert found == []


def _kept_files() -> list[Path]:
    """What git keeps or would keep; without git (an unpacked archive) every file not made by set-up."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    if (CHECKOUT / ".git").exists():
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True)
        return [CHECKOUT / name for name in done.stdout.split("\0") if name]
    made = {".venv", ".demo", "node_modules", "build"}
    kept = []
    for folder, inner, files in os.walk(CHECKOUT):
        inner[:] = [name for name in inner if name not in made and not name.endswith(("_cache", "__pycache__"))]
        kept += [Path(folder) / name for name in files]
    return kept
