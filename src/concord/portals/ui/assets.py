"""Style sheets, each under a name that changes with its content, so that a browser may keep it for good."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from concord.base import Unavailable

_FOLDER = Path(__file__).parent / "assets"
_FILES = ("nhsuk/nhsuk-frontend.min.css", "concord.css")  # in the order in which a page needs them
_FOR_GOOD = "public, max-age=31536000, immutable"


@dataclass(frozen=True, kw_only=True)
class Assets:
    """What is served under `/assets/`: bytes by public name, and the style sheets of a page in their order."""

    contents: Mapping[str, bytes]
    stylesheets: tuple[str, ...]

    def route(self) -> Route:
        return Route("/assets/{name}", self._serve, methods=["GET"])

    async def _serve(self, request: Request) -> Response:
        content = self.contents.get(request.path_params["name"])
        if content is None:
            return PlainTextResponse("Not found", status_code=404, headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": _FOR_GOOD, "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type="text/css", headers=headers)


def load_assets() -> Assets:
    """The style sheets of the pages, read once. Raises Unavailable when set-up has not fetched one."""
    contents: dict[str, bytes] = {}
    for file in _FILES:
        try:
            content = (_FOLDER / file).read_bytes()
        except OSError as error:
            raise Unavailable(f"The style sheet {file} is not installed; `make install` fetches it") from error
        stem = Path(file).name.removesuffix(".css")
        contents[f"{stem}.{hashlib.blake2b(content, digest_size=8).hexdigest()}.css"] = content
    return Assets(contents=contents, stylesheets=tuple(f"/assets/{name}" for name in contents))
