"""docs/reference/command-line.md names every command and every option that there is, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from concord.cli import cli

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "command-line.md"


def commands(of: Any, name: str = "concord") -> Iterator[tuple[str, Any]]:
    """Every command by its whole name, and a group that does something when it is named alone."""
    inner = getattr(of, "commands", None)
    if inner is None or of.invoke_without_command:
        yield name, of
    for word, command in (inner or {}).items():
        yield from commands(command, f"{name} {word}")


COMMANDS = {name: command for name, command in commands(typer.main.get_command(cli)) if name != "concord"}


def sections() -> dict[str, str]:
    parts = re.split(r"^## `(.+)`$", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_its_section() -> None:
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_option_is_named(name: str) -> None:
    said = set(re.findall(r"--[a-z][a-z-]*", sections()[name]))
    known = {option for parameter in COMMANDS[name].params for option in parameter.opts if option.startswith("--")}
    assert said <= known | {"--data"}
    assert known - said <= {"--data"}, "named nowhere"
