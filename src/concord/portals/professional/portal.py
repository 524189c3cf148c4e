"""What the pages of the professional portal stand on."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from concord.base import Clock, IdSource
from concord.portals import ui, visits
from concord.portals.professional.doors import MessagesDoor, ProfessionalDoor
from concord.portals.professional.reasons import in_words, reasons


@dataclass(frozen=True, kw_only=True)
class Portal:
    door: ProfessionalDoor
    messages: MessagesDoor
    accounts: visits.AccountsDoor
    clock: Clock
    ids: IdSource

    @property
    def pages(self) -> ui.Pages:
        return _pages()


def error_page(request: Request, error: Exception) -> Response:
    """The page for an error of no portal in particular, and for addresses that no route knows."""
    return visits.error_page(_pages(), request, error)


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", visits.assets(), {"reasons": reasons, "in_words": in_words})
