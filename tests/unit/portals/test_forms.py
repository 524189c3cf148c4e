"""Forms with files, as browsers write them, and as those do who mean harm."""

import asyncio
from time import process_time

import pytest
from starlette.requests import Request
from starlette.types import Message

from concord.base import Incorrect
from concord.portals.ui import read_form

LARGEST = 1_000_000


def form(body: bytes, boundary: str = "b") -> dict[str, str]:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    kind = f"multipart/form-data; boundary={boundary}".encode()
    request = Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind)]}, receive)
    return dict(asyncio.run(read_form(request, largest=LARGEST)))


def part(content: bytes, head: bytes = b'Content-Disposition: form-data; name="file"; filename="a.txt"') -> bytes:
    return b"--b\r\n" + head + b"\r\nContent-Type: text/plain\r\n\r\n" + content + b"\r\n"


def test_fields_and_files_are_read_as_they_were_sent() -> None:
    title = part("A tïtle".encode(), b'Content-Disposition: form-data; name="title"')
    file = part(b"\xef\xbb\xbfone: 1\r\n\r\n--two\n")
    assert form(title + file + b"--b--\r\n") == {"title": "A tïtle", "file": "one: 1\r\n\r\n--two\n"}


@pytest.mark.parametrize(
    "body",
    [b"", b"--b", b"--b\r\n", part(b"cut short"), part(b"x") * 50 + b"--b--", part(b"\xff") + b"--b--"],
    ids=["empty", "begun", "no part", "no end", "many parts", "no text"],
)
def test_what_is_no_form_is_refused(body: bytes) -> None:
    with pytest.raises(Incorrect):
        form(body)


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Disposition: form-data; name=a; " + b"x*0=a;" * 100_000,
        b"Content-Disposition: form-data" + b"; a=((((((((((" * 20_000,
        b"Content-Type: message/rfc822\r\n\r\n" * 20_000,
        b"".join(b"Content-Type: multipart/mixed; boundary=c%d\r\n\r\n--c%d\r\n" % (i, i) for i in range(8_000)),
    ],
    ids=["a long list", "deep brackets", "mails within mails", "parts within parts"],
)
def test_what_is_written_to_wear_the_server_out_is_read_in_no_time(head: bytes) -> None:
    began = process_time()
    assert form(part(b"x", head) + b"--b--") == {}
    assert process_time() - began < 1
