"""The catalogue's searches: every parameter, and every hop, mark and order that bisects."""

from collections.abc import Iterator, Sequence
from itertools import product
from urllib.parse import quote

from concord.fhir import search_parameters
from tests.small_system import NHS_NUMBER
from tests.twin_worlds.asking import FORM, RANDOM_ID, TODAY, Known, Request, fhir
from tests.twin_worlds.stories import GUESS, OTHER_NUMBER


def searches(known: Known) -> Iterator[Request]:
    shown, guessed = ([each for each in some if each.startswith("Patient/")] for some in (known.shown, known.guessed))
    whose = [f"patient={quote(address)}" for address in (*shown[:1], *guessed)]
    whose += [f"subject={quote(address)}" for address in shown[-1:]]
    ids = [address.partition("/")[2] for address in (*known.shown, *known.guessed)]
    suspected = dict.fromkeys(["Patient", "Observation", *(each.partition("/")[0] for each in known.guessed)])
    for type_ in suspected:
        of_person = [one for one in whose if one.partition("=")[0] in search_parameters(type_)]
        narrowed = [*_narrowing(type_, ids)]
        for whom, rest in [*product(["", *of_person], ["", *_SHAPES]), *product(["", *of_person[:1]], narrowed)]:
            query = "&".join(part for part in (whom, rest) if part)
            yield fhir("/{type}", "GET", f"{type_}?{query}" if query else type_)
        for rest in ("_count=1", narrowed[0]):
            yield fhir("/{type}", "HEAD", f"{type_}?{rest}")
            yield fhir("/{type}/_search", "POST", f"{type_}/_search", headers=(FORM,), body=rest.encode())
        for asked in (*_across(type_), "_page=AAAA"):
            for whom in ("", *of_person[:1]):
                yield fhir("/{type}", "GET", f"{type_}?{'&'.join(part for part in (whom, asked) if part)}")
    yield from _compartments(known, shown, guessed)
    several = "_type=Patient,Condition,Observation"
    for query in (several, f"{several}&_sort=-_lastUpdated&_count=1", f"{several}&_summary=count", "_type=Nothing", ""):
        for path in ("", "/"):
            yield Request(route=f"/fhir{path}", method="GET", path=f"/fhir{path}?{query}")
        yield fhir("/_search", "POST", "_search", headers=(FORM,), body=query.encode())


def _across(type_: str) -> Iterator[str]:
    """What looks at other resources, or at what is said of one: each hop and each mark has leaked somewhere."""
    yield from (
        f"_has:Condition:subject:code={GUESS}", f"_has:Condition:subject:code:not={GUESS}",
        "_has:Condition:subject:code:missing=true", f"_has:Condition:subject:_content={GUESS}",
        "_has:Condition:subject:recorded-date=ge2026-11-01", "_has:Condition:subject:recorded-date=lt2026-11-01",
        f"_has:Encounter:patient:_has:Condition:encounter:code={GUESS}", f"_has:Flag:subject:code={GUESS}",
        "_has:Observation:patient:value-quantity=gt6", "_has:Observation:encounter:status=final", "_list=x",
        f"subject.name={GUESS}", "subject:Patient.family=Holroyd", "patient.identifier=9990003114",
        "patient.birthdate=1942-02-14", f"patient._has:Condition:subject:code={GUESS}", "encounter.status=finished",
        "encounter.class=AMB", "encounter.type:missing=false", "encounter.subject:Patient.family=Holroyd",
        "encounter:missing=true", "performer:Practitioner.family=Okafor", "performer.name=canary",
        f"patient.link._id={GUESS}",
        f"encounter.reason-reference:Condition.code={GUESS}", f"evidence-detail:Condition.code={GUESS}",
        "_security=R", "_security:not=R", "_security:missing=false", "_security=https://concord.example/CodeSystem/seal|",
        "_tag=x", "_tag:missing=true", "_source:missing=false", "_source=urn:ods:ZZC", "_profile:missing=true",
        f"_text={GUESS}", "_text=canary", f"_content={GUESS}", "_content=canary",
        "_revinclude=Condition:subject", "_revinclude=Observation:encounter", "_revinclude=*", "_include=*",
        "_revinclude=Observation:subject&_include:iterate=Observation:encounter&_revinclude:iterate=*",
        "_include:iterate=Encounter:diagnosis&_include=Observation:encounter", "_include:iterate=*",
        "_sort=-code&_count=1", "_sort=recorded-date&_count=1", "_sort=-value-quantity&_count=1",
        "_sort=encounter&_count=1",
        "_sort=-_tag&_count=1", "_elements=id", "_elements=subject&_summary=count", "_summary=true", "_summary=text",
        "_summary=data", "_summary=true&_total=none", "_total=estimate&_count=1",
    )  # fmt: skip


