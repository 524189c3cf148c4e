"""What people choose about the sharing of their record: seen, made and taken back on pages that say what it changes."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import Incorrect, OdsCode
from concord.fhir import encode
from concord.governance import CHOOSABLE, ChoiceKind, Directory, OwnChoice
from concord.portals.person.choice_words import WORDS, ChoiceWords, said
from concord.portals.person.portal import Portal, patient
from concord.portals.visits import Visit, go


@dataclass(frozen=True, kw_only=True, slots=True)
class Offered:
    """A choice that the form offers."""

    kind: ChoiceKind
    words: str
    names_organisation: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """What a choice changes, in sentences about the organisation that it names."""

    says: str
    changes: Sequence[str]
    keeps: Sequence[str]
    for_you: str


_OFFERED = tuple(
    Offered(kind=kind, words=WORDS[kind].asks, names_organisation=role is not None) for kind, role in CHOOSABLE.items()
)


async def choices_page(portal: Portal, visit: Visit) -> Response:
    return await _show(portal, visit, error="")


async def check_page(portal: Portal, visit: Visit) -> Response:
    """What a choice would change, before it is made; or, of one that stands (`reference`), before it is taken back."""
    fields, viewer = visit.fields, patient(visit)
    shown = await (await run_in_threadpool(portal.choosing.shown, viewer)).released()
    reference = fields.get("reference", "")
    if reference:
        chosen = next((each for each in shown.standing if each.reference == reference), None)
        if chosen is None:
            return go("/my-record/choices")
    else:
        try:
            kind, organisation, silent = _typed(visit)
            proposed = await run_in_threadpool(portal.choosing.propose, viewer, kind, organisation, silent=silent)
            chosen = await proposed.released()
        except Incorrect as error:
            return await _show(portal, visit, error=str(error))
    explained = _explained(WORDS[chosen.choice.kind], at(chosen.organisation, shown.directory))
    return visit.show("own_choice.jinja", chosen=chosen, explained=explained, taking_back=bool(reference))


async def make(portal: Portal, visit: Visit) -> Response:
    kind, organisation, silent = _typed(visit)
    made = await run_in_threadpool(portal.choosing.make, patient(visit), kind, organisation, silent=silent)
    await made.released()
    return go("/my-record/choices")


async def take_back(portal: Portal, visit: Visit) -> Response:
    taken = await run_in_threadpool(portal.choosing.take_back, patient(visit), visit.fields.get("reference", ""))
    await taken.released()
    return go("/my-record/choices")


async def consents(portal: Portal, visit: Visit) -> Response:
    """All that they ever chose here, as FHIR: to keep, or to hand to another system."""
    shown = await (await run_in_threadpool(portal.choosing.shown, patient(visit))).released()
    entries = [{"resource": each.consent} for each in (*shown.standing, *shown.past)]
    bundle = {"resourceType": "Bundle", "type": "collection"} | ({"entry": entries} if entries else {})
    headers = {"Content-Disposition": 'attachment; filename="choices.json"', "Cache-Control": "no-store"}
    return Response(encode(bundle), media_type="application/fhir+json", headers=headers)


async def _show(portal: Portal, visit: Visit, error: str) -> Response:
    shown = await (await run_in_threadpool(portal.choosing.shown, patient(visit))).released()
    return visit.show(
        "own_choices.jinja",
        status=400 if error else 200,
        standing=[(each, _says(each, shown.directory)) for each in shown.standing],
        past=[(each, _says(each, shown.directory)) for each in shown.past],
        recorded=[(each, said(each.choice, _of_recorded(each.choice.organisation, each.by, shown.directory)))
                  for each in shown.recorded],
        offered=_OFFERED,
        organisations=shown.directory.organisations,
        error=error,
        typed={name: visit.fields.get(name, "") for name in ("kind", "organisation", "silent")},
    )  # fmt: skip


def _typed(visit: Visit) -> tuple[str, str, bool]:
    """Kind, organisation, and whether it is not to be told."""
    fields = visit.fields
    return fields.get("kind", ""), fields.get("organisation", ""), fields.get("silent") == "yes"


def _says(chosen: OwnChoice, directory: Directory) -> str:
    return said(chosen.choice, at(chosen.organisation, directory))


def at(organisation: OdsCode | None, directory: Directory) -> str:
    return "" if organisation is None else directory.name(organisation)


def _of_recorded(named: OdsCode | None, by: str, directory: Directory) -> str:
    """Whom a recorded choice names: an organisation, or else the one that recorded it."""
    return by if named is None else directory.name(named)


def _explained(words: ChoiceWords, name: str) -> Explained:
    return Explained(
        says=words.says.format(at=name),
        changes=[each.format(at=name) for each in words.changes],
        keeps=[each.format(at=name) for each in words.keeps],
        for_you=words.for_you,
    )
