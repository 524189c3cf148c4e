"""The pages of docs/reference/fhir say what the server does: every address in them is one, every example goes so."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conformance.odd_words import observation
from tests.conformance.test_capability import OF_ROUTES
from tests.small_system import PRACTICE, condition, patient
from tests.spec.api.interactions import Server, said, server

PAGES = Path(__file__).resolve().parents[2] / "docs" / "reference" / "fhir"
BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
STATUS = re.compile(r"(\d{3}) [A-Z]")
ADDRESS = re.compile(r"^(GET|POST|PUT|PATCH|DELETE|GET\|POST) +\[base\](\S*)", re.MULTILINE)
# As the pages write it, and as it is held by the server of these tests.
NAMES = {"cf7susrq5xfysw7553gc3ftm": "c-17", "[owner]": "{owner}", "[type]": "{type}", "[id]": "{id}"}


def blocks() -> dict[str, str]:
    """The examples, by page and number: those that ask something of an address of a server."""
    found: dict[str, str] = {}
    for page in sorted(PAGES.glob("*.md")):
        asked = (block for block in BLOCK.findall(page.read_text(encoding="utf-8")) if "/fhir/" in block.split("\n")[0])
        found |= {f"{page.stem} {number}": block for number, block in enumerate(asked, 1)}
    return found


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, practice=PRACTICE) as served:
        for resource in (patient("p-1"), condition("c-17", "p-1"), observation("o-1", "p-1")):
            address = f"{resource['resourceType']}/{resource['id']}"
            assert served.ask("practice", "PUT", address, resource).status_code == 201
        yield served


@pytest.mark.parametrize("example", blocks())
def test_every_example_goes_as_its_page_says(on: Server, example: str) -> None:
    """An example: method and address, headers, a body after a blank line, the status and what else is answered."""
    asked, *rest = blocks()[example].rstrip().split("\n\n")
    (first, *lines), body = asked.split("\n"), None
    if not STATUS.match(rest[0]):
        body = rest.pop(0).encode()
    status, *headers = rest[0].split("\n")
    code = STATUS.match(status)
    assert code is not None, "an example says what is answered"
    method, _, address = first.partition(" ")
    for written, held in NAMES.items():
        address = address.replace(written, held)
    sent = dict(line.split(": ", 1) for line in lines)
    answer = on.send("practice", method, address.removeprefix("/fhir/"), body, sent)
    assert answer.status_code == int(code[1]), answer.content
    for name in (line.split(": ")[0] for line in headers if re.match(r"[A-Z][A-Za-z-]+: ", line)):
        assert name in answer.headers, name


def test_every_page_has_an_example() -> None:
    """But two that are lists, and one about what a user alone may do, which goes step by step in its how-to."""
    without = {"README", "not-supported", "break-glass"}
    assert {example.split()[0] for example in blocks()} == {page.stem for page in PAGES.glob("*.md")} - without


def test_every_address_of_a_page_is_a_route_and_every_route_has_a_page() -> None:
    written = set()
    for page in PAGES.glob("*.md"):
        for methods, address in ADDRESS.findall(page.read_text(encoding="utf-8")):
            path = address.split("?")[0].replace("[version]", "{version}")
            for name, spelled in NAMES.items():
                path = path.replace(name, spelled)
            written |= {f"{method} {path}" for method in methods.split("|")}
    assert written <= OF_ROUTES.keys()
    # GET and POST of an operation are told of together ("POST the same"), and the job's addresses in words.
    unwritten = OF_ROUTES.keys() - written
    said_together = {f"POST {route.removeprefix('GET ')}" for route in written}
    assert {
        route
        for route in unwritten - said_together
        if "_search" not in route and "$job" not in route and route[-1] != "/"
    } == {"GET /metadata"}


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "_history"), ("GET", "Patient?_pretty=true"), ("GET", "Patient/p-1?_pretty=true"),
        ("GET", "Patient?_filter=x"), ("GET", "Patient?_query=x"), ("GET", "Patient?_contained=true"),
        ("GET", "Patient?_containedType=container"), ("GET", "Condition?_list=$current-problems"),
        ("GET", "Condition?subject:above=x"), ("GET", "Condition?subject:below=x"), ("GET", "Condition?subject:not=x"),
        ("POST", "Patient/p-1/$meta-add"), ("POST", "Patient/p-1/$meta-delete"), ("GET", "Patient/$meta"),
        ("GET", "$meta"), ("POST", "$graphql"), ("POST", "Patient/$merge"), ("POST", "Patient/$member-match"),
        ("POST", "Patient/p-1/$expunge"), ("POST", "Patient/p-1/$purge"), ("GET", "$export?_typeFilter=x"),
        ("GET", "$export?_elements=id"), ("GET", "$export?includeAssociatedData=x"), ("GET", "Patient/p-1?_format=xml"),
        ("GET", "Patient/p-1?_format=ttl"),
    ],
)  # fmt: skip
def test_what_is_not_supported_is_refused_with_a_sentence(on: Server, method: str, address: str) -> None:
    answer = on.ask("practice", method, address, prefer="respond-async")
    assert answer.status_code in (400, 404, 405, 406)
    assert said(answer).endswith(".")
