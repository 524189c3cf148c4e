"""The catalogue's pages, of each portal, and the forms on them."""

from collections.abc import Iterator

from concord.portals.ui import TOKEN_FIELD, form_token
from tests.small_system import NHS_NUMBER
from tests.twin_worlds.asking import FORM, RANDOM_ID, RANDOM_PERSON, Known, Request
from tests.twin_worlds.stories import GUESS, OTHER_NUMBER


def pages(known: Known) -> Iterator[Request]:
    for path in ("/", "/find", "/lists/attending", "/lists/nothing", "/nowhere", "/metrics", "/assets/nothing.css"):
        templates = {"/lists/attending": "/lists/{key}", "/lists/nothing": "/lists/{key}", "/nowhere": "-"}
        route = (templates | {"/metrics": "-"}).get(path, path)
        yield Request(route=route.replace("nothing.css", "{name}"), method="GET", path=path)
    for person in (*known.persons, RANDOM_PERSON):
        yield Request(route="/person/{person}", method="GET", path=f"/person/{person}")
        yield Request(route="/person/{person}/who-looked", method="GET", path=f"/person/{person}/who-looked")
        for address in (*known.shown, *known.guessed, f"DocumentReference/{RANDOM_ID}"):
            item = address.partition("/")[2]
            path = f"/person/{person}/document/{item}"
            yield Request(route="/person/{person}/document/{item}", method="GET", path=path)
    for fields in (
        f"number={NHS_NUMBER}", f"number={OTHER_NUMBER}", "number=9990003115", "number=",
        "family=Holroyd&given=Margaret&born=14/02/1942", "family=canary-kestrel&given=Nobody&born=01/01/1970",
    ):  # fmt: skip
        body = f"{fields}&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
        yield Request(route="/find", method="POST", path="/find", headers=(FORM,), body=body)
    display = f"display=dark&back=/&{TOKEN_FIELD}={form_token(known.cookie)}".encode()
    yield Request(route="/display", method="POST", path="/display", headers=(FORM,), body=display)


def agreements(known: Known) -> Iterator[Request]:
    """The governance portal: of agreements it tells all who answer for them, of people nothing."""
    for name in ("direct-care", "nothing"):
        for below in ("", "/file", "/sign"):
            yield Request(route=f"/agreements/{{agreement}}{below}", method="GET", path=f"/agreements/{name}{below}")
        for version, party in (("1", "ZZA"), ("2", "ZZA"), ("1", "ZZQ"), ("x", "ZZA")):
            path = f"/agreements/{name}/{version}/statement/{party}"
            yield Request(route="/agreements/{agreement}/{version}/statement/{party}", method="GET", path=path)
    for query in ("", "?role=doctor", "?heading=problems&words=lay", "?role=doctor&at=ZZA&from=ZZP01&heading=problems",
                  "?label=hiv", "?while=attending&person=objects", "?role=nobody", f"?at={GUESS}"):  # fmt: skip
        yield Request(route="/explain", method="GET", path=f"/explain{query}")
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    signed = f"agreement=direct-care&signed=nothing&{token}".encode()
    yield Request(route="/signatures", method="POST", path="/signatures", headers=(FORM,), body=signed)
    begun = f"agreement=direct-care&title=More&{token}".encode()
    yield Request(route="/drafts", method="POST", path="/drafts", headers=(FORM,), body=begun)
    for reference in (RANDOM_ID, *known.drafts):
        at = f"/drafts/{reference}"
        for below in ("", "/read", "/compare", "/simulate", "/sign"):
            yield Request(route=f"/drafts/{{reference}}{below}", method="GET", path=f"{at}{below}")
        yield Request(route="/drafts/{reference}/simulate", method="GET", path=f"{at}/simulate?days=30")
        yield Request(route="/drafts/{reference}/compare", method="GET", path=f"{at}/compare?counted=yes")
        kept = f"title=Mine&text=x&revision=1&{token}".encode()
        yield Request(route="/drafts/{reference}", method="POST", path=at, headers=(FORM,), body=kept)
        for step in ("propose", "take-back", "discard"):
            route = f"/drafts/{{reference}}/{step}"
            yield Request(route=route, method="POST", path=f"{at}/{step}", headers=(FORM,), body=token.encode())
    yield Request(route="/agreements", method="GET", path="/agreements")
    for query in ("", "?purpose=public-health", "?purpose=research", f"?purpose={GUESS}", f"?code={GUESS}"):
        yield Request(route="/population", method="GET", path=f"/population{query}")
    yield from _labels(known)
    for query in ("", f"?feed={GUESS}"):
        yield Request(route="/programme", method="GET", path=f"/programme{query}")
    yield Request(route="/programme/quality", method="GET", path="/programme/quality")
    yield Request(route="/programme/feeds/{feed}", method="GET", path=f"/programme/feeds/{GUESS}")
    for code in ("ZZP01", "ZZA", "ZZC", "ZZX"):
        for file in ("", "/page", "/figures"):
            route, path = f"/programme/quality/{{organisation}}{file}", f"/programme/quality/{code}{file}"
            yield Request(route=route, method="GET", path=path)