def _compartments(known: Known, shown: Sequence[str], guessed: Sequence[str]) -> Iterator[Request]:
    owners = [*shown[:1], *guessed, f"Patient/{RANDOM_ID}", f"Encounter/{RANDOM_ID}", f"Practitioner/{RANDOM_ID}"]
    owners += [each for each in (*known.shown, *known.guessed) if each.startswith("Encounter/")]
    for owner in owners:
        for below in (
            "Condition",
            "Observation",
            f"Condition?code={GUESS}",
            "Condition?_summary=count",
            "Nothing",
            "*",
        ):
            yield fhir("/{owner}/{id}/{type}", "GET", f"{owner}/{below}")
        yield fhir(
            "/{owner}/{id}/{type}/_search", "POST", f"{owner}/Condition/_search", headers=(FORM,), body=b"_count=1"
        )
        yield fhir("/{owner}/{id}/_search", "POST", f"{owner}/_search", headers=(FORM,), body=b"_type=Condition")


_SHAPES = (
    "_summary=count", "_count=0", "_count=1", "_count=1000", "_total=accurate", "_sort=date&_count=1",
    "_sort=-date&_count=1", "_sort=_lastUpdated", "_sort=-_lastUpdated&_count=1", "_sort=_id",
    f"_lastUpdated=ge{TODAY}", f"_lastUpdated=lt{TODAY}",
    "_include=Observation:performer", "_include=Observation:encounter",
    "_include=Condition:subject",
)  # fmt: skip


def _narrowing(type_: str, ids: Sequence[str]) -> Iterator[str]:
    """Every parameter of the type once with each of a few guesses, and with each modifier that bisects."""
    guesses = {
        "token": (GUESS, "final"),
        "string": ("Holroyd", "canary"),
        "reference": (f"Patient/{ids[0]}" if ids else RANDOM_ID,),
        "date": ("ge2026-11-01",),
        "number": ("1",),
        "quantity": ("gt7",),
        "uri": (GUESS,),
        "text": (GUESS, "canary"),
        "special": ("1|1",),
        "composite": (f"{GUESS}$gt7", f"{GUESS}${GUESS}"),
    }
    yield f"_id={','.join([*ids, RANDOM_ID])}"
    for name, kind in search_parameters(type_).items():
        if name in ("patient", "subject", "_id", "_lastUpdated"):
            continue
        if kind not in ("token", "string", "reference", "date") and type_ not in ("Observation", "Condition"):
            continue
        for guess in guesses[kind]:
            yield f"{name}={quote(guess)}"
        yield f"{name}:missing=true"
        if kind == "token":
            yield f"{name}:not={GUESS}"
    if type_ == "Patient":
        for number in (NHS_NUMBER, OTHER_NUMBER):
            yield f"identifier={quote(f'https://fhir.nhs.uk/Id/nhs-number|{number}')}"
        yield "family=Holroyd&birthdate=1942-02-14"
        yield "family=canary-kestrel&birthdate=1970-01-01"
