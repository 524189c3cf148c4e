"""Every route of the server, and every way of asking it that has leaked somewhere: requests made from what the viewer
has been shown, plus guesses. A route enters on the day that it lands (`test_every_route_is_in_the_catalogue`)."""

from collections.abc import Iterator

from tests.twin_worlds.asked_by_reading import audit, everything, histories, latest, matches, reads, terminology
from tests.twin_worlds.asked_by_searching import searches
from tests.twin_worlds.asked_by_writing import batches, breaking_glass, bulk, validations, writes
from tests.twin_worlds.asked_of_pages import agreements, messages, own_record, pages
from tests.twin_worlds.asking import FORM, RANDOM_ID, Known, Request


def catalogue(known: Known) -> Iterator[Request]:
    yield from reads(known)
    yield from searches(known)
    yield from audit(known)
    yield from everything(known)
    yield from latest(known)
    yield from matches()
    yield from breaking_glass(known)
    yield from bulk(known)
    yield from histories(known)
    yield from batches(known)
    yield from writes(known)
    yield from validations(known)
    yield from terminology(known)
    yield from pages(known)
    yield from messages(known)
    yield from own_record(known)
    yield from agreements(known)
    yield from _open_to_all()


def _open_to_all() -> Iterator[Request]:
    for path in ("/fhir/metadata", "/health/live", "/health/ready", "/sign-in"):
        for method in ("GET", "HEAD", "POST"):
            yield Request(route=path, method=method, path=path)
    for method in ("GET", "POST"):
        yield Request(route="/sign-in/link/{token}", method=method, path=f"/sign-in/link/{RANDOM_ID}")
    yield Request(route="/sign-out", method="POST", path="/sign-out", headers=(FORM,), body=b"")
    yield Request(route="/fhir/{path:path}", method="GET", path="/fhir/a/b/c/d")
    yield Request(route="/fhir/{type}", method="GET", path="/fhir/Condition", headers=(("Authorization", "Bearer x"),))
