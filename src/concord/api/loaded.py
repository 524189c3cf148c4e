"""Searches of the CodeSystems, ValueSets and ConceptMaps that the installation loaded, in memory: they are few.

They say nothing of anybody, and are found by all. A source system finds what it contributed of these types behind them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from concord.api.doors import Found, Shown
from concord.fhir import Resource, Search, encode, matches
from concord.fhir.searches import is_of_others, place_of, subset
from concord.terminology import Terminology

_PAGE = 100
_BEHIND = re.compile(r"loaded\.([0-9]{1,9})")


class LoadedItem(NamedTuple):
    type: str
    id: str
    wire: bytes


class LoadedPage(NamedTuple):
    """`left`: how many more a page may hold that begins here. `of_others`: it begins behind something not loaded."""

    items: Sequence[Shown]
    included: Sequence[Shown]
    total: int | None
    next: str | None
    left: int
    of_others: bool = False


def loaded_page(terminology: Terminology, search: Search) -> LoadedPage:
    """What was loaded and matches, as much of it as stands on this page."""
    counting = search.summary == "count"
    count = 0 if counting else search.count or _PAGE
    found = _matching(terminology, search)
    behind = _behind(search)
    if behind is None:  # the page is one of what a source contributed, all of it
        return LoadedPage((), (), len(found), None, count, of_others=True)
    page, end = found[behind : behind + count], behind + count
    following = f"loaded.{end}" if end < len(found) and not counting else None
    items = [LoadedItem(each["resourceType"], each["id"], encode(_in_part(each, search))) for each in page]
    return LoadedPage(items, (), len(found), following, count - len(items))


def after_loaded(search: Search, page: LoadedPage) -> Search:
    """What is asked of the record: what still fits the page; at least how many there are."""
    sealed = search.page if _behind(search) is None else None
    if page.left:
        return replace(search, page=sealed, count=page.left)
    return replace(search, page=None, count=0, summary="count")


def joined(page: LoadedPage, own: Found) -> LoadedPage:
    """A page of both."""
    loaded, of_own = page.total or 0, own.total
    following = page.next or own.next
    if following is None and page.items and not page.left and of_own:
        following = f"loaded.{loaded}"
    items = [*page.items, *own.items] if page.left else page.items
    total = None if of_own is None else loaded + of_own
    return LoadedPage(items, own.included if page.left else (), total, following, page.left)


def _behind(search: Search) -> int | None:
    """Behind how many of what was loaded a page starts; None for the token of another."""
    if search.page is None:
        return 0
    named = _BEHIND.fullmatch(search.page)
    return int(named[1]) if named else None


def _matching(terminology: Terminology, search: Search) -> list[Resource]:
    if any(is_of_others(each) for each in search.criteria):
        return []
    urls = next((each.values for each in search.criteria if each.name == "url" and not each.modifier), ())
    found = [
        resource
        for resource in terminology.resources(search.type, [each.text for each in urls] or None)
        if all(matches(resource, criterion) for criterion in search.criteria)
    ]
    for sort in reversed(search.sort):
        found.sort(key=lambda each: place_of(each, sort))
    return found


def _in_part(resource: Resource, search: Search) -> Resource:
    return subset(resource, search.summary, search.elements) if search.summary or search.elements else resource
