"""The words for headings, labels, roles and kinds of organisation, from the table `words.yaml`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from concord.base import Entry, OdsCode, read_entry
from concord.governance.agreement import Lift, Override, When
from concord.governance.directory import ORGANISATION_KINDS, Directory, roles
from concord.terminology import HEADINGS, Heading, Label

_FEW = 4
_LIFTED = {
    Lift.RELATIONSHIP: "no relationship is asked for",
    Lift.OBJECTION: "an objection to the shared record gives way, unless it is firm",
    Lift.CONSENT: "no recorded consent is asked for",
    Lift.FLAGGED_SEALS: "what is sealed as flagged opens",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Words:
    """For a professional, or (`lay`) for the person: the same grammar with other words.

    `themes`, `articles`: headings that go together, conditions of UK GDPR; to the person in either case.
    """

    headings: Mapping[str, str]
    labels: Mapping[str, str]
    relationships: Mapping[str, str]
    roles: Mapping[str, str]
    kinds: Mapping[str, str]
    everything: str
    themes: Sequence[tuple[str, frozenset[Heading]]]
    articles: Mapping[str, str]

    def of_headings(self, headings: Iterable[Heading], joined_by: str = "and") -> str:
        """`allergies and medications`; of nearly all, what is not among them: `the whole record but family history`."""
        named = set(headings) & self.headings.keys()
        missing = [each for each in HEADINGS if each not in named and each in self.headings]
        if len(missing) <= _FEW:
            return f"{self.everything}{' but ' if missing else ''}{listed([self.headings[each] for each in missing])}"
        return listed([self.headings[each] for each in HEADINGS if each in named], joined_by)

    def of_labels(self, labels: Iterable[Label], joined_by: str = "or") -> str:
        return listed([self.labels[each] for each in sorted(labels, key=lambda label: label.bit)], joined_by)

    def of_roles(self, names: Iterable[str]) -> str:
        """`doctors and nurses`, in the order of the table of roles."""
        wanted = set(names)
        return listed([self.roles[role] for role in roles() if role in wanted])


@cache
def words(*, lay: bool) -> Words:
    """The words that ship with Concord."""
    text = files("concord.governance").joinpath("words.yaml").read_text(encoding="utf-8")
    root = read_entry(text, filename="words.yaml").fields(
        "the table of words", required=["headings", "labels", "relationships", "roles", "kinds", "themes", "articles"]
    )
    shared = [heading for heading in HEADINGS if heading is not Heading.UNCLASSIFIED]
    return Words(
        headings=_column(root["headings"], shared, int(lay)),
        labels=_column(root["labels"], list(Label), int(lay)),
        relationships=_column(root["relationships"], list(When), None),
        roles=_column(root["roles"], list(roles()), None),
        kinds=_column(root["kinds"], ORGANISATION_KINDS, None),
        everything="your whole record" if lay else "the whole record",
        themes=tuple(_theme(each) for each in root["themes"].entries("themes")),
        articles={key.text("article"): value.text("article") for key, value in root["articles"].pairs("articles")},
    )


def _column(entry: Entry, keys: Sequence[str], column: int | None) -> Mapping[str, str]:
    rows = entry.fields("a part of the table of words", required=keys)
    return {key: row.text(key) if column is None else row.entries(key)[column].text(key) for key, row in rows.items()}


def _theme(entry: Entry) -> tuple[str, frozenset[Heading]]:
    row = entry.fields("a theme", required=["says", "headings"])
    return row["says"].text("says"), frozenset(map(Heading, row["headings"].each_of("heading", list(HEADINGS))))


def listed(parts: Sequence[str], joined_by: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return "".join(parts) if len(parts) < 2 else f"{', '.join(parts[:-1])} {joined_by} {parts[-1]}"


def lifted_words(override: Override) -> str:
    """`then no relationship is asked for, and what is labelled mental health opens too`."""
    parts = [said for lift, said in _LIFTED.items() if lift in override.lifts]
    if override.labels:
        parts.append(f"what is labelled {words(lay=False).of_labels(override.labels)} opens too")
    return f"then {listed(parts)}"


def places(codes: Iterable[OdsCode], directory: Directory) -> str:
    """Organisations in words."""
    return listed(place_names(codes, directory))


def place_names(codes: Iterable[OdsCode], directory: Directory) -> list[str]:
    """Organisations by name; all of a kind, where they are three or more, as `all 4 GP practices`."""
    left = [code for code in directory.organisations if code in set(codes)]
    parts: list[str] = []
    for kind in ORGANISATION_KINDS:
        alike = [code for code, each in directory.organisations.items() if each.kind == kind]
        if len(alike) > 2 and set(alike) <= set(left):
            parts.append(f"all {len(alike)} {words(lay=False).kinds[kind]}")
            left = [code for code in left if code not in alike]
    return [*parts, *(directory.name(code) for code in left)]
