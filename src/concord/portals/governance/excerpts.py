"""Lines of a draft with their numbers: around what is to be mended, and where it differs from what is in force."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from concord.base import FileRefused
from concord.governance.agreements import Trial

_AROUND = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """A line of the draft by its number; `gone` (no number): of what is in force, and not of the draft."""

    number: int | None
    text: str
    mark: Literal["", "new", "gone", "fault"] = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fault:
    """What is to be mended, at a line, with the lines around it."""

    line: int
    why: str
    lines: Sequence[Line]


def marked(text: str, trial: Trial) -> list[Fault]:
    return [Fault(line=each.line, why=each.why, lines=_around(text.splitlines(), each)) for each in trial.faults]


def _around(lines: Sequence[str], fault: FileRefused) -> list[Line]:
    first, last = max(fault.line - 1 - _AROUND, 0), fault.line + _AROUND
    return [
        Line(number=number, text=text, mark="fault" if number == fault.line else "")
        for number, text in enumerate(lines[first:last], start=first + 1)
    ]


def changed_lines(old: str, new: str) -> list[list[Line]]:
    """The stretches in which `new` differs from `old`, each with a line before and after."""
    was, now = old.splitlines(), new.splitlines()
    found = []
    for group in SequenceMatcher(a=was, b=now, autojunk=False).get_grouped_opcodes(1):
        lines: list[Line] = []
        for kind, from_old, to_old, from_new, to_new in group:
            if kind != "equal":
                lines += [Line(number=None, text=text, mark="gone") for text in was[from_old:to_old]]
            lines += [
                Line(number=number, text=text, mark="" if kind == "equal" else "new")
                for number, text in enumerate(now[from_new:to_new], start=from_new + 1)
            ]
        found.append(lines)
    return found
