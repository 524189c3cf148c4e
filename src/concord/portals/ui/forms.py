"""Forms that only our own pages can send, and the cookies that tell who sends them.

A form carries a token derived from a secret that the browser holds in a cookie (the session's; before sign-in one
made for the purpose). Another site can make a browser send the cookie, but cannot read it, so cannot know the token.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from concord.base import Forbidden, Incorrect

TOKEN_FIELD = "form_token"
LARGEST_FORM = 16 * 1024
_MOST_FIELDS = 40
_LONGEST_HEAD = 1024
_BOUNDARY = re.compile(r'; *boundary="?([^";\s]{1,70})')
_NAME = re.compile(rb'\r\ncontent-disposition: *form-data; *name="([^"\r\n]{1,100})"', re.IGNORECASE)


def form_token(secret: str) -> str:
    """What a form must carry when it comes with the cookie `secret`."""
    return hashlib.blake2b(secret.encode(), digest_size=20, person=b"concord-form").hexdigest()


async def read_form(request: Request, *, largest: int = LARGEST_FORM) -> Mapping[str, str]:
    """The fields of a form, the last of each name; of a file that was sent, its text.

    Raises Incorrect when it is longer than `largest` bytes, or no text.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            raise Incorrect("The form is too long; send less")
    kind = request.headers.get("content-type", "")
    try:
        if kind.lower().startswith("multipart/form-data"):
            return _parts(kind, bytes(body))
        return dict(
            parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
        )
    except ValueError as error:
        raise Incorrect("The form cannot be read; go back and send it again") from error


def _parts(kind: str, body: bytes) -> Mapping[str, str]:
    """Of a form with files, as browsers write it (RFC 7578). Raises ValueError, of which bytes that are no UTF-8 are
    one.

    Not by a reader of mail: that follows parts within parts as deep, and headers as long, as whoever writes them likes.
    """
    boundary = _BOUNDARY.search(kind)
    between = b"\r\n--" + boundary[1].encode("latin-1") if boundary else b"\r\n--"
    first, *parts = (b"\r\n" + body).split(between, _MOST_FIELDS + 2)
    if first or not parts or not parts[-1].startswith(b"--"):
        raise ValueError("a form of many parts needs its boundaries")
    fields: dict[str, str] = {}
    for part in parts[:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        if name := _NAME.search(head[:_LONGEST_HEAD]):
            fields[name[1].decode()] = content.decode("utf-8-sig")
    return fields


def check_form(fields: Mapping[str, str], secret: str | None) -> None:
    """Raises Forbidden unless the form came from a page that was made for the holder of `secret`."""
    sent = fields.get(TOKEN_FIELD, "").encode()
    if not secret or not hmac.compare_digest(sent, form_token(secret).encode()):
        raise Forbidden("This form is out of date; go back, reload the page and send it again")


def cookie(request: Request, name: str) -> str | None:
    return request.cookies.get(_cookie_name(request, name))


def set_cookie(request: Request, response: Response, name: str, value: str, *, max_age: int | None = None) -> None:
    """A cookie that no script reads and no other site sends with a form; bound to this host when it came by https."""
    response.set_cookie(
        _cookie_name(request, name),
        value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def drop_cookie(request: Request, response: Response, name: str) -> None:
    set_cookie(request, response, name, "", max_age=0)


def _cookie_name(request: Request, name: str) -> str:
    return f"__Host-concord-{name}" if request.url.scheme == "https" else f"concord-{name}"
