"""What the names in an agreement's file stand for: groups of parties, sets of headings, services; read or refused."""

from collections.abc import Mapping
from dataclasses import dataclass

from concord.base import Entry, OdsCode, suggestion
from concord.governance.directory import Directory
from concord.terminology import HEADINGS, Heading


@dataclass(frozen=True, kw_only=True, slots=True)
class Names:
    """What the names in this file stand for."""

    directory: Directory
    groups: Mapping[str, frozenset[OdsCode]]
    parties: frozenset[OdsCode]
    sets: Mapping[str, tuple[Heading, ...]]


def read_names(root: Mapping[str, Entry], directory: Directory) -> Names:
    groups: dict[str, frozenset[OdsCode]] = {}
    parties: set[OdsCode] = set()
    for key, value in root["parties"].pairs("parties"):
        name = key.text("party group").replace("_", "-")
        if name == "own" or OdsCode(key.text("party group")) in directory.organisations:
            raise key.refused(f'a group of parties cannot be called "{key.text("party group")}"')
        members = frozenset(OdsCode(code) for code in value.each_of("organisation", directory.organisations))
        groups[key.text("party group")] = members
        parties |= members
    return Names(directory=directory, groups=groups, parties=frozenset(parties), sets=_sets(root))


def _sets(root: Mapping[str, Entry]) -> dict[str, tuple[Heading, ...]]:
    sets: dict[str, tuple[Heading, ...]] = {}
    for key, value in root["sets"].pairs("sets") if "sets" in root else []:
        name = key.slug("name of a set")
        if name in set(HEADINGS):
            raise key.refused(f'a set cannot be called "{name}": a heading has that name')
        sets[name] = read_headings([value], {})
    return sets


def read_headings(lists: list[Entry], sets: Mapping[str, tuple[Heading, ...]]) -> tuple[Heading, ...]:
    """The headings that lists of sets and headings name, in order, once each."""
    known = [*(heading for heading in HEADINGS if heading is not Heading.UNCLASSIFIED), *sets]
    found: dict[Heading, None] = {}
    for entries in lists:
        for entry in entries.entries("a list of headings"):
            if entry.text("heading") == Heading.UNCLASSIFIED:
                raise entry.refused("what is unclassified cannot be shared")
            word = entry.one_of("heading or set", known)
            found |= dict.fromkeys(sets[word] if word in sets else [Heading(word)])
    return tuple(found)


def read_organisations(entry: Entry, names: Names) -> frozenset[OdsCode]:
    found: set[OdsCode] = set()
    for each in entry.one_or_more("organisations"):
        word = each.text("organisation")
        if word in names.groups:
            found |= names.groups[word]
        elif OdsCode(word) in names.parties:
            found.add(OdsCode(word))
        elif OdsCode(word) in names.directory.organisations:
            raise each.refused(f'organisation "{word}" is not among the parties of this agreement')
        else:
            near = suggestion(word, [*names.groups, *names.parties])
            raise each.refused(f'unknown organisation or group of parties "{word}"{near}')
    return frozenset(found)


def read_services(
    fields: Mapping[str, Entry], organisations: frozenset[OdsCode], names: Names
) -> frozenset[str] | None:
    if "services" not in fields:
        return None
    held = [names.directory.organisations[code].services for code in organisations]
    known = {service.service for services in held for service in services}
    return frozenset(fields["services"].each_of("service of these organisations", known))
