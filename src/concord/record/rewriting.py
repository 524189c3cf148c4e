"""References as a source sent them become references to logical ids."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from concord.base import Incorrect
from concord.fhir import Survey, references
from concord.record.contributed import Contributed, looks_logical
from concord.record.staged import Staged

_RELATIVE = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.*)")
_LINK = re.compile(r"""(\s(?:href|src)\s*=\s*["'])(urn:[^"'<>&]+)""")  # of a narrative
_UNREADABLE = (
    "This is not written as a reference, so nobody can say whose the item is. Write [type]/[id], or the fullUrl of "
    "an entry of the same bundle."
)
_ELSEWHERE = (
    "This is an address elsewhere, and no entry of the same bundle has it as its fullUrl, so nobody can say whose the "
    "item is. Write [type]/[id]."
)
_SHOWN = 60  # characters of a reference that a message repeats


class References:
    """Rewrites the references of one write's resources, in place."""

    def __init__(self, contributed: Contributed, entries: Sequence[Staged]) -> None:
        self._contributed = contributed
        self._here = _names(entries)
        self._urns = {url for url in self._here if url.startswith("urn:")}
        self._found: dict[str, str] = {}

    def rewrite(self, entry: Staged) -> bool:
        """Rewrite; False when one reference cannot be, and the entry is rejected for it."""
        entry.targets = set()
        before: set[str] | None = None
        for reference, sent in entry.sent:
            target = self._here.get(sent) or self._found.get(sent)
            if target is None:
                if _may_be_ours(sent):
                    before = self._said_before(entry) if before is None else before
                try:
                    target = sent if before and sent in before else self._target(entry, reference, sent)
                except _UnresolvedError as problem:
                    entry.reject(f"{_place(entry, reference)}: {problem.reason}", retry=problem.retry)
                    return False
            if target != sent:
                reference["reference"] = target
            if not target.startswith(("#", "http")):
                entry.targets.add(target)
        if self._urns and entry.survey is not None:
            self._rewrite_urns(entry.survey)
        return True

    def _target(self, entry: Staged, reference: Mapping[str, Any], sent: str) -> str:
        """What a reference is to say. What is no reference to something held here stays as it is."""
        if relative := _RELATIVE.fullmatch(sent):
            target = f"{relative[1]}/{self._contributed.logical_id(relative[1], relative[2])}"
        elif conditional := _CONDITIONAL.fullmatch(sent):
            target = self._conditional(conditional[1], conditional[2])
        elif sent.startswith("urn:"):
            target = self._here.get(sent.lower(), sent)
            if target == sent and _must_be_here(entry, reference):
                raise _UnresolvedError(f"A reference to {_shortened(sent)} names no entry of the same bundle.")
        else:
            if not sent.startswith("#") and _says_whose(entry, reference):
                raise _UnresolvedError(_ELSEWHERE if sent.startswith("http") else _UNREADABLE)
            return sent
        self._found[sent] = target
        return target

    def _conditional(self, type_: str, query: str) -> str:
        try:
            found = self._contributed.matching(type_, query)
        except Incorrect as error:
            raise _UnresolvedError(f"A conditional reference to {type_} cannot be used: {error.message}") from None
        if len(found) != 1:
            reason = f"A conditional reference to {type_} matches {len(found)} items; it must match one."
            raise _UnresolvedError(reason, retry=True)
        return f"{type_}/{found[0]}"

    def _said_before(self, entry: Staged) -> set[str]:
        """The references of the version held: one that was read here and comes back unchanged is left alone, though
        what it names is not held."""
        item = entry.held or self._contributed.held(entry.type, entry.id)
        if item is None:
            return set()
        return {str(each.get("reference")) for each in references(self._contributed.resource(entry.type, item))}

    def _rewrite_urns(self, survey: Survey) -> None:
        """Addresses of entries elsewhere than in references (an attachment's url, a uri, a link or an image of a
        narrative) follow them too (http.html#trules)."""
        for holder, name in survey.urns:
            if holder[name] in self._urns and name not in _NAMES_ITSELF:
                holder[name] = self._here[holder[name]]
        for page in survey.pages:
            if "div" in page:
                page["div"] = _LINK.sub(lambda link: link[1] + self._here.get(link[2], link[2]), page["div"])


_NAMES_ITSELF = ("system", "fullUrl")  # an identifier is what it is, whatever entries are called


class _UnresolvedError(Exception):
    """A reference that cannot be rewritten; `retry` when later input may mend it."""

    def __init__(self, reason: str, *, retry: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry = retry


def full_urls(entries: Iterable[Staged]) -> dict[str, str]:
    """What the entries of a Bundle are called there, and are held under."""
    return {entry.full_url: entry.name for entry in entries if entry.full_url}


def _names(entries: Sequence[Staged]) -> dict[str, str]:
    """What references call the entries of a Bundle: their full URLs, and what is relative to those."""
    here: dict[str, str] = {}
    for url, name in full_urls(entry for entry in entries if entry.survey is not None).items():
        here[url] = name
        if url.startswith("urn:uuid:"):
            here[url.lower()] = name  # the same in whatever case (RFC 4122, section 3)
        if url.startswith("http") and (relative := _RELATIVE.fullmatch("/".join(url.split("/")[-2:]))):
            here[f"{relative[1]}/{relative[2]}"] = name
    return here


def _must_be_here(entry: Staged, reference: Mapping[str, Any]) -> bool:
    """Whether a urn must name an entry: within a Bundle, and wherever it says whose the item is. A resource that
    stands alone has no bundle to find others in, and keeps what it says of them."""
    return bool(entry.full_url) or _says_whose(entry, reference)


def _says_whose(entry: Staged, reference: Mapping[str, Any]) -> bool:
    return any(reference is (entry.resource or {}).get(name) for name in ("subject", "patient"))


def _may_be_ours(sent: str) -> bool:
    relative = _RELATIVE.fullmatch(sent)
    return relative is not None and looks_logical(relative[2])


def _place(entry: Staged, reference: Mapping[str, Any]) -> str:
    """The element that a reference stands in, as far as the survey knows it: "Condition.subject"."""
    assert entry.survey is not None
    pairs = zip(entry.survey.holders, entry.survey.references, strict=True)
    holder = next((holder for holder, each in pairs if each is reference), "reference")
    return f"{entry.type}.{holder}" if (entry.resource or {}).get(holder) else f"{entry.type}…{holder}"


def _shortened(reference: str) -> str:
    return reference if len(reference) <= _SHOWN else reference[: _SHOWN - 3] + "..."
