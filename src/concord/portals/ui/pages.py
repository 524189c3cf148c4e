"""Templates become responses here, all with the same closed set of headers."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse, Response

from concord.portals.ui import words
from concord.portals.ui.assets import Assets
from concord.portals.ui.sparkline import sparkline
from concord.portals.ui.waterfall import waterfall

_HEADERS = {
    # Nothing but our own style sheets and pictures: no script at all, so nothing that is injected can run.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Pages:
    """Renders the templates of a portal over those of the design system.

    `folder` holds the portal's own templates, `functions` what these call. All are compiled here, once, so that no
    visitor waits for it.
    """

    def __init__(self, folder: Path, assets: Assets, functions: Mapping[str, Callable[..., Any]]) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder), FileSystemLoader(Path(__file__).parent / "templates")])
        self._environment = Environment(
            loader=loader,
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
            cache_size=-1,
        )
        self._environment.globals.update(
            functions, stylesheets=assets.stylesheets, sparkline=sparkline, waterfall=waterfall
        )
        self._environment.filters.update(clock=words.clock, day=words.day, moment=words.moment)
        for name in self._environment.list_templates(extensions=["jinja"]):
            self._environment.get_template(name)

    def show(self, template: str, context: Mapping[str, Any], *, status: int = 200) -> Response:
        text = self._environment.get_template(template).render(context)
        return HTMLResponse(text, status_code=status, headers=_HEADERS)