def messages(known: Known) -> Iterator[Request]:
    """The messages behind items: of what is not open in them, they tell nothing."""
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}", f"Nothing/{RANDOM_ID}"):
        yield Request(route="/messages/{type}/{id}", method="GET", path=f"/messages/{address}")


def _labels(known: Known) -> Iterator[Request]:
    """The review of labels: of other organisations' items, and of what is sealed or barred, it tells nobody."""
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    for asked in ("", "?label=mental-health", "?label=hiv&order=newest", "?label=x"):
        yield Request(route="/labels", method="GET", path=f"/labels{asked}")
    for number in (NHS_NUMBER, OTHER_NUMBER, "9990003115", ""):
        body = f"number={number}&{token}".encode()
        yield Request(route="/labels", method="POST", path="/labels", headers=(FORM,), body=body)
    typed = "label=hiv&why=Because+I+looked"
    words = (f"says=carries&{typed}", f"says=lacks&mistake=yes&{typed}", "says=carries", "says=nothing-sensitive")
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}", f"Nothing/{RANDOM_ID}"):
        path = f"/labels/{address}"
        yield Request(route="/labels/{type}/{id}", method="GET", path=path)
        for said in words:
            body = f"{said}&{token}".encode()
            yield Request(route="/labels/{type}/{id}", method="POST", path=path, headers=(FORM,), body=body)


def own_record(known: Known) -> Iterator[Request]:
    """A patient's own pages, which whoever works here does not have, whatever is held. Whoever may choose, does: what
    is chosen and taken back acts in both worlds."""
    seen = "/my-record/who-can-see"
    for heading in ("medications", "safeguarding", "unclassified", GUESS):
        yield Request(route=f"{seen}/{{heading}}", method="GET", path=f"{seen}/{heading}")
    for address in (*known.shown, *known.guessed, f"Condition/{RANDOM_ID}"):
        path = f"/my-record/{address}/who-can-see"
        yield Request(route="/my-record/{type}/{id}/who-can-see", method="GET", path=path)
    for path in ("/my-record", "/my-record/who-looked", seen):
        for method in ("GET", "HEAD", "POST"):
            yield Request(route=path, method=method, path=path)
        yield Request(route=path, method="GET", path=f"{path}?nhs_number={NHS_NUMBER}&person={RANDOM_PERSON}")
    acting = "/my-record/acting-for"
    for method in ("GET", "HEAD", "POST"):
        yield Request(route=acting, method=method, path=acting)
        for person in (*known.persons, RANDOM_PERSON, GUESS, ""):
            yield Request(route=f"{acting}/{{person}}", method=method, path=f"{acting}/{person}")
    token = f"{TOKEN_FIELD}={form_token(known.cookie)}"
    yield from _choices("/my-record/choices", "/my-record/choices", token)
    for person in (*known.persons[:1], RANDOM_PERSON):
        yield from _choices(f"{acting}/{{person}}/choices", f"{acting}/{person}/choices", token)


def _choices(route: str, path: str, token: str) -> Iterator[Request]:
    """The pages of choices: one's own, and of somebody for whom one may act."""
    typed = [f"kind={kind}&organisation={organisation}"
             for kind in ("share-out", "share-out+given", "objection", "proxy-access", "x")
             for organisation in ("ZZP01", "ZZQ")]  # fmt: skip
    yield Request(route=route, method="GET", path=path)
    yield Request(route=f"{route}/consents", method="GET", path=f"{path}/consents")
    for below, bodies in (("/check", typed), ("", typed), ("/take-back", [])):
        for sent in (*bodies, f"reference={RANDOM_ID}", "silent=yes"):
            body = f"{sent}&{token}".encode()
            yield Request(route=f"{route}{below}", method="POST", path=f"{path}{below}", headers=(FORM,), body=body)
        yield Request(route=f"{route}{below}", method="GET", path=f"{path}{below}")
