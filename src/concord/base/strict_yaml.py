"""Reads a YAML file strictly: every value by its declared kind, every error with file, line and column.

All scalars are text until a reader asks for a date, a number or a word, so that YAML 1.1's own ideas (`on` is
true, `1:30` is ninety) never apply. Anchors, tags, second documents and repeated keys are refused.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from difflib import get_close_matches

import yaml

from concord.base.errors import Incorrect

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_SPAN = re.compile(r"([1-9]\d{0,4})([hdw])\Z")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_PLAIN_TAGS = frozenset(f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


class FileRefused(Incorrect):
    """A file that people write does not say what it must; `line` and `column` count from 1."""

    def __init__(self, why: str, *, filename: str, line: int, column: int) -> None:
        super().__init__(f"{filename}, line {line}, column {column}: {why}")
        self.why = why
        self.filename = filename
        self.line = line
        self.column = column


def suggestion(wrong: str, known: Iterable[str]) -> str:
    """`; did you mean "..."?` for the nearest known word, or nothing."""
    near = get_close_matches(wrong, sorted(known), n=1, cutoff=0.5)
    return f'; did you mean "{near[0]}"?' if near else ""


def quoted(text: str) -> str:
    """One line of text as a value in YAML, whatever it holds."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def parse_span(text: str) -> timedelta | None:
    """`4h`, `14d`, `6w` as a span; None if it is none."""
    match = _SPAN.match(text)
    return int(match[1]) * _UNITS[match[2]] if match else None


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of the file with its place; the methods read it as what it must be, or raise FileRefused."""

    node: yaml.Node
    filename: str

    @property
    def line(self) -> int:
        return int(self.node.start_mark.line) + 1

    @property
    def column(self) -> int:
        return int(self.node.start_mark.column) + 1

    def refused(self, why: str) -> FileRefused:
        return FileRefused(why, filename=self.filename, line=self.line, column=self.column)

    @property
    def is_quoted(self) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.style in ("'", '"')

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_mapping(self) -> bool:
        return isinstance(self.node, yaml.MappingNode)

    def is_word(self, word: str) -> bool:
        return isinstance(self.node, yaml.ScalarNode) and self.node.value == word

    def pairs(self, what: str) -> list[tuple["Entry", "Entry"]]:
        """Keys and values in order; at least one, no key twice."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.refused(f"{what} must be a mapping (key: value)")
        pairs = [(Entry(key, self.filename), Entry(value, self.filename)) for key, value in self.node.value]
        if not pairs:
            raise self.refused(f"{what} must not be empty")
        seen: set[str] = set()
        for key, _ in pairs:
            name = key.text(f"a key of {what}")
            if name in seen:
                raise key.refused(f'key "{name}" stands twice in {what}')
            seen.add(name)
        return pairs

    def fields(
        self,
        what: str,
        *,
        required: Collection[str] = (),
        optional: Collection[str] = (),
    ) -> dict[str, "Entry"]:
        """The values by key."""
        known = {*required, *optional}
        found: dict[str, Entry] = {}
        for key, value in self.pairs(what):
            name = key.text(f"a key of {what}")
            if name not in known:
                raise key.refused(f'unknown key "{name}" in {what}{suggestion(name, known)}')
            found[name] = value
        for name in required:
            if name not in found:
                raise self.refused(f'{what} needs the key "{name}"')
        return found

    def entries(self, what: str, *, empty: bool = False) -> list["Entry"]:
        """The entries of a list; an empty one only where `empty` says so."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.refused(f"{what} must be a list")
        if not self.node.value and not empty:
            raise self.refused(f"{what} must not be an empty list")
        return [Entry(node, self.filename) for node in self.node.value]

    def one_or_more(self, what: str) -> list["Entry"]:
        """A single word stands for a list of one."""
        return [self] if isinstance(self.node, yaml.ScalarNode) else self.entries(what)

    def text(self, what: str) -> str:
        if not isinstance(self.node, yaml.ScalarNode):
            raise self.refused(f"{what} must be a single value")
        value = str(self.node.value).strip()
        if not value:
            raise self.refused(f"{what} must not be empty")
        return value

    def verbatim(self, what: str) -> str:
        """A single value as it stands, spaces included; it may be empty."""
        return str(self.node.value) if isinstance(self.node, yaml.ScalarNode) else self.text(what)

    def one_of(self, what: str, known: Collection[str]) -> str:
        value = self.text(what)
        if value not in known:
            raise self.refused(f'unknown {what} "{value}"{suggestion(value, known)}')
        return value

    def each_of(self, what: str, known: Collection[str], *, empty: bool = False) -> list[str]:
        """A list of known words, none twice."""
        words: list[str] = []
        for entry in self.entries(f"the list of {what}s", empty=empty):
            word = entry.one_of(what, known)
            if word in words:
                raise entry.refused(f'{what} "{word}" stands twice')
            words.append(word)
        return words

    def slug(self, what: str) -> str:
        value = self.text(what)
        if not _SLUG.match(value):
            raise self.refused(f'{what} "{value}" must be lower-case words joined by hyphens')
        return value

    def number(self, what: str) -> int:
        value = self.text(what)
        if not (value.isascii() and value.isdigit() and len(value) < 7 and int(value) > 0):
            raise self.refused(f'{what} must be a whole number above 0, not "{value}"')
        return int(value)

    def day(self, what: str) -> date:
        value = self.text(what)
        try:
            if not _DATE.match(value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError:
            raise self.refused(f'{what} must be a date such as 2026-04-01, not "{value}"') from None

    def span(self, what: str) -> timedelta:
        value = self.text(what)
        span = parse_span(value)
        if span is None:
            raise self.refused(f'{what} must be a span such as 4h, 14d or 6w, not "{value}"')
        return span

    def yes_or_no(self, what: str) -> bool:
        return self.one_of(what, ("yes", "no")) == "yes"


class _PlainLoader(yaml.BaseLoader):
    """Composes nodes only; scalars stay text."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the library has no types
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.MarkedYAMLError(problem="anchors and aliases are not allowed", problem_mark=event.start_mark)
        node = super().compose_node(parent, index)
        if node is not None and node.tag not in _PLAIN_TAGS:
            raise yaml.MarkedYAMLError(problem="tags are not allowed", problem_mark=node.start_mark)
        return node


def read_entry(text: str, *, filename: str) -> Entry:
    """The whole file as one entry. Raises FileRefused where it is no YAML, or YAML with anchors or tags."""
    try:
        loader = _PlainLoader(text)
        try:
            node = loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        why = error.problem or error.context or "this is not YAML"
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise FileRefused(why, filename=filename, line=line, column=column) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - text.rfind("\n", 0, error.position)
        raise FileRefused("a character that YAML forbids", filename=filename, line=line, column=column) from None
    except RecursionError:
        raise FileRefused("nested too deeply", filename=filename, line=1, column=1) from None
    if node is None:
        raise FileRefused("the file is empty", filename=filename, line=1, column=1)
    return Entry(node, filename)
