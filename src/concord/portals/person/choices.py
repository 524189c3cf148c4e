"""What people choose about the sharing of their record, or who acts for them in their place: seen, made and taken
back on pages that say what it changes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import Incorrect, OdsCode, PersonId
from concord.fhir import encode
from concord.governance import Directory, OwnChoice
from concord.portals.person.choice_words import OWN, THEIRS, WORDS, ChoiceWords, Voice, said
from concord.portals.person.portal import Portal, patient
from concord.portals.visits import Visit, go
from concord.record import OwnChoices


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """A choice that the form offers. `about`: the organisations that it can be about, if not any."""

    kind: str
    words: str
    about: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """What a choice changes, in sentences about the organisation that it names."""

    says: str
    changes: Sequence[str]
    keeps: Sequence[str]
    for_you: str


async def choices_page(portal: Portal, visit: Visit) -> Response:
    return await _show(portal, visit, error="")


async def check_page(portal: Portal, visit: Visit) -> Response:
    """What a choice would change, before it is made; or, of one that stands (`reference`), before it is taken back."""
    fields, viewer, about = visit.fields, patient(visit), _about(visit)
    shown = await _shown(portal, visit)
    reference = fields.get("reference", "")
    if reference:
        chosen = next((each for each in shown.standing if each.reference == reference), None)
        if chosen is None:
            return go(_address(visit))
    else:
        try:
            kind, organisation, silent = _typed(visit)
            proposed = await run_in_threadpool(
                portal.choosing.propose, viewer, kind, organisation, silent=silent, about=about
            )
            chosen = await proposed.released()
        except Incorrect as error:
            return await _show(portal, visit, error=str(error))
    explained = _explained(WORDS[chosen.typed], at(chosen.organisation, shown.directory), _voice(shown))
    return visit.show(
        "own_choice.jinja", chosen=chosen, explained=explained, taking_back=bool(reference), acting=shown.acting,
        address=_address(visit),
    )  # fmt: skip


async def make(portal: Portal, visit: Visit) -> Response:
    kind, organisation, silent = _typed(visit)
    made = await run_in_threadpool(
        portal.choosing.make, patient(visit), kind, organisation, silent=silent, about=_about(visit)
    )
    await made.released()
    return go(_address(visit))


async def take_back(portal: Portal, visit: Visit) -> Response:
    reference = visit.fields.get("reference", "")
    taken = await run_in_threadpool(portal.choosing.take_back, patient(visit), reference, _about(visit))
    await taken.released()
    return go(_address(visit))


async def consents(portal: Portal, visit: Visit) -> Response:
    """All that was ever chosen here, as FHIR: to keep, or to hand to another system."""
    shown = await _shown(portal, visit)
    entries = [{"resource": each.consent} for each in (*shown.standing, *shown.past)]
    bundle = {"resourceType": "Bundle", "type": "collection"} | ({"entry": entries} if entries else {})
    headers = {"Content-Disposition": 'attachment; filename="choices.json"', "Cache-Control": "no-store"}
    return Response(encode(bundle), media_type="application/fhir+json", headers=headers)


async def _show(portal: Portal, visit: Visit, error: str) -> Response:
    shown = await _shown(portal, visit)
    voice = _voice(shown)
    return visit.show(
        "own_choices.jinja",
        status=400 if error else 200,
        standing=[(each, _says(each, shown.directory, voice)) for each in shown.standing],
        past=[(each, _says(each, shown.directory, voice)) for each in shown.past],
        recorded=[(each, said(each.choice, _of_recorded(each.choice.organisation, each.by, shown.directory)))
                  for each in shown.recorded],
        offered=list(_offered(shown, voice)),
        organisations=shown.directory.organisations,
        acting=shown.acting,
        address=_address(visit),
        error=error,
        typed={name: visit.fields.get(name, "") for name in ("kind", "organisation", "silent")},
    )  # fmt: skip


def _offered(shown: OwnChoices, voice: Voice) -> Iterator[Offered]:
    for kind, asked in shown.offered.items():
        names = [shown.directory.name(code) for code in asked]
        yield Offered(kind=kind, words=WORDS[kind].asks.format_map(voice), about=names)


async def _shown(portal: Portal, visit: Visit) -> OwnChoices:
    return await (await run_in_threadpool(portal.choosing.shown, patient(visit), _about(visit))).released()


def _voice(shown: OwnChoices) -> Voice:
    return OWN if shown.acting is None else THEIRS


def _about(visit: Visit) -> PersonId | None:
    """Whose choices they are: of somebody for whom the reader acts, or their own (None)."""
    person = visit.request.path_params.get("person")
    return None if person is None else PersonId(person)


def _address(visit: Visit) -> str:
    """Of the page of these choices."""
    about = _about(visit)
    return "/my-record/choices" if about is None else f"/my-record/acting-for/{about}/choices"


def _typed(visit: Visit) -> tuple[str, str, bool]:
    """Kind, organisation, and whether it is not to be told."""
    fields = visit.fields
    return fields.get("kind", ""), fields.get("organisation", ""), fields.get("silent") == "yes"


def _says(chosen: OwnChoice, directory: Directory, voice: Voice) -> str:
    return said(chosen.choice, at(chosen.organisation, directory), voice)


def at(organisation: OdsCode | None, directory: Directory) -> str:
    return "" if organisation is None else directory.name(organisation)


def _of_recorded(named: OdsCode | None, by: str, directory: Directory) -> str:
    """Whom a recorded choice names: an organisation, or else the one that recorded it."""
    return by if named is None else directory.name(named)


def _explained(words: ChoiceWords, name: str, voice: Voice) -> Explained:
    told = {**voice, "at": name}
    return Explained(
        says=words.says.format_map(told),
        changes=[each.format_map(told) for each in words.changes],
        keeps=[each.format_map(told) for each in words.keeps],
        for_you=words.for_you.format_map(told),
    )
