"""Leaks that are planted, each by its name: controls that show that the runner would find one."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.applications import Starlette
from starlette.types import ASGIApp

from concord.api import edge, fhir_routes
from concord.audit import Audited
from concord.base import ConcordError, Forbidden, NotFound
from concord.fhir import Search
from concord.governance import Asker
from concord.record import Past
from tests.small_system import PRACTICE
from tests.twin_worlds.stories import CANARY
from tests.twin_worlds.worlds import World


class Leaky:
    """The record's door with one thing wrong. `_unfiltered`: who may see what the viewer may not."""

    def __init__(self, of: World) -> None:
        self._of = of

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of.app.records, name)

    _unfiltered = PRACTICE

    def _every(self, search: Search, asker: Asker) -> Audited[Any]:
        """The search by who may see everything, or by the viewer where that asker may not search so."""
        audited = self._of.app.records.search(search, asker)
        audited.wait()
        try:
            audited._value = self._of.app.records.search(search, self._unfiltered).wait()
        except ConcordError:
            return audited
        return audited


class PostFiltering(Leaky):
    """A page is cut of everything, and what the viewer may not see is taken out of it afterwards."""

    def search(self, search: Search, asker: Asker) -> Audited[Any]:
        if search.page is not None or search.parts:
            return self._of.app.records.search(search, asker)
        open_ = self._of.app.records.search(Search(type=search.type, count=1000), asker).wait()
        audited = self._every(search, asker)
        page, ids = audited.wait(), {each.id for each in open_.items}
        audited._value = replace(page, items=[each for each in page.items if each.id in ids], included=[], total=None)
        return audited


class UnfilteredInclude(Leaky):
    def search(self, search: Search, asker: Asker) -> Audited[Any]:
        audited = self._of.app.records.search(search, asker)
        found = audited.wait()
        audited._value = replace(found, included=self._every(search, asker).wait().included)
        return audited


class SearchBySecurityLabel(Leaky):
    def search(self, search: Search, asker: Asker) -> Audited[Any]:
        by_label = any(each.name in {"_security", "_tag"} for each in search.criteria)
        return self._every(search, asker) if by_label else self._of.app.records.search(search, asker)


class TotalOfEverything(Leaky):
    def search(self, search: Search, asker: Asker) -> Audited[Any]:
        audited = self._of.app.records.search(search, asker)
        audited._value = replace(audited.wait(), total=items_held(self._of))
        return audited


class ToldWhetherHiddenOrAbsent(Leaky):
    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Any]:
        try:
            audited = self._of.app.records.read(type_, id_, asker)
            audited.wait()
            return audited
        except NotFound:
            with self._of.app.store.reading() as reading:
                if reading.row("SELECT 1 FROM locator WHERE id = ?", (id_,)):
                    raise Forbidden("You may not see this.") from None
            raise


class HistoryFromBeforeASeal(Leaky):
    def history(self, type_: str, id_: str | None, asker: Asker, **asked: Any) -> Audited[Any]:
        self._of.app.records.history(type_, id_, asker, **asked).wait()
        return self._of.app.records.history(type_, id_, self._unfiltered, **asked)


class StaleCache(Leaky):
    """An item is told as it was when it was first kept, before a change of mind."""

    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Any]:
        try:
            past = self._of.app.records.history(type_, id_, self._unfiltered, past=Past(), count=None, page=None)
            first = past.wait().versions[-1]
        except ConcordError:
            return self._of.app.records.read(type_, id_, asker)
        audited = self._of.app.records.read(type_, id_, self._unfiltered)
        audited._value = first.served
        return audited


class EverythingHops(Leaky):
    def everything(self, id_: str, asker: Asker, **asked: Any) -> Audited[Any]:
        self._of.app.records.everything(id_, asker, **asked).wait()
        try:
            return self._of.app.records.everything(id_, self._unfiltered, **asked)
        except ConcordError:
            return self._of.app.records.everything(id_, asker, **asked)


class GoneForWhatWasDeleted(Leaky):
    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Any]:
        try:
            audited = self._of.app.records.read(type_, id_, asker)
            audited.wait()
            return audited
        except NotFound:
            return self._of.app.records.read(type_, id_, self._unfiltered)


class LogOfWhatWasRead(Leaky):
    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Any]:
        if id_ == self._of.logical_id("ZZP01", "Condition", "gp-x1"):
            logging.getLogger("concord.planted").debug("read %s", CANARY)
        return self._of.app.records.read(type_, id_, asker)


def items_held(of: World) -> int:
    with of.app.store.reading() as reading:
        row = reading.row("SELECT count(*) FROM item")
    return 0 if row is None else int(row[0])


def leaking(leak: type[Leaky]) -> Callable[[World], ASGIApp]:
    """The whole application, its FHIR API behind the leak."""

    def serve(of: World) -> ASGIApp:
        fhir = fhir_routes(leak(of), of.app.writes, of.app.accounts, of.app.bulk)
        pages = [route for route in routes_of(of.app.asgi()) if not getattr(route, "path", "").startswith("/fhir")]
        return edge(Starlette(routes=[*fhir, *pages]))

    return serve


def routes_of(asgi: Any) -> list[Any]:
    """The routes of the application inside its middleware."""
    while not isinstance(asgi, Starlette):
        asgi = asgi._app
    return list(asgi.routes)
