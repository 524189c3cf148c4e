"""How a promise is written.

- id: slug
  never:                        # at least one of
    roles?: [role, ...]         # or roles_other_than: [role, ...]
    at?: group | organisation | [either, ...]       # where the viewer works; `from`: whose item it is
    from?: group | organisation | [either, ...]
    headings?: [set | heading, ...]
    labels?: [label, ...]       # an item that carries at least one of them
    outside?: contributing-service | contributing-organisation
    objects?: yes               # of a person who objects to the shared record
    protected?: yes             # of a person whose whereabouts are protected
  unless?: override | share-out | share-in | [either, ...]
  says: text
"""

from collections.abc import Mapping

from concord.base import Entry, OdsCode
from concord.governance.agreement import Outside, Promise, Unless
from concord.governance.directory import roles
from concord.governance.names import Names, read_headings, read_organisations
from concord.terminology import Label

_NEVER = ("roles", "roles_other_than", "at", "from", "headings", "labels", "outside", "objects", "protected")


def read_promises(entry: Entry, names: Names) -> tuple[Promise, ...]:
    """The promises of a file, none twice. Raises FileRefused."""
    promises: dict[str, Promise] = {}
    for each in entry.entries("promises"):
        promise = _promise(each, names)
        if promise.id in promises:
            raise each.refused(f'promise "{promise.id}" stands twice')
        promises[promise.id] = promise
    return tuple(promises.values())


def _promise(entry: Entry, names: Names) -> Promise:
    fields = entry.fields("a promise", required=["id", "never", "says"], optional=["unless"])
    never = fields["never"].fields("never", optional=_NEVER)
    if "roles" in never and "roles_other_than" in never:
        raise never["roles_other_than"].refused('a promise names either "roles" or "roles_other_than"')
    but = _roles(never, "roles_other_than")
    lifted = fields["unless"].one_or_more("unless") if "unless" in fields else []
    labels = never["labels"].each_of("label", list(Label)) if "labels" in never else None
    return Promise(
        line=entry.line,
        column=entry.column,
        id=fields["id"].slug("id"),
        roles=_roles(never, "roles") if but is None else frozenset(roles()) - but,
        but_roles=but,
        at=_organisations(never, "at", names),
        contributors=_organisations(never, "from", names),
        headings=frozenset(read_headings([never["headings"]], names.sets)) if "headings" in never else None,
        labels=None if labels is None else frozenset(map(Label, labels)),
        outside=Outside(never["outside"].one_of("outside", list(Outside))) if "outside" in never else None,
        objects=_is_so(never, "objects"),
        protected=_is_so(never, "protected"),
        unless=frozenset(Unless(each.one_of("exception", list(Unless))) for each in lifted),
        says=fields["says"].text("says"),
    )


def _roles(never: Mapping[str, Entry], key: str) -> frozenset[str] | None:
    return frozenset(never[key].each_of("role", roles())) if key in never else None


def _organisations(never: Mapping[str, Entry], key: str, names: Names) -> frozenset[OdsCode] | None:
    return read_organisations(never[key], names) if key in never else None


def _is_so(never: Mapping[str, Entry], key: str) -> bool:
    """`yes` alone: a promise that does not say so speaks of people of either kind."""
    return key in never and never[key].one_of(key, ("yes",)) == "yes"
